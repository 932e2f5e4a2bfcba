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
    """Positions of ascending ids. ``order``: the position of each, where that is not simply its rank."""

    def __init__(self, ids: NDArray[np.uint32], order: NDArray[np.uint32] | None = None) -> None:
        self._first = int(ids[0]) if len(ids) else 0
        span = int(ids[-1]) - self._first + 1 if len(ids) else 0
        self._ids, self._order = ids, order
        self._plain = span == len(ids) and order is None
        self._table: NDArray[np.uint32] | None = None
        if not self._plain and span <= _SPARSE * len(ids):
            self._table = np.zeros(span, np.uint32)
            self._table[ids - np.uint32(self._first)] = np.arange(len(ids)) if order is None else order

    def of(self, wanted: NDArray[np.uint32]) -> NDArray[np.intp]:
        """Positions of ids that are all here; ascending when ids and positions are in the same order."""
        if self._plain:
            found = wanted.astype(np.intp)
            found -= self._first
        elif self._table is not None:
            found = self._table[wanted - np.uint32(self._first)].astype(np.intp)
        else:
            found = np.searchsorted(self._ids, wanted)
            if self._order is not None:
                found = self._order[found].astype(np.intp)
        return found

    def memory_bytes(self) -> int:
        """The look-up table."""
        return 0 if self._table is None else self._table.nbytes
