"""What a sentence says of a spell, read from the values in it: a school is a school, 60 feet a range, 8d6 its damage."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from truth_blocks.dnd5e.figures import Figure
from truth_blocks.dnd5e.matching import finditer, match, search, split, sub
from truth_blocks.dnd5e.vocabulary import DAMAGE, SCHOOL, SHORT_ABILITY

DENIAL = re.compile(
    r"\b(?:no|not|never|without|neither|nor|cannot|lacks?|lacking|isn't|doesn't|don't|aren't|won't|can't|hasn't|wasn't|didn't|needn't|free of|lost|drops?|dropped|loses?|skips?|sans)\b"
)
_AREA = re.compile(
    r"^[- ]*(?:feet|foot|ft\.?|')?[- ]*(?:long |wide |tall |high )?(?:radius|cone|cube|sphere|line|cylinder|emanation|square|wide|high|tall|thick|deep|long|across|diameter)"
)
_OTHER_FEET = re.compile(
    r"\b(?:speed|moves?|move it|push|pull|fl(?:y|ies)|radius|cone|cube|sphere|line|away from (?:each|one)|of (?:each other|it|the point|that|you are)|teleport|cover|fill|affect|area|light|shed|illuminat|creat|wall|push)\w*\b"
)
_FAR = re.compile(
    r"\brange|\breach|\bfar\b|\bfarther|\bdistan|\baway\b|\bout to\b|\bwithin\b|\bcast (?:it |this )?(?:at|from|on|up)\b"
    r"|\bup to \d+ ?-?(?:f|mile)|\bmaximum\b|\boutrange|\bhits? (?:a |something |someone )?(?:at|from)\b"
)
_CAST = re.compile(
    r"\bcast|\btoss|\bcasting time|\bto fire off|\bpop\b|\bthrow (?:it|out)|\btakes? (?:an? |1 |only )|\bcosts? (?:an? |your )|\busing (?:an? |your )"
)
_LASTS = re.compile(
    r"\blast|\bduration|\bgoes for|\btops\b|\bpersist|\bremains?|\bstays?|\bruns for|\bup to|\bholds? for|\bkeeps? (?:going|up)|\bmaximum\b|\bends after|\bfor \d|\bgood for"
)
_STRETCH = re.compile(
    r"\b(?:each|every|per|extra|additional|another (?:\d|ray|dart|target|creature)|more|1 (?:dart|ray|beam|missile)|crit\w*|average|max\w*|min\w*|half|double|twice|halved|total|bonus|increases?|increased|heal\w*|hit points|temp\w*|at the (?:start|end) of|on (?:a )?(?:success\w*|miss)|initial|later|subsequent|split|plus)\b"
)
_PARTS = {"v": r"verbal|vocal", "s": r"somatic", "m": r"material"}
_RITUAL = re.compile(r"\brituals?\b(?! (?:book|caster|casting (?:feature|rules)))")
_SCHOOLS = {"abjur": "abjuration", "conjur": "conjuration", "divin": "divination", "enchant": "enchantment", "evo": "evocation",
            "illus": "illusion", "necro": "necromancy", "transmut": "transmutation"}  # fmt: skip
_SPEAKS_OF_SAVE = re.compile(r"\bsav(?:e|es|ed|ing)\b|\bthrow\b|\bresists? (?:it )?with\b")


class Fact(msgspec.Struct, frozen=True):
    """A field with the value a sentence gives it."""

    claim: dict[str, Any]
    denied: bool = False
    figures: tuple[Figure, ...] = ()


def denied(text: str, start: int, end: int, after: bool = False) -> bool:
    """Whether a *no* or *not* stands in the same clause shortly before a place (or with ``after`` behind it)."""
    before = split(r"[.;:,]|\b(?:but|and|yet|while|though|since|because)\b", text[max(start - 60, 0) : start])[-1]
    if DENIAL.search(before[-34:]):
        return True
    return (
        after
        and match(r"\W*(?:\w+ ){0,3}?(?:not|n't|no\b|isn't|unnecessary|unneeded|never)", text[end : end + 30])
        is not None
    )


def spell(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """The fields of a spell that a plain sentence states; the spell's name is masked."""
    yield from _school(text)
    yield from _flags(text)
    yield from _save(text, row)
    yield from _components(text)
    yield from _times(text, figs)
    yield from _range(text, figs)
    yield from _dice(text, figs, row)
    yield from _level(text, figs, row)


def _school(text: str) -> Iterator[Fact]:
    if search(r"\bschools?\b.*\b(?:same|different)|\b(?:same|different) schools?\b", text):
        return
    for found in finditer(
        rf"\b(?:({SCHOOL})|(abjur|conjur|divin|enchant|evo|illus|necro|transmut)\w*(?= (?:spell|cantrip|magic|school|effect)))\b",
        text,
    ):
        name = found[1] or _SCHOOLS[found[2]]
        yield Fact({"school": name}, denied(text, found.start(), found.end()))


