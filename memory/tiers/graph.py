"""The nearest rows of an unfiltered search by a graph: ``hnswlib``, where it is installed.

Never written to disk: its own file did not survive a kill while it was saved, and loading checks nothing.
"""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINKS, BUILD_WIDTH, SEARCH_WIDTH = 16, 120, 200
WORTH_IT = 1_536
"""Rows below which comparing all is faster."""
STEP = 512
"""Places it grows by."""


def installed() -> bool:
    """Whether the module is there; it is imported when the first row is added."""
    return find_spec("hnswlib") is not None


class Graph:
    """Links between rows, by id."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._index: Any = None
        self._known: set[int] = set()
        self._gone: set[int] = set()

    def add(self, ids: NDArray[np.uint32], rows: NDArray[np.float32]) -> None:
        """Link rows in; ids that are known get the new row."""
        if self._index is None:
            self._index = _empty(self._dimension)
        for number in self._gone.intersection(ids.tolist()):
            self._index.unmark_deleted(number)
            self._gone.discard(number)
        room, needed = self._index.get_max_elements(), self._index.get_current_count() + len(ids)
        if needed > room:
            self._index.resize_index(needed + STEP)
        self._index.add_items(rows, ids.astype(np.uint64), num_threads=1)
        self._known.update(ids.tolist())

    def remove(self, ids: NDArray[np.uint32]) -> None:
        """Leave ids out from now on; their rows stay until the graph is made anew."""
        for number in self._known.difference(self._gone).intersection(ids.tolist()):
            self._index.mark_deleted(number)
            self._gone.add(number)

    @property
    def worn(self) -> bool:
        """Whether half of what it holds is gone: then a new one is smaller, and faster to search and to add to.

        Reusing the places of deleted rows (``replace_deleted``) takes 1.8 ms a row, linking them anew 0.11 ms.
        """
        return len(self._gone) >= STEP // 2 and 2 * len(self._gone) >= len(self._known)

    def nearest(self, query: NDArray[np.float32], k: int, count: int) -> NDArray[np.uint32] | None:
        """Ids that are worth comparing exactly, ascending; None: compare all ``count``."""
        proposals = min(count, 2 * k + 8)
        if self._index is None or count < WORTH_IT or proposals * 4 > count:
            return None
        self._index.set_ef(max(SEARCH_WIDTH, 4 * k))
        try:
            found, _ = self._index.knn_query(query, k=proposals, num_threads=1)
        except RuntimeError:
            # hnswlib found fewer than asked: too many of the linked rows are gone.
            return None
        return np.sort(found[0]).astype(np.uint32)

    def memory_bytes(self) -> int:
        """Rows as float32 and their links, roughly."""
        room = 0 if self._index is None else int(self._index.get_max_elements())
        return room * (4 * self._dimension + 8 * LINKS + 64)


def _empty(dimension: int) -> Any:
    import hnswlib

    index = hnswlib.Index(space="ip", dim=dimension)
    index.init_index(STEP, M=LINKS, ef_construction=BUILD_WIDTH, random_seed=100)
    index.set_num_threads(1)
    return index
