"""Consistency: a statement is wrong when no way to give its figures their roles makes the rule hold.

Words decide only which rule a statement is about. Which figure is the total and which the bonus is not guessed from its
neighbours: every way is tried, and one that holds is enough to leave the statement alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec

from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import match, search, sub

MOST_FIGURES = 8
_OF_THEM = re.compile(
    r"\b(one|none|zero) of (?=those|them|these|which|the (?:three|two|four|rolls|dice|attacks))", re.I
)
_COUNTED = (
    r"[- ]*(?:(?!and|then|or|on|with|for|but|to|so|vs|from|he|she|it|you|i)[a-z]+ )?(?:arrows?|attacks?|hits?|swings?|shots?|blows?|rolls?|dice|die|d20s?|saves?|successes|failures|times|sources?"
    r"|bolts?|wounds?|strikes?|axes|punches|claws?|bites?|enemies|foes|goblins?|orcs?|creatures?|steps?|numbers?|results?|values?|heads?|arms?|legs?|eyes?|tails?|tentacles?|wings?|mouths?)\b"
)
_HEDGE = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|circa|close to|or so|maybe|perhaps|possibly|might|could be"
    r"|except|unless(?! your table)|homebrew|house[- ]ruled?|variant|used to|suppose|imagine|pretend|feat|feature|myth|instead of rolling)\b"
)
_ONES = re.compile(
    r"\b(?<=better )one\b|\b(?<=worse )one\b|\b(?<=higher )one\b|\b(?<=lower )one\b|\b(?<=this )one\b|\b(?<=that )one\b|\b(?<=each )one\b|\b(?<=good )one\b|\b(?<=which )one\b|\bone(?='s\b)|\bone(?= of (?:my|our|his|her|the|your)\b)|(?<!-)\bone (?=(?:makes?|rolls?|needs?|gets?|takes?|casts?|uses?|adds?|deals?|hits?|reads|knows|finds|rests|falls|jumps|holds|carries|regains|attacks with|saves)\b)"
)


_SCORED = r" (?:in|for|as) (?:(?:the|its|his|her|their|your|a) )?(?:\w+ )?(?:ability|score|strength|dexterity|constitution|intelligence|wisdom|charisma|str|dex|con|int|wis|cha)\b"

_TAGS = [
    ("nat", r"\bnat(?:ural)?(?: roll of)?(?: an?)? $", r" ?\+ ?\d"),
    ("score", r"\bscore(?: is| of|:| =)? (?:an? )?$", _SCORED),
    ("target", r"\b(?:versus|vs\.?|against)(?: an?| the)? $", ""),
    ("max", r"\bmax(?:imum)?(?: hp| hit points| of| is|:)* $|\d(?: ?/ ?| of | out of )$", r" (?:hp )?max"),
    ("good", "", r" (?:\w+ )?(?:succe|pass)"),
    ("bad", "", r" (?:\w+ )?fail"),
]
"""Kinds that the words right beside a figure leave no doubt about."""


SITUATION = (
    r"\bfell to\b|-point (?:hit|blow)\b|\bsilver(?:ed|ing)\b|\bwith (?:mage armou?r|its shield)\b|\badding \d|\bthe captain with\b|\bsunlight\b|\brunning water\b|\bdoubles? to\b|\b(?:my|our|your) \w+ (?:only |still |just )?(?:has|have|had|is at|was at) (?:only |just )?\d+ (?:hp|hit points?)|\b(?:he|she|it|they|i|you|we)(?:'s| is|'m| am|'re| are|'s still|'s only)? (?:down )?at \d+ (?:hp|hit points?)|\bhal(?:f|v)\w*|\bbloodied|\b(?:has|have|had|having) (?:already )?taken\b|\bleft\b|\bdash\w*|\bwhich is \d|\bi\.e\. \d|\bregain|\bdies\b|\bsurviv\w*"
    r"|\bstart of (?:its|the)|\bexhausted|\bat disadvantage|\bwounded|\banything\b|\bdrops? to\b|\bdealt to|\bbetween them|\bstill be\b|\bin (?:two|three|2|3) turns|\bcrit(?:s|ical)?\b|\b(?:adult|young|ancient|other|larger|smaller|elder) (?:one|1)\b"
)
"""Words that put a thing into a situation, so that a figure beside it need not be one of its record."""


class Given(msgspec.Struct, frozen=True):
    """A figure as rules want it: what it is a figure of, and its value."""

    kind: str
    value: float | str
    start: int
    end: int


class Scene(msgspec.Struct, frozen=True):
    """A statement with its figures; known names are masked by ``#``."""

    text: str
    figs: tuple[Given, ...]
    names: Mapping[str, str]
    edition: str
    facts: Facts
    one: bool = False
    """Whether *one* stands in the statement as a word, which may count nothing."""

    def has(self, pattern: str) -> bool:
        """Whether words stand in the statement."""
        return search(pattern, self.text) is not None

    def solve(self, rule: Callable[..., bool | None], repeats: bool = False, **roles: str) -> bool | None:
        """True when some way to give every figure a role makes the rule hold, False when none does, None when no
        way gives every figure a role that it could have (a rule says None to a way that cannot be meant). A role is
        written as the kinds it takes, ``?`` before an optional one and ``*`` before one that takes several. With
        ``repeats`` a value said twice is two figures, otherwise it may also be the same one again."""
        tried = False
        for figs in _variants(self, repeats):
            for values in _filled(figs, roles, {}):
                outcome = rule(**values)
                if outcome:
                    return True
                tried = tried or outcome is False
        return False if tried else None


