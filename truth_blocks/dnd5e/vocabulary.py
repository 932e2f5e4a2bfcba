"""Words of the game as regular expressions, and numbers as people write them. Everything is matched in lower case."""

import re
from collections.abc import Callable
from typing import Any

from truth_blocks.dnd5e.prose import NUMBER_WORDS

ABILITY = "strength|dexterity|constitution|intelligence|wisdom|charisma"
SHORT_ABILITY = ABILITY + "|str|dex|con|int|wis|cha"
SCHOOL = "abjuration|conjuration|divination|enchantment|evocation|illusion|necromancy|transmutation"
DAMAGE = "acid|bludgeoning|cold|fire|force|lightning|necrotic|piercing|poison|psychic|radiant|slashing|thunder"
CLASS = "bard|cleric|druid|paladin|ranger|sorcerer|warlock|wizard"
ANY_CLASS = CLASS + "|barbarian|fighter|monk|rogue"
SIZE = "tiny|small|medium|large|huge|gargantuan"
TYPE = "aberration|beast|celestial|construct|dragon|elemental|fey|fiend|giant|humanoid|monstrosity|ooze|plant|undead"
CONDITION = (
    "blinded|charmed|deafened|exhaustion|frightened|grappled|incapacitated|invisible|paralyzed|petrified|poisoned|prone"
    "|restrained|stunned|unconscious"
)
SKILL = (
    "acrobatics|animal handling|arcana|athletics|deception|history|insight|intimidation|investigation|medicine|nature"
    "|perception|performance|persuasion|religion|sleight of hand|stealth|survival"
)
_WORDS = "|".join(word for word in NUMBER_WORDS if word not in ("once", "thrice", "dozen"))
NUM = rf"(?:\d[\d,]*|{_WORDS})"
DICE = r"\d*d\d+(?:\s*[+-]\s*\d+)?"
ORDINAL = r"(?:\d(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
AC = r"(?:ac|armou?r class)"
HP = r"(?:hit points?|hp|hps|health)"
GAP = (
    r"(?:(?!\b(?:ac|armou?r class|hit points?|hp|cr|challenge|xp|experience|speed|damage|dc|to hit|range|"
    r"strength|dexterity|constitution|intelligence|wisdom|charisma|str|dex|con|int|wis|cha)\b)[^\d;]){0,40}?"
)
"""Up to forty characters in which no other figure is named and no digit stands."""
NOT_UNIT = r"(?![\d,]*\d|d\d|/\d)(?!\s*(?:hit points?|hp|xp|experience|feet|foot|ft|-foot|miles?|ac\b|armou?r class|%))"
_RANKS = {"first": 1, "second": 2, "third": 3}
Make = Callable[[re.Match[str]], dict[str, Any]]
Pattern = tuple[re.Pattern[str], Make]


def number_of(text: str) -> int:
    """A number in digits or as a word; 0 when it is neither."""
    plain = text.replace(",", "").lower()
    return int(plain) if plain.isdigit() else int(NUMBER_WORDS.get(plain, 0))


def rank_of(text: str) -> int:
    """``3rd``, ``3`` or ``third`` as 3."""
    return int(text[0]) if text[0].isdigit() else _RANKS.get(text, int(NUMBER_WORDS.get(text, 0)))


def plain_dice(text: str) -> str:
    """Dice without spaces."""
    return re.sub(r"\s", "", text)


def patterns(pairs: list[tuple[str, Make]]) -> list[Pattern]:
    """Compile a table of readings."""
    return [(re.compile(text), make) for text, make in pairs]
