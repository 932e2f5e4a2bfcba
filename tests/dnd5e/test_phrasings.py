"""Free text: statements made from the data in wordings that were held out, and sentences with figures worked out by hand."""

import random
import time
from pathlib import Path

import pytest

from tests.dnd5e import phrasings
from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import Facts

BLOCK = Dnd5eBlock()
CASES = [
    tuple(part.strip() for part in line.split("|"))
    for line in Path(__file__).with_name("calculation_cases.txt").read_text().splitlines()
    if not line.startswith("#")
]


def verdict(text: str, edition: str) -> str:
    (result,) = BLOCK.check_items({"items": [{"id": 1, "edition": edition, "text": text}]})
    return str(result["verdict"])


@pytest.mark.parametrize("wordings", ["TUNED", "HELD_OUT", "SECOND_HELD_OUT", "THIRD_HELD_OUT"])
def test_false_statements_are_contradicted_and_true_ones_are_not(facts: Facts, wordings: str) -> None:
    seed = random.Random(wordings).randint(0, 10**6)
    found: dict[bool, list[str]] = {True: [], False: []}
    for edition, text, true, _ in phrasings.statements(facts, getattr(phrasings, wordings), 1_000, seed):
        found[true].append(verdict(text, edition))
    assert found[False].count("contradicted") >= 0.9 * len(found[False])
    assert found[True].count("contradicted") <= 0.01 * len(found[True])
    assert found[True].count("ok") >= 0.9 * len(found[True])


@pytest.mark.parametrize(("truth", "edition", "text"), CASES)
def test_a_sentence_worked_out_by_hand_gets_its_verdict(truth: str, edition: str, text: str) -> None:
    assert (verdict(text, edition) == "contradicted") == (truth == "F")


def test_a_sentence_about_both_editions_is_taken_apart() -> None:
    said = "In 5.1 the concentration DC is what it is, while in 5.2 Fireball has a range of 120 feet."
    assert verdict(said, "5.1") == "contradicted"
    assert verdict(said.replace("120", "150"), "5.1") == "ok"


def test_a_sentence_without_an_end_is_read_in_bounded_time_and_to_its_end() -> None:
    began = time.perf_counter()
    verdict("The Owlbear " + "hit points speed strength " * 700, "5.2")
    assert time.perf_counter() - began < 3
    assert verdict("The Owlbear " + "roams the dark woods and " * 40 + "has an AC of 19.", "5.2") == "contradicted"
