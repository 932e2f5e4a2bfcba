"""Every calculation, right and wrong, in both editions, and with operands that are none."""

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truth_blocks.dnd5e.claims import check_claim
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.operations import ALSO, NAMES

FACTS = Facts()


def verdict(edition: str = "5.2", **claim: Any) -> str:
    return check_claim(FACTS, {"type": "calc", **claim}, edition).verdict


RIGHT: list[tuple[str, dict[str, Any], str]] = [
    ("5.2", {"op": "attack_vs_ac", "d20": 10, "bonus": "+5", "ac": 15, "hit": True}, "hit"),
    ("5.2", {"op": "natural", "d20": 20, "bonus": -5, "ac": 30, "hit": True}, "hit"),
    ("5.1", {"op": "resistance", "damage": 15, "value": 7}, "value"),
    ("5.1", {"op": "vulnerability", "damage": 15, "value": 30}, "value"),
    ("5.1", {"op": "immunity", "damage": 15, "value": 0}, "value"),
    ("5.1", {"op": "damage_taken", "damage": 15, "resistance": True, "vulnerability": True, "value": 14}, "value"),
    ("5.2", {"op": "hp_after", "hp": 20, "temp_hp": 5, "damage": 12, "value": "13 hp"}, "value"),
    ("5.2", {"op": "hp_after", "hp": 20, "healing": 12, "max_hp": 25, "value": 25}, "value"),
    ("5.2", {"op": "temp_hp", "current": 4, "new": 7, "value": 7}, "value"),
    ("5.2", {"op": "temp_hp", "temp_hp": 10, "damage": 4, "value": 6}, "value"),
    ("5.2", {"op": "concentration_dc", "damage": 80, "value": "DC 30"}, "value"),
    ("5.1", {"op": "concentration_dc", "damage": 80, "value": 40}, "value"),
    ("5.2", {"op": "cover", "cover": "three-quarters", "ac": 15, "value": 20}, "value"),
    ("5.2", {"op": "saving_throw", "d20": 9, "bonus": 4, "dc": 13, "success": True}, "success"),
    ("5.2", {"op": "death_save", "rolls": [10, 11, 9, 12], "outcome": "stable"}, "outcome"),
    ("5.2", {"op": "death_save", "d20": 1, "failures": 2}, "failures"),
    ("5.2", {"op": "movement", "speed": "30 ft", "distance": 10, "difficult": True, "value": 10}, "value"),
    ("5.2", {"op": "movement", "speed": 30, "stand": True, "distance": 15, "allowed": True}, "allowed"),
    ("5.2", {"op": "exhaustion", "level": 3, "penalty": -6}, "penalty"),
    ("5.2", {"op": "exhaustion", "level": "2nd", "speed": 30, "value": 20}, "value"),
    ("5.1", {"op": "exhaustion", "level": 2, "speed": 30, "value": 15}, "value"),
    ("5.1", {"op": "exhaustion", "level": 6, "dead": True}, "dead"),
    ("5.1", {"op": "fall_damage", "feet": 60, "value": "6d6"}, "value"),
    ("5.1", {"op": "carrying", "strength": 15, "value": 225}, "value"),
    ("5.1", {"op": "jump", "strength": 15, "value": 15}, "value"),
    ("5.1", {"op": "travel", "pace": "fast", "hours": 8, "value": 32}, "value"),
    ("5.1", {"op": "passive", "modifier": 3, "mode": "advantage", "value": 18}, "value"),
    ("5.1", {"op": "average", "expr": "2d6", "value": 7}, "value"),
    ("5.1", {"op": "slots_spent", "class": "wizard", "level": 5, "slot_level": 3, "spent": 1, "value": 1}, "value"),
    ("5.1", {"op": "slots_spent", "caster": "third", "level": 7, "slot_level": 2, "value": 2}, "value"),
    ("5.1", {"op": "slots_spent", "slots": 4, "spent": 3, "value": "one"}, "value"),
    ("5.1", {"op": "xp_for_cr", "cr": "1/4", "value": 50}, "value"),
    ("5.1", {"op": "level_xp", "level": 5, "value": 6500}, "value"),
    ("5.1", {"op": "xp_award", "crs": [5, 1], "characters": 4, "value": 500}, "value"),
    ("5.1", {"op": "encounter_difficulty", "party": [5, 5, 5, 5], "monsters": ["Troll", "Troll"], "value": "deadly"}, "value"),
    ("5.1", {"op": "encounter_difficulty", "party": [1, 1, 1, 1], "crs": ["1/4", "1/4"], "value": "easy"}, "value"),
    ("5.2", {"op": "encounter_difficulty", "party": [3, 3], "xp": 450, "value": "moderate"}, "value"),
    ("5.2", {"op": "encounter_budget", "party": [3, 3], "difficulty": "high", "value": 800}, "value"),
]  # fmt: skip


