"""``vespera check dnd``: structured items, plain sentences, and input that is neither."""

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import EDITIONS, Facts

BLOCK = Dnd5eBlock()


def verdict(text: str, edition: str = "5.2") -> str:
    (result,) = BLOCK.check_items({"items": [{"id": "1", "edition": edition, "text": text}]})
    return str(result["verdict"])


def test_a_structured_item_gets_its_verdict_expected_value_and_source() -> None:
    items = [
        {"id": "a", "edition": "5.2", "claim": {"type": "fact", "spell": "Fireball", "damage": "9d6", "slot": 4}},
        {"id": "b", "claim": {"type": "fact", "spell": "Fireball", "level": 4}},
        {"id": "c", "edition": "5.1", "claim": {"type": "calc", "op": "concentration_dc", "damage": 80, "value": 40}},
        {"id": "d", "edition": "5.2", "claim": {"type": "exists", "creature": "Goblin"}},
    ]
    results = list(BLOCK.check_items({"items": items}))
    assert [(r["id"], r["verdict"]) for r in results] == [
        ("a", "ok"),
        ("b", "contradicted"),
        ("c", "ok"),
        ("d", "contradicted"),
    ]
    assert results[1]["expected"] == 3 and results[1]["source"] == 'SRD 5.2, "Fireball"'
    assert all({"id", "verdict", "expected", "source", "claims"} <= set(result) for result in results)
    json.dumps(results)


SENTENCES = [
    ("A fireball cast with a 5th-level slot deals 10d6 fire damage.", "ok"),
    ("At a 5th-level slot, Fireball deals 12d6 fire damage.", "contradicted"),
    ("Fireball is a 3rd-level evocation spell. It has a range of 150 feet.", "ok"),
    ("Fireball is a 3rd-level evocation spell. It has a range of 120 feet.", "contradicted"),
    ("Bless requires concentration.", "ok"),
    ("Bless does not require concentration.", "contradicted"),
    ("Shield is cast as a reaction.", "ok"),
    ("Cure Wounds has a range of touch.", "ok"),
    ("Fireball is on the wizard spell list.", "ok"),
    ("Fireball is not a wizard spell.", "contradicted"),
    ("The adult red dragon has an AC of 19 and 256 hit points.", "ok"),
    ("An owlbear has AC 14.", "contradicted"),
    ("Plate armor has an AC of 18.", "ok"),
    ("A longsword deals 1d8 slashing damage.", "ok"),
    ("A longsword deals 1d10 slashing damage.", "contradicted"),
    ("A grappled creature can move at half its speed.", "contradicted"),
    ("A poisoned creature has disadvantage on attack rolls.", "ok"),
    ("A poisoned creature has advantage on attack rolls.", "contradicted"),
    ("After 40 damage the concentration DC is 20.", "ok"),
    ("The concentration DC after 44 damage is 22.", "ok"),
    ("The concentration DC after 44 damage is 20.", "contradicted"),
    ("A 5th-level wizard has two 3rd-level spell slots.", "ok"),
    ("A 5th-level wizard has 3 third-level slots.", "contradicted"),
    ("The proficiency bonus at level 9 is +4.", "ok"),
    ("At level 9 the proficiency bonus is +3.", "contradicted"),
    ("2d6+3 can roll 16.", "contradicted"),
    ("Rolling 9 on a death save is a success.", "contradicted"),
    ("The weather is fine.", "unverifiable"),
    ("Nobody knows the name of that spell.", "unverifiable"),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_plain_sentences_are_read(text: str, expected: str) -> None:
    assert verdict(text) == expected


def generated(facts: Facts, edition: str, count: int) -> list[tuple[str, str]]:
    """True and false sentences made from rows of the data, in wordings of several kinds."""
    chance, found = random.Random(11), []
    for name in chance.sample(facts.names("spell", edition), count):
        row = facts.row("spell", edition, name)
        assert row is not None
        found += [(f"{name} belongs to the school of {row['school']}.", "ok")]
        if row["range_ft"]:
            found += [(f"{name} has a range of {row['range_ft']:g} feet.", "ok")]
            found += [(f"The range of {name} is {row['range_ft'] + 30:g} feet.", "contradicted")]
        wrong = "contradicted" if row["concentration"] else "ok"
        found += [(f"{name} does not require concentration.", wrong)]
        if row["save"]:
            found += [(f"A target of {name} makes a {row['save'].capitalize()} saving throw.", "ok")]
    for name in chance.sample(facts.names("creature", edition), count):
        row = facts.row("creature", edition, name)
        assert row is not None
        found += [
            (f"The {name} has a Strength of {row['str']}.", "ok"),
            (f"{name} has Strength {row['str'] + 2}.", "contradicted"),
        ]
        if row["ac"] and row["hp"]:
            found += [
                (f"The AC of the {name} is {row['ac']}.", "ok"),
                (f"A {name} has AC {row['ac'] + 1}.", "contradicted"),
            ]
            found += [
                (f"The {name} has {row['hp']} hit points.", "ok"),
                (f"A {name} has {row['hp'] + 5} HP.", "contradicted"),
            ]
    return found


@pytest.mark.parametrize("edition", EDITIONS)
def test_generated_sentences_reach_the_bar(facts: Facts, edition: str) -> None:
    cases = generated(facts, edition, 80)
    results = [(expected, verdict(text, edition)) for text, expected in cases]
    false = [found for expected, found in results if expected == "contradicted"]
    true = [found for expected, found in results if expected == "ok"]
    assert false.count("contradicted") / len(false) >= 0.9
    assert true.count("contradicted") / len(true) <= 0.01


DOCUMENTS: list[Any] = [
    None,
    3,
    [],
    {},
    {"items": 3},
    {
        "items": [
            1,
            None,
            [],
            {"id": []},
            {"id": 1, "edition": "4"},
            {"id": 2, "claim": []},
            {"id": 3, "text": ""},
            {"id": 4, "text": "x" * 30_000},
            {"id": 5, "text": 7},
        ]
    },
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_malformed_item_gets_a_line_that_says_so(document: Any) -> None:
    results = list(BLOCK.check_items(document))
    assert results and all(result["verdict"] == "unverifiable" and result["error"] for result in results)
    json.dumps(results)


@pytest.mark.parametrize(
    "word", ["roll 1 +1 ac 1 hits ", "5 hp takes 5 damage at 5 ", "fireball 3rd-level ", "not no never ", "a"]
)
def test_a_long_odd_text_is_read_quickly(word: str) -> None:
    start = time.perf_counter()
    verdict(word * (19_000 // len(word)))
    assert time.perf_counter() - start < 2


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    assert verdict(text) in ("ok", "contradicted", "unverifiable")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "type",
                "spell",
                "creature",
                "class",
                "op",
                "level",
                "damage",
                "slot",
                "expr",
                "total",
                "rolls",
                "ability",
                "score",
                "attack",
                "to_hit",
                "condition",
                "edition",
                "ac",
                "d20",
            ]
        ),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.lists(st.integers())
        | st.sampled_from(["fact", "calc", "exists", "Fireball", "Goblin", "wizard", "roll_bounds", "grappled"]),
    )
)
@settings(max_examples=400, deadline=None)
def test_any_claim_gets_a_verdict(claim: dict[str, Any]) -> None:
    (result,) = BLOCK.check_items({"items": [{"id": 1, "claim": claim}]})
    assert result["verdict"] in ("ok", "contradicted", "unverifiable")
