"""From record ids to positions in a file."""

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

_SPARSE = 4
"""Ids that are spread over more than this many times their number are searched, not looked up."""


def as_array(ids: BitMap) -> NDArray[np.uint32]:
    """The ids of a bitmap, ascending."""
    return np.frombuffer(ids.to_array(), np.uint32)


class Places:
    """Positions of ids, given the id at each position, in any order."""

    def __init__(self, ids: NDArray[np.uint32]) -> None:
        self._first = int(ids.min()) if len(ids) else 0
        span = int(ids.max()) - self._first + 1 if len(ids) else 0
        self._ascending = bool((ids[1:] > ids[:-1]).all())
        self._plain = span == len(ids) and self._ascending
        self._table: NDArray[np.uint32] | None = None
        self._ids, self._order = ids, np.empty(0, np.intp)
        if not self._plain and span <= _SPARSE * len(ids):
            self._table = np.zeros(span, np.uint32)
            self._table[ids - np.uint32(self._first)] = np.arange(len(ids))
        elif not self._ascending:
            self._order = np.argsort(ids)
            self._ids = ids[self._order]

    def of(self, wanted: NDArray[np.uint32]) -> NDArray[np.intp]:
        """Positions of ids that are all here; ascending where the ids of the positions are."""
        if self._plain:
            found = wanted.astype(np.intp)
            found -= self._first
        elif self._table is not None:
            found = self._table[wanted - np.uint32(self._first)].astype(np.intp)
        else:
            found = np.searchsorted(self._ids, wanted)
            if not self._ascending:
                found = self._order[found]
        return found

    def memory_bytes(self) -> int:
        """The look-up table, or the order of sparse ids."""
        own = 0 if self._ascending or self._table is not None else self._ids.nbytes
        return own + self._order.nbytes + (0 if self._table is None else self._table.nbytes)


def best(
    ids: NDArray[np.uint32], cosines: NDArray[np.float32], k: int
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The ``k`` rows of the highest cosine, the highest first; of equal ones the lower id."""
    if len(ids) > 4 * k:  # Sorting all would cost more than finding the k-th.
        least = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
        kept = np.flatnonzero(~(cosines < least))
        ids, cosines = ids[kept], cosines[kept]
    order = np.lexsort((ids, -cosines))[:k]
    return ids[order], cosines[order]
