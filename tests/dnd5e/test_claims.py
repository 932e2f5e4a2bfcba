"""Structured claims against the whole fact file: every true field holds, every mutated one is contradicted."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest

from truth_blocks.dnd5e.claims import check_claim
from truth_blocks.dnd5e.facts import DATA, EDITIONS, Facts
from truth_blocks.dnd5e.fields import FLAGS, PLAIN

SCHOOLS = ("evocation", "illusion")


def rows(kind: str) -> Iterator[tuple[str, str]]:
    with sqlite3.connect(f"file:{DATA}?mode=ro&immutable=1", uri=True) as db:
        found = db.execute(f"SELECT ed, name FROM {kind}").fetchall()
    db.close()
    yield from found


def mutated(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return "no such thing"
    if "d" in value and value[0].isdigit():
        return "9" + value
    return "illusion" if value == "evocation" else "evocation"


def verdict(facts: Facts, edition: str, **claim: Any) -> str:
    return check_claim(facts, {"type": "fact", **claim}, edition).verdict


@pytest.mark.parametrize("kind", ["spell", "creature", "weapon", "armor", "item", "class"])
def test_every_field_of_every_row_holds_when_true_and_is_contradicted_when_changed(facts: Facts, kind: str) -> None:
    decided = 0
    for edition, name in rows(kind):
        row = facts.row(kind, edition, name)
        assert row is not None
        for field in PLAIN[kind]:
            value = bool(row[field]) if field in FLAGS and row[field] is not None else row[field]
            claim = {kind: name, field: value} if field != kind else {kind: name}
            if field == kind:
                continue
            if value is None or value == []:
                assert verdict(facts, edition, **{**claim, field: 7}) in ("unverifiable", "contradicted")
                continue
            assert verdict(facts, edition, **claim) == "ok", (edition, claim)
            assert verdict(facts, edition, **{**claim, field: mutated(value)}) == "contradicted", (edition, claim)
            decided += 1
    assert decided > 20


def test_what_the_data_does_not_know_is_unverifiable_never_false(facts: Facts) -> None:
    assert verdict(facts, "5.2", creature="Aboleth", vulnerabilities="fire") == "unverifiable"
    assert verdict(facts, "5.2", creature="Archmage", xp=8_400) == "unverifiable"
    assert verdict(facts, "5.1", spell="Revivify", school="conjuration") == "unverifiable"
    assert verdict(facts, "5.1", creature="Reef Shark", hp=22) == "unverifiable"
    assert verdict(facts, "5.2", spell="Magic Missile", save="dexterity") == "unverifiable"
    assert verdict(facts, "5.2", spell="Hunger of Nowhere", level=3) == "unverifiable"


def test_spell_ranges_components_and_casting_times_hold_in_every_row(facts: Facts) -> None:
    for edition, name in rows("spell"):
        row = facts.row("spell", edition, name)
        assert row is not None
        assert verdict(facts, edition, spell=name, range_ft=row["range_text"]) == "ok"
        if row["casting_time"] is not None:
            assert verdict(facts, edition, spell=name, casting_time=row["casting_time"]) == "ok"
            assert verdict(facts, edition, spell=name, casting_time="99 hours") == "contradicted"
        assert verdict(facts, edition, spell=name, components=row["components"] or "") == "ok"
        if row["range_ft"] is not None:
            assert verdict(facts, edition, spell=name, range_ft=row["range_ft"]) == "ok"
            assert verdict(facts, edition, spell=name, range_ft=row["range_ft"] + 5) == "contradicted"


def test_attacks_and_abilities_of_every_creature(facts: Facts) -> None:
    for edition, name in rows("creature"):
        row = facts.row("creature", edition, name)
        assert row is not None
        for short in ("str", "wis"):
            score = row[short]
            assert verdict(facts, edition, creature=name, ability=short, score=score) == "ok"
            assert verdict(facts, edition, creature=name, ability=short, score=score + 1) == "contradicted"
            assert verdict(facts, edition, creature=name, ability=short, modifier=(score - 10) // 2) == "ok"
            assert verdict(facts, edition, creature=name, ability=short, modifier=score // 2) == "contradicted"
        for attack in facts.attacks(edition, row["key"]):
            if attack["to_hit"] is not None:
                claim = {"creature": name, "attack": attack["name"]}
                assert verdict(facts, edition, **claim, to_hit=attack["to_hit"]) == "ok"
                assert verdict(facts, edition, **claim, to_hit=attack["to_hit"] + 1) == "contradicted"
            if attack["damage"] is not None:
                claim = {"creature": name, "attack": attack["name"]}
                assert verdict(facts, edition, **claim, damage=attack["damage"]) == "ok"
                assert verdict(facts, edition, **claim, damage="9d12+40") == "contradicted"


def test_damage_at_a_higher_slot(facts: Facts) -> None:
    assert verdict(facts, "5.2", spell="Fireball", damage="10d6", slot=5) == "ok"
    assert verdict(facts, "5.2", spell="Fireball", damage="8d6", slot=5) == "contradicted"
    assert verdict(facts, "5.2", spell="Fireball", damage="8d6", slot=2) == "contradicted"
    assert verdict(facts, "5.2", spell="Fire Bolt", damage="2d10", character_level=7) == "ok"
    assert verdict(facts, "5.2", spell="Fire Bolt", damage="1d10", character_level=17) == "contradicted"


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_fact_of_the_rules_table_holds_and_its_mutation_does_not(facts: Facts, edition: str) -> None:
    for title in [*facts.names("condition", edition), *facts.names("rule", edition)]:
        rule = facts.rule(edition, title)
        assert rule is not None
        for effect in rule.effects:
            claim = {rule.kind: rule.key, effect.field: effect.value}
            assert verdict(facts, edition, **claim) == "ok", claim
            wrong = {rule.kind: rule.key, effect.field: mutated(effect.value)}
            assert verdict(facts, edition, **wrong) == "contradicted", wrong


SLOTS = [
    ("5.2", "wizard", 5, 3, 2),
    ("5.1", "wizard", 20, 9, 1),
    ("5.1", "paladin", 1, 1, 0),
    ("5.2", "paladin", 1, 1, 2),
    ("5.2", "ranger", 9, 3, 2),
    ("5.2", "warlock", 5, 3, 2),
    ("5.1", "warlock", 11, 5, 3),
    ("5.2", "fighter", 20, 1, 0),
]


@pytest.mark.parametrize(("edition", "name", "level", "slot_level", "count"), SLOTS)
def test_spell_slots(facts: Facts, edition: str, name: str, level: int, slot_level: int, count: int) -> None:
    claim = {"class": name, "level": level, "slot_level": slot_level}
    assert verdict(facts, edition, **claim, count=count) == "ok"
    assert verdict(facts, edition, **claim, count=count + 1) == "contradicted"


CALCULATIONS = [
    ({"op": "attack_vs_ac", "d20": 12, "bonus": 5, "total": 17, "ac": 17, "hit": True}, "ok", "5.2"),
    ({"op": "attack_vs_ac", "d20": 12, "bonus": 5, "total": 18, "ac": 17, "hit": True}, "contradicted", "5.2"),
    ({"op": "attack_vs_ac", "d20": 1, "bonus": 15, "total": 16, "ac": 10, "hit": True}, "contradicted", "5.2"),
    ({"op": "natural", "d20": 20, "bonus": 0, "ac": 30, "hit": True}, "ok", "5.1"),
    ({"op": "natural", "d20": 1, "bonus": 20, "ac": 5, "hit": False}, "ok", "5.1"),
    ({"op": "crit_dice", "base": "1d8+3", "crit": "2d8+3"}, "ok", "5.2"),
    ({"op": "crit_dice", "base": "1d8+3", "crit": "2d8+6"}, "contradicted", "5.2"),
    ({"op": "crit_dice", "base": "1d8+2d6+3", "crit": "4d6+2d8+3"}, "ok", "5.2"),
    ({"op": "spell_save_dc", "prof": 3, "mod": 4, "value": 15}, "ok", "5.2"),
    ({"op": "spell_save_dc", "prof": 3, "mod": 4, "value": 14}, "contradicted", "5.2"),
    ({"op": "hp_after", "hp": 20, "damage": 9, "modifier": "resistance", "value": 16}, "ok", "5.2"),
    ({"op": "hp_after", "hp": 20, "damage": 9, "modifier": "vulnerability", "value": 2}, "ok", "5.2"),
    ({"op": "hp_after", "hp": 20, "damage": 90, "modifier": "none", "value": 0}, "ok", "5.2"),
    ({"op": "hp_after", "hp": 20, "damage": 9, "modifier": "immunity", "value": 11}, "contradicted", "5.2"),
    ({"op": "concentration_dc", "damage": 70, "value": 30}, "ok", "5.2"),
    ({"op": "concentration_dc", "damage": 70, "value": 30}, "contradicted", "5.1"),
    ({"op": "concentration_dc", "damage": 7, "value": 10}, "ok", "5.1"),
    ({"op": "roll_bounds", "expr": "2d6+3", "total": 15}, "ok", "5.2"),
    ({"op": "roll_bounds", "expr": "2d6+3", "total": 16}, "contradicted", "5.2"),
    ({"op": "roll_bounds", "expr": "nonsense", "total": 16}, "unverifiable", "5.2"),
    ({"op": "advantage", "rolls": [3, 17], "mode": "advantage", "used": 17}, "ok", "5.2"),
    ({"op": "advantage", "rolls": [3, 17], "mode": "disadvantage", "used": 17}, "contradicted", "5.2"),
    ({"op": "cover", "cover": "half", "ac": 15, "value": 17}, "ok", "5.2"),
    ({"op": "cover", "cover": "three-quarters", "ac": 15, "value": 17}, "contradicted", "5.2"),
    ({"op": "death_save", "d20": 10, "success": True}, "ok", "5.2"),
    ({"op": "death_save", "d20": 9, "success": True}, "contradicted", "5.2"),
    ({"op": "prof_bonus", "level": 9, "value": 4}, "ok", "5.2"),
    ({"op": "prof_bonus", "level": 9, "value": 3}, "contradicted", "5.2"),
    ({"op": "prof_bonus", "level": 9}, "unverifiable", "5.2"),
]


@pytest.mark.parametrize(("claim", "expected", "edition"), CALCULATIONS)
def test_calculations(facts: Facts, claim: dict[str, Any], expected: str, edition: str) -> None:
    assert check_claim(facts, {"type": "calc", **claim}, edition).verdict == expected


def test_a_name_exists_or_not_in_its_edition(facts: Facts) -> None:
    def exists(edition: str, **subject: str) -> str:
        return check_claim(facts, {"type": "exists", **subject}, edition).verdict

    assert exists("5.2", spell="Fireball") == exists("5.1", creature="Goblin") == "ok"
    assert exists("5.2", creature="Goblin") == exists("5.2", spell="Fire Ball of Doom") == "contradicted"
    assert exists("5.2", feat="Alert") == "ok" and exists("5.1", feat="Alert") == "contradicted"


def test_a_claim_with_its_own_edition_is_held_against_that_one(facts: Facts) -> None:
    claim = {"type": "fact", "creature": "Goblin", "ac": 15}
    assert check_claim(facts, claim, "5.2").verdict == "unverifiable"
    assert check_claim(facts, {**claim, "edition": "5.1"}, "5.2").verdict == "ok"


@pytest.mark.parametrize(
    "claim",
    [
        None,
        7,
        [],
        {},
        {"type": []},
        {"type": "fact"},
        {"type": "fact", "spell": 3},
        {"type": "calc", "op": {}},
        {"type": "fact", "spell": "Fireball"},
        {"type": "fact", "spell": "Fireball", "level": {"a": [1]}},
        {"type": "fact", "spell": "Fireball", "edition": ["5.2"], "level": 3},
    ],
)
def test_a_malformed_claim_gets_a_verdict(facts: Facts, claim: Any) -> None:
    assert check_claim(facts, claim, "5.2").verdict in ("unverifiable", "contradicted")


def test_a_structured_claim_takes_under_a_tenth_of_a_millisecond(facts: Facts) -> None:
    claims = [
        {"type": "fact", "spell": name, "level": 1, "range_ft": 60}
        for edition, name in rows("spell")
        if edition == "5.2"
    ]
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for claim in claims:
            check_claim(facts, claim, "5.2")
        best = min(best, (time.perf_counter() - start) / len(claims))
    assert best < 100e-6
