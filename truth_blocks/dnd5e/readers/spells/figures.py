"""The damage and the level that a sentence gives a spell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import finditer, match, search, sub
from truth_blocks.dnd5e.readers.stated import Fact, denied
from truth_blocks.dnd5e.vocabulary import DAMAGE

_STRETCH = re.compile(
    r"\b(?:each|every|per|extra|additional|another (?:\d|ray|dart|target|creature)|more|1 (?:dart|ray|beam|missile)|crit\w*|average|max\w*|min\w*|half|double|twice|halved|total|bonus|increases?|increased|heal\w*|hit points|temp\w*|at the (?:start|end) of|on (?:a )?(?:success\w*|miss)|initial|later|subsequent|split|plus)\b"
)


def damage(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """Damage dice at their slot or character level, and the damage type."""
    dice = [figure for figure in figs if figure.kind == "dice"]
    named = types_said(text)
    if not search(r"\bresist|\bimmun|\bvulnerab", text) and len(named) == 1:
        found = search(rf"\b{next(iter(named))}\b", text)
        yield Fact({"damage_type": next(iter(named))}, bool(found and denied(text, found.start(), found.end())))
    grown = (
        len(dice) == 2
        and search(r"\b(?:increases?|rises?|grows?|goes up|becomes?|changes?) (?:to|from)?", text) is not None
    )
    if not dice or (
        not grown
        and _STRETCH.search(
            sub(
                r"\bsave for half\b|\bhalf (?:on|damage on|with|if)[^.;]*|\brolls? (?:\w+ ){0,2}against\b|more than|at most",
                "",
                text,
            )
        )
    ):
        return
    slot, caster = _slot(text, figs), _caster(text, figs)
    old = [
        f
        for f in dice
        if search(
            r"\b(?:from|base damage[^.;]{0,34}|rather than(?: the)?|instead of(?: the)?|base(?: of)?|normally|usually|not|up from|over)\W*$",
            text[max(f.start - 52, 0) : f.start],
        )
    ]
    new = [f for f in dice if f not in old]
    if len(new) != 1 or len(old) > 1 or (old and slot is None and caster is None):
        return
    scale: dict[str, Any] = {}
    used: tuple[Figure, ...] = ()
    if row["level"] == 0:
        if slot is not None:
            return
        if caster is not None:
            scale, used = {"character_level": caster.whole}, (caster,)
    elif slot is not None:
        scale, used = {"slot": slot.whole}, (slot,)
    elif search(r"\bupcast|\bhigher slot|\bat higher|\bslot", text):
        return
    yield Fact({"damage": str(new[0].value), **scale}, denied(text, new[0].start, new[0].end), (new[0], *used))
    if old:
        yield Fact({"damage": str(old[0].value)}, False, (old[0],))


def types_said(text: str) -> set[str]:
    """Damage types beside dice or beside the word damage; *force* and *fire* are plain words elsewhere."""
    found = finditer(
        rf"\d+d\d+(?:[+-]\d+)?(?: points?(?: of)?| of)? \(?({DAMAGE})\b|\b({DAMAGE}) (?:damage|dmg)\b"
        rf"|\b(?:damage|dmg)(?: type)?(?: on| for| of)?(?: #+)?(?:'s| is| are|:| being| always| purely| type|,)+ ?(?:the |always |purely )?({DAMAGE})\b"
        rf"|\btypes?(?: is|:| of)* ?({DAMAGE})\b|\bdeals? ({DAMAGE})\b",
        text,
    )
    return {name for each in found for name in each.groups() if name}


def _slot(text: str, figs: Sequence[Figure]) -> Figure | None:
    slots = [f for f in figs if f.kind == "slot"]
    if slots:
        return slots[0] if len(slots) == 1 else None
    near = [
        f
        for f in figs
        if f.kind in ("level", "ordinal")
        and search(
            r"\b(?:at|as an?|upcast(?:ing)?(?: it)?(?: to| at)?|using(?: an?)?|to|when cast at)\W*(?:level |lvl )?$",
            text[max(f.start - 26, 0) : f.start],
        )
    ]
    return near[0] if len(near) == 1 and search(r"\bcast|\bupcast|\bslot", text) else None


def _caster(text: str, figs: Sequence[Figure]) -> Figure | None:
    levels = [f for f in figs if f.kind == "level"]
    return levels[0] if len(levels) == 1 else None


def level(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """The spell's own level, not a slot's or a caster's."""
    levels = [f for f in figs if f.kind == "level"]
    slots = [f for f in figs if f.kind == "slot"]
    has_dice = any(f.kind == "dice" for f in figs)
    if (
        search(
            r"#+(?:'s)? (?:is|isn't|was|remains|counts as)(?: not| an?| just| only| still| actually| really)* (?:\w+ )?cantrip|\bcantrip #|#+,? (?:an? )?(?:\w+ )?cantrip\b|[:,(] ?(?:an? )?(?:\w+ )?cantrip\b",
            text,
        )
        and not levels
        and not slots
        and not has_dice
    ):
        found = search(r"\bcantrip", text)
        yield Fact({"level": 0}, bool(found and denied(text, found.start(), found.end())))
    if (
        len(levels) == 1
        and not slots
        and not search(
            r"\b(?:character|caster|class|player|wizards?|sorcerers?|clerics?|druids?|bards?|warlocks?|paladins?|rangers?|learn|unlock|available at|get (?:it|this) at|higher|up to|below|above|lower|spells? of|any spell|another spell|spell slot|requires level|exhaustion|slots?|\d+ levels?|party)\b(?! (?:spell|list|cantrip))",
            text,
        )
    ):
        figure = levels[0]
        at = search(
            r"\b(?:at|upcast\w*|to|when|from)\W*(?:level|lvl)?\W*$", text[max(figure.start - 14, 0) : figure.start]
        )
        if (
            not (has_dice and at)
            and not search(r"\b(?:from|since)\W*(?:level|lvl)?\W*$", text[max(figure.start - 14, 0) : figure.start])
            and not search(r"\bupcast", text)
            and figure.whole <= 9
            and not match(r"\W*(?:or|and) (?:higher|above|up)", text[figure.end :])
        ):
            yield Fact({"level": figure.whole}, denied(text, figure.start, figure.end), (figure,))
    elif len(slots) == 1 and not levels and not has_dice:
        figure = slots[0]
        if search(
            r"\b(?:at least|minimum|lowest|needs?|requires?|costs?|takes?|burns?|eats|uses(?: up)?|spends?|comes? online|is (?:only |just )?an?)\b",
            text[: figure.start],
        ) and not search(r"\bhigher|\bupcast|\btarget|\bcreature|\bhumanoid|= ?up to", text):
            yield Fact({"level": figure.whole}, denied(text, figure.start, figure.end), (figure,))
