"""The plain tier: all vectors in memory, every one compared. What the others are measured against."""

from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ExactTier:
    """Rows found by comparing with all of them."""

    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self._ids = np.empty(0, np.uint32)
        self._vectors = np.empty((0, dimension), np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> BitMap:
        """Numbers of the rows."""
        return BitMap(self._ids)

    def add(self, ids: "NDArray[np.uint32]", vectors: "NDArray[np.float32]") -> None:
        """Add rows; those that are here already are replaced."""
        self.remove(BitMap(ids))
        self._ids = np.concatenate([self._ids, ids])
        self._vectors = np.concatenate([self._vectors, vectors])

    def link(self, limit: int) -> int:
        """Nothing was put off."""
        return 0

    def remove(self, ids: BitMap) -> None:
        """Take rows away."""
        keep = np.fromiter((one not in ids for one in self._ids.tolist()), bool, len(self._ids))
        if not keep.all():
            self._ids, self._vectors = self._ids[keep], self._vectors[keep]

    def search(
        self, query: "NDArray[np.float32]", allowed: BitMap | None, k: int
    ) -> "tuple[NDArray[np.uint32], NDArray[np.float32]]":
        """The nearest rows among `allowed`, nearest first."""
        ids, vectors = self._ids, self._vectors
        if allowed is not None:
            mask = np.fromiter((one in allowed for one in ids.tolist()), bool, len(ids))
            ids, vectors = ids[mask], vectors[mask]
        cosines = vectors @ query
        order = np.lexsort((ids, -cosines))[:k]
        return ids[order], cosines[order]

    def memory_bytes(self) -> int:
        """What the arrays take."""
        return int(self._ids.nbytes + self._vectors.nbytes)

    def close(self) -> None:
        """Nothing is held open."""