def _flags(text: str) -> Iterator[Fact]:
    found = search(r"\bconcentrat(?:ion|e|es|ing)\b(?! (?:check|sav|dc|rule))", text)
    if found and not search(r"\b(?:break|lose|losing|end|maintain|keep)\w*\b[^.;,]{0,14}$", text[: found.start()]):
        no = (
            denied(text, found.start(), found.end(), after=True)
            or match(r"(?: required| needed)?: ?(?:no|none)\b", text[found.end() :]) is not None
        )
        yield Fact({"concentration": not no})
    found = _RITUAL.search(text)
    if found and search(
        r"\britual (?:tag|spell|version)|\bas a ritual|\bis (?:not )?a ritual|\britual(?:ly)? cast|\britual: (?:yes|no)|\bisn't a ritual|\brituals?\b(?: too| as well)?\W*$|\bhas (?:the )?ritual|\bno ritual",
        text,
    ):
        no = (
            any(denied(text, each.start(), each.end(), after=True) for each in _RITUAL.finditer(text))
            or "ritual: no" in text
        )
        yield Fact({"ritual": not no})


def _save(text: str, row: Mapping[str, Any]) -> Iterator[Fact]:
    if not _SPEAKS_OF_SAVE.search(text) or row["save"] is None:
        return
    named = list(finditer(rf"\b({SHORT_ABILITY})\b(?! (?:mod|score|check|bonus))", text))
    if len({found[1][:3] for found in named}) != 1 or search(
        r"\bsav\w*[^.,;]{0,20}\bdc\b|\bspell save dc|\bsav\w+ throws? (?:of|with) advantage|\b(?:dis)?advantage on\b|bonus to",
        text,
    ):
        return
    yield Fact({"save": named[0][1]}, denied(text, named[0].start(), named[0].end()))


def _components(text: str) -> Iterator[Fact]:
    if search(r"\bcasts? (?:it |this |the spell |#+ )?without|\byou can(?:not|'t)? cast|\bsuch as\b", text):
        return
    has: set[str] = set()
    lacks: set[str] = set()
    for letter, words in _PARTS.items():
        for found in finditer(rf"\b(?:{words})\b", text):
            direct = search(
                r"\b(?:no|without|not|nor|neither|lacks?|minus|but no)(?: an?| any| the| have| need| require| use)*\s*$|n't (?:\w+ ){0,2}$|\bno (?:\w+,? (?:or|and|nor) )$",
                text[: found.start()],
            )
            behind = match(
                r"(?: components?)?,? (?:is|are|being) (?:\w+ )?(?:absent|missing|not|unnecessary|lacking)|(?: components?)? (?:isn't|aren't)",
                text[found.end() :],
            )
            (lacks if direct or behind else has).add(letter)
    if has & lacks:
        return
    if len(has) + len(lacks) >= 2:
        listed = search(
            r"\b(?:verbal|vocal|somatic|material)(?:,? and|,| &|/) ?(?:a |an )?(?:verbal|vocal|somatic|material)\b",
            text,
        )
        if has and (len(has) + len(lacks) == 3 or listed and not lacks):
            yield Fact({"components": "".join(sorted(has))})
        else:
            for letter in sorted(has):
                yield Fact({"component": letter})
            for letter in sorted(lacks):
                yield Fact({"component": letter}, denied=True)
        return
    for letter in has:
        alone = search(rf"\b(?:only|just|nothing but|solely)\b[^.,;]{{0,20}}\b(?:{_PARTS[letter]})", text) is not None
        yield Fact({"components": letter} if alone else {"component": letter})
    for letter in lacks:
        yield Fact({"component": letter}, denied=True)
    if not has and not lacks:
        found = search(r"(?<![a-z'])((?:[vsm])(?:\s*(?:,|/|&|,? and |\+)\s*[vsm]){1,2})(?![a-z'])()", text) or search(
            r"\bcomponents?\b()[^.;]{0,18}?(?<![a-z'])([vsm]{1,3})(?![a-z'])", text
        )
        if found and search(r"\bcomponent|\bneeds?\b|\brequires?\b|\bhas\b|\buses?\b|^\W*#+\W*[:=]", text):
            yield Fact(
                {"components": sub(r"and|[^vsm]", "", found[1] or found[2])}, denied(text, found.start(), found.end())
            )


