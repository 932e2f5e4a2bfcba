"""Sentences about calculations and class tables, read into `calc` and class claims."""

import re
from collections.abc import Iterator
from typing import Any

from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.prose import sentences
from truth_blocks.dnd5e.reading import Reading
from truth_blocks.dnd5e.vocabulary import (
    ANY_CLASS,
    DICE,
    NUM,
    ORDINAL,
    SHORT_ABILITY,
    Pattern,
    number_of,
    plain_dice,
    rank_of,
)

_LEVEL = r"(?:level[- ](\d+)|(\d+)(?:st|nd|rd|th)[- ](?:character )?level)"
_TO = r"(?:is|of|becomes|equals|gives|gets|have|has|at|to|be|was|comes to|works out (?:to|at|as)|=|:)"
_LEFT = (
    r"(?:left with|has|have|drops? to|at|leav(?:es|ing)(?: \w+)?(?: with| at)?|remaining|down to|ends? (?:up )?(?:with|at|on)"
    r"|falls? to|keeps?|is on|goes to|reduced to|remains at|stands at)"
)
_AGAINST = r"(?:ac|armou?r class)(?: of| is)? (\d+)"
_SLOT_OF = [
    re.compile(rf"\b({NUM}|no|a single|an?) ({ORDINAL})[- ]level (?:spell )?slots?"),
    re.compile(
        rf"\b({NUM}|no|a single|an?) (?:spell )?slots? (?:of|at|for) (?:the )?(?:spell )?(?:level )?({ORDINAL}|\d)\b(?:[- ]level)?"
    ),
    re.compile(rf"\b({NUM}|no|a single|an?) level[- ](\d) (?:spell )?slots?"),
]
_SLOTS_ARE = re.compile(
    rf"\b(?:({ORDINAL})[- ]level|level[- ](\d)) (?:spell )?slots?\b[^.;]{{0,50}}?\b(?:is|are|number|numbers|:|total) ({NUM})\b"
)
_CLASS = re.compile(rf"\b({ANY_CLASS})s?\b")
_AT_LEVEL = re.compile(rf"{_LEVEL}(?! (?:spell )?slot| spells?\b)")
_GAINS = re.compile(r"\b(?:gain|get|learn|receive|acquire|unlock|obtain|come|pick|feature|have|has|starts?|grant|earn)")
_NOT = re.compile(r"\b(?:not|cannot|can't|isn't|doesn't|never|won't)\b")


def _calc(operation: str, **values: Any) -> dict[str, Any]:
    return {"type": "calc", "op": operation, **values}


def _attack(m: re.Match[str]) -> dict[str, Any]:
    hit = re.match(r"(?:would )?(?:not )?(?:hit|connect|land|succe)", m[4]) is not None and "not" not in m[4]
    return _calc("attack_vs_ac", d20=int(m[1]), bonus=int(m[2]), ac=int(m[3]), hit=hit)


def _taken(m: re.Match[str]) -> dict[str, Any]:
    return _calc("hp_after", hp=int(m[1]), damage=int(m[2]), modifier=m[3] or "none", value=int(m[4]))


def _pair(first: str, second: str, name_first: str, name_second: str, operation: str) -> list[tuple[str, Any]]:
    """Two figures in either order."""
    return [
        (
            rf"{first}[^.;]{{0,60}}?{second}",
            lambda m: _calc(operation, **{name_first: number_of(m[1]), name_second: number_of(m[2])}),
        ),
        (
            rf"{second}[^.;]{{0,60}}?{first}",
            lambda m: _calc(operation, **{name_second: number_of(m[1]), name_first: number_of(m[2])}),
        ),
    ]


_DAMAGE = r"\b(\d+)(?: points? of)?(?: \w+)? damage\b"
_DC = rf"\bdc\b(?: {_TO}| {_TO} an?)? (?:a )?(?:dc )?({NUM})\b"
_WITH = r"prof(?:iciency)?(?: bonus)?(?: of| is|:)? \+?(\d+)\b"
_MOD = r"(?:modifier|mod)(?: of| is|:)? \+?(\d+)\b"

