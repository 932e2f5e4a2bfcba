"""The dice of a fight: the n-th number depends on the seed and on n alone, so that a log can be rolled again."""

import hashlib
from functools import lru_cache

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.dice import Dice, Expression, parse
from truth_blocks.dnd5e.rolling import roll

MOST_TOTAL = 10_000
"""No single roll of a fight may be able to pass this."""


class Rolled(msgspec.Struct, frozen=True):
    """One roll as it stands in the log: what was rolled, the dice that counted, those that did not, the total."""

    dice: str
    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    total: int

    @property
    def face(self) -> int:
        """The first die that counted: the natural roll of a d20."""
        return self.kept[0] if self.kept else 0


class Chance:
    """Floats from a seed and a counter; ``drawn`` is how many were taken since the fight began."""

    def __init__(self, seed: int, drawn: int = 0) -> None:
        self._key = seed.to_bytes(8, "big")
        self.drawn = drawn

    def random(self) -> float:
        """The next float in [0, 1)."""
        digest = hashlib.blake2b(self.drawn.to_bytes(8, "big"), key=self._key, digest_size=8).digest()
        self.drawn += 1
        return (int.from_bytes(digest, "big") >> 11) / (1 << 53)

    def roll(self, expression: Expression) -> Rolled:
        """Roll all dice of an expression."""
        fallen = roll(expression, self)
        dice = [die for _, term in fallen.dice for die in term]
        kept = tuple(die.value for die in dice if die.kept)
        return Rolled(expression.text, kept, tuple(die.value for die in dice if not die.kept), fallen.total)

    def d20(self, bonus: int, mode: str = "", extra: str = "") -> Rolled:
        """A d20 with a bonus; ``mode`` is ``advantage``, ``disadvantage`` or empty, ``extra`` more dice: ``+1d4``."""
        dice = {"advantage": "2d20kh1", "disadvantage": "2d20kl1"}.get(mode, "1d20")
        return self.roll(read_dice(f"{dice}{bonus:+d}{extra}" if bonus else f"{dice}{extra}"))


@lru_cache(maxsize=512)
def read_dice(text: str) -> Expression:
    """A dice expression small enough for a fight.

    Raises:
        UserMistake: it is not dice, or could pass 10,000.
    """
    expression = parse(text)
    if max(abs(expression.low), abs(expression.high)) > MOST_TOTAL:
        raise UserMistake(f"{text[:40]} could pass {MOST_TOTAL:,}, which no blow does. Nothing was rolled.")
    return expression


@lru_cache(maxsize=512)
def doubled(text: str) -> Expression:
    """The damage of a critical hit: every die twice, what is added once (SRD 5.2, "Critical Hits")."""
    expression = parse(text)
    terms = [step.text for step in expression.written if isinstance(step, Dice)]
    written = text
    place = 0
    for term in terms:
        place = written.lower().index(term.lower(), place)
        count, _, rest = term.partition("d")
        twice = f"{2 * int(count or 1)}d{rest}"
        written = written[:place] + twice + written[place + len(term) :]
        place += len(twice)
    return read_dice(written)
