"""Frames: what a sentence about a calculation must hold, whatever its words and their order.

A frame has a cue (the words that say which calculation it is) and roles (the figures it needs). Every figure of the
sentence must get a role; where several ways fit, the sentence is contradicted only if it is false in each of them.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import Figure, figures
from truth_blocks.dnd5e.readers.matching import finditer, match, search

MOST_FIGURES, MOST_WAYS = 8, 200
NEGATED = re.compile(
    r"\b(?:(?:is|are|was|were|does|do|did|would|will|can|could|has|have|should)(?: not|n't)|never|no longer|cannot|not have|nor|neither|wrong|false|incorrect|untrue"
    r"|unless|except|or not|a myth|by contrast|if and only)\b"
)

_EXCEPTS = re.compile(
    r"\b(?:except|unless|if,? and only if|other than|apart from)\b(?! (?:your|the|his|her) (?:table|gm|dm)\b)"
)


class Role(msgspec.Struct, frozen=True):
    """A figure that a frame wants: its kinds and, where they tell it from others, the words around it."""

    name: str
    kinds: tuple[str, ...]
    before: str = ""
    after: str = ""
    optional: bool = False
    strict: bool = False
    """Only a figure with the words around it may take the role."""
    many: bool = False
    """Several figures may take it."""


Values = Mapping[str, Any]
Claims = list[dict[str, Any]] | None


class Frame(msgspec.Struct, frozen=True):
    """One calculation as people state it."""

    name: str
    cue: tuple[str, ...]
    roles: tuple[Role, ...]
    claims: Callable[[Values, str, Mapping[str, str]], Claims]
    block: str = ""
    denies: bool = False
    """True when the frame itself reads *does not*: hit or miss, success or failure."""


class Found(msgspec.Struct, frozen=True):
    """What a frame read: its claims with their verdicts."""

    frame: str
    judged: list[tuple[dict[str, Any], Checked]]
    verdict: str


def frames(name: str, makers: Mapping[str, Any]) -> tuple[Frame, ...]:
    """The frames of a table beside this file; each names the function that makes its claims.

    ``cue`` and ``block`` are words that must and must not stand in the sentence; a role's ``before`` and ``after`` are
    the words beside its figure, at most two words away.
    """
    written = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text())["frame"]
    return tuple(
        Frame(
            each["name"],
            tuple(each["cue"]),
            tuple(Role(**{**role, "kinds": tuple(role["kinds"].split())}) for role in each["roles"]),
            makers[f"_{each['claims']}"],
            each.get("block", ""),
            each.get("denies", False),
        )
        for each in written
    )


def read(frames: Sequence[Frame], text: str, names: Mapping[str, str], facts: Facts, edition: str) -> Found | None:
    """What the first fitting frame makes of a plain sentence; None when none accounts for every figure."""
    found = figures(text)
    if _EXCEPTS.search(text):
        return None
    if not 1 <= len(found) <= MOST_FIGURES:
        return None
    for frame in frames:
        if not all(search(cue, text) for cue in frame.cue):
            continue
        if (frame.block and search(frame.block, text)) or (not frame.denies and NEGATED.search(_case(text, found))):
            continue
        outcome = _tried(frame, text, found, names, facts, edition)
        if outcome is not None:
            return outcome
    return None


def _case(text: str, found: list[Figure]) -> str:
    """The text from the case at hand on: after the last *so*, *thus* or sentence end before the first figure."""
    ends = [
        each.end()
        for each in finditer(r"\b(?:so|thus|therefore|hence|accordingly|then)\b|[.;:] ", text)
        if each.end() <= found[0].start
    ]
    return text[ends[-1] :] if ends else text


def _tried(
    frame: Frame, text: str, found: list[Figure], names: Mapping[str, str], facts: Facts, edition: str
) -> Found | None:
    first: Found | None = None
    open_ = False
    firm = _firm(frame.roles, text, found)
    for ways, values in enumerate(_assigned(frame.roles, text, found)):
        claims = frame.claims(values, text, names) if ways < MOST_WAYS else None
        if claims is None:
            continue
        judged = [(claim, check_claim(facts, claim, edition)) for claim in claims]
        verdicts = {result.verdict for _, result in judged}
        if verdicts == {"ok"}:
            return Found(frame.name, judged, "ok")
        if "contradicted" in verdicts:
            first = first or Found(frame.name, judged, "contradicted")
        else:
            open_ = True
    return None if open_ or not firm else first


def _firm(roles: Sequence[Role], text: str, found: list[Figure]) -> bool:
    """Whether every figure's role is plain: by the words beside it, or because no other role is left for it."""
    open_: dict[int, list[str]] = {}
    settled: set[str] = set()
    for place in range(len(found)):
        options = _options(roles, text, found, place)
        named = any(_beside(each, *_around(text, found, place)) for each in options)
        if len(options) == 1:
            settled |= {each.name for each in options if not each.many}
        elif not named:
            open_[place] = [each.name for each in options]
    for _ in range(len(open_)):
        for names in list(open_.values()):
            left = [name for name in names if name not in settled]
            alike = [
                other for other, others in open_.items() if [name for name in others if name not in settled] == left
            ]
            if len(left) == 1 or len(left) == len(alike):  # every way to share these roles out is tried
                settled |= {name for name in left if not _many(roles, name)}
                for other in alike:
                    del open_[other]
                break
    return not open_


