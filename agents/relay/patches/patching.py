"""One file's hunks on one file's text: git's word first, then the locator in every reading of the hunks."""

from collections.abc import Iterator, Sequence

import msgspec

from agents.relay.patches import git
from agents.relay.patches.align import Budget
from agents.relay.patches.blanks import foreign
from agents.relay.patches.compose import Unclear, compose
from agents.relay.patches.contracts import Method, Unpatchable
from agents.relay.patches.diffs import Hunk
from agents.relay.patches.locate import Found, Lost, keys_of, locate
from agents.relay.patches.refusals import breaks, broken, lost, unclear
from agents.relay.patches.source import Source, decoded, encoded
from agents.relay.patches.spelling import Hunks, readings


class Patched(msgspec.Struct, frozen=True):
    """A file's new text and how it came about."""

    after: bytes
    method: Method = "git"
    tolerated: tuple[str, ...] = ()


def patched(path: str, before: bytes, hunks: Sequence[Hunk], budget: Budget) -> Patched:
    """The new text of a file.

    Raises:
        Unpatchable: a hunk has no place or more than one, or the result does not parse.
    """
    text = decoded(before, path)
    source, options = Source(text), list(readings(hunks, text))
    plain = options[0] == tuple(hunks) and not foreign(source, hunks)
    if plain and git.well_formed(hunks) and _certain(source, hunks):
        after = git.applied(before, hunks)
        if after is not None and not breaks(path, before, after):
            return Patched(after)
    return located(path, before, source, options, budget)


def located(path: str, before: bytes, source: Source, options: Sequence[Hunks], budget: Budget) -> Patched:
    """By the locator: the first reading that has a place for every hunk and a result that parses.

    All readings are tried without tolerance for context before any is tried with it.
    """
    trouble: Unpatchable | None = None
    for reading, allowance in _attempts(options, budget):
        try:
            found = _found(path, source, reading, allowance)
            after = encoded(compose(source, found))
        except Unclear as error:
            trouble = trouble or unclear(path, source, error)
            continue
        except Unpatchable as error:
            trouble = error if allowance and reading is options[0] else trouble or error
            continue
        fault = breaks(path, before, after)
        if fault is None:
            return Patched(after, "locator", _notes(path, found))
        trouble = trouble or broken(path, fault, after)
    assert trouble is not None
    after_all = _one_by_one(path, before, options[0])
    if after_all is None:
        raise trouble
    return Patched(after_all, "locator", (f"{path}: each hunk stands on the text that the one before it left",))


def _attempts(options: Sequence[Hunks], budget: Budget) -> Iterator[tuple[Hunks, Budget | None]]:
    for reading in options:
        yield reading, None
    for reading in options:
        yield reading, budget


def _found(path: str, source: Source, hunks: Hunks, budget: Budget | None) -> list[Found]:
    found = locate(source, hunks, budget)
    if isinstance(found, Lost):
        raise lost(path, source, found)
    return found


def _one_by_one(path: str, before: bytes, hunks: Hunks) -> bytes | None:
    """For hunks whose context shows what earlier ones made; context may not differ here."""
    if not 1 < len(hunks) <= _FEW:
        return None
    text = decoded(before, path)
    for hunk in hunks:
        source = Source(text)
        found = locate(source, [hunk], None)
        if isinstance(found, Lost):
            return None
        try:
            text = compose(source, found)
        except Unclear:
            return None
    after = encoded(text)
    return after if breaks(path, before, after) is None else None


_FEW = 20
"""Hunks up to which it is worth to split the file anew for each."""


def _notes(path: str, found: Sequence[Found]) -> tuple[str, ...]:
    rows = [(next((row for row in each.rows if row is not None), 0), each.how) for each in found if each.how]
    return tuple(f"{path}:{row + 1} found in spite of {how}" for row, how in rows)


def _certain(source: Source, hunks: Sequence[Hunk]) -> bool:
    """Whether each hunk stands where its header says, or in one place only: else git would take the nearest."""
    level = source.level(0)
    for hunk in hunks:
        keys = keys_of(hunk.old, 0)
        if keys and not level.stands_at(hunk.start - 1, keys) and len(level.places(keys)) != 1:
            return False
    return True
