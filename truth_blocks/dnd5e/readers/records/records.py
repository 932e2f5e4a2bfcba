"""What is said of named things, held against their whole record: every value must be one that the fields spoken of have.

A value that some field in question has, of any of the things named, is never contradicted; one that none of them has is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.matching import finditer, match, search, sub
from truth_blocks.dnd5e.readers.records.values import APART, armor_values, creature_values, item_values, weapon_values
from truth_blocks.dnd5e.readers.records.words import PLACED, Held, said_in_words, word_groups
from truth_blocks.dnd5e.readers.spells.values import spell_values
from truth_blocks.dnd5e.readers.stating import edition_of
from truth_blocks.dnd5e.readers.sums.solving import SITUATION, Given, Scene, prepared, scene
from truth_blocks.dnd5e.readers.things import names_in

_TURNED = (
    r"\b(?:not|never|without|neither|nor|cannot|no|lacks?|false|wrong|lost|dropped|unlike|myth|instead|except|unless|if|used to|would|could|might|may|should"
    r"|minus|every (?:single )?abilit\w*|all (?:six )?abilit\w*|about|around|roughly|nearly|almost|approximately|some|suppose|imagine|homebrew|house[- ]rule\w*|variant|other edition|changed|became|whereas in|more than|less than|at least|at most|over(?= \d)|under(?= \d)|fewer|up from|down from|half|double|twice|resist\w*)\b|n't\b"
)


_HARMLESS = r"\bworth at least\b|\bat least (?=[\d,]+ gp)|\b(?:do not|don't|never|not) (?:use|bother|waste|try|throw)\b|\bno more(?:,)? (?:and )?no less\b|\bnot (?:only|just)\b|\bstudents often forget it,? but\b|\bdon't forget\b|\bdo not forget\b|\bwithout (?:a )?doubt\b|\bno doubt\b|\bno question\b"


_TOGETHER = r"\btogether|\btotal|\bsum\b|\bcombined|\bin all\b|\baltogether|\bboth\b.*\bworth"


_Values = Mapping[str, set[Any]]


Group = tuple[str, tuple[str, ...], Callable[[Mapping[str, Any], Scene, Facts], set[Any] | None]]


def records(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> Held | None:
    """The verdict on what a text says of the things it names; None when that is not plain."""
    edition = edition_of(text, default)
    if edition is None or len(text) > 400:
        return None
    text = prepared(text)
    names = names_in(text, mentions[edition])
    kinds = {m.kind for m in names}
    if "creature" in kinds:
        names = [m for m in names if m.kind == "creature"]
    elif len(kinds) > 1:
        return None
    if not kinds and search(r"\bcosts?\b|\bgp\b|\bgold\b|\bweigh|\bpounds?\b|\blbs?\b", text.lower()):
        names = list(mentions[edition].find(text, ("item",), any_case=True))
    if kinds & {"weapon", "armor"} and search(
        r"\bcosts?\b|\bgp\b|\bgold\b|\bweigh|\bpounds?\b|\blbs?\b|\bprice", text.lower()
    ):
        names = list(mentions[edition].find(text, ("item",), any_case=True))
    if not names or len({m.key for m in names}) > 3:
        return None
    if "creature" in kinds and search(r"\bcr\b|\bchallenge", text.lower()):
        text = sub(r"(?<![\w/])(?:CR |cr )?1/([248])\b", lambda m: f"CR 1/{m[1]}", text)
        names = [m for m in names_in(text, mentions[edition]) if m.kind == "creature"]
    masked = text
    for mention in reversed(names):
        masked = masked[: mention.start] + "#" * (mention.end - mention.start) + masked[mention.end :]
    told = scene(masked, {}, edition, facts)
    rows = _rows(names, facts, edition)
    if not rows:
        return None
    if len(rows) == 1:
        said = said_in_words(names[0].kind, rows[0], told)
        if said is not None:
            return msgspec.structs.replace(said, name=names[0].name)
    if (
        search(_TURNED, sub(_HARMLESS, " ", told.text))
        or (told.figs and told.has(SITUATION))
        or (told.has(PLACED) and not told.has(r"\brange of|\branges? (?:is|are)\b"))
    ):
        return None
    return _held(names[0].kind, names, rows, told)


_LIMBS = r" (?:heads?|arms?|legs?|eyes?|tails?|tentacles?|wings?|mouths?)\b"
"""What a number in front counts that is no field."""


def _rows(names: Sequence[Mention], facts: Facts, edition: str) -> list[Mapping[str, Any]]:
    found = {m.key: facts.row(m.kind, edition, m.key) for m in names}
    return [row for row in found.values() if row] if all(found.values()) else []


def _held(kind: str, names: Sequence[Mention], rows: Sequence[Mapping[str, Any]], told: Scene) -> Held | None:
    right: Held | None = None
    wrong: Held | None = None
    open_ = False
    for figure_kinds, values, sets in _figure_groups(kind, rows, told):
        figs = [_with_unit(f) for f in told.figs if f.kind in figure_kinds and not match(_LIMBS, told.text[f.end :])]
        if values is None and figs and not all(f.value == 1 and f.kind == "number" for f in figs):
            open_ = True
            continue
        allowed = values or set()
        if not figs or all(f.value == 1 and f.kind == "number" for f in figs):
            continue
        if len(rows) == 1 and told.has(r"\bformer\b|\blatter\b|\bcompared?\b|\bbetween\b|\bwhereas\b"):
            return None
        if (
            len(rows) == 2
            and told.has(r"\bdifference|\bdiffer|\bby \d")
            and len(figs) == 1
            and figs[0].start == told.figs[-1].start
            and len(told.figs) != 2
        ):
            allowed = _apart(sets)
        left = [f.value for f in figs if not _among(f, allowed) and not (f.value == 1 and f.kind == "number")]
        if (
            not left
            and len(figs) == len(sets) == 2
            and None not in sets
            and not told.has(rf"{_TOGETHER}|{APART}")
            and _in_turn(names, figs, told)
        ):
            left = [f.value for f, values in zip(figs, sets, strict=True) if not _among(f, values or set())]
        if left:
            wrong = wrong or Held(False, names[0].name, figure_kinds[0], ", ".join(sorted(map(_shown, allowed))[:6]))
        else:
            right = right or Held(True, names[0].name, figure_kinds[0], "")
    known = {kind for kinds in _COVERED[kind] for kind in kinds}
    if open_ or any(f.kind not in known for f in told.figs):
        wrong = right = None
    for name, said, allowed_words in word_groups(kind, rows, told):
        if told.has(r"\bformer\b|\blatter\b|\bonly (?:the|one)\b"):
            return wrong or (None if open_ else right)
        if said - allowed_words:
            wrong = wrong or Held(False, names[0].name, name, ", ".join(sorted(allowed_words)))
        else:
            right = right or Held(True, names[0].name, name, "")
    return wrong or (None if open_ else right)


def _with_unit(figure: Given) -> Given:
    """A span of time as ``10 minute``; every other figure as it is."""
    if figure.kind not in _SPANS:
        return figure
    return msgspec.structs.replace(figure, value=f"{figure.value:g} {figure.kind}")


def _apart(sets: Sequence[set[Any] | None]) -> set[Any]:
    """The differences between the values of two things."""
    numbers = [[v for v in values or () if isinstance(v, int | float)] for values in sets]
    return {abs(a - b) for a in numbers[0] for b in numbers[1]}


def _in_turn(names: Sequence[Mention], figs: Sequence[Given], told: Scene) -> bool:
    """Whether two names and two figures take turns, or are called the first and the second."""
    if told.has(r"\bfirst\b.*\bsecond\b|\bformer\b.*\blatter\b|\brespectively"):
        return True
    marks = sorted(
        [(m[0], "#") for m in ((found.start(), 0) for found in finditer(r"#+", told.text))]
        + [(f.start, "f") for f in figs]
    )
    return [mark for _, mark in marks] == ["#", "f", "#", "f"]


def _among(figure: Given, allowed: set[Any]) -> bool:
    if figure.kind == "mod" and isinstance(figure.value, float) and -figure.value in allowed:
        return True  # a penalty
    return figure.value in allowed or (
        isinstance(figure.value, str)
        and (
            figure.value.lstrip("1") in {str(a).lstrip("1") for a in allowed}
            or f"{figure.value.partition('+')[0]}+MOD" in allowed  # with the modifier in figures
        )
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_SPANS = ("minute", "hour", "round", "day")


_NUMBERS = ("number", "hp", "ac", "score", "mod", "max", "target", "ordinal")


_COVERED: dict[str, tuple[tuple[str, ...], ...]] = {
    "spell": (("feet", "mile"), ("level",), ("minute", "hour", "round", "day"), ("dice", "slot"), _NUMBERS, ("gp",)),
    "creature": (_NUMBERS, ("xp",), ("cr",), ("dice",), ("feet",)),
    "weapon": (("dice",), ("feet",), _NUMBERS),
    "armor": (_NUMBERS,),
    "item": (("gp",), ("pound",)),
}


def _figure_groups(
    kind: str, rows: Sequence[Mapping[str, Any]], told: Scene
) -> Iterator[tuple[tuple[str, ...], set[Any] | None, list[set[Any] | None]]]:
    maker = {
        "spell": spell_values,
        "creature": creature_values,
        "weapon": weapon_values,
        "armor": armor_values,
        "item": item_values,
    }[kind]
    made = [maker(row, told) for row in rows]
    for place, kinds in enumerate(_COVERED[kind]):
        sets = [each[place] for each in made]
        if any(values is None for values in sets):
            yield kinds, None, sets
            continue
        allowed = {value for values in sets for value in values or ()}
        if len(sets) == 2:
            numbers = [[v for v in values or () if isinstance(v, int | float)] for values in sets]
            pairs = [(a, b) for a in numbers[0] for b in numbers[1]]
            allowed |= {a + b for a, b in pairs} if told.has(_TOGETHER) else set()
            allowed |= _apart(sets) if told.has(APART) else set()
        yield kinds, allowed, sets