def _many(roles: Sequence[Role], name: str) -> bool:
    return any(each.many for each in roles if each.name == name)


def _assigned(roles: Sequence[Role], text: str, found: list[Figure]) -> Iterator[dict[str, Any]]:
    """Every way to give each figure a role."""
    options = [_options(roles, text, found, place) for place in range(len(found))]
    if not all(options):
        return
    yield from _filled(roles, found, options, 0, {})


def _filled(
    roles: Sequence[Role], found: list[Figure], options: list[list[Role]], place: int, values: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    if place == len(found):
        if all(each.optional or each.name in values for each in roles):
            yield dict(values)
        return
    for each in options[place]:
        if each.many:
            grown = {**values, each.name: [*values.get(each.name, []), found[place]]}
        elif each.name in values:
            continue
        else:
            grown = {**values, each.name: found[place]}
        yield from _filled(roles, found, options, place + 1, grown)


def _options(roles: Sequence[Role], text: str, found: list[Figure], place: int) -> list[Role]:
    """The roles a figure may take; words beside it that name a role leave that one only."""
    figure = found[place]
    before, after = _around(text, found, place)
    able = [each for each in roles if figure.kind in each.kinds]
    near = {each.name: distance for each in able if (distance := _distance(each, before, after)) is not None}
    if near:
        return [each for each in able if near.get(each.name) == min(near.values())]
    return [each for each in able if not each.strict or each.name == figure.kind == "level" or figure.kind == "score"]


def _around(text: str, found: list[Figure], place: int) -> tuple[str, str]:
    """The words before and after a figure, up to its neighbours."""
    figure = found[place]
    start = found[place - 1].end if place else 0
    end = found[place + 1].start if place + 1 < len(found) else len(text)
    return text[max(start, figure.start - 45) : figure.start], text[figure.end : min(end, figure.end + 60)]


def _distance(each: Role, before: str, after: str) -> int | None:
    """How many words stand between a figure and the words that name its role; None when none name it."""
    if each.after and match(rf"[ -]*(?:{each.after})", after):
        return 0
    if each.before:
        for between in range(3):
            if search(rf"(?:^|[^\w])(?:{each.before})[^\w.;,]*(?:\w+[^\w.;,]+){{{between}}}$", before):
                return between
    return None


def _beside(each: Role, before: str, after: str) -> bool:
    return _distance(each, before, after) is not None
