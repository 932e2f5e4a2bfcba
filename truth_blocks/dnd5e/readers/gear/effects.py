"""What a magic thing is said to give, of a list of what such things give: one that has it not is wrong."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.vocabulary import DAMAGE

MOST_TEXT = 180
_TURNS = (
    r"\b(?:not|no|never|cannot|nothing|neither|nor|without|unless|except|only if|if|would|could|instead|rather|than|unlike|against|while|who|whoever|already|myth|homebrew|or|spell|cast(?:s|ing)?|immune|advantage"
    r"|like|as|when|takes? off|plus|but|because|since|we|i|my|our|he|she)\b|n't\b|\?"
)
_GIVES = r"\b(?:lets?|gives?|grants?|makes?|turns?|allows?|provides?|can|may|rais\w+|increas\w+|sets?|boosts?|summons?|heals?|restores?|charms?|frighten\w*|paraly\w+|teleports?|doubl\w+|adds?|has|confers?)\b"
_RESISTS = rf"\b(?:resistance|immunity) (?:to|against) (?:\w+ )?({DAMAGE})\b"
_RESISTANCES = {
    "ring of warmth": {"cold"}, "boots of the winterlands": {"cold"}, "brooch of shielding": {"force"}, "robe of the archmagi": set[str](),
    "ring of cold resistance": {"cold"}, "periapt of proof against poison": {"poison"}, "belt of dwarvenkind": {"poison"}, "frost brand": {"fire"},
    "armor of invulnerability": {"bludgeoning", "piercing", "slashing"}, "staff of fire": {"fire"}, "staff of frost": {"cold"}, "cloak of arachnida": {"poison"},
}  # fmt: skip
"""Kinds of damage that a thing resists or is immune to; other things of the table resist none by a kind of their own."""


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, list[str]], re.Pattern[str]]:
    table = tomllib.loads(Path(__file__).with_name("effects.toml").read_text("utf-8"))
    names = sorted({*table["things"], *_RESISTANCES}, key=len, reverse=True)
    return table["effects"], table["things"], re.compile("|".join(rf"\b{_many(name)}\b" for name in names))


def _many(name: str) -> str:
    """A name in the singular or plural: *rings of warmth*."""
    first, _, rest = name.partition(" ")
    return rf"{re.escape(first)}s?(?: {re.escape(rest)})" if rest else rf"{re.escape(first)}s?"


def said_of_effects(text: str, edition: str) -> list[Checked]:
    """A verdict on what one thing is said to give."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT:
        return []
    effects, things, names = _table()
    found = list(names.finditer(lowered))
    if len({match[0] for match in found}) != 1:
        return []
    name = next(each for each in (*things, *_RESISTANCES) if re.fullmatch(_many(each), found[0][0]))
    masked = names.sub("###", lowered)
    resists = search(_RESISTS, masked)
    if search(_TURNS, masked.replace("may choose", "")):
        return []
    if resists and name in _RESISTANCES:
        own = _RESISTANCES[name]
        told = ", ".join(sorted(own)) or "none"
        return [verdict(resists[1] in own, "item.resistance", told, edition, name)]
    if name not in things or not search(_GIVES, masked):
        return []
    for effect, pattern in effects.items():
        if search(pattern, masked) and effect not in things[name]:
            told = f"{', '.join(things[name]) or 'other things'}, no {effect}"
            return [verdict(False, "item.effect", told, edition, name)]
    return []