def _times(text: str, figs: Sequence[Figure]) -> Iterator[Fact]:
    """Casting times and durations."""
    times = [figure for figure in figs if figure.kind == "time" and not search(r"day|second|turn", str(figure.value))]
    for figure in times:
        shown = _span(str(figure.value))
        before = text[max(figure.start - 45, 0) : figure.start]
        casting = search(r"\bcast(?:s|ing)?\b|\bcasting time\b|\bto cast\b", before) or match(
            r"[^.,;]{0,14}\bto cast", text[figure.end :]
        )
        if casting and not search(r"\blast|\bduration", before):
            yield Fact({"casting_time": shown}, denied(text, figure.start, figure.end), (figure,))
        elif (
            len(times) == 1
            and (_LASTS.search(before) or _LASTS.search(text))
            and not search(
                r"\bat (?:higher|slot)|slot|\britual|\blonger|\bevery|\bonce|\bafter|\bagain\b|\brest\b|\bper\b|\bwait",
                text,
            )
        ):
            yield Fact({"duration": shown}, denied(text, figure.start, figure.end), (figure,))
    found = search(r"\b(bonus action|reaction|action)s?\b", text)
    near = found and (
        _CAST.search(text[max(found.start() - 44, 0) : found.end()])
        or match(r"[^.;,]{0,12}\b(?:to cast|spell|cantrip|casting)\b|\W*(?:$|,)", text[found.end() :])
        and len(text.split()) <= 9
    )
    if (
        found
        and near
        and len({each[1] for each in finditer(r"\b(bonus action|reaction|action)s?\b", text)}) == 1
        and not search(r"\bdon(?:ning)?\b|\bdoff|\bequip", text)
    ):
        later = search(
            r"\b(?:on (?:later|subsequent|each|your (?:later|subsequent|next))|each turn|later turns?|to (?:move|end|repeat|command|dash|escape|try)|after (?:it|casting))\b",
            text,
        )
        if not later:
            yield Fact({"casting_time": found[1]}, denied(text, found.start(), found.end()))
    if search(r"\binstantaneous(?:ly)?\b", text) and search(r"\bduration|\blast|\bis\b|\bare\b", text):
        found = search(r"\binstantaneous", text)
        yield Fact({"duration": "instantaneous"}, bool(found and denied(text, found.start(), found.end())))


def _span(text: str) -> str:
    count, unit = match(r"([\d,.]+)[- ]?([a-z]+)", text).groups()  # type: ignore[union-attr]
    return f"{count} {unit.rstrip('s')}{'s' if count != '1' else ''}"


def _range(text: str, figs: Sequence[Figure]) -> Iterator[Fact]:
    feet = [figure for figure in figs if figure.kind in ("feet", "mile")]
    plain = [figure for figure in feet if not _AREA.match(text[figure.end :])]
    for figure in feet:
        if figure not in plain:
            if match(r"[- ]*(?:feet|foot|ft\.?|')?[- ]*(?:radius|cone|cube|sphere|line)\b", text[figure.end :]):
                yield Fact({"shape_ft": figure.whole}, denied(text, figure.start, figure.end), (figure,))
    if (
        len(plain) == 1
        and (_FAR.search(text) or len(text.split()) <= 14)
        and not _OTHER_FEET.search(text.replace("casting", "")[max(plain[0].start - 25, 0) : plain[0].end + 25])
    ):
        figure = plain[0]
        value = figure.whole * (5_280 if figure.kind == "mile" else 1)
        yield Fact({"range_ft": value}, denied(text, figure.start, figure.end), (figure,))
    if not plain:
        found = search(
            r"\brange(?:d)?\b[^.;,]{0,18}\b(touch|self|sight)\b|\b(touch|self) range\b|[,:=] ?(?:that's |it's )?(touch|self)\b(?=[,.;]|$)",
            text,
        )
        if found:
            yield Fact({"range_ft": found[1] or found[2] or found[3]}, denied(text, found.start(), found.end()))


def _dice(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    dice = [figure for figure in figs if figure.kind == "dice"]
    named = types_said(text)
    if not search(r"\bresist|\bimmun|\bvulnerab", text) and len(named) == 1:
        found = search(rf"\b{next(iter(named))}\b", text)
        yield Fact({"damage_type": next(iter(named))}, bool(found and denied(text, found.start(), found.end())))
    grown = (
        len(dice) == 2
        and search(r"\b(?:increases?|rises?|grows?|goes up|becomes?|changes?) (?:to|from)?", text) is not None
    )
    if (
        not dice
        or not grown
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


def _level(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
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
            r"\b(?:character|caster|class|player|wizard|sorcerer|cleric|druid|bard|warlock|paladin|ranger|learn|unlock|available at|get (?:it|this) at|higher|up to|below|above|lower|\d+ levels?|party)\b(?! (?:spell|list|cantrip))",
            text,
        )
    ):
        figure = levels[0]
        at = search(
            r"\b(?:at|upcast\w*|to|when|from)\W*(?:level|lvl)?\W*$", text[max(figure.start - 14, 0) : figure.start]
        )
        if (
            not (has_dice and at)
            and not search(r"\bupcast", text)
            and figure.whole <= 9
            and not match(r"\W*(?:or|and) (?:higher|above|up)", text[figure.end :])
        ):
            yield Fact({"level": figure.whole}, denied(text, figure.start, figure.end), (figure,))
    elif len(slots) == 1 and not levels and not has_dice:
        figure = slots[0]
        if search(
            r"\b(?:at least|minimum|lowest|needs?|requires?|costs?|takes?)\b", text[: figure.start]
        ) and not search(r"\bhigher|\bupcast|\btarget|\bcreature|\bhumanoid|= ?up to", text):
            yield Fact({"level": figure.whole}, denied(text, figure.start, figure.end), (figure,))