PATTERNS: list[Pattern] = [(re.compile(text), make) for text, make in (
    (rf"{_DAMAGE}(?=.{{0,120}}concentration).{{0,90}}?{_DC}", lambda m: _calc("concentration_dc", damage=int(m[1]), value=number_of(m[2]))),
    (rf"concentration\b.{{0,60}}?{_DC}.{{0,60}}?{_DAMAGE}", lambda m: _calc("concentration_dc", value=number_of(m[1]), damage=int(m[2]))),
    (rf"concentration\b.{{0,60}}?{_DAMAGE}.{{0,60}}?(?:is|of|dc|a|needs|:) (?:a )?(?:dc )?({NUM})\b",
     lambda m: _calc("concentration_dc", damage=int(m[1]), value=number_of(m[2]))),
    (rf"{_DC}(?=.{{0,60}}concentration).{{0,90}}?{_DAMAGE}", lambda m: _calc("concentration_dc", value=number_of(m[1]), damage=int(m[2]))),
    (rf"proficiency bonus\b[^.]{{0,50}}?\b{_LEVEL}\b[^.]{{0,50}}?\b{_TO} \+?({NUM})\b",
     lambda m: _calc("prof_bonus", level=int(m[1] or m[2]), value=number_of(m[3]))),
    (rf"\b{_LEVEL}\b[^.]{{0,60}}?prof(?:iciency)?(?: bonus)? {_TO} \+?({NUM})\b",
     lambda m: _calc("prof_bonus", level=int(m[1] or m[2]), value=number_of(m[3]))),
    (rf"\b{_LEVEL}\b[^.+]{{0,50}}?\+(\d) prof", lambda m: _calc("prof_bonus", level=int(m[1] or m[2]), value=int(m[3]))),
    (rf"\+({NUM})[^.]{{0,30}}?(?:proficiency bonus|prof\b)[^.]{{0,30}}?\b{_LEVEL}\b",
     lambda m: _calc("prof_bonus", value=number_of(m[1]), level=int(m[2] or m[3]))),
    (rf"\bproficiency bonus {_TO}(?: a)? \+?(\d)\b[^.]{{0,20}}?\b(?:at|for)(?: an?)? {_LEVEL}\b",
     lambda m: _calc("prof_bonus", value=int(m[1]), level=int(m[2] or m[3]))),
    (r"\b(?:roll(?:ing|s|ed)?|result|total)? ?(?:of )?(?:an? )?\b(\d+)\b on (?:an?|the|your|their|its)? ?death sav\w+(?: throw)?"
     r"(?: roll| check)?.{0,20}?\b(succe|fail)", lambda m: _calc("death_save", d20=int(m[1]), success=m[2] == "succe")),
    (r"\bdeath sav(?:e|ing throw)s?(?: roll| result)?(?: of| with| that shows| at|:| total)? (?:an? )?(\d+)\b.{0,20}?\b(succe|fail)",
     lambda m: _calc("death_save", d20=int(m[1]), success=m[2] == "succe")),
    (rf"\b({DICE}) can(?:not|'t)? (?:ever )?(?:roll|total|give|result in|be|deal|come to|produce|yield|add up to|reach|show)(?: as (?:high|low) as)?"
     r" (?:a |an )?(?:total of )?(\d+)\b", lambda m: _calc("roll_bounds", expr=m[1], total=int(m[2]))),
    (rf"\b({DICE}) (?:ranges|rolls|goes|gives|results|totals|is|produces)(?: anything| a total| totals| values?)? (?:from |between )(-?\d+) (?:to|and) (\d+)",
     lambda m: _calc("roll_bounds", expr=m[1], min=int(m[2]), max=int(m[3]))),
    (rf"\b(?:maximum|max|highest|greatest|most|largest|top)\b[^.;\d]{{0,40}}?({DICE})[^.;\d]{{0,30}}?\b(?:is|:|=|equals) (\d+)",
     lambda m: _calc("roll_bounds", expr=m[1], max=int(m[2]))),
    (rf"\b(?:minimum|min|lowest|least|smallest)\b[^.;\d]{{0,40}}?({DICE})[^.;\d]{{0,30}}?\b(?:is|:|=|equals) (\d+)",
     lambda m: _calc("roll_bounds", expr=m[1], min=int(m[2]))),
    (rf"\b({DICE})[^.;\d]{{0,30}}?\b(?:at most|maximum of|max of|no more than|maximum is|highest is) (?:a )?(\d+)",
     lambda m: _calc("roll_bounds", expr=m[1], max=int(m[2]))),
    (rf"\b({DICE})[^.;\d]{{0,30}}?\b(?:at least|minimum of|min of|minimum is) (?:a )?(\d+)",
     lambda m: _calc("roll_bounds", expr=m[1], min=int(m[2]))),
    (rf"\b(?:average|mean)\b[^.;\d]{{0,30}}?({DICE})[^.;\d]{{0,20}}?\b(?:is|:|=|equals) (\d+(?:\.\d+)?)\b",
     lambda m: _calc("average", expr=m[1], value=float(m[2]))),
    (rf"\b({DICE})[^.;\d]{{0,20}}?\b(?:averages?|average of|mean of)(?: out)?(?: to| of| at)? (\d+(?:\.\d+)?)\b",
     lambda m: _calc("average", expr=m[1], value=float(m[2]))),
    (rf"\b(?:roll(?:ing|s|ed)?|natural|nat|d20(?: roll| shows| result)?)(?: of| is|:)? (?:an? )?(\d+)\b.{{0,50}}?\+ ?(\d+)\b.{{0,60}}?\b{_AGAINST}\b"
     r".{0,60}?\b((?:would |does |will )?(?:not )?(?:hit|miss|connect|land|fail|succeed)\w*)", _attack),
    (r"\bnat(?:ural)? (1|20)\b[^.;]{0,40}?\b(hits|misses|always hits|always misses|is (?:always |an automatic )?(?:a )?(?:hit|miss))",
     lambda m: _calc("natural", d20=int(m[1]), bonus=0, ac=10, hit="hit" in m[2])),
    (rf"{_WITH}.{{0,60}}?{_MOD}.{{0,60}}?\b(?:save )?dc(?: {_TO})? (\d+)",
     lambda m: _calc("spell_save_dc", prof=int(m[1]), mod=int(m[2]), value=int(m[3]))),
    (rf"{_MOD}.{{0,60}}?{_WITH}.{{0,60}}?\b(?:save )?dc(?: {_TO})? (\d+)",
     lambda m: _calc("spell_save_dc", mod=int(m[1]), prof=int(m[2]), value=int(m[3]))),
    (rf"\bsave dc(?: {_TO})? (\d+).{{0,60}}?{_WITH}.{{0,60}}?{_MOD}",
     lambda m: _calc("spell_save_dc", value=int(m[1]), prof=int(m[2]), mod=int(m[3]))),
    (rf"{_WITH}.{{0,60}}?{_MOD}.{{0,60}}?\bspell attack(?: bonus| modifier| roll)?(?: {_TO})? \+?(\d+)",
     lambda m: _calc("spell_attack", prof=int(m[1]), mod=int(m[2]), value=int(m[3]))),
    (rf"{_MOD}.{{0,60}}?{_WITH}.{{0,60}}?\bspell attack(?: bonus| modifier| roll)?(?: {_TO})? \+?(\d+)",
     lambda m: _calc("spell_attack", mod=int(m[1]), prof=int(m[2]), value=int(m[3]))),
    (rf"\b(\d+) (?:hit points|hp)\b(?: and (\d+) temp\w*(?: hit points| hp)?).{{0,50}}?\b(?:takes?|suffers?|dealt|loses?|for|hit by) (\d+)\b.{{0,50}}?\b{_LEFT} (\d+)\b",
     lambda m: _calc("hp_after", hp=int(m[1]), temp_hp=int(m[2]), damage=int(m[3]), value=int(m[4]))),
    (r"\b(\d+) (?:hit points|hp)\b.{0,50}?\b(?:tak(?:es?|ing)|suffer(?:s|ing)?|dealt|los(?:es?|ing)|for|hit by|sustains?)(?: an?)? (\d+)\b(?=.{0,60}?damage|.{0,20}?,| and)"
     rf"(?:.{{0,50}}?\b(resist|vulnerab|immun)\w*)?.{{0,50}}?\b{_LEFT} (\d+)\b",
     lambda m: _calc("hp_after", hp=int(m[1]), damage=int(m[2]), value=int(m[4]),
                     modifier={"resist": "resistance", "vulnerab": "vulnerability", "immun": "immunity"}.get(m[3] or "", "none"))),
    (r"\bresistan(?:ce|t)\b[^.;]{0,60}?\b(\d+)(?: points of)?(?: \w+)? damage\b[^.;\d]{0,40}?\b(?:to|is|becomes|takes?|only|as|into) (?:only )?(\d+)\b",
     lambda m: _calc("resistance", damage=int(m[1]), value=int(m[2]))),
    (r"\bvulnerab(?:le|ility)\b[^.;]{0,60}?\b(\d+)(?: points of)?(?: \w+)? damage\b[^.;\d]{0,40}?\b(?:to|is|becomes|takes?|as|into) (\d+)\b",
     lambda m: _calc("vulnerability", damage=int(m[1]), value=int(m[2]))),
    (rf"\b{_AGAINST}\b.{{0,50}}?\b(half|three-quarters|three quarters|3/4) cover\b.{{0,50}}?\b(\d+)\b",
     lambda m: _calc("cover", ac=int(m[1]), cover=m[2], value=int(m[3]))),
    (rf"\b(half|three-quarters|three quarters|3/4) cover\b.{{0,50}}?\b{_AGAINST}\b.{{0,40}}?\b(?:to|is|becomes|of|as) (?:an? )?(?:effective )?(?:ac )?(\d+)\b",
     lambda m: _calc("cover", cover=m[1], ac=int(m[2]), value=int(m[3]))),
    (r"\b(half|three-quarters|three quarters|3/4) cover\b[^.;\d]{0,40}?\+(\d)\b(?=.{0,30}\b(?:ac|armou?r class)\b)",
     lambda m: _calc("cover", cover=m[1], bonus=int(m[2]))),
    (rf"\bcrit\w*(?: hit)?\b.{{0,50}}?\b({DICE})\b.{{0,50}}?\b(?:becomes?|is|rolls?|to|into|turns into|deals?|means) ({DICE})",
     lambda m: _calc("crit_dice", base=plain_dice(m[1]), crit=plain_dice(m[2]))),
    (rf"\b({DICE})\b[^.;]{{0,30}}?\b(?:becomes?|rolls?|is|to|into|deals?) ({DICE})\b[^.;]{{0,20}}?\bcrit",
     lambda m: _calc("crit_dice", base=plain_dice(m[1]), crit=plain_dice(m[2]))),
    (rf"\b(?:score|{SHORT_ABILITY})(?: score)? (?:of |is |at |: ?)?(\d+)\b[^.;\d]{{0,40}}?\bmod(?:ifier)?\b(?: {_TO})? ?([+-]?\d+)",
     lambda m: _calc("ability_modifier", score=int(m[1]), value=int(m[2]))),
    (rf"\b(?:score|{SHORT_ABILITY})(?: score)? (?:of |is |at |: ?)?(\d+)\b[^.;\d]{{0,40}}?([+-]\d+) (?:ability )?mod(?:ifier)?",
     lambda m: _calc("ability_modifier", score=int(m[1]), value=int(m[2]))),
    (rf"\bmodifier (?:for|of) an?(?: \w+)? (?:score of )?(\d+)\b[^.;\d]{{0,15}}?(?:{_TO}) ([+-]?\d+)",
     lambda m: _calc("ability_modifier", score=int(m[1]), value=int(m[2]))),
    (r"\b(\d+)[- ](?:foot|feet|ft)\.? (?:fall|drop)\b[^.;]{0,40}?\b(\d+d\d+)", lambda m: _calc("fall_damage", feet=int(m[1]), value=m[2])),
    (r"\b(?:fall(?:s|ing)?|drop(?:s|ping)?)(?: from| of| for| a distance of| down)? (\d+) (?:feet|foot|ft)[^.;]{0,40}?\b(\d+d\d+)",
     lambda m: _calc("fall_damage", feet=int(m[1]), value=m[2])),
    (r"\b(dis)?advantage\b[^.;]{0,40}?\b(\d+) and (?:an? )?(\d+)\b[^.;]{0,30}?\b(?:uses?|keeps?|takes?|counts?|result is|gives?|becomes|is|means)"
     r"(?: an?| the)? (\d+)", lambda m: _calc("advantage", rolls=[int(m[2]), int(m[3])], mode=f"{m[1] or ''}advantage", used=int(m[4]))),
    (r"\bcr (\d+(?:/\d)?)(?: creature| monster)s?\b[^.;\d]{0,40}?\b(\d[\d,]*) (?:xp|experience)",
     lambda m: _calc("xp_for_cr", cr=m[1], value=number_of(m[2]))),
    (r"\b(?:reach(?:es|ing)?|requires?|needs?|for|at|to be) level (\d+)\b[^.;\d]{0,40}?\b(\d[\d,]*) (?:xp|experience)",
     lambda m: _calc("level_xp", level=int(m[1]), value=number_of(m[2]))),
    (r"\blevel (\d+) (?:requires?|needs?|takes|begins at|starts at|is reached (?:at|with)) (\d[\d,]*) (?:xp|experience)",
     lambda m: _calc("level_xp", level=int(m[1]), value=number_of(m[2]))),
    (r"\b(\d[\d,]*) (?:xp|experience points?)\b[^.;\d]{0,40}?\b(?:reach|for|makes?|is|be|attain) level (\d+)",
     lambda m: _calc("level_xp", value=number_of(m[1]), level=int(m[2]))),
    (r"\b(?:carry(?:ing capacity)?)\b[^.;\d]{0,40}?\b(?:strength|str)(?: score)?(?: of| is)? (\d+)\b[^.;\d]{0,30}?\b(\d+) (?:pounds|lb)",
     lambda m: _calc("carrying", strength=int(m[1]), value=int(m[2]))),
    (r"\b(?:strength|str)(?: score)?(?: of| is)? (\d+)\b[^.;\d]{0,40}?\bcarr\w+[^.;\d]{0,30}?\b(\d+) (?:pounds|lb)",
     lambda m: _calc("carrying", strength=int(m[1]), value=int(m[2]))),
)]  # fmt: skip


