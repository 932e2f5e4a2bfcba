"""Bags of words: a rule as what a statement of it is about, what makes it wrong and what makes it right.

Order does not matter, so that another author's syntax is read as well; a statement with both kinds of words is left alone.
"""

from collections.abc import Callable, Sequence

import msgspec

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import search

Judge = Callable[[str, Sequence[Figure]], bool | None]


class Bag(msgspec.Struct, frozen=True):
    """A rule: all of ``about``, none of ``block``; wrong with ``wrong`` and without ``right``."""

    name: str
    about: tuple[str, ...]
    wrong: str
    right: str
    expected: str
    edition: str = ""
    block: str = ""
    judge: Judge | None = None


def by_words(bag: Bag, text: str) -> bool | None:
    """Wrong or right by the words alone; None where both or neither stand there."""
    wrong = bag.wrong and search(bag.wrong, text) is not None
    right = bag.right and search(bag.right, text) is not None
    if bool(wrong) == bool(right):
        return None
    return bool(right)


def only(kinds: str, known: Sequence[float]) -> Judge:
    """The figures of these kinds are among the known ones."""

    def judge(text: str, figs: Sequence[Figure]) -> bool | None:
        said = [f.whole for f in figs if f.kind in kinds.split() and f.whole != 1]
        return (
            None
            if not said or search(r"\bnot\b|n't\b|\bno\b(?! more than)|\bnever\b", text)
            else all(value in known for value in said)
        )

    return judge


PACES = {"fast": {4, 30, 400}, "normal": {3, 24, 300}, "slow": {2, 18, 200}}
TASKS = (
    ("very easy", 5),
    ("very hard", 25),
    ("nearly impossible", 30),
    ("easy", 10),
    ("medium", 15),
    ("moderate", 15),
    ("hard", 20),
)


def pace(text: str, figs: Sequence[Figure]) -> bool | None:
    """Miles or feet of a travel pace."""
    named = [name for name in PACES if search(rf"\b{name}\b", text)]
    said = [f.whole for f in figs if f.kind in ("mile", "feet")]
    return (
        None if len(named) != 1 or len(said) != 1 or search(r"\d hours|\bdays\b", text) else said[0] in PACES[named[0]]
    )


def task(text: str, figs: Sequence[Figure]) -> bool | None:
    """The DC of a task by its difficulty."""
    wanted = next((dc for name, dc in TASKS if search(rf"\b{name}\b", text)), None)
    said = [f.whole for f in figs]
    return None if wanted is None or len(said) != 1 else said[0] == wanted


def space(text: str, figs: Sequence[Figure]) -> bool | None:
    """The space a creature of a size takes."""
    sizes = {"tiny": 2, "small": 5, "medium": 5, "large": 10, "huge": 15, "gargantuan": 20}
    named = [size for size in sizes if search(rf"\b{size}\b", text)]
    said = {f.whole for f in figs}
    return None if len(named) != 1 or not said or search(r"\bnot\b|n't\b|\blarger", text) else said == {sizes[named[0]]}


def hidden(text: str, figs: Sequence[Figure]) -> bool | None:
    """A Stealth total against DC 15 and what comes of it."""
    said = [f.whole for f in figs if f.kind in ("number", "ordinal", "mod", "dc") and f.whole != 15]
    if len(said) != 1:
        return None
    fails = search(r"\bfail|\bnot\b|n't\b|\bshort|\bremains? visible|\bseen\b|\btoo low|\binsufficient", text)
    works = search(r"\bsuffice|\benough|\bhidden|\bsucce|\bbeats?|\bhides\b|\bmeets|\bworks", text)
    return None if bool(fails) == bool(works) and not fails else (said[0] >= 15) == (not fails)


def far_crit(text: str, feet: int) -> bool | None:
    """Automatic critical hits end at 5 feet."""
    denied = search(r"\bnot\b|n't\b|\bno\b|\bnever|\bonly\b|\bnormal", text) is not None
    if feet == 5:
        return None
    return denied if feet > 5 else None
