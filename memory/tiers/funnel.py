"""From many rows to the k nearest in three narrowing steps: one bit a coordinate, four bits, exact.

Few rows skip what they do not need: up to `EXACT` are read at once, up to ``direct`` (about what a scan costs) go
straight to their four-bit codes. Only exact cosines are answered; the codes decide which rows are read for them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory.tiers.codes import Estimator, sign_words
from memory.tiers.frame import Frame
from memory.tiers.generation import Mapped, Margin, Margins
from memory.tiers.kernels import BLOCK_ROWS, Addresses, Scanner, nearest
from memory.tiers.places import best
from memory.tiers.rows import Rows

EXACT = 128
"""Allowed rows up to which all are read exactly."""
DIRECT = 12_288
"""Allowed rows of 384 dimensions up to which all are ranked by their four-bit codes; fewer of wider rows."""
MOST, MOST_FILTERED = 11_264, 16_384
"""Rows of 384 dimensions at most that a scan passes on to the four-bit codes; half as many of 1,536."""
FEWEST, FEWEST_EXACT = 256, 32
"""Rows that go on to the four-bit codes, and to exact reading, however small the margin."""
MOST_EXACT = 512


class Parts(NamedTuple):
    """What a funnel reads."""

    frame: Frame
    signs: NDArray[np.uint64]
    """Flat, in blocks of `BLOCK_ROWS` rows, word by word within."""
    nibbles: NDArray[np.uint8]
    """``(rows, width / 2)``."""
    factors: NDArray[np.float32]
    rows: Rows
    ids: NDArray[np.uint32]
    """Record id of each position."""
    signs_check: Mapped | None = None
    nibbles_check: Mapped | None = None
    factors_check: Mapped | None = None


class Asked(NamedTuple):
    """A query in the forms that the steps want."""

    query: NDArray[np.float32]
    turned: NDArray[np.float32]
    bits: NDArray[np.uint64]


class Funnel:
    """Searches coded rows by position. Not for two threads at once: the buffers are its own."""

    def __init__(self, parts: Parts, margins: Margins, most: int = MOST, most_filtered: int = MOST_FILTERED) -> None:
        self.parts, self.margins = parts, margins
        self._width = parts.frame.width
        self._words = self._width // 64
        self.count = len(parts.ids)
        self.everything = np.array([[0, self.count]])
        """The one run of all positions."""
        self._scanner = Scanner(self._words)
        self._estimator = Estimator(self._width)
        self.direct = max(2_048, DIRECT * 384 // self._width)
        self._most = max(2_048, int(most * (384 / self._width) ** 0.5))
        self._most_filtered = max(2_048, int(most_filtered * (384 / self._width) ** 0.5))
        self._distances = np.empty(0, np.uint16)
        self._estimates = np.empty(self.direct, np.float32)

    def ask(self, query: NDArray[np.float32]) -> Asked:
        """Prepare a query."""
        row = np.ascontiguousarray(query, np.float32).reshape(1, -1)
        # Estimates want the query as it is, signs want it as the rows are: without the mean.
        turned = self.parts.frame.rotate(np.concatenate((row, row - self.parts.frame.mean)))
        return Asked(row[0], turned[0], sign_words(turned[1:]).T)

    def among(
        self, asked: Asked, positions: NDArray[np.intp], k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """The k nearest of the rows at ascending ``positions``: their ids and cosines."""
        if len(positions) > max(EXACT, 2 * k):
            if len(positions) > self.direct:
                distances = self.distances_of(asked, positions)
                positions = positions[self._near(distances, k, self.margins.filtered)]
            positions = self._ranked(asked, positions, k, self.margins.filtered)
        return self._exactly(asked, positions, k)

    def within(
        self, asked: Asked, runs: NDArray[np.intp], k: int, hidden: NDArray[np.uint16] | None
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """The k nearest in ascending ``runs`` of positions, leaving out those where ``hidden`` is `EXCLUDED`, not 0."""
        distances = self.distances(asked, runs)
        margin = self.margins.free if hidden is None else self.margins.filtered
        whole = len(distances) == self.count
        if hidden is not None:
            if not whole:
                hidden = np.concatenate([hidden[start:end] for start, end in runs.tolist()])
            np.bitwise_or(distances, hidden, out=distances)
        positions = self._near(distances, k, margin)
        if not whole:
            ends = np.cumsum(runs[:, 1] - runs[:, 0])
            positions += (runs[:, 1] - ends)[np.searchsorted(ends, positions, "right")]
        if len(positions) > max(EXACT, 2 * k):
            positions = self._ranked(asked, positions, k, margin)
        return self._exactly(asked, positions, k)

    def distances(self, asked: Asked, runs: NDArray[np.intp]) -> NDArray[np.uint16]:
        """Hamming distances to all rows of ``runs``, in a buffer that the next call overwrites."""
        out = self._room(int((runs[:, 1] - runs[:, 0]).sum()))
        self._scanner.blocks(self._codes(runs), asked.bits, out)
        return out

    def _codes(self, runs: NDArray[np.intp]) -> Iterator[NDArray[np.uint64]]:
        words, signs, check = self._words, self.parts.signs, self.parts.signs_check
        unchecked = check is not None and not check.whole
        for start, end in runs.tolist():
            while start < end:
                first = start - start % BLOCK_ROWS
                last = min(first + BLOCK_ROWS, self.count)
                if unchecked and check is not None:
                    check.touch(8 * words * first, 8 * words * last)
                block = signs[words * first : words * last].reshape(words, last - first)
                yield block[:, start - first : min(end, last) - first]
                start = last

    def distances_of(self, asked: Asked, positions: NDArray[np.intp]) -> NDArray[np.uint16]:
        """Hamming distances to the rows at ``positions``, in a buffer that the next call overwrites."""
        out = self._room(len(positions))
        self._scanner.rows(self.parts.signs, self._addresses(positions), asked.bits, out)
        return out

    def _addresses(self, positions: NDArray[np.intp]) -> Addresses:
        words, check = self._words, self.parts.signs_check
        first = positions & ~(BLOCK_ROWS - 1)
        found = Addresses((words - 1) * first + positions, np.minimum(self.count - first, BLOCK_ROWS))
        if check is not None and not check.whole:
            for word in range(words):
                check.touch_many(8 * (found.first + word * found.step))
        return found

    def estimates(self, asked: Asked, positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """Four-bit estimates up to a constant, in a buffer that the next call overwrites."""
        parts = self.parts
        if parts.nibbles_check is not None:
            parts.nibbles_check.touch_many(positions * (self._width // 2))
        if parts.factors_check is not None:
            parts.factors_check.touch_many(positions * 4)
        if len(positions) > len(self._estimates):
            self._estimates = np.empty(len(positions), np.float32)
        out = self._estimates[: len(positions)]
        self._estimator.estimate(parts.nibbles, positions, asked.turned, out)
        out *= parts.factors[positions]
        return out

    def memory_bytes(self) -> int:
        """Scratch of this funnel, roughly."""
        held = self._words * 9 * 8_192 + 5 * self._width * 256
        return held + sum(array.nbytes for array in (self._distances, self._estimates))

    def _room(self, count: int) -> NDArray[np.uint16]:
        if len(self._distances) < count:
            self._distances = np.empty(count, np.uint16)
        return self._distances[:count]

    def _near(self, distances: NDArray[np.uint16], k: int, margin: Margin) -> NDArray[np.intp]:
        fewest = max(FEWEST, 8 * k)
        most = self._most if margin is self.margins.free else self._most_filtered
        return nearest(distances, k, margin.bits, fewest, max(most, fewest), self._width)

    def _ranked(self, asked: Asked, positions: NDArray[np.intp], k: int, margin: Margin) -> NDArray[np.intp]:
        estimates = self.estimates(asked, positions)
        fewest = max(FEWEST_EXACT, 2 * k)
        if len(positions) <= fewest:
            return positions
        most = min(max(MOST_EXACT, 4 * k), len(positions))
        best = np.partition(estimates, (len(estimates) - most, len(estimates) - fewest, len(estimates) - k))
        floor = min(best[len(best) - k] - np.float32(margin.cosine), best[len(best) - fewest])
        chosen: NDArray[np.intp] = np.flatnonzero(estimates >= max(floor, best[len(best) - most]))
        return positions[chosen]

    def _exactly(
        self, asked: Asked, positions: NDArray[np.intp], k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        cosines = self.parts.rows.cosines(positions, asked.query)
        return best(self.parts.ids[positions], cosines, k)
