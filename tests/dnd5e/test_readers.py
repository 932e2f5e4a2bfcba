"""The readers' principle: a contradiction needs every figure of a statement understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.stating import statement

BLOCK = Dnd5eBlock()


def verdict(text: str, edition: str = "5.2") -> str:
    (result,) = BLOCK.check_items({"items": [{"id": 1, "edition": edition, "text": text}]})
    return str(result["verdict"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an AC of seventeen and 1,100 XP", [("ac", 17), ("xp", 1100)]),
        ("thirty-one hit points, two 3rd-level slots", [("hp", 31), ("number", 2), ("slot", 3)]),
        ("at eighteenth level with +5, DC 15", [("level", 18), ("mod", 5), ("dc", 15)]),
        ("no one moves one hundred and sixty-two feet", [("feet", 162)]),
        ("CR 1/2, 10/20", [("cr", 0.5), ("number", 10), ("number", 20)]),
        ("SRD 5.2 and 5.1 name no figure", []),
    ],
)
def test_a_figure_says_what_it_is_a_figure_of(text: str, found: list[tuple[str, float]]) -> None:
    assert [(figure.kind, figure.value) for figure in figures(plain(text))] == found


@pytest.mark.parametrize(
    "text",
    [
        "A fighter with 30 hit points who takes 12 fire damage and then heals is left with 25 of something.",
        "A goblin (+4) cannot reach AC 25 except by rolling a natural 20.",
        "At level 16, the proficiency bonus is +5, unless your table changed it.",
        "Breastplate plus a +1 shield and bracers comes to AC 21.",
        "While in the trance, the messenger is incapacitated and has a speed of 0.",
        "A loud knock, audible up to 300 feet away, comes from the door.",
        "You have darkvision with a range of 60 feet.",
        "The trident grew from a d6 to a d8 between 5.1 and 5.2.",
        "Does Fireball deal 10d6 fire damage?",
    ],
)
def test_a_statement_with_something_left_over_is_never_contradicted(text: str) -> None:
    assert verdict(text) != "contradicted"


@pytest.mark.parametrize(
    ("edition", "right", "wrong"),
    [
        ("5.2", "exhaustion 2 is -4 on d20 tests", "exhaustion 2 is -2 on d20 tests"),
        ("5.1", "Stunned creatures fail Dexterity saves.", "Stunned creatures fail Wisdom saves."),
        ("5.1", "A torch burns for one hour.", "A torch burns for eight hours."),
        ("5.2", "Awaken takes 8 hours to cast.", "Awaken takes 1 hour to cast."),
        ("5.1", "Rogues get Evasion at level 7.", "Rogues get Extra Attack at level 5."),
        ("5.2", "Goblin warriors are fey.", "The goblin warrior is a humanoid."),
        ("5.1", "Lay on Hands pool, paladin 6: 30 points.", "Lay on Hands pool, paladin 6: 35 points."),
        ("5.2", "Magic Missile from a 3rd-level slot: 5 darts.", "Magic Missile from a 3rd-level slot: 4 darts."),
        ("5.1", "half plate counts as medium armor", "half plate counts as heavy armor"),
        ("5.2", "3 + 9 = 12 hits AC 12", "3 + 9 = 13 hits AC 12"),
    ],
)
def test_the_same_words_with_another_figure_get_the_other_verdict(edition: str, right: str, wrong: str) -> None:
    assert verdict(right, edition) == "ok"
    assert verdict(wrong, edition) == "contradicted"


def test_what_only_leads_up_to_a_statement_is_set_aside() -> None:
    assert statement("Fireball? That's 150 feet.") == "Fireball, That's 150 feet."
    assert statement("Is Fireball a cantrip?") == ""
    assert statement("lol no, eyebite is necromancy") == "eyebite is necromancy"
    assert "dispute" not in statement("One cannot dispute that a rogue sneaks for 9d6.")


WORDS = [
    "the",
    "a",
    "Fireball",
    "Goblin",
    "Longsword",
    "Plate",
    "wizard",
    "level",
    "5",
    "3rd-level",
    "slot",
    "damage",
    "8d6",
    "+4",
    "AC",
    "17",
    "DC",
    "hit",
    "points",
    "miss",
    "hits",
    "not",
    "no",
    "never",
    "twice",
    "half",
    "cover",
    "resistance",
    "takes",
    "left",
    "with",
    "->",
    "=",
    "?",
    ",",
    ".",
    "(",
    ")",
    "1/2",
    "advantage",
    "exhaustion",
    "prone",
    "speed",
    "feet",
    "30",
    "one",
    "hundred",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=80))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    results = list(BLOCK.check_items({"items": [{"id": 1, "edition": "5.1", "text": text}]}))
    assert len(results) == 1 and results[0]["verdict"] in ("ok", "contradicted", "unverifiable")


def test_an_edition_may_be_null_or_a_year_and_nothing_else_odd() -> None:
    said: list[object] = [None, "2014", 5.1, "9", [], {}]
    items = [{"id": n, "edition": edition, "text": "Goblins have AC 15."} for n, edition in enumerate(said)]
    verdicts = [result["verdict"] for result in BLOCK.check_items({"items": items})]
    assert verdicts[1:] == ["ok", "ok", "unverifiable", "unverifiable", "unverifiable"]
