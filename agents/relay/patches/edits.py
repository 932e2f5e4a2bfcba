"""What a placed hunk does to a file: rows that go, and lines that come before a row."""

from collections.abc import Sequence

import msgspec

from agents.relay.patches.diffs import Hunk


class Insertion(msgspec.Struct, frozen=True):
    """Lines that come before a row (the number of rows: at the end)."""

    row: int
    texts: tuple[str, ...]
    beside: int
    """A row whose ending they take, -1 in an empty file."""


class Edits(msgspec.Struct, frozen=True):
    """One hunk's work."""

    gone: tuple[int, ...]
    insertions: tuple[Insertion, ...]


def edits_of(hunk: Hunk, rows: Sequence[int | None]) -> Edits | None:
    """The edits of a hunk whose old lines stand at these rows; None when an addition's place is not certain."""
    gone: list[int] = []
    insertions: list[Insertion] = []
    at = old = 0
    lines = hunk.lines
    while at < len(lines):
        if lines[at].mark != "+":
            row = rows[old]
            if lines[at].mark == "-" and row is not None:
                gone.append(row)
            old += 1
            at += 1
            continue
        start = at
        while at < len(lines) and lines[at].mark == "+":
            at += 1
        place = _place(hunk, rows, start, at, old)
        if place is None:
            return None
        insertions.append(Insertion(place[0], tuple(line.text for line in lines[start:at]), place[1]))
    return Edits(tuple(gone), tuple(insertions))


def _place(hunk: Hunk, rows: Sequence[int | None], start: int, end: int, old: int) -> tuple[int, int] | None:
    """Row before which the added lines from `start` to `end` come, and the row beside them; `old` old lines precede."""
    above = next((row for row in reversed(rows[:old]) if row is not None), None)
    below = next((row for row in rows[old:] if row is not None), None)
    if above is None:
        return (below, below) if below is not None else (0, -1) if not rows else None
    if below is None or below == above + 1:
        return above + 1, above
    if hunk.lines[start - 1].mark == "-":
        return above + 1, above
    if end < len(hunk.lines) and hunk.lines[end].mark == "-":
        return below, below
    return None
