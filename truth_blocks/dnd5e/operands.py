"""Operands of a calculation: read from a claim leniently in spelling, strictly in kind."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e import dice
from truth_blocks.dnd5e.values import flag, number

Claim = Mapping[str, Any]
RESULTS = ("value", "result", "expected", "answer")
"""Keys under which a claim may state what a calculation gives, beside the operation's own."""


class NotComputable(Exception):
    """An operand is missing or not of its kind; says which."""


class Result(msgspec.Struct, frozen=True):
    """What a calculation gives and whether the claim agrees; ``holds`` None: the rules leave it open."""

    holds: bool | None
    expected: Any
    found: Any


def given(claim: Claim, names: Iterable[str]) -> str | None:
    """The first of several spellings of a key that the claim uses."""
    return next((name for name in names if claim.get(name) is not None), None)


def whole(claim: Claim, *names: str) -> int:
    """A whole number under the first of these keys that is there.

    Raises:
        NotComputable: none is there, or it is not a whole number.
    """
    name = given(claim, names)
    value = number(claim[name]) if name else None
    if value is None or not value.is_integer():
        raise NotComputable(f"needs {names[0]} as a whole number")
    return int(value)


def optional(claim: Claim, *names: str, default: int = 0) -> int:
    """A whole number, or the default when none of the keys is there.

    Raises:
        NotComputable: it is there and is not a whole number.
    """
    return whole(claim, *names) if given(claim, names) else default


def yes(claim: Claim, *names: str) -> bool:
    """True or false under the first of these keys that is there.

    Raises:
        NotComputable: none is there, or it is not true or false.
    """
    name = given(claim, names)
    value = flag(claim[name]) if name else None
    if value is None:
        raise NotComputable(f"needs {names[0]} as true or false")
    return value


def yes_if_given(claim: Claim, *names: str) -> bool:
    """True or false; false when none of the keys is there.

    Raises:
        NotComputable: it is there and is not true or false.
    """
    return yes(claim, *names) if given(claim, names) else False


def within(claim: Claim, low: int, high: int, *names: str) -> int:
    """A whole number within bounds.

    Raises:
        NotComputable: it is missing, not whole, or out of bounds.
    """
    found = whole(claim, *names)
    if not low <= found <= high:
        raise NotComputable(f"needs {names[0]} from {low} to {high}")
    return found


def whole_list(claim: Claim, most: int, *names: str) -> list[int]:
    """A list of whole numbers, or a single one as a list.

    Raises:
        NotComputable: missing, too long, or something in it is not a whole number.
    """
    name = given(claim, names)
    found = claim[name] if name else None
    if isinstance(found, list):
        if not 1 <= len(found) <= most:
            raise NotComputable(f"needs {names[0]} as a list of 1 to {most} numbers")
        return [whole({"each": each}, "each") for each in found]
    return [whole(claim, *names)]


def valued(claim: Claim, expected: int, *names: str) -> Result:
    """A result held against the number that the claim states."""
    found = whole(claim, *(*names, *RESULTS))
    return Result(found == expected, expected, found)


def expression(claim: Claim, *names: str) -> dice.Expression:
    """A dice expression under one of these keys.

    Raises:
        NotComputable: missing, or not dice within the bounds.
    """
    name = given(claim, names)
    text = claim[name] if name else None
    if not isinstance(text, str):
        raise NotComputable(f"needs {names[0]} as dice")
    try:
        return dice.parse(text)
    except UserMistake as error:
        raise NotComputable(f"needs {names[0]} as dice: {error}") from error
