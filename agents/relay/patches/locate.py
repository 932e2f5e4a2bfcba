"""Where a hunk belongs: exactly, else with other blanks, else aligned around lines that were lost or invented.

Removed lines always have to be there. A hunk that fits in two places belongs nowhere, unless the line number, the
enclosing function that its header names, or the hunks around it settle which.
"""

import re
from collections.abc import Sequence

import msgspec

from agents.relay.patches.align import Budget, align
from agents.relay.patches.diffs import Hunk, Line
from agents.relay.patches.source import Source, spelled

Rows = tuple[int | None, ...]
"""For each old line of a hunk the row of the file that it is, None for context that is not there."""

LEVELS = (0, 1, 2)
_MAX_SPLITS = 60
_ELLIPSIS = re.compile(
    r"\s*(?:#|//|/\*|--|<!--|;|%|\{/\*)?\s*(?:\.{3,}|…)\s*(?:[\w ,'()-]{0,60}(?:\.{3,}|…)?)?\s*(?:\*/\}?|-->)?\s*"
)
_TOP = re.compile(r"[A-Za-z_$]")


class Found(msgspec.Struct, frozen=True):
    """Where a hunk belongs."""

    hunk: Hunk
    rows: Rows
    how: str = ""
    """What had to be forgiven, empty when it stands there exactly."""


class Lost(msgspec.Struct, frozen=True):
    """Why a hunk has no place."""

    hunk: Hunk
    places: tuple[int, ...] = ()
    """The rows where it would fit, when there are too many of them; empty when there is none."""


def is_ellipsis(text: str) -> bool:
    """Whether a line only says that something is left out."""
    return bool(_ELLIPSIS.fullmatch(text)) and bool(text.strip())


def locate(source: Source, hunks: Sequence[Hunk], budget: Budget | None) -> list[Found] | Lost:
    """Place every hunk of a file, or name the first that has none. Without a budget no context may differ."""
    places: list[tuple[list[int], int]] = []
    for hunk in hunks:
        places.append(_places(source, hunk))
        if budget is None and not places[-1][0]:
            return Lost(hunk)
    settled: list[Found | None] = [
        _found(source, hunk, rows[0], level) if len(rows) == 1 else None
        for hunk, (rows, level) in zip(hunks, places, strict=True)
    ]
    for at, (hunk, (rows, level)) in enumerate(zip(hunks, places, strict=True)):
        if len(rows) > 1:
            row = _settle(source, hunk, rows, settled, at)
            if row is None:
                return Lost(hunk, tuple(rows))
            settled[at] = _found(source, hunk, row, level)
    for at, hunk in enumerate(hunks):
        if settled[at] is None:
            found = _tolerantly(source, hunk, budget) if budget else Lost(hunk)
            if isinstance(found, Lost):
                return found
            settled[at] = found
    return [found for found in settled if found is not None]


def keys_of(lines: Sequence[Line], level: int) -> list[str]:
    """Lines of a hunk as they count at a level of tolerance."""
    return [spelled(line.text.rstrip("\r"), level) for line in lines]


def _places(source: Source, hunk: Hunk) -> tuple[list[int], int]:
    """The rows where all old lines stand one after another, at the least tolerance that finds any."""
    old = hunk.old
    if not any(line.text.strip() for line in old):
        rows = source.level(1).places(keys_of(old, 1)) if old else ([] if source.texts else [0])
        return rows, 1
    for level in LEVELS:
        rows = source.level(level).places(keys_of(old, level))
        if rows:
            return rows, level
    return [], 0


def _found(source: Source, hunk: Hunk, row: int, level: int) -> Found:
    how = ("", "other blanks at line ends", "other blanks")[level]
    return Found(hunk, tuple(range(row, row + len(hunk.old))), how)


