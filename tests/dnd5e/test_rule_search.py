"""Questions in plain words find the topics of the rules they are about; others find none."""

import pytest

from errors import UserMistake
from truth_blocks.contracts import Question
from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import EDITIONS, Facts
from truth_blocks.dnd5e.rule_search import likeliest, ranked


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("can I cast two spells in one turn", "Spells per turn"),
        ("how long can I hold my breath", "Suffocating"),
        ("can I move through an enemy's space", "Movement"),
        ("how much can I carry", "Carrying"),
        ("do I add my modifier to offhand damage", "Two-weapon fighting"),
        ("how do I stabilize a dying friend", "Death saving throws"),
        ("can I shoot while an enemy is next to me", "Ranged attacks"),
        ("do I need a free hand to cast a spell", "Spell components"),
        ("can my horse attack", "Mounted combat"),
        ("how much water do we need per day", "Food and water"),
        ("can I punch someone instead of using a sword", "Unarmed strike"),
        ("what happens if I am ambushed", "Surprise"),
        ("does fire resistance stack", "Resistance"),
        ("can I wear plate and cast spells", "Casting in armor"),
        ("how far can we travel in a day", "Travel pace"),
        ("can I delay my turn", "Ready"),
        ("can I knock out the guard without killing him", "Knocking out"),
        ("can I attack someone I cannot see", "Unseen attackers"),
        ("can I throw a chair at him", "Improvised weapons"),
        ("how do I break down a door", "Objects"),
    ],
)
def test_a_question_finds_its_topic(facts: Facts, edition: str, question: str, topic: str) -> None:
    assert topic in likeliest(ranked(facts, edition, question))


@pytest.mark.parametrize(
    "question", ["who won the world cup", "what is the capital of France", "when does flanking apply"]
)
def test_a_question_about_something_else_finds_none(facts: Facts, question: str) -> None:
    assert likeliest(ranked(facts, "5.2", question)) == []


def test_a_question_is_answered_by_the_rules_it_is_about() -> None:
    topic = Dnd5eBlock().resolve(Question("dnd.rule", {"topic": "how long can I hold my breath", "edition": "5.1"}))
    assert topic.title == "Suffocating · SRD 5.1"
    assert topic.subject["asked"] == "how long can I hold my breath"


def test_a_question_about_nothing_says_so_in_a_sentence() -> None:
    with pytest.raises(UserMistake, match="names no topic of the rules"):
        Dnd5eBlock().resolve(Question("dnd.rule", {"topic": "who won the world cup", "edition": "5.2"}))
