"""Sentences about calculations, read into `calc` and class claims."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from truth_blocks.dnd5e.prose import sentences
from truth_blocks.dnd5e.reading import CLASS, DICE, NUM, ORDINAL, Pattern, Reading, number_of, rank_of

_LEVEL = r"(?:level (\d+)|(\d+)(?:st|nd|rd|th)[- ]level)"
Make = Callable[[re.Match[str]], dict[str, Any]]


def _calc(operation: str, **values: Any) -> dict[str, Any]:
    return {"type": "calc", "op": operation, **values}


def _slots(m: re.Match[str]) -> dict[str, Any]:
    counted = {"level": int(m[1] or m[2]), "slot_level": rank_of(m[5]), "count": number_of(m[4])}
    return {"type": "fact", "class": m[3], **counted}


def _attack(m: re.Match[str]) -> dict[str, Any]:
    hit = m[4].startswith(("hit", "would hit"))
    return _calc("attack_vs_ac", d20=int(m[1]), bonus=int(m[2]), ac=int(m[3]), hit=hit)


def _taken(m: re.Match[str]) -> dict[str, Any]:
    return _calc("hp_after", hp=int(m[1]), damage=int(m[2]), modifier=m[3] or "none", value=int(m[4]))


# Gaps are bounded: no sentence, however odd, costs more than a few microseconds per character.
PATTERNS: list[Pattern] = [
    (re.compile(text), make)
    for text, make in (
        (rf"concentration\b.{{0,50}}?\b(\d+)(?: points of)? damage\b.{{0,50}}?(?:is|of|dc) (?:a )?(?:dc )?({NUM})\b",
         lambda m: _calc("concentration_dc", damage=int(m[1]), value=number_of(m[2]))),
        (rf"\b(\d+)(?: points of)? damage\b.{{0,50}}?\bdc (?:is |of )?({NUM})\b.{{0,50}}?concentration",
         lambda m: _calc("concentration_dc", damage=int(m[1]), value=number_of(m[2]))),
        (rf"\b(\d+)(?: points of)? damage\b.{{0,50}}?\bconcentration\b.{{0,50}}?\bdc (?:is |of )?({NUM})\b",
         lambda m: _calc("concentration_dc", damage=int(m[1]), value=number_of(m[2]))),
        (rf"proficiency bonus\b[^.]{{0,50}}?\b{_LEVEL}\b[^.]{{0,50}}?\b(?:is|of) \+?({NUM})",
         lambda m: _calc("prof_bonus", level=int(m[1] or m[2]), value=number_of(m[3]))),
        (rf"\b{_LEVEL}\b[^.]{{0,50}}?proficiency bonus (?:is|of) \+?({NUM})",
         lambda m: _calc("prof_bonus", level=int(m[1] or m[2]), value=number_of(m[3]))),
        (r"\b(?:roll(?:ing)?|rolls) (?:of )?(?:an? )?(\d+) on a death sav\w+(?: throw)?"
         r" (?:is|counts as) a (success|failure)",
         lambda m: _calc("death_save", d20=int(m[1]), success=m[2] == "success")),
        (rf"\b{_LEVEL} ({CLASS}|fighter|monk|rogue|barbarian) (?:has|gets|have) ({NUM})"
         rf" ({ORDINAL})[- ]level (?:spell )?slots?",
         _slots),
        (rf"\b({DICE}) can (?:roll|total|give|result in|be|deal) (?:a |an )?(\d+)\b",
         lambda m: _calc("roll_bounds", expr=m[1], total=int(m[2]))),
        (rf"\bmaximum (?:of|on|result of|roll of) ({DICE}) is (\d+)",
         lambda m: _calc("roll_bounds", expr=m[1], max=int(m[2]))),
        (rf"\bminimum (?:of|on|result of|roll of) ({DICE}) is (\d+)",
         lambda m: _calc("roll_bounds", expr=m[1], min=int(m[2]))),
        (r"\broll(?:ing|s)? (?:of )?(?:an? )?(\d+)\b.{0,50}?\+(\d+)\b.{0,50}?\bac (?:of )?(\d+)\b"
         r".{0,50}?\b(hits|misses|would hit|would miss)",
         _attack),
        (r"proficiency bonus (?:of|is) \+?(\d+)\b.{0,50}?modifier (?:of|is) \+?(\d+)\b"
         r".{0,50}?\bsave dc (?:is|of) (\d+)",
         lambda m: _calc("spell_save_dc", prof=int(m[1]), mod=int(m[2]), value=int(m[3]))),
        (r"\b(\d+) (?:hit points|hp)\b.{0,50}?\btakes? (\d+)\b.{0,50}?damage"
         r"(?:.{0,50}?\b(resistance|vulnerability|immunity))?"
         r".{0,50}?\b(?:left with|has|drops to|at) (\d+)\b", _taken),
        (r"\bac (?:of )?(\d+)\b.{0,50}?\b(half|three-quarters) cover\b.{0,50}?\b(\d+)\b",
         lambda m: _calc("cover", ac=int(m[1]), cover=m[2], value=int(m[3]))),
        (r"\bcritical hit\b.{0,50}?\b(\d+d\d+(?:\+\d+)?)\b.{0,50}?\b(?:becomes|is|rolls) (\d+d\d+(?:\+\d+)?)",
         lambda m: _calc("crit_dice", base=m[1], crit=m[2])),
    )
]  # fmt: skip


def calculations_in(text: str) -> Iterator[Reading]:
    """Calculations a text states; a sentence gives one claim at most."""
    for sentence in sentences(text[:20_000]):
        lowered = sentence[:500].lower().replace("−", "-")
        for pattern, make in PATTERNS:
            match = pattern.search(lowered)
            if match is not None:
                yield Reading(make(match), re.search(r"\b(?:not|cannot|can't|isn't)\b", match[0]) is not None, sentence)
                break