def _settle(source: Source, hunk: Hunk, rows: list[int], settled: Sequence[Found | None], at: int) -> int | None:
    """The one place of several that the header and the neighbours point to."""
    before = [found.rows[-1] for found in settled[:at] if found and found.rows and found.rows[-1] is not None]
    after = [found.rows[0] for found in settled[at + 1 :] if found and found.rows and found.rows[0] is not None]
    if before == sorted(before) and after == sorted(after):
        low, high = max(before, default=-1), min(after, default=len(source.texts))
        rows = [row for row in rows if low < row < high] or rows
    if hunk.heading:
        rows = _under_heading(source, hunk.heading, rows) or rows
    if len(rows) > 1 and hunk.start:
        drifts = {_drift(found) for found in settled if found and found.hunk.start}
        wanted = {hunk.start - 1} if not drifts else {hunk.start - 1 + drift for drift in drifts}
        rows = [row for row in rows if row in wanted] if len(wanted) == 1 else rows
    return rows[0] if len(rows) == 1 else None


def _drift(found: Found) -> int:
    return (found.rows[0] or 0) - (found.hunk.start - 1) if found.rows else 0


def _under_heading(source: Source, heading: str, rows: list[int]) -> list[int]:
    """The places whose enclosing function, as git or as indentation tells it, is the one that the header names."""
    wanted = heading.strip()
    return [row for row in rows if any(text.strip().startswith(wanted) for text in _enclosing(source.texts, row))]


def _enclosing(texts: list[str], row: int) -> list[str]:
    """The unindented line above, and each line above that is indented less than all between it and the place."""
    found: list[str] = []
    depth = 1_000
    for text in reversed(texts[max(0, row - 2_000) : row + 1]):
        if text.strip():
            indent = len(text) - len(text.lstrip())
            if indent < depth and text.strip()[0] not in ")]}#":
                depth = indent
                found.append(text)
            if _TOP.match(text):
                break
    return found


def _tolerantly(source: Source, hunk: Hunk, budget: Budget) -> Found | Lost:
    """Around what is left out, lost or invented."""
    old = hunk.old
    gaps = [at for at, line in enumerate(old) if line.mark != "-" and is_ellipsis(line.text)]
    if gaps:
        rows = _pieces(source, hunk, gaps)
        if rows is not None:
            return Found(hunk, rows, "lines left out")
    rows = _split(source, hunk)
    if rows is not None:
        return Found(hunk, rows, "lines between its own that it leaves out")
    aligned = align(source, hunk, budget)
    if isinstance(aligned, list):
        return Lost(hunk, tuple(aligned))
    return Found(hunk, aligned, "context lines that differ") if aligned is not None else Lost(hunk)


def _pieces(source: Source, hunk: Hunk, gaps: list[int]) -> Rows | None:
    """Each stretch between ellipses on its own; all must stand in order, each in one place only."""
    old = hunk.old
    rows: list[int | None] = []
    start = 0
    floor = 0
    for gap in [*gaps, len(old)]:
        piece = old[start:gap]
        if piece:
            place = _one_place(source, piece, floor)
            if place is None:
                return None
            rows.extend(range(place, place + len(piece)))
            floor = place + len(piece)
        if gap < len(old):
            rows.append(None)
        start = gap + 1
    return tuple(rows)


def _one_place(source: Source, lines: Sequence[Line], floor: int) -> int | None:
    if not any(line.text.strip() for line in lines):
        return None
    for level in LEVELS:
        rows = [row for row in source.level(level).places(keys_of(lines, level)) if row >= floor]
        if rows:
            return rows[0] if len(rows) == 1 else None
    return None


def _split(source: Source, hunk: Hunk) -> Rows | None:
    """Two places written as one hunk, cut between two context lines; only when every cut that fits means the same."""
    old = hunk.old
    cuts = _cuts(hunk)
    found: set[Rows] = set()
    for cut in cuts[:_MAX_SPLITS]:
        first = _one_place(source, old[:cut], 0)
        second = None if first is None else _one_place(source, old[cut:], first + cut)
        if first is not None and second is not None:
            found.add((*range(first, first + cut), *range(second, second + len(old) - cut)))
    return found.pop() if len(found) == 1 else None


def _cuts(hunk: Hunk) -> list[int]:
    """Numbers of old lines before each boundary between two neighbouring context lines."""
    cuts: list[int] = []
    count = 0
    for line, following in zip(hunk.lines, hunk.lines[1:], strict=False):
        count += line.mark != "+"
        if line.mark in " ?" and following.mark in " ?":
            cuts.append(count)
    return cuts
