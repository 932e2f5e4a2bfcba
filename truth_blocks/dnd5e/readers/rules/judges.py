"""Judges of plain rule statements: given the text and its figures, does it hold? None where it is not plain."""

import re
from collections.abc import Callable, Sequence

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import match, search, split, sub

Judge = Callable[[str, Sequence[Figure], str], bool | None]
NO = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|nobody|none|doesn't|don't|isn't|aren't|won't|can't|needn't|didn't|hardly|nothing)\b"
)
"""Words that deny."""


def number(wanted: int, kinds: str = "number dc level ordinal", near: str = "") -> Judge:
    """The only figure of these kinds is this number."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        some = [
            f.whole
            for f in figs
            if f.kind in kinds.split() and (not near or search(near, text[max(f.start - 40, 0) : f.end + 40]))
        ]
        if len(set(some)) != 1 or search(rf"\b(?:not|n't)\b[^.;,]{{0,12}}\b{some[0]}\b", text):
            return None
        return some[0] == wanted

    return judge


def numbers(*wanted: int, kinds: str = "number dc mod level ordinal feet hp") -> Judge:
    """Every figure is one of these, and the first of these is among them."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        some = {f.whole for f in figs if f.kind in kinds.split()}
        if len(some) != 1 or search(r"\b(?:not|n't) \+?\d", text):
            return None
        return some <= set(wanted)

    return judge


def dice(wanted: str) -> Judge:
    """The only dice are these."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        some = {str(f.value) for f in figs if f.kind == "dice"}
        return None if len(some) != 1 else some == {wanted} or {each.partition("+")[0] for each in some} == {wanted}

    return judge


def time(wanted: str) -> Judge:
    """The only span of time is this one: ``1 hour``."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        some = {sub(r"[^a-z0-9]+", " ", str(f.value)).rstrip("s ") for f in figs if f.kind == "time"}
        return None if len(some) != 1 or NO.search(text) else some == {wanted.rstrip("s")}

    return judge


def holds(yes: str, no: str = "") -> Judge:
    """True when the words of ``yes`` stand there without a *not*, False when they are denied or the words of ``no`` stand there."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        bad = search(no, text) if no else None
        good = search(yes, text)
        if bad and not good:
            return False
        if good and not bad:
            return not _denied(text, good)
        return None

    return judge


def fails(wrong: str, right: str = "") -> Judge:
    """False when the words stand there without a *not*, True when they are denied or the words of ``right`` stand there."""

    def judge(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
        bad, good = search(wrong, text), search(right, text) if right else None
        if good and not bad:
            return True
        return None if bad is None or good else _denied(text, bad)

    return judge


def by_edition(first: Judge, second: Judge) -> Judge:
    """The judge of 5.1 and the one of 5.2."""
    return lambda text, figs, edition: (first if edition == "5.1" else second)(text, figs, edition)


def _denied(text: str, found: re.Match[str]) -> bool:
    before = split(r"[.;:,]|\bbut\b", text[: found.start()])[-1]
    after = match(r"n't|[^.;,]{0,4}\bnot\b|\s*(?:no|nothing|none|zero)\b", text[found.end() :])
    return NO.search(before[-45:]) is not None or after is not None
