"""What a placed hunk does to a file: rows that go, and lines that come before a row."""

from collections.abc import Sequence

import msgspec

from agents.relay.patches.diffs import Hunk

_CONTEXT = 3
"""Lines of context that diffs usually have."""


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


def edits_of(hunk: Hunk, rows: Sequence[int | None], texts: Sequence[str]) -> Edits | None:
    """The edits of a hunk whose old lines stand at these rows; None when the place of an addition is not certain."""
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
        place = _place(hunk, rows, start, at, old, texts)
        if place is None:
            return None
        insertions.append(Insertion(place[0], tuple(line.text for line in lines[start:at]), place[1]))
    return Edits(tuple(gone), tuple(insertions))


def _place(
    hunk: Hunk, rows: Sequence[int | None], start: int, end: int, old: int, texts: Sequence[str]
) -> tuple[int, int] | None:
    """Row before which the added lines from `start` to `end` come, and the row beside them; `old` old lines precede."""
    above = next((row for row in reversed(rows[:old]) if row is not None), None)
    below = next((row for row in rows[old:] if row is not None), None)
    if rows and not _is_anchored(hunk, rows, old):
        return None
    if above is None and below is None:
        return (0, -1) if not rows else None
    if above is None or below is None:
        return _at_an_end(hunk, start, end, above, below, len(texts))
    if below == above + 1 or hunk.lines[start - 1].mark == "-":
        return above + 1, above
    if any(text.strip() for text in texts[above + 1 : below]):
        return None
    added = [line.text for line in hunk.lines[start:end]]
    side = _side_of_blanks(added, texts[above], texts[below], below - above - 1)
    return None if side == 0 else (above + 1, above) if side < 0 else (below, below)


def _at_an_end(
    hunk: Hunk, start: int, end: int, above: int | None, below: int | None, total: int
) -> tuple[int, int] | None:
    """Additions with context on one side only. In a whole diff that means the file's first or last line: where that is
    only a few lines away, these may have been lost.
    """
    if below is None:
        assert above is not None
        lost = total - above - 1
        certain = start > 0 and hunk.lines[start - 1].mark == "-"
        return None if 0 < lost <= _CONTEXT and not certain else (above + 1, above)
    certain = end < len(hunk.lines) and hunk.lines[end].mark == "-"
    return None if 0 < below <= _CONTEXT and not certain else (below, below)


def _is_anchored(hunk: Hunk, rows: Sequence[int | None], old: int) -> bool:
    """Whether the nearest old line with content on either side of an addition is in the file, or none has any."""
    lines = hunk.old
    before = next((rows[at] is not None for at in range(old - 1, -1, -1) if lines[at].text.strip()), None)
    after = next((rows[at] is not None for at in range(old, len(lines)) if lines[at].text.strip()), None)
    return bool(before or after) or before is after is None


def _side_of_blanks(added: Sequence[str], above: str, below: str, lost: int) -> int:
    """Where additions belong when blank lines were lost around them: -1 before these, 1 behind, 0 unknown.

    They bring the blank lines that set them off from their other neighbour, as many as were lost; or they are a part
    of what stands beside them, by their indentation or their first word.
    """
    before, behind = _blanks(added), _blanks(added[::-1])
    if before or behind:
        return 0 if (before and behind) or before + behind < lost else -1 if before else 1
    with_above = _depth(added[0]) == _depth(above) or _depth(added[0]) > _depth(above) > _depth(below)
    with_below = _depth(added[-1]) == _depth(below)
    if with_above == with_below:
        with_above, with_below = _word(added[0]) == _word(above), _word(added[-1]) == _word(below)
    return 0 if with_above == with_below else -1 if with_above else 1


def _blanks(lines: Sequence[str]) -> int:
    return next((count for count, text in enumerate(lines) if text.strip()), len(lines))


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip())


def _word(text: str) -> str:
    return text.split()[0] if text.split() else ""