class Family(msgspec.Struct, frozen=True):
    """A rule with figures, and the words that say a statement is about it."""

    name: str
    cue: tuple[str, ...]
    block: str
    judge: Callable[[Scene], bool | None]
    expected: str


class Judged(msgspec.Struct, frozen=True):
    """What the figures of a statement say together: consistent or not, and by which rule."""

    holds: bool
    family: Family


def prepared(text: str) -> str:
    """Words that count or do not count, set right before number words become digits."""
    text = _OF_THEM.sub(lambda m: ("1" if m[1].lower() == "one" else "0") + " of ", text)
    return _ONES.sub(lambda m: "someone" + (" " if m[0].endswith(" ") else ""), text)


def scene(masked: str, names: Mapping[str, str], edition: str, facts: Facts, written: str = "") -> Scene:
    """The scene of a masked statement; ``written`` is it with its number words where ``masked`` has digits already."""
    text = plain(masked)
    return Scene(
        text,
        tuple(_given(figure, text) for figure in figures(text)),
        names,
        edition,
        facts,
        search(r"\bone\b", (written or masked).lower()) is not None,
    )


def judged(families: Sequence[Family], told: Scene) -> Judged | None:
    """The verdict of all rules a statement is about: one that holds outweighs all that do not."""
    if not 1 <= len(told.figs) <= MOST_FIGURES + 1 or _HEDGE.search(told.text):
        return None
    wrong: Judged | None = None
    for family in families:
        if not all(search(cue, told.text) for cue in family.cue) or (family.block and search(family.block, told.text)):
            continue
        verdict = family.judge(told)
        if verdict:
            return Judged(True, family)
        if verdict is False and wrong is None:
            wrong = Judged(False, family)
    return wrong


def _given(figure: Figure, text: str) -> Given:
    if figure.kind in ("number", "hp"):
        before, after = text[max(figure.start - 24, 0) : figure.start], text[figure.end : figure.end + 40]
        for kind, behind, ahead in _TAGS:
            if (behind and search(behind, before)) or (ahead and match(ahead, after)):
                return Given(kind, float(figure.value), figure.start, figure.end)
    if figure.kind == "time":
        found = match(r"([\d,.]+)[- ]?([a-z]+)", str(figure.value))
        unit = found[2].rstrip("s") if found else "time"
        value = float(found[1].replace(",", "")) if found else 0.0
        return Given(unit, value, figure.start, figure.end)
    shown: float | str = figure.value if isinstance(figure.value, str) else float(figure.value)
    return Given(figure.kind, shown, figure.start, figure.end)


def _variants(told: Scene, repeats: bool) -> Iterator[Sequence[Given]]:
    """The figures as they stand, and without those that only count things or say the same again."""
    figs = told.figs
    seen: set[tuple[int, ...]] = set()
    counting = [i for i, f in enumerate(figs) if isinstance(f.value, float) and f.kind in ("number", "mod")
                and f.value <= 12 and match(_COUNTED, told.text[f.end :])]  # fmt: skip
    ones = [i for i, f in enumerate(figs) if told.one and f.value == 1 and f.kind == "number"]
    first: dict[Any, int] = {}
    again = [i for i, f in enumerate(figs) if first.setdefault((str(f.value), _alike(f.kind)), i) != i and not repeats]
    spare = list(dict.fromkeys([*counting, *again, *ones]))[:4]
    for size in range(len(spare) + 1):
        for dropped in combinations(spare, size):
            kept = tuple(i for i in range(len(figs)) if i not in dropped)
            if not kept or kept in seen:
                continue
            seen.add(kept)
            yield [figs[i] for i in kept]


def _alike(kind: str) -> str:
    """One name for the kinds in which the same figure may be said again."""
    return "number" if kind in ("number", "hp", "max", "target") else kind


def _filled(figs: Sequence[Given], roles: Mapping[str, str], values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if not figs:
        left = {name: kinds for name, kinds in roles.items() if name not in values}
        if all(kinds[0] in "?*" for kinds in left.values()):
            yield {**{name: [] if kinds[0] == "*" else None for name, kinds in left.items()}, **values}
        return
    figure = figs[0]
    for name, kinds in roles.items():
        if figure.kind not in kinds.lstrip("?*").split():
            continue
        value = figure.value if isinstance(figure.value, str) else int(figure.value) if figure.value == int(figure.value) else figure.value  # fmt: skip
        if kinds[0] == "*":
            yield from _filled(figs[1:], roles, {**values, name: [*values.get(name, []), value]})
        elif name not in values:
            yield from _filled(figs[1:], roles, {**values, name: value})


def families(*made: Family) -> tuple[Family, ...]:
    """A table of rules."""
    return made


__all__ = ["Family", "Given", "Judged", "Scene", "families", "judged", "prepared", "scene", "sub"]
