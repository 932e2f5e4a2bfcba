"""Readers that look at a statement as a whole: figures in any order, whole records, situations, our own sentences."""

from pathlib import Path

import pytest

from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import Facts

BLOCK = Dnd5eBlock()
SITUATIONS = Path(__file__).with_name("statements").joinpath("situations.txt").read_text().splitlines()[1:]


def verdicts(texts: list[str], edition: str) -> list[str]:
    items = [{"id": place, "edition": edition, "text": text} for place, text in enumerate(texts)]
    return [str(result["verdict"]) for result in BLOCK.check_items({"items": items})]


@pytest.mark.parametrize("edition", ["5.1", "5.2"])
def test_a_thing_in_a_situation_is_not_held_to_its_record(edition: str) -> None:
    found = verdicts(SITUATIONS, edition)
    assert [text for text, verdict in zip(SITUATIONS, found, strict=True) if verdict == "contradicted"] == []


@pytest.mark.parametrize("edition", ["5.1", "5.2"])
def test_no_sentence_of_the_rules_table_is_contradicted(facts: Facts, edition: str) -> None:
    rules = [facts.rule(edition, name) for name in (*facts.names("condition", edition), *facts.names("rule", edition))]
    own = [effect.sentence for rule in rules if rule for effect in rule.effects]
    assert len(own) > 300
    assert [text for text, verdict in zip(own, verdicts(own, edition), strict=True) if verdict == "contradicted"] == []


@pytest.mark.parametrize(
    "wording",
    [
        "{h} hit points minus {a} damage leaves {r}.",
        "She is on {r}: {h} hit points before the arrow, {a} damage.",
        "{a} damage brings someone from {h} hit points down to {r}.",
        "You are at {r} hit points, for you had {h} and took {a} damage.",
    ],
)
def test_figures_are_read_in_any_order(wording: str) -> None:
    right = wording.format(h=31, a=12, r=19)
    wrong = wording.format(h=31, a=12, r=17)
    assert verdicts([right, wrong], "5.2") in (["ok", "contradicted"], ["unverifiable", "contradicted"])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Owlbear and Ankheg differ in Armor Class by 1.", False),
        ("Compare Owlbear with Ankheg: the first has 13 and the second 14 for Armor Class.", False),
        ("Compare Owlbear with Ankheg: the first has 12 and the second 14 for Armor Class.", True),
        ("A target 620 feet away is out of range for a longbow.", False),
        ("A target 420 feet away is out of range for a longbow.", True),
        ("Raising Fireball from a 3rd-level slot to a 5th-level slot adds 2d6 to its damage.", False),
        ("Raising Fireball from a 3rd-level slot to a 5th-level slot adds 4d6 to its damage.", True),
        ("Is Shield a ritual? It is.", True),
        ("Is Alarm a ritual? It is.", False),
        ("A rapier has the heavy property.", True),
        ("A greatsword has the heavy property.", False),
    ],
)
def test_a_value_is_wrong_only_where_no_field_spoken_of_has_it(text: str, verdict: bool) -> None:
    assert (verdicts([text], "5.1") == ["contradicted"]) == verdict
