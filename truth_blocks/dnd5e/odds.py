"""The exact distribution of a dice expression, by convolution of whole-number weights.

Only exploding dice are cut: each is followed until a further explosion is rarer than one in 10⁹. Work is bounded; past
the bound the odds are refused, never guessed.
"""

import re
from collections.abc import Callable

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.dice import WORKS, Dice, Expression, divided

MOST_WORK = 2_000_000
"""Multiplications for one distribution: about half a second."""
RAREST_EXPLOSION = 10**9
Weights = dict[int, int]
_TARGET = re.compile(r"(>=|=>|<=|=<|>|<|==?)?\s*([+-]?\d{1,10})(\+|\s+or\s+(?:more|less))?")
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "≥": lambda total, target: total >= target, "≤": lambda total, target: total <= target,
    ">": lambda total, target: total > target, "<": lambda total, target: total < target,
    "=": lambda total, target: total == target,
}  # fmt: skip


class Target(msgspec.Struct, frozen=True):
    """What a total must be: ``≥ 15``."""

    sign: str
    value: int

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return f"{self.sign} {self.value:,}"


class Distribution(msgspec.Struct, frozen=True):
    """Totals with their weights; the chance of one is its weight over ``whole``."""

    weights: Weights
    whole: int

    @property
    def mean(self) -> float:
        """The mean total."""
        return sum(total * weight for total, weight in self.weights.items()) / self.whole

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        squares = sum(total * total * weight for total, weight in self.weights.items()) / self.whole
        return float(max(squares - self.mean**2, 0.0) ** 0.5)

    def chance(self, target: Target) -> float:
        """The chance, 0 to 1, that the total meets the target."""
        meets = COMPARED[target.sign]
        return sum(weight for total, weight in self.weights.items() if meets(total, target.value)) / self.whole


class _TooMuch(Exception):
    """The work bound is passed."""


class _Work:
    """What is left of the work bound."""

    def __init__(self) -> None:
        self.left = MOST_WORK

    def take(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise _TooMuch


def read_target(text: str) -> Target:
    """``15``, ``15+`` and ``>=15`` are at least 15; ``<=10``, ``>12``, ``<5`` and ``=7`` as they stand.

    Raises:
        UserMistake: not of that form.
    """
    found = _TARGET.fullmatch(text.strip().lower().replace("≥", ">=").replace("≤", "<=").replace("dc", "").strip())
    if found is None:
        raise UserMistake(f'I cannot read "{text[:20]}" as a target. Write 15, >=15, <=10 or =7. Nothing was computed.')
    sign = (found[1] or ">=").replace("=>", ">=").replace("=<", "<=").replace("==", "=")
    if found[3] and found[3].endswith("less"):
        sign = "<="
    return Target({">=": "≥", "<=": "≤"}.get(sign, sign), int(found[2]))


def odds(expression: Expression) -> Distribution:
    """The distribution of an expression.

    Raises:
        UserMistake: it would take too much work, or keeps among exploding dice.
    """
    found = distribution(expression)
    if found is None:
        raise UserMistake(
            f"The exact odds of {expression.text[:60]} are too large to compute. Nothing was changed. "
            "Use fewer dice, or leave out keeping among exploding dice."
        )
    return found


def distribution(expression: Expression) -> Distribution | None:
    """The distribution, or None past the bounds."""
    work = _Work()
    stack: list[Weights] = []
    try:
        for step in expression.postfix:
            if isinstance(step, Dice):
                stack.append(_term(step, work))
            elif isinstance(step, int):
                stack.append({step: 1})
            elif step == "neg":
                stack.append({-total: weight for total, weight in stack.pop().items()})
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(_combined(left, right, WORKS.get(step, divided), work))
    except _TooMuch:
        return None
    weights = dict(sorted(stack[0].items()))
    return Distribution(weights, sum(weights.values()))


def _combined(left: Weights, right: Weights, operation: Callable[[int, int], int], work: _Work) -> Weights:
    work.take(len(left) * len(right))
    found: Weights = {}
    for a, weight in left.items():
        for b, other in right.items():
            total = operation(a, b)
            found[total] = found.get(total, 0) + weight * other
    return found


def _term(dice: Dice, work: _Work) -> Weights:
    """All dice of one term."""
    faces = _faces(dice)
    if dice.explodes:
        if dice.keep:
            raise _TooMuch
        return _sum_of(_exploding(dice, faces), dice.count, work)
    shown = _shown(dice, faces)
    if dice.keep:
        return _kept(dice, shown, work)
    return _sum_of(shown, dice.count, work)


def _faces(dice: Dice) -> Weights:
    """Weights of a die's faces after rerolls."""
    again = len(dice.rerolled)
    if dice.reroll_until or not again:
        return {face: 1 for face in range(1, dice.faces + 1) if face not in dice.rerolled}
    return {face: again + (0 if face in dice.rerolled else dice.faces) for face in range(1, dice.faces + 1)}


def _shown(dice: Dice, faces: Weights) -> Weights:
    found: Weights = {}
    for face, weight in faces.items():
        value = dice.shown_value(face)
        found[value] = found.get(value, 0) + weight
    return found


def _sum_of(one: Weights, count: int, work: _Work) -> Weights:
    found: Weights = {0: 1}
    for _ in range(count):
        found = _combined(found, one, WORKS["+"], work)
    return found


def _exploding(dice: Dice, faces: Weights) -> Weights:
    """One exploding die, followed until a further explosion is rarer than one in 10⁹."""
    whole, top = sum(faces.values()), faces.get(dice.faces, 0)
    if not top:
        return _shown(dice, faces)
    depth = 1
    while (whole**depth) // (top**depth) < RAREST_EXPLOSION and depth < 60:
        depth += 1
    found: Weights = {}
    sum_before, chance = 0, 1
    for step in range(depth + 1):
        scale = chance * whole ** (depth - step)
        for face, weight in faces.items():
            if face == dice.faces and step < depth:
                continue
            total = sum_before + dice.shown_value(face)
            found[total] = found.get(total, 0) + weight * scale
        sum_before, chance = sum_before + dice.shown_value(dice.faces), chance * top
    return found


def _kept(dice: Dice, shown: Weights, work: _Work) -> Weights:
    """The highest or lowest of several dice: values are dealt out from the best to the worst."""
    keep, high = dice.kept(dice.count), dice.keep in ("kh", "dl")
    states: dict[tuple[int, int], int] = {(0, 0): 1}
    for value in sorted(shown, reverse=high):
        work.take(len(states) * dice.count)
        states = _dealt(states, value, shown[value], dice.count, keep)
    found: Weights = {}
    for (used, total), ways in states.items():
        if used == dice.count:
            found[total] = found.get(total, 0) + ways
    return found


def _dealt(
    states: dict[tuple[int, int], int], value: int, weight: int, count: int, keep: int
) -> dict[tuple[int, int], int]:
    """Any number of the dice still open show this value; those within the kept places count."""
    from math import comb

    found: dict[tuple[int, int], int] = {}
    for (used, total), ways in states.items():
        for more in range(count - used + 1):
            counted = max(min(used + more, keep) - used, 0)
            key = (used + more, total + counted * value)
            found[key] = found.get(key, 0) + ways * comb(count - used, more) * weight**more
    return found
