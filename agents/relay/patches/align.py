"""Alignment of a hunk with a file where context was lost, invented or misremembered: least cost, or no answer.

Costs are quarters of a line. Removed lines must match. When two alignments of about the same cost would change the
file in different ways, there is no answer.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from agents.relay.patches.diffs import Hunk, Line
from agents.relay.patches.edits import edits_of
from agents.relay.patches.source import Source, spelled

EXACT, BLANKS, SIMILAR, SKIP, SKIP_BLANK, NEVER = 0, 1, 3, 4, 1, 1_000_000
_MARGIN = 2
"""Another alignment that costs at most this much more counts as just as good."""
_REACH = 8
_MAX_WINDOWS = 6
_MAX_OCCURRENCES = 40
_MAX_OLD = 400
_OTHER_LETTERS = 12
"""Lines that differ in more letters than these are not one line misremembered."""
_SMALL = 60_000
"""Cells (old lines × file lines) up to which the whole file is one window."""


def _letters(text: str) -> int:
    """The letters of a line as bits; of letters that share a bit one stands for all."""
    bits = 0
    for letter in set(text):
        bits |= 1 << (ord(letter) & 127)
    return bits


class Budget:
    """What one plan may spend on alignment, so that no input takes longer than about a second."""

    def __init__(self, cells: int = 600_000, comparisons: int = 3_000) -> None:
        self.cells = cells
        self.comparisons = comparisons


def align(source: Source, hunk: Hunk, budget: Budget) -> tuple[int | None, ...] | list[int] | None:
    """The rows of each old line; a list of places when several are as good; None when there is none."""
    old = hunk.old
    if not 2 <= len(old) <= _MAX_OLD:
        return None
    limit = _limit(old)
    good: list[tuple[int, tuple[int | None, ...]]] = []
    for low, high in _windows(source, old):
        budget.cells -= len(old) * (high - low)
        if budget.cells < 0:
            return None
        good.extend(_Table(source, old, low, high, budget).alignments(limit))
    if not good:
        return None
    best = min(cost for cost, _ in good)
    rows = [rows for cost, rows in good if cost <= best + _MARGIN and _enough(old, rows)]
    if not rows:
        return None
    meant = {edits_of(hunk, each, source.texts) for each in rows}
    if len(meant) > 1 or None in meant:
        return sorted({next((row for row in each if row is not None), 0) for each in rows})
    return next(rows for cost, rows in good if cost == best and _enough(old, rows))


def _limit(old: Sequence[Line]) -> int:
    context = sum(line.mark != "-" and bool(line.text.strip()) for line in old)
    return SKIP * max(1, min(4, context // 2)) + 2 * SKIP_BLANK


def _enough(old: Sequence[Line], rows: Sequence[int | None]) -> bool:
    """Whether at least two lines with content, and half of them all, were found."""
    solid = [row for line, row in zip(old, rows, strict=True) if line.text.strip()]
    there = sum(row is not None for row in solid)
    return there >= 2 and there * 2 >= len(solid)


def _windows(source: Source, old: Sequence[Line]) -> list[tuple[int, int]]:
    """Stretches of the file in which enough lines of the hunk stand about as far apart as in the hunk."""
    total = len(source.texts)
    if len(old) * total <= _SMALL:
        return [(0, total)]
    votes: dict[int, int] = {}
    keys = [spelled(line.text, 2) for line in old]
    rows_of = source.level(2).rows_of(filter(None, keys))
    for at, key in enumerate(keys):
        rows = rows_of.get(key, [])
        if len(rows) <= _MAX_OCCURRENCES:
            for row in rows:
                votes[(row - at) // _REACH] = votes.get((row - at) // _REACH, 0) + 1
    ranked = sorted(votes, key=lambda slot: (-votes[slot] - votes.get(slot + 1, 0), slot))[:_MAX_WINDOWS]
    windows: list[tuple[int, int]] = []
    for slot in sorted(ranked):
        low, high = max(0, (slot - 1) * _REACH), min(total, (slot + 3) * _REACH + len(old))
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], high)
        else:
            windows.append((low, high))
    return windows


class _Table:
    """Costs of every partial alignment: `cost[j][i]` has used j old lines and the window's rows before i."""

    def __init__(self, source: Source, old: Sequence[Line], low: int, high: int, budget: Budget) -> None:
        self.old, self.low, self.budget = old, low, budget
        self.texts = source.texts[low:high]
        self.keys = source.level(2).keys[low:high]
        self.old_keys = [spelled(line.text, 2) for line in old]
        self.skip_row = [SKIP if key else SKIP_BLANK for key in self.keys]
        self.letters = [_letters(key) for key in self.keys]
        self.cost = [[0] * (len(self.texts) + 1)]
        for at in range(len(old)):
            self.cost.append(self._next(at))

    def _next(self, at: int) -> list[int]:
        above, last = self.cost[-1], at == len(self.old) - 1
        skip = self._skip_old(at)
        left = above[0] + skip
        row = [left]
        for diagonal, up, skip_row, pair in zip(above, above[1:], self.skip_row, self._pairs(at), strict=False):
            best = up + skip
            if diagonal + pair < best:
                best = diagonal + pair
            if not last and left + skip_row < best:
                best = left + skip_row
            row.append(best)
            left = best
        return row

    def _pairs(self, at: int) -> list[int]:
        """What it costs to take an old line for each row of the window."""
        line, key = self.old[at], self.old_keys[at]
        equal = [self._pair(at, i) if key == other else NEVER for i, other in enumerate(self.keys)]
        if line.mark != "-" and key and self.budget.comparisons > 0:
            letters, size = _letters(key), len(key)
            for i, other in enumerate(self.letters):
                # Letters alone rule most out: cheaper than the comparison, and never wrong where it would say yes.
                if (letters ^ other).bit_count() <= _OTHER_LETTERS and 7 * size <= 10 * len(self.keys[i]):
                    equal[i] = min(equal[i], self._pair(at, i))
        return equal

    def _skip_old(self, at: int) -> int:
        return NEVER if self.old[at].mark == "-" else SKIP if self.old_keys[at] else SKIP_BLANK

    def _pair(self, at: int, i: int) -> int:
        if self.keys[i] == self.old_keys[at]:
            return EXACT if self.texts[i].rstrip() == self.old[at].text.rstrip() else BLANKS
        if self.old[at].mark == "-" or not self.keys[i] or not self.old_keys[at]:
            return NEVER
        return SIMILAR if self._similar(self.old_keys[at], self.keys[i]) else NEVER

    def _similar(self, one: str, other: str) -> bool:
        """Whether two lines are one line misremembered."""
        short, long = sorted((len(one), len(other)))
        if short * 10 < long * 7 or long > 300 or self.budget.comparisons <= 0:
            return False
        if len(set(one) ^ set(other)) > _OTHER_LETTERS:
            return False
        self.budget.comparisons -= 1
        return SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.8

    def alignments(self, limit: int) -> list[tuple[int, tuple[int | None, ...]]]:
        """Every end within the limit, traced back twice: pairs first, and gaps first."""
        found: list[tuple[int, tuple[int | None, ...]]] = []
        ends = sorted((cost, i) for i, cost in enumerate(self.cost[-1]) if cost <= limit)
        for cost, end in ends[:20]:
            found.extend((cost, self._trace(end, pairs_first)) for pairs_first in (True, False))
        return found

    def _trace(self, i: int, pairs_first: bool) -> tuple[int | None, ...]:
        rows: list[int | None] = []
        at = len(self.old)
        while at > 0:
            cost = self.cost[at][i]
            skip_old = self.cost[at - 1][i] + self._skip_old(at - 1) == cost
            skip_row = i > 0 and at < len(self.old) and self.cost[at][i - 1] + self.skip_row[i - 1] == cost
            pair = i > 0 and self.cost[at - 1][i - 1] + self._known_pair(at - 1, i - 1) == cost
            if pair and (pairs_first or not (skip_old or skip_row)):
                at, i = at - 1, i - 1
                rows.append(self.low + i)
            elif skip_row:
                i -= 1
            else:
                at -= 1
                rows.append(None)
        return tuple(reversed(rows))

    def _known_pair(self, at: int, i: int) -> int:
        pair = self._pair(at, i)
        if pair == NEVER and self.budget.comparisons <= 0 and self.cost[at][i] + SIMILAR == self.cost[at + 1][i + 1]:
            return SIMILAR  # compared while the budget lasted
        return pair