@pytest.mark.parametrize(("edition", "claim", "stated"), RIGHT)
def test_a_right_result_holds_and_a_changed_one_does_not(edition: str, claim: dict[str, Any], stated: str) -> None:
    assert verdict(edition, **claim) == "ok"
    said = claim[stated]
    wrong: Any = not said if isinstance(said, bool) else 999 if stated != "outcome" else "dead"
    wrong = "hard" if said in ("deadly", "easy") else "low" if said == "moderate" else wrong
    assert verdict(edition, **{**claim, stated: wrong}) == "contradicted"


def test_between_two_budgets_the_difficulty_is_open_in_52() -> None:
    claim: dict[str, Any] = {"op": "encounter_difficulty", "party": [3, 3], "xp": 500}
    assert verdict(**claim, value="moderate") == verdict(**claim, value="high") == "unverifiable"
    assert verdict(**claim, value="low") == "contradicted"


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(), st.text(max_size=12),
    st.lists(st.one_of(st.integers(-5, 40), st.text(max_size=4), st.none()), max_size=6),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.sampled_from(["3rd", "2d6", "150 ft", "wizard", "Troll"]),
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "d20",
        "bonus",
        "total",
        "ac",
        "hit",
        "base",
        "crit",
        "prof",
        "mod",
        "value",
        "hp",
        "damage",
        "modifier",
        "temp_hp",
        "expr",
        "rolls",
        "mode",
        "used",
        "cover",
        "success",
        "level",
        "speed",
        "distance",
        "terrain",
        "party",
        "crs",
        "xp",
        "monsters",
        "characters",
        "class",
        "slot_level",
        "spent",
        "feet",
        "strength",
        "pace",
        "hours",
        "dead",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([*NAMES, *ALSO]), st.dictionaries(KEYS, VALUES, max_size=6), st.sampled_from(["5.1", "5.2"]))
def test_any_operands_get_a_verdict(operation: str, operands: dict[str, Any], edition: str) -> None:
    result = check_claim(FACTS, {"type": "calc", "op": operation, **operands}, edition)
    assert result.verdict in ("ok", "contradicted", "unverifiable")
    assert result.verdict == "ok" or result.message


def test_a_claim_takes_less_than_a_tenth_of_a_millisecond() -> None:
    claims = [({"type": "calc", **claim}, edition) for edition, claim, _ in RIGHT if claim["op"] != "average"]
    claims += [({"type": "fact", "spell": "Fireball", "level": 3}, "5.1"),
               ({"type": "fact", "creature": "Owlbear", "ac": 13, "hp": 59}, "5.2")]  # fmt: skip
    for claim, edition in claims:
        check_claim(FACTS, claim, edition)
    best = math.inf
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(20):
            for claim, edition in claims:
                check_claim(FACTS, claim, edition)
        best = min(best, (time.perf_counter() - began) / 20 / len(claims))
    assert best < 100e-6


def test_class_features_and_columns_are_facts_by_level() -> None:
    def fact(edition: str, **claim: Any) -> str:
        return check_claim(FACTS, {"type": "fact", **claim}, edition).verdict

    assert fact("5.1", **{"class": "Rogue"}, feature="Reliable Talent", level=11) == "ok"
    assert fact("5.2", **{"class": "Rogue"}, feature="Reliable Talent", level=11) == "contradicted"
    assert fact("5.2", **{"class": "rogue"}, level="5th", sneak_attack="3d6") == "ok"
    assert fact("5.2", **{"class": "rogue"}, level=5, feature="Flying") == "unverifiable"
    assert fact("5.2", feat="Boon of Fate", min_level=19) == "ok"
    assert fact("5.1", skill="Stealth", ability="strength") == "contradicted"
