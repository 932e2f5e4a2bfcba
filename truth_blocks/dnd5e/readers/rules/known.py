"""Statements about weapon properties, what a class casts with, and species, held against ``known.toml``."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, search, sub
from truth_blocks.dnd5e.readers.stated import denied, verdict
from truth_blocks.dnd5e.vocabulary import ABILITY

_PROPERTIES = r"two-handed|versatile|finesse|light|heavy|reach|thrown|loading|ammunition"
_MASTERY = r"cleave|graze|nick|push|sap|slow|topple|vex"
_TURNS = r"\b(?:unless|except|if|when|while|magic|feat|class|instead|as if|homebrew|variant|drow|wood elf|wood elves|subrace|lineage|some)\b"


@lru_cache(maxsize=1)
def known() -> dict[str, Any]:
    """The table."""
    return tomllib.loads(Path(__file__).with_name("known.toml").read_text())


def spell_text(key: str, edition: str) -> Mapping[str, Any] | None:
    """The figures in a spell's own text."""
    table = known()
    found: Mapping[str, Any] | None = table["spell_51" if edition == "5.1" else "spell_52"].get(
        key, table["spell"].get(key)
    )
    return found


def weapon_words(key: str, edition: str) -> list[str]:
    """What a weapon is and its properties and mastery, ``["martial", "melee", "versatile", "sap"]``; [] when unknown."""
    return weapons(edition).get(ordinary(key), "").split()


def versatile_damage(key: str, edition: str) -> str | None:
    """The dice of a versatile weapon in two hands; None for others."""
    table = known()["versatile"]
    found: str | None = (table["both"] | table[edition]).get(ordinary(key))
    return found


@lru_cache(maxsize=2)
def weapons(edition: str) -> dict[str, str]:
    """What each weapon of an edition is."""
    table = known()
    return {**table["weapon"], **table[f"weapon_{edition.replace('.', '')}"]}


def ordinary(key: str) -> str:
    """A weapon's name in the order people say it: *crossbow heavy* is the *heavy crossbow*."""
    kind, _, size = key.partition(" ")
    return f"{size} {kind}" if kind == "crossbow" and size else key


def casting_ability(key: str) -> str | None:
    """The ability a class casts with; None for a class that does not."""
    found: str | None = known()["casts_with"].get(key)
    return found


def known_things(text: str, edition: str) -> list[Checked]:
    """Verdicts on what a statement says of weapons' properties, casting abilities and species."""
    lowered = sub(r"\bif you(?:'ve| have)? mastered\b", "with mastery of", plain(text))
    if search(_TURNS, lowered):
        return []
    return _weapon(lowered, edition) or _casting(lowered, edition) or _species(lowered, edition)


def _weapon(text: str, edition: str) -> list[Checked]:
    table = weapons(edition)
    named = [name for name in table if search(rf"\b{name}s?\b", text)]
    named = [name for name in named if not any(name != other and name in other for other in named)]
    if (
        not named
        or figures(text)
        or search(r"\bpenalt|\bdisadvantage|\bunderwater", text)
        or not search(
            rf"\bpropert|\bweapons?\b|\bmaster(?:y|ed)|\bis (?:an? )?(?:{_PROPERTIES})|\bare (?:{_PROPERTIES})|\b(?:has|have|gets?|comes? with) (?:the )?(?:cleave|graze|nick|sap|topple|vex|push|slow)\b|\bmaster|\bhas (?:the )?(?:{_PROPERTIES})|\bneeds? (?:both|1|2) hands?",
            text,
        )
    ):
        return []
    rest = text
    for name in named:
        rest = rest.replace(name, " " * len(name))
    said = [(found, rest.find(found)) for found in dict.fromkeys(findall(rf"\b({_PROPERTIES})\b", rest))]
    said += [
        (found, rest.find(found))
        for found in dict.fromkeys(findall(r"\b(simple|martial|ranged|melee)\b(?! attack)", rest))
    ]
    if search(rf"\bmaster|\b(?:has|have|gets?|comes? with) (?:the )?(?:{_MASTERY})\b", rest) and edition == "5.2":
        said += [
            (found, rest.find(found))
            for found in dict.fromkeys(
                findall(rf"\b({_MASTERY})\b(?! (?:the|an?|him|her|them|me|you|it|somebody|someone)\b)", rest)
            )
        ]
    if (
        not said
        or (len(named) > 1 and not search(r"\bboth\b|\band\b", text))
        or search(r"\bnor\b|\bneither\b|\bor\b", rest)
    ):
        return []
    wrong = [f"{name}: {table[name]}" for name in named for word, at in said
             if (word in table[name].split()) == denied(rest, at, at + len(word))]  # fmt: skip
    return [verdict(not wrong, "weapon.properties", "; ".join(wrong) or table[named[0]], edition, named[0])]


def _casting(text: str, edition: str) -> list[Checked]:
    table: dict[str, str] = known()["casts_with"]
    named = [name for name in table if search(rf"\b{name}s?\b", text)]
    abilities = list(dict.fromkeys(findall(rf"\b({ABILITY})\b", text)))
    if (
        len(named) != 1
        or len(abilities) != 1
        or figures(text)
        or not search(
            r"\bspellcasting ability|\bcasting ability|\bcasts? (?:\w+ )?(?:spells? )?(?:with|using|through|off)\b|\bspell(?:s|casting)? (?:\w+ ){0,4}(?:use|uses|rely|relies|depend|depends|key|keys|is|based|run|with)\b|\bspells?\b.*\bability\b|\buses?\b.*\bto cast\b",
            text,
        )
    ):
        return []
    if search(r"\bsav|\bcheck|\bsubclass|\bfighter|\brogue|\bskill|\btarget", text):
        return []
    at = text.find(abilities[0])
    right = (abilities[0] == table[named[0]]) != denied(text, at, at + len(abilities[0]))
    return [verdict(right, "class.spellcasting_ability", table[named[0]].capitalize(), edition, named[0])]


def _species(text: str, edition: str) -> list[Checked]:
    feet = [f.whole for f in figures(text) if f.kind == "feet"]
    if len(feet) != 1 or search(
        r"\bnot\b|n't\b|\bmonk|\bbarbarian|\blongstrider|\barmou?r|\bhalf\b|\bhalves|\bcosts?\b|\bswim|\bfl(?:y|ies)|\bclimb",
        text,
    ):
        return []
    for cue, table in ((r"\bdarkvision", "darkvision"), (r"\bspeed|\bwalk", "speed")):
        plurals = {
            "dwarf": "dwar(?:f|ves)",
            "elf": "(?<!-)(?<!half )el(?:f|ves)",
            "half-elf": "half[- ]el(?:f|ves)",
            "half-orc": "half[- ]orcs?",
            "orc": "(?<!-)(?<!half )orcs?",
        }
        named = [name for name in known()[table][edition] if search(rf"\b{plurals.get(name, name + 's?')}\b", text)]
        if search(cue, text) and len(named) == 1:
            wanted = known()[table][edition][named[0]]
            return [verdict(feet[0] == wanted, f"species.{table}", f"{wanted} feet", edition, named[0])]
    return []
