"""Drafts: what the table says passes, what it does not say is rejected, and a malformed reply is named as such."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import DraftMalformed, UserMistake
from truth_blocks.contracts import Question, Report, Topic
from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import EDITIONS


def topic_of(block: Dnd5eBlock, topic: str, edition: str = "5.2") -> Topic:
    return block.resolve(Question("dnd.rule", {"topic": topic, "edition": edition}))


def checked(block: Dnd5eBlock, topic: str, answer: str, edition: str = "5.2", extra: list[Any] | None = None) -> Report:
    """Check an answer that claims every fact of its topic, so that only the prose can be wrong."""
    found = topic_of(block, topic, edition)
    claims = json.loads(block.draft_offline(found, ()))["claims"]
    return block.check(found, json.dumps({"answer": answer, "claims": claims + (extra or [])}))


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_offline_draft_of_every_topic_passes(block: Dnd5eBlock, edition: str) -> None:
    titles = block.suggest("dnd.rule", "topic", "", {"edition": edition})
    assert len(titles) == 25
    for title in all_titles(block, edition):
        topic = topic_of(block, title, edition)
        draft = block.draft_offline(topic, ())
        report = block.check(topic, draft)
        assert report.passed and report.verified == report.checkable > 0, (title, report)
        assert not report.unverifiable and report.citations
        assert edition in block.present(topic, draft).text
        assert edition in block.fallback(topic).text


def all_titles(block: Dnd5eBlock, edition: str) -> list[str]:
    from truth_blocks.dnd5e.facts import Facts

    facts = Facts()
    return [*facts.names("condition", edition), *facts.names("rule", edition)]


def written(truth: str) -> list[tuple[str, str, str]]:
    """Cases of the file: topic, edition, answer."""
    lines = Path(__file__).with_name("prose_cases.txt").read_text().splitlines()[1:]
    parts = [line.split(" | ", 3) for line in lines]
    return [(topic, edition, answer) for kind, edition, topic, answer in parts if kind == truth]


TRUE_PROSE = [
    ("grappled", "5.2", "A grappled creature's speed is 0 and it cannot increase."),
    ("grappled", "5.2", "It has disadvantage on attack rolls against anyone but the grappler."),
    ("grappled", "5.2", "The grappler can drag the creature, but each foot costs 1 extra foot."),
    (
        "prone",
        "5.2",
        "Attack rolls against it have advantage if the attacker is within 5 feet; from farther away they have "
        "disadvantage.",
    ),
    ("prone", "5.1", "Standing up costs half its speed."),
    (
        "restrained",
        "5.2",
        "Speed 0. Attack rolls against it have advantage and its own attack rolls have disadvantage.",
    ),
    ("restrained", "5.2", "It has disadvantage on Dexterity saving throws."),
    ("cover", "5.2", "Half cover adds 2 to AC and Dexterity saving throws, three-quarters cover adds 5."),
    ("cover", "5.2", "Behind total cover you cannot be targeted directly."),
    ("exhaustion", "5.2", "Each level takes 2 off every d20 test and 5 feet off the speed. At level 6 you die: death."),
    ("exhaustion", "5.1", "At level 1, ability checks have disadvantage; at level 2, speed is half."),
    (
        "death saves",
        "5.2",
        "Roll a d20 at 0 hit points. On 10 or more you have a success. Three successes make you stable.",
    ),
    ("death saves", "5.2", "A natural 20 brings you back with 1 hit point, a natural 1 counts as two failures."),
    ("falling", "5.2", "You take 1d6 bludgeoning damage per 10 feet, never more than 20d6, and land prone."),
    ("incapacitated", "5.2", "It cannot take actions, bonus actions or reactions, and its concentration is broken."),
    ("surprise", "5.2", "A surprised creature has disadvantage on its initiative roll. It does not lose its turn."),
    ("long rest", "5.2", "A long rest takes 8 hours and restores all hit points and all spent hit dice."),
    ("grappling", "5.2", "The DC is 8 plus your Strength modifier and proficiency bonus."),
    (
        "stunned",
        "5.2",
        "It is incapacitated. Strength and Dexterity saving throws fail. Attack rolls against it have advantage.",
    ),
]


@pytest.mark.parametrize(("topic", "edition", "answer"), TRUE_PROSE + written("true"))
def test_a_true_answer_in_other_words_passes(block: Dnd5eBlock, topic: str, edition: str, answer: str) -> None:
    report = checked(block, topic, answer, edition)
    assert report.passed, report.violations


FALSE_PROSE = [
    ("grappled", "5.2", "A grappled creature's speed is 10 feet."),
    ("grappled", "5.2", "A grappled creature can move normally."),
    ("grappled", "5.2", "Its speed is 0 but it can increase."),
    ("grappled", "5.2", "It has advantage on attack rolls against anyone but the grappler."),
    ("grappled", "5.2", "The grappler can drag it; each foot costs 2 extra feet."),
    ("grappled", "5.2", "The grappler cannot drag it along."),
    ("grappled", "5.1", "Its attack rolls have disadvantage against anyone but the grappler."),
    ("prone", "5.2", "Attack rolls against it have disadvantage if the attacker is within 5 feet."),
    ("prone", "5.2", "Attack rolls against it from farther away have advantage."),
    ("prone", "5.2", "Standing up takes movement equal to a quarter of its speed."),
    ("restrained", "5.2", "Its own attack rolls have advantage."),
    ("restrained", "5.2", "Attack rolls against it do not have advantage."),
    ("cover", "5.2", "Half cover adds 5 to AC."),
    ("cover", "5.2", "Half cover adds three to AC."),
    ("cover", "5.2", "Behind total cover you can be targeted directly."),
    ("cover", "5.2", "Degrees of cover stack."),
    ("exhaustion", "5.2", "Each level takes 1 off every d20 test."),
    ("exhaustion", "5.2", "From level 1, ability checks have disadvantage."),
    ("exhaustion", "5.1", "Each level takes 2 off every d20 test."),
    ("death saves", "5.2", "Three successes make you stable, five failures kill you."),
    ("death saves", "5.2", "A natural 1 counts as three failures."),
    ("falling", "5.2", "A fall deals 1d8 damage per 10 feet."),
    ("falling", "5.2", "A fall deals 1d6 damage per 5 feet."),
    ("falling", "5.2", "It never deals more than 10d6."),
    ("incapacitated", "5.2", "It can take reactions."),
    ("incapacitated", "5.2", "It can still take a bonus action."),
    ("incapacitated", "5.2", "It is able to speak."),
    ("surprise", "5.2", "A surprised creature has advantage on its initiative roll."),
    ("surprise", "5.1", "A surprised creature can move on its first turn."),
    ("surprise", "5.1", "A surprised creature has disadvantage on its initiative roll."),
    ("long rest", "5.2", "A long rest takes 6 hours."),
    ("long rest", "5.1", "The next one can start 16 hours after it ends."),
    ("stunned", "5.2", "It is paralyzed as well."),
    ("grappled", "5.2", "Its speed is 0, and Fireball deals 9d6 fire damage."),
    ("grappled", "5.2", "Its speed is 0. Cast Misty Step to get away."),
    ("petrified", "5.2", "It has vulnerability to all damage."),
    ("disengage", "5.2", "Your movement provokes opportunity attacks."),
    ("deafened", "5.2", "It can hear."),
    ("paralyzed", "5.2", "A hit from an attacker within 10 feet is a critical hit."),
    ("concentration", "5.1", "The DC is never above 30."),
]


@pytest.mark.parametrize(("topic", "edition", "answer"), FALSE_PROSE + written("false"))
def test_a_false_or_foreign_sentence_is_rejected(block: Dnd5eBlock, topic: str, edition: str, answer: str) -> None:
    assert not checked(block, topic, answer, edition).passed


@pytest.mark.parametrize("figure", ["２０", "2\u200b0", "twenty-five", "²0", "twenty"])
def test_no_figure_hides_in_odd_characters_or_words(block: Dnd5eBlock, figure: str) -> None:
    assert not checked(block, "shoving", f"You push it {figure} feet away.").passed


def test_a_contradicted_claim_says_what_was_expected(block: Dnd5eBlock) -> None:
    draft = {"answer": "Its speed is 10.", "claims": [{"type": "fact", "condition": "grappled", "speed_ft": 10}]}
    report = block.check(topic_of(block, "grappled"), json.dumps(draft))
    first = report.violations[0]
    assert (first.rule, first.location) == ("condition.grappled.speed_ft", "claims[0]")
    assert "is 0, not 10" in first.message


@pytest.mark.parametrize(
    "claim",
    [
        {"type": "fact", "condition": "grappled", "secret_field": 7},
        {"type": "fact", "spell": "Fireball", "level": 3},
        {"type": "calc", "op": "hp_after", "hp": 7, "damage": 2, "modifier": "none", "value": 5},
        {"type": "exists", "spell": "Spell That Is Not"},
        {"type": "fact", "spell": "Spell That Is Not", "level": 3},
        {"type": "fact", "condition": "grappled", "speed_ft": 0, "edition": "5.1"},
    ],
)
def test_a_claim_that_is_off_topic_or_made_up_rejects_the_draft(block: Dnd5eBlock, claim: dict[str, Any]) -> None:
    assert not checked(block, "grappled", "Its speed is 0 and cannot increase.", extra=[claim]).passed


def test_a_number_is_not_carried_by_an_unclaimed_fact(block: Dnd5eBlock) -> None:
    draft = {
        "answer": "Half cover adds 2 to AC.",
        "claims": [{"type": "fact", "rule": "cover", "three_quarters_ac": 5}],
    }
    report = block.check(topic_of(block, "cover"), json.dumps(draft))
    assert {violation.rule for violation in report.violations} == {"uncovered"}


def test_a_draft_without_a_claim_about_its_topic_is_rejected(block: Dnd5eBlock) -> None:
    report = block.check(topic_of(block, "grappled"), json.dumps({"answer": "It depends.", "claims": []}))
    assert [violation.rule for violation in report.violations] == ["no-claims"]


def test_a_calculation_that_belongs_to_the_topic_carries_its_numbers(block: Dnd5eBlock) -> None:
    claim = {"type": "calc", "op": "concentration_dc", "damage": 44, "value": 22}
    report = checked(block, "concentration", "For 44 damage the concentration DC is 22.", extra=[claim])
    assert report.passed, report.violations
    wrong = {**claim, "value": 20}
    assert not checked(block, "concentration", "For 44 damage the concentration DC is 20.", extra=[wrong]).passed


MALFORMED = [
    "",
    "no",
    "[]",
    "{}",
    '{"answer": "x"}',
    '{"answer": "x", "claims": [], "more": 1}',
    '{"answer": 1, "claims": []}',
    '{"answer": "", "claims": []}',
    '{"answer": "x", "claims": {}}',
    '{"answer": "x", "claims": [1]}',
    '{"answer": "x", "claims": [{"type": "guess"}]}',
    '{"answer": "x", "claims": [{"type": "fact", "subject": "rule"}]}',
    '{"answer": "x", "claims": []} and so on',
    "[" * 100_000,
    '{"answer": "' + "x" * 5_000 + '", "claims": []}',
    '```json\n{"answer": "x", "claims": []}\n```',
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_reply_of_another_shape_is_malformed(block: Dnd5eBlock, text: str) -> None:
    with pytest.raises(DraftMalformed):
        block.check(topic_of(block, "grappled"), text)


@given(
    st.text(max_size=300),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=8,
    ),
)
@settings(max_examples=200, deadline=None)
def test_any_draft_gets_a_report_or_is_malformed(answer: str, claims: Any) -> None:
    block = SHARED
    draft = json.dumps({"answer": answer, "claims": [claims, {"type": "fact", "condition": "grappled", "speed_ft": 0}]})
    try:
        report = block.check(topic_of(block, "grappled"), draft)
    except (DraftMalformed, UserMistake):
        return
    assert report.verified <= report.checkable


SHARED = Dnd5eBlock()


@pytest.mark.parametrize("extra", ["Each turn it heals.", "It also cannot speak.", "Poison is delicious."])
def test_a_sentence_that_no_claim_supports_is_named_and_makes_the_answer_partly(block: Dnd5eBlock, extra: str) -> None:
    right = json.loads(block.draft_offline(topic_of(block, "grappled"), ()))["answer"]
    report = checked(block, "grappled", f"{right} {extra}")
    assert report.passed
    assert [found.rule for found in report.unverifiable] == ["unsupported"]
    assert extra in report.unverifiable[0].message


def test_the_titles_of_several_topics_are_no_statements(block: Dnd5eBlock) -> None:
    topic = topic_of(block, "does grappled stop me from moving?")
    draft = block.draft_offline(topic, ())
    assert "Grappled: " in draft
    report = block.check(topic, draft)
    assert report.passed and not report.unverifiable


@pytest.mark.parametrize("extra", ["Its speed is not 0.", "Its attack rolls don't have disadvantage."])
def test_a_value_behind_a_not_contradicts_the_claim_that_has_it(block: Dnd5eBlock, extra: str) -> None:
    right = json.loads(block.draft_offline(topic_of(block, "grappled"), ()))["answer"]
    assert not checked(block, "grappled", f"{right} {extra}").passed
