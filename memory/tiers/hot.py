"""The hot tier: the newest few thousand rows, all of them compared, in buffers made once.

Where ``hnswlib`` is installed its graph proposes the rows of an unfiltered search; the cosines stay exact. The graph is
made from the rows as they are added and never kept on disk. Under a filter all allowed rows are compared.
"""

import threading

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from memory.tiers.bf16 import lengths_of, to_bf16, to_float32
from memory.tiers.graph import Graph, installed
from memory.tiers.places import as_array, best

FIRST_CAPACITY, SLICE = 2_048, 256


class HotTier:
    """Rows in memory as bf16, ascending by id.

    ``graph``: use hnswlib; None: where it is installed. ``link_later``: rows enter the graph with `link` (70 µs each),
    not when they are added; until then they are compared.
    """

    name = "hot"

    def __init__(self, dimension: int, *, graph: bool | None = None, link_later: bool = False) -> None:
        self._dimension, self._link_later = dimension, link_later
        self._lock = threading.Lock()
        self._graph = Graph(dimension) if (installed() if graph is None else graph) else None
        self._ids = np.empty(FIRST_CAPACITY, np.uint32)
        self._rows = np.empty((FIRST_CAPACITY, dimension), np.uint16)
        self._lengths = np.empty(FIRST_CAPACITY, np.float32)
        self._used = 0
        self._live = BitMap()
        self._unlinked = BitMap()
        self._taken = np.empty((SLICE, dimension), np.uint16)
        self._floats = np.empty((SLICE, dimension), np.float32)

    def __len__(self) -> int:
        return len(self._live)

    def ids(self) -> BitMap:
        """The ids that can be found, a copy."""
        with self._lock:
            return self._live.copy()

    def add(self, ids: NDArray[np.uint32], vectors: NDArray[np.float32]) -> None:
        """Add rows, replacing those whose ids are here."""
        if not len(ids):
            return
        stored = to_bf16(vectors)
        exact = to_float32(stored)
        lengths = lengths_of(exact)
        with self._lock:
            self._make_room(len(ids))
            known = self._ids[: self._used]
            if not self._used or ids[0] > known[-1]:
                self._ids[self._used : self._used + len(ids)] = ids
                self._rows[self._used : self._used + len(ids)] = stored
                self._lengths[self._used : self._used + len(ids)] = lengths
                self._used += len(ids)
            else:
                self._merge(ids.astype(np.uint32), stored, lengths)
            self._live |= BitMap(ids)
            if self._graph is not None and self._link_later:
                if linked := (self._live - self._unlinked) & BitMap(ids):
                    self._graph.remove(as_array(linked))
                self._unlinked |= BitMap(ids)
            elif self._graph is not None:
                self._graph.add(ids, exact)

    def link(self, limit: int) -> int:
        """Let up to ``limit`` rows into the graph that wait for it; returns how many still wait."""
        with self._lock:
            if self._graph is None or not self._unlinked:
                return 0
            some = as_array(self._unlinked[:limit])
            slots = np.searchsorted(self._ids[: self._used], some)
            self._graph.add(some, to_float32(self._rows[slots]))
            self._unlinked -= BitMap(some)
            return len(self._unlinked)

    def remove(self, ids: BitMap) -> None:
        """Make rows unfindable; their space is used again when room is needed."""
        with self._lock:
            going = self._live & ids
            self._live -= ids
            linked = going - self._unlinked
            self._unlinked -= ids
            if self._graph is None or not linked:
                return
            self._graph.remove(as_array(linked))
            if self._graph.worn:
                self._graph, self._unlinked = Graph(self._dimension), self._live.copy()
        if not self._link_later:
            self.link(len(self))

    def search(
        self, query: NDArray[np.float32], allowed: BitMap | None, k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """See `memory.tiers.contracts.Tier`."""
        with self._lock:
            wanted = self._live if allowed is None else self._live & allowed
            k = min(k, len(wanted))
            if k <= 0:
                return np.empty(0, np.uint32), np.empty(0, np.float32)
            row = np.ascontiguousarray(query, np.float32).reshape(-1)
            proposed = None
            if self._graph is not None and len(wanted) == len(self._live):
                proposed = self._graph.nearest(row, k, len(self._live) - len(self._unlinked))
                if proposed is not None and self._unlinked:
                    proposed = np.sort(np.concatenate((proposed, as_array(self._unlinked))))
            ids = as_array(wanted) if proposed is None else proposed
            cosines = self._cosines(row, ids)
            return best(ids, cosines, k)

    def _cosines(self, query: NDArray[np.float32], ids: NDArray[np.uint32]) -> NDArray[np.float32]:
        cosines = np.empty(len(ids), np.float32)
        whole = len(ids) == self._used
        slots = None if whole else np.searchsorted(self._ids[: self._used], ids)
        for start in range(0, len(ids), SLICE):
            count = min(SLICE, len(ids) - start)
            if slots is None:
                rows = self._rows[start : start + count]
            else:
                rows = np.take(self._rows, slots[start : start + count], axis=0, out=self._taken[:count], mode="clip")
            np.dot(to_float32(rows, self._floats[:count]), query, out=cosines[start : start + count])
        cosines /= self._lengths[: self._used] if slots is None else self._lengths[slots]
        return cosines

    def _make_room(self, count: int) -> None:
        if self._used + count <= len(self._ids):
            return
        self._close_gaps()
        capacity = len(self._ids)
        while capacity < self._used + count:
            capacity *= 2
        if capacity > len(self._ids):
            ids, lengths = np.empty(capacity, np.uint32), np.empty(capacity, np.float32)
            rows = np.empty((capacity, self._dimension), np.uint16)
            for new, old in ((ids, self._ids), (lengths, self._lengths), (rows, self._rows)):
                new[: self._used] = old[: self._used]
            self._ids, self._lengths, self._rows = ids, lengths, rows

    def _close_gaps(self) -> None:
        """In place, so that the tier's memory stays as large as it once was."""
        kept = np.searchsorted(self._ids[: self._used], as_array(self._live))
        for start in range(0, len(kept), SLICE):
            slots = kept[start : start + SLICE]
            for column in (self._ids, self._lengths, self._rows):
                column[start : start + len(slots)] = column[slots]
        self._used = len(kept)

    def _merge(self, ids: NDArray[np.uint32], stored: NDArray[np.uint16], lengths: NDArray[np.float32]) -> None:
        known = self._ids[: self._used]
        kept = ~np.isin(known, ids)
        all_ids = np.concatenate((known[kept], ids))
        all_rows = np.concatenate((self._rows[: self._used][kept], stored))
        all_lengths = np.concatenate((self._lengths[: self._used][kept], lengths))
        order = np.argsort(all_ids)
        self._used = len(order)
        self._ids[: self._used], self._rows[: self._used] = all_ids[order], all_rows[order]
        self._lengths[: self._used] = all_lengths[order]

    def memory_bytes(self) -> int:
        """Rows, ids, scratch and the graph."""
        arrays = (self._ids, self._rows, self._lengths, self._taken, self._floats)
        return sum(array.nbytes for array in arrays) + (self._graph.memory_bytes() if self._graph is not None else 0)

    def close(self) -> None:
        """Let go of the rows."""
        with self._lock:
            self._live, self._used = BitMap(), 0
            self._graph = None
