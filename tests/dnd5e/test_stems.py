"""The letters by which sayings are found pass none over."""

from pathlib import Path

import pytest

from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.sayings.sayings import likely_sayings, sayings
from truth_blocks.dnd5e.readers.sayings.stems import stems


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        (r"\bhid(?:e|es|ing)\b", {"hid"}),
        (r"\bpotions?\b", {"potion"}),
        (r"\bpotions?\b|\bscroll\b", {"potion", "scroll"}),
        (r"\b(?:elf|elves)\b", set()),
        (r"\bdic?es\b", set()),
        (r"\blong rests?|\bac\b", set()),
        (r"(?<!half )\bhour", {"hour"}),
        (r"[abc]lever\d{2,3}", {"lever"}),
    ],
)
def test_some_of_these_letters_stand_in_whatever_matches(pattern: str, letters: set[str]) -> None:
    assert stems(pattern) == letters


def test_no_saying_that_is_about_a_statement_is_passed_over() -> None:
    for number in ("own", "14", "16"):
        lines = Path(__file__).with_name("statements").joinpath(f"{number}.txt").read_text().splitlines()[1:]
        for line in lines[::4]:
            text = plain(line.split("|", 3)[3])
            likely = {id(each) for each in likely_sayings(text)}
            about = [each for each in sayings("rule") if all(search(cue, text) for cue in each.about)]
            assert {id(each) for each in about} <= likely, text
