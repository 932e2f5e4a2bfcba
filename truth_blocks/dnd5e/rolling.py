"""Rolling a parsed expression: every die is kept, so that a roll can be shown, audited and replayed."""

import random
from collections.abc import Iterator

from truth_blocks.dnd5e.dice import MOST_EXPLOSIONS, WORKS, Chance, Dice, Die, Expression, Roll, Step, divided

MOST_REROLLS = 1_000


def replay(expression: Expression, seed: int) -> Roll:
    """The roll that this seed gives, always the same one."""
    return roll(expression, random.Random(seed))


def roll(expression: Expression, chance: Chance) -> Roll:
    """Roll all dice, in the order written."""
    fallen = [(step, _throw(step, chance)) for step in expression.written if isinstance(step, Dice)]
    sums = iter([sum(die.value for die in dice if die.kept) for _, dice in fallen])
    return Roll(expression, _total(expression.postfix, sums), tuple(fallen))


def _total(postfix: tuple[Step, ...], sums: Iterator[int]) -> int:
    """Walk the postfix order; dice stand in it in the order written."""
    stack: list[int] = []
    for step in postfix:
        if isinstance(step, Dice):
            stack.append(next(sums))
        elif isinstance(step, int):
            stack.append(step)
        elif step == "neg":
            stack.append(-stack.pop())
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(WORKS.get(step, divided)(left, right))
    return stack[0]


def _face(dice: Dice, chance: Chance) -> tuple[int, tuple[int, ...]]:
    """One face, with the faces that were rerolled before it."""
    before: list[int] = []
    face = int(chance.random() * dice.faces) + 1
    limit = MOST_REROLLS if dice.reroll_until else 1
    while face in dice.rerolled and len(before) < limit:
        before.append(face)
        face = int(chance.random() * dice.faces) + 1
    if dice.reroll_until and face in dice.rerolled:
        # A thousand rerolls in a row only happen with a broken source of chance; end on a face that counts.
        face = next(f for f in range(1, dice.faces + 1) if f not in dice.rerolled)
    return face, tuple(before)


def _throw(dice: Dice, chance: Chance) -> tuple[Die, ...]:
    """All dice of a term: rerolls, then explosions, then least and greatest values, then keep or drop."""
    thrown: list[tuple[int, tuple[int, ...], bool]] = []
    waiting, extra = dice.count, 0
    while waiting:
        waiting -= 1
        face, before = _face(dice, chance)
        exploded = dice.explodes and face == dice.faces and extra < MOST_EXPLOSIONS
        thrown.append((dice.shown_value(face), before, exploded))
        if exploded:
            waiting, extra = waiting + 1, extra + 1
    kept = _kept(dice, [value for value, _, _ in thrown])
    return tuple(Die(v, place in kept, before, boom) for place, (v, before, boom) in enumerate(thrown))


def _kept(dice: Dice, values: list[int]) -> set[int]:
    """Places of the dice that count."""
    keep_high = dice.keep in ("kh", "dl")
    order = sorted(range(len(values)), key=lambda place: (-values[place] if keep_high else values[place], place))
    return set(order[: dice.kept(len(values))])
