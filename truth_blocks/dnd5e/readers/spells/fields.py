"""What a sentence says of a spell, read from the values in it: a school is a school, 60 feet a range, 8d6 its damage."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import finditer, match, search, sub
from truth_blocks.dnd5e.readers.spells.figures import damage, level
from truth_blocks.dnd5e.readers.stated import Fact, denied
from truth_blocks.dnd5e.vocabulary import SCHOOL, SHORT_ABILITY

_AREA = re.compile(
    r"^[- ]*(?:feet|foot|ft\.?|')?[- ]*(?:long |wide |tall |high )?(?:radius|cone|cube|sphere|line|cylinder|emanation|square|wide|high|tall|thick|deep|long|across|diameter)"
)
_OTHER_FEET = re.compile(
    r"\bboom\w*|\baudible|\bheard|\bsound|\b(?:speed|slow|reduc|moves?|move it|push|pull|fl(?:y|ies)|radius|cone|cube|sphere|line|away from (?:each|one)|of (?:each other|it|the point|that|you are)|teleport|cover|fill|affect|area|light|shed|illuminat|creat|wall|push)\w*\b"
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
_PARTS = {"v": r"verbal|vocal", "s": r"somatic", "m": r"material"}
_RITUAL = re.compile(r"\brituals?\b(?! (?:book|caster|casting (?:feature|rules)))")
_SCHOOLS = {"abjur": "abjuration", "conjur": "conjuration", "divin": "divination", "enchant": "enchantment", "evo": "evocation",
            "illus": "illusion", "necro": "necromancy", "transmut": "transmutation"}  # fmt: skip
_SPEAKS_OF_SAVE = re.compile(
    r"\bsav(?:e|es|ed|ing)\b|\bthrow\b|\bresists? (?:it )?with\b|\brolls? (?:str|dex|con|int|wis|cha)\w* (?:to (?:shake|end|resist|break|throw|avoid|escape|get)|or (?:be|get|take))\b"
)


def spell(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """The fields of a spell that a plain sentence states; the spell's name is masked."""
    yield from _school(text)
    yield from _flags(text)
    yield from _save(text, row)
    yield from _components(text)
    yield from _times(text, figs)
    if row["range_ft"] or search(r"\brange|\bfar\b|\bdistan|\bout to\b|\bwithin\b|\baway\b|\breach", text):
        yield from _range(text, figs)  # feet beside a spell on oneself are seldom its range
    yield from damage(text, figs, row)
    yield from level(text, figs, row)


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
    if found and not search(
        r"\bwho(?:ever)? $|\b(?:break|lose|losing|end|maintain|keep)\w*\b[^.;,]{0,14}$", text[: found.start()]
    ):
        no = (
            denied(text, found.start(), found.end(), after=True)
            or match(r"(?: required| needed)?: ?(?:no|none)\b", text[found.end() :]) is not None
            or search(r"\b(?:free|able|lets you|allows you) to $", text[: found.start()]) is not None
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
    if named[0][1][:3] == "con" and search(r"\bconcentrat", text):
        return  # the save that keeps a spell up
    yield Fact({"save": named[0][1]}, denied(text, named[0].start(), named[0].end()))


def _components(text: str) -> Iterator[Fact]:
    if search(
        r"\bcasts? (?:it |this |the spell |#+ )?without|\byou can(?:not|'t)? cast|\bsuch as\b"
        r"|\bmaterial plane|\braw material|\bmaterials\b(?! components?)|\binnate|\bexpend",
        text,
    ):
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
        if has and (len(has) + len(lacks) == 3 or (listed and not lacks)):
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
        letters = search(r"(?<![a-z'])((?:[vsm])(?:\s*(?:,|/|&|,? and |\+)\s*[vsm]){1,2})(?![a-z'])()", text) or search(
            r"\bcomponents?\b()[^.;]{0,18}?(?<![a-z'])([vsm]{1,3})(?![a-z'])", text
        )
        if letters and search(r"\bcomponent|\bneeds?\b|\brequires?\b|\bhas\b|\buses?\b|^\W*#+\W*[:=]", text):
            yield Fact(
                {"components": sub(r"and|[^vsm]", "", letters[1] or letters[2])},
                denied(text, letters.start(), letters.end()),
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
        or (
            match(r"[^.;,]{0,12}\b(?:to cast|spell|cantrip|casting)\b|\W*(?:$|,)", text[found.end() :])
            and len(text.split()) <= 9
        )
    )
    if (
        found
        and near
        and len({each[1] for each in finditer(r"\b(bonus action|reaction|action)s?\b", text)}) == 1
        and not search(r"\bquicken|\bmetamagic|\bdon(?:ning)?\b|\bdoff|\bequip", text)
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
        shaped = match(r"[- ]*(?:feet|foot|ft\.?|')?[- ]*(?:radius|cone|cube|sphere|line)\b", text[figure.end :])
        if figure not in plain and shaped:
            yield Fact({"shape_ft": figure.whole}, denied(text, figure.start, figure.end), (figure,))
    if (
        len(plain) == 1
        and not search(r"\bout of (?:reach|range)\b", text)
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
