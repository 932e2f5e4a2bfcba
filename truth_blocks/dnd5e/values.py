"""When a claimed value and the known one are the same, whatever way each is written."""

import re
from fractions import Fraction
from typing import Any

from truth_blocks.dnd5e.facts import key_of

ABILITIES = {
    "str": "strength", "dex": "dexterity", "con": "constitution",
    "int": "intelligence", "wis": "wisdom", "cha": "charisma",
}  # fmt: skip
SHORT = {long: short for short, long in ABILITIES.items()}
_DICE = re.compile(r"\d*d\d+(?:[+-]\d+)?|\d+")
_UNITS = re.compile(
    r"[\s-]*(?:ft\.?|feet|foot|gp|lbs?\.?|pounds?|xp|hp|hit points|miles?|hours?|minutes?|slots?|levels?"
    r"|(?<=\d)(?:st|nd|rd|th)(?:[ -]levels?)?)$"
)
_LABELS = re.compile(r"^(?:dc|ac|cr|level|lvl\.?|\$)\s*(?=[+-]?\d)")
_NUMBER_TEXT = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?(/[1-9]\d{0,3})?")
_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_RANKS = ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_SPELLED = {
    **{w: float(n) for n, w in enumerate(_WORDS)},
    **{w: float(n) for n, w in enumerate(_RANKS)},
    "cantrip": 0.0,
}


def ability(name: Any) -> str | None:
    """``dex``, ``Dexterity`` → ``dex``; None for anything else."""
    key = key_of(str(name))
    return key if key in ABILITIES else SHORT.get(key)


def number(value: Any) -> float | None:
    """A number from 60, ``"60"``, ``"60 feet"``, ``"+5"``, ``"1/4"``, ``"1,100"``, ``"3rd"``, ``"two"``; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e15 else None
    if not isinstance(value, str) or len(value) > 24:
        return None
    text = value.strip().lower()
    if not text.isdigit() or len(text) > 12 or not text.isascii():
        text = _LABELS.sub("", _UNITS.sub("", text)).replace(",", "").replace("−", "-")
        if text in _SPELLED:
            return _SPELLED[text]
        if _NUMBER_TEXT.fullmatch(text) is None:
            return None
    return float(Fraction(text)) if "/" in text and "." not in text else (float(text) if "/" not in text else None)


def flag(value: Any) -> bool | None:
    """A yes or no from true, 1, ``"yes"``; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    known = {
        "yes": True, "true": True, "no": False, "false": False, "hit": True, "hits": True, "miss": False,
        "misses": False,
        "success": True, "succeeds": True, "failure": False, "fail": False, "fails": False, "required": True,
        "none": False,
    }  # fmt: skip
    return known.get(value.strip().lower()) if isinstance(value, str) else None


def dice_text(value: Any) -> str | None:
    """Dice without spaces and without the damage type behind them: ``8d6 fire`` → ``8d6``; ``d6`` → ``1d6``."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = re.sub(r"\s+", "", str(value)[:60].lower()).replace("−", "-")
    found = _DICE.match(text)
    if found is None:
        return None
    shown = found[0]
    return "1" + shown if shown.startswith("d") else shown


def word(value: Any) -> str:
    """A word or phrase in the form in which it is compared; abilities in full."""
    key = key_of(str(value)[:200])
    key = re.sub(r"^(?:an? |1 )(?=(?:bonus )?action|reaction)", "", key)
    return ABILITIES.get(key, key)


def same(expected: Any, claimed: Any) -> bool | None:
    """True or False; None when the known value is not known (NULL)."""
    if expected is None:
        return None
    if isinstance(claimed, list | tuple):
        return bool(claimed) and all(same(expected, each) is True for each in claimed[:50])
    if isinstance(expected, list | tuple):
        return any(same(each, claimed) is True for each in expected)
    if isinstance(expected, bool):
        return flag(claimed) is expected
    if isinstance(expected, int | float):
        return number(claimed) == float(expected)
    known = str(expected).upper().removesuffix("+MOD").lower()
    if _DICE.fullmatch(known):
        return dice_text(claimed) == dice_text(known)
    return bool(word(claimed) == word(expected))


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "not in the data"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(each) for each in value)
    if isinstance(value, float):
        return {0.125: "1/8", 0.25: "1/4", 0.5: "1/2"}.get(value, f"{value:g}")
    return str(value)[:200]
