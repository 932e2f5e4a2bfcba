"""Distances of one-bit codes by population count, and the choice of the nearest, in buffers made once.

A scan reads the codes once, in blocks that stay in the second-level cache while they are XORed, counted and summed.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 8_192
"""Rows of a block of codes at most; scratch is this long."""
EXCLUDED = np.uint16(0xFFFF)
_SUMMED_AS_BYTES = 3
"""Words whose counts fit a byte together: 3 × 64 < 256."""
_SAMPLE = 4_096


class Addresses(NamedTuple):
    """Where the words of rows stand: word *w* of row *i* is ``flat[first[i] + w * step[i]]``."""

    first: NDArray[np.intp]
    step: NDArray[np.intp]


class Scanner:
    """Hamming distances between one query and blocks or single rows of codes of ``words`` 64-bit words."""

    def __init__(self, words: int) -> None:
        self._words = words
        self._mixed = np.empty((words, BLOCK_ROWS), np.uint64)
        self._counts = np.empty((words, BLOCK_ROWS), np.uint8)
        self._bytes = np.empty(BLOCK_ROWS, np.uint8)
        self._wide = np.empty(BLOCK_ROWS, np.uint16)
        self._index = np.empty(BLOCK_ROWS, np.intp)

    def blocks(self, codes: Iterable[NDArray[np.uint64]], query: NDArray[np.uint64], out: NDArray[np.uint16]) -> None:
        """Distances to the rows of blocks, one after the other: each ``(words, rows)``, ``query`` ``(words, 1)``."""
        filled = done = 0
        for block in codes:
            # Small blocks are counted together: each call of numpy costs as much as some hundred rows.
            if filled + block.shape[1] > BLOCK_ROWS:
                self._sum(self._mixed[:, :filled], out[done : done + filled])
                done, filled = done + filled, 0
            np.bitwise_xor(block, query, out=self._mixed[:, filled : filled + block.shape[1]])
            filled += block.shape[1]
        self._sum(self._mixed[:, :filled], out[done : done + filled])

    def rows(
        self, flat: NDArray[np.uint64], addresses: Addresses, query: NDArray[np.uint64], out: NDArray[np.uint16]
    ) -> None:
        """Distances to rows anywhere."""
        for start, end in self._gathered(flat, addresses):
            mixed = self._mixed[:, : end - start]
            np.bitwise_xor(mixed, query, out=mixed)
            self._sum(mixed, out[start:end])

    def _gathered(self, flat: NDArray[np.uint64], addresses: Addresses) -> Iterator[tuple[int, int]]:
        first, step = addresses
        for start in range(0, len(first), BLOCK_ROWS):
            end = min(start + BLOCK_ROWS, len(first))
            index = self._index[: end - start]
            np.copyto(index, first[start:end])
            for word in range(self._words):
                np.take(flat, index, out=self._mixed[word, : end - start], mode="clip")
                np.add(index, step[start:end], out=index)
            yield start, end

    def _sum(self, mixed: NDArray[np.uint64], out: NDArray[np.uint16]) -> None:
        count = mixed.shape[1]
        counts = self._counts[:, :count]
        np.bitwise_count(mixed, out=counts)
        few, wide = self._bytes[:count], self._wide[:count]
        for word in range(0, self._words, _SUMMED_AS_BYTES):
            np.add.reduce(counts[word : word + _SUMMED_AS_BYTES], axis=0, dtype=np.uint8, out=few)
            if word == 0:
                np.copyto(out, few)
            else:
                np.copyto(wide, few)
                np.add(out, wide, out=out)


def smallest_reaching(distances: NDArray[np.uint16], at_least: int, largest: int) -> int:
    """The smallest distance up to which there are ``at_least`` rows (``largest`` where there are fewer)."""
    low, high = 0, largest
    while low < high:
        middle = (low + high) // 2
        if np.count_nonzero(distances <= middle) >= at_least:
            high = middle
        else:
            low = middle + 1
    return low


def nearest(
    distances: NDArray[np.uint16], k: int, margin: int, about: int, most: int, largest: int
) -> NDArray[np.intp]:
    """Indexes of the rows at most ``margin`` farther than the k-th nearest.

    All rows up to ``largest`` where there are fewer than k; rows at `EXCLUDED` are never among them.
    """
    reached = _guess(distances, max(k, about), largest)
    chosen = np.flatnonzero(distances <= reached)
    if len(chosen) < k:
        reached = smallest_reaching(distances, k, largest)
        chosen = np.flatnonzero(distances <= reached)
    kth = int(np.partition(distances[chosen], k - 1)[k - 1]) if len(chosen) >= k else largest
    if min(kth + margin, largest) > reached:
        chosen = np.flatnonzero(distances <= min(kth + margin, largest))
    return chosen if len(chosen) <= most else _fewer(distances, chosen, most, largest)


def _guess(distances: NDArray[np.uint16], wanted: int, largest: int) -> int:
    step = max(1, len(distances) // _SAMPLE)
    sample = np.sort(distances[::step])
    return min(int(sample[min(wanted // step + 2, len(sample) - 1)]), largest)


def _fewer(distances: NDArray[np.uint16], chosen: NDArray[np.intp], most: int, largest: int) -> NDArray[np.intp]:
    inside = distances[chosen]
    limit = smallest_reaching(inside, most, largest)
    nearer = inside < limit
    at_limit = np.flatnonzero(inside == limit)
    nearer[at_limit[: most - np.count_nonzero(nearer)]] = True
    return chosen[nearer]
