"""The real lines nearest to a miss, so that the next attempt can be written against what is there."""

from collections import Counter

from agents.relay.patches.diffs import Hunk
from agents.relay.patches.source import Source, spelled

MAX_LINES = 40
_MAX_WIDTH = 200
_MARGIN = 3
_COMMON = 25
"""A line that stands this often says nothing about where the hunk belongs."""


def nearest_row(source: Source, hunk: Hunk) -> int:
    """The row at which most of the hunk's lines, or failing that of their words, stand about where they should."""
    votes: Counter[int] = Counter()
    keys = [spelled(line.text, 2) for line in hunk.old]
    rows_of = source.level(2).rows_of(filter(None, keys))
    for at, key in enumerate(keys):
        rows = rows_of.get(key, [])
        if len(rows) <= _COMMON:
            votes.update(max(0, row - at) for row in rows)
    if votes:
        return min(votes, key=lambda row: (-votes[row] - votes[row + 1] - votes[row - 1], row))
    return _by_words(source, hunk)


def _by_words(source: Source, hunk: Hunk) -> int:
    wanted = {word for line in hunk.old for word in line.text.split()}
    scores = [len(wanted.intersection(text.split())) for text in source.texts]
    best = max(range(len(scores)), key=lambda row: (scores[row], -row), default=0)
    return best if scores and scores[best] else max(0, min(hunk.start - 1, len(scores) - 1))


def excerpt(source: Source, rows: list[int], height: int) -> str:
    """Numbered lines around each row, at most `MAX_LINES` in all."""
    height = max(1, min(height, MAX_LINES // max(1, len(rows)) - 2 * _MARGIN))
    wanted: set[int] = set()
    for row in rows:
        wanted.update(range(max(0, row - _MARGIN), min(len(source.texts), row + height + _MARGIN)))
    out: list[str] = []
    last = -1
    for row in sorted(wanted)[:MAX_LINES]:
        if last >= 0 and row != last + 1:
            out.append("  …")
        out.append(f"{row + 1:>5} | {source.texts[row][:_MAX_WIDTH]}")
        last = row
    return "\n".join(out[:MAX_LINES])