def calculations_in(text: str, facts: Facts | None = None, edition: str = "5.2") -> Iterator[Reading]:
    """Calculations a text states; a sentence gives one claim at most. With ``facts`` class tables are read too."""
    for sentence in sentences(text[:20_000]):
        if sentence.endswith("?"):
            continue
        lowered = sentence[:500].lower().replace("−", "-")
        claim = class_claim(lowered, facts, edition) if facts is not None else None
        if claim is not None:
            yield Reading(claim, _NOT.search(lowered) is not None, sentence)
            continue
        for pattern, make in PATTERNS:
            match = pattern.search(lowered)
            if match is not None:
                denied = _NOT.search(match[0]) is not None and not re.search(r"\bnot (?:hit|connect|land)", match[0])
                yield Reading(make(match), denied, sentence)
                break


def class_claim(lowered: str, facts: Facts, edition: str) -> dict[str, Any] | None:
    """Slots, features and columns of a class at a level; None where a sentence says nothing of the kind."""
    named = {found[1] for found in _CLASS.finditer(lowered)}
    if len(named) != 1:
        return None
    name = named.pop()
    base: dict[str, Any] = {"type": "fact", "class": name}
    slot, rest = _slot_named(lowered)
    levels = {int(found[1] or found[2]) for found in _AT_LEVEL.finditer(rest)}
    if len(levels) != 1:
        return None
    level = levels.pop()
    if slot:
        return {**base, "level": level, **slot}
    row = facts.row("class", edition, name)
    if row is None or _GAINS.search(lowered) is None:
        return None
    words = f" {key_of(rest)} "
    features = [feature for feature in row["features"] if f" {feature} " in words]
    column = _column_named(row["columns"], rest)
    if column:
        return {**base, "level": level, **column}
    longest = max(features, key=len, default=None)
    gains = re.search(r"\b(?:gain|get|learn|receive|acquire|unlock|obtain|comes?|pick)", lowered)
    again = re.search(
        r"\b(?:back|uses?|times|regains?|recovers?|grows?|increases?|expands?|extends?)\b", lowered
    )  # how often, not at which level
    return {**base, "feature": longest, "level": level} if longest and gains and not again else None


