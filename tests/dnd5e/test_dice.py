"""Dice: bounds, replay, and a plain sentence for everything that is not dice."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UserMistake
from truth_blocks.dnd5e.dice import MOST_DICE, parse
from truth_blocks.dnd5e.rolling import replay, roll

TERM = st.builds(
    lambda n, f, m: f"{n}d{f}{m}",
    st.integers(1, 12),
    st.integers(2, 30),
    st.sampled_from(["", "kh1", "kl1", "dl1", "!", "r1", "rr1", "mi2", "ma2", "r<2kh1", "!dl1"]),
)
EXPRESSION = st.recursive(
    TERM | st.integers(0, 50).map(str),
    lambda inner: st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from("+-*"), inner),
    max_leaves=4,
)


@given(EXPRESSION, st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_a_roll_stays_within_its_bounds_and_replays(text: str, seed: int) -> None:
    try:
        expression = parse(text)
    except UserMistake:
        return
    result = replay(expression, seed)
    assert expression.low <= result.total <= expression.high
    assert replay(expression, seed) == result


class Always:
    def __init__(self, value: float) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


BOUNDS = [
    ("2d20kh1+5", 6, 25),
    ("4d6dl1", 3, 18),
    ("8d6!", 8, 648),
    ("d20 adv", 1, 20),
    ("2d6-1d4", -2, 11),
    ("d%", 1, 100),
    ("(1d6+1)*(1d4-2)", -7, 14),
    ("10d6/3", 3, 20),
    ("3d6mi2", 6, 18),
    ("3d6ma4", 3, 12),
    ("2d6rr<3", 6, 12),
    ("-1d6", -6, -1),
    ("4d6kl1", 1, 6),
    ("adv+5", 6, 25),
    ("2d6[fire]+1d4[cold]", 3, 16),
    ("1d20−1", 0, 19),
]


@pytest.mark.parametrize(("text", "low", "high"), BOUNDS)
def test_bounds_are_exact(text: str, low: int, high: int) -> None:
    expression = parse(text)
    assert (expression.low, expression.high) == (low, high)
    if not set("-−*/!r").intersection(text):
        assert roll(expression, Always(0.0)).total == low
        assert roll(expression, Always(0.999999)).total == high


def test_a_kept_die_is_the_higher_of_two() -> None:
    for seed in range(50):
        (_, dice), *_ = replay(parse("d20 adv"), seed).dice
        assert len(dice) == 2
        assert [die.value for die in dice if die.kept] == [max(die.value for die in dice)]


NONSENSE = [
    "",
    " ",
    "fireball",
    "1d",
    "d",
    "1d0",
    "0d6",
    "2d6kh3",
    "2d6kh0",
    "1d6+",
    "(1d6",
    "1d6)",
    "1 2",
    "1d6 1d6",
    "()",
    "1d1!",
    "1d6rr<7",
    "1d6/0",
    "1d6/(1d3-1)",
    "2d20 adv",
    "٣d6",
    "½d6",
    "1d6[",
    "[a]",
    "9999999999999d6",
    "1d99999",
    "600d6+600d6",
    "1000000*1000000",
    "1d6kh1kl1",
    "1d6!!",
    "1d20\x00",
]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_gets_a_plain_sentence(text: str) -> None:
    with pytest.raises(UserMistake, match=r"Nothing was rolled\."):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "1+" * 5_000 + "1",
        "-" * 190,
        "9" * 200,
        "1000000d6",
        "(" * 99 + "1d6" + ")" * 98,
        "1d6!" * 50,
    ],
)
def test_absurd_input_is_refused_at_once(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(UserMistake):
        parse(text)
    assert time.thread_time() - start < 0.05


@given(st.text(max_size=400) | st.text(alphabet="0123456789dkhlr!+-*/()<> adv[]", max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_text_is_dice_or_a_plain_mistake(text: str) -> None:
    try:
        expression = parse(text)
    except UserMistake:
        return
    assert expression.low <= roll(expression, random.Random(1)).total <= expression.high


def test_the_largest_roll_is_quick() -> None:
    start = time.thread_time()
    replay(parse(f"{MOST_DICE}d1000kh10"), 1)
    assert time.thread_time() - start < 0.1