_SPENDS = r"\b(?:with|using|uses?|from|out of|into|spend\w*|burn\w*|expend\w*|costs?|needs?|via|takes?|in|for|by|as) $"


def _slot_named(lowered: str) -> tuple[dict[str, int], str]:
    """Slot level and count, and the sentence without them."""
    for pattern in _SLOT_OF:
        found = pattern.search(lowered)
        if found is not None:
            if found[1] in ("a", "an") and re.search(_SPENDS, lowered[: found.start(1)]):
                return {}, lowered  # one of its slots is used, which counts none
            count = {"no": 0, "a": 1, "an": 1, "a single": 1}.get(found[1])
            slot = {"slot_level": rank_of(found[2]), "count": number_of(found[1]) if count is None else count}
            return slot, lowered[: found.start()] + " ; " + lowered[found.end() :]
    found = _SLOTS_ARE.search(lowered)
    if found is None:
        return {}, lowered
    slot = {"slot_level": rank_of(found[1] or found[2]), "count": number_of(found[3])}
    return slot, lowered[: found.start()] + " ; " + lowered[found.end() :]


def _column_named(columns: dict[str, list[Any]], rest: str) -> dict[str, Any] | None:
    """A column of the class table with the figure beside its name: ``sneak attack deals 3d6``, ``3 cantrips``."""
    for column in columns:
        plain = column.removesuffix("_ft").replace("_", " ")
        found = re.search(rf"\b({DICE}|\d+) {plain}\b|\b{plain}\b[^.;\d]{{0,30}}?\b({DICE}|\d+)\b", rest)
        if found is not None and not re.search(r"\blevel[- ]$", rest[: found.start(found.lastindex or 0)]):
            figure = found[1] or found[2]
            same_kind = ("d" in figure) == ("d" in str(columns[column][-1]) and "@" not in figure)
            if same_kind and not rest[found.end(found.lastindex or 0) :].startswith(("st", "nd", "rd", "th")):
                return {column: figure}
    return None
