"""A nameless file that holds rows while their order is found."""

import mmap
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memory.tiers.bf16 import to_bf16, to_float32
from memory.tiers.files import as_bytes, write_at

PIECE = 1_024


class Spool:
    """Rows of ``dimension``, written once in order and read in any. Gone with `close` or the process."""

    def __init__(self, folder: Path, dimension: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="spool-", suffix=".vidx.part", dir=folder)
        Path(name).unlink()
        self._descriptor, self._dimension = descriptor, dimension
        self._map: mmap.mmap | None = None
        self.count = 0

    def append(self, rows: NDArray[np.float32]) -> None:
        """Write rows behind the others."""
        view = as_bytes(to_bf16(rows))
        write_at(self._descriptor, view, self.count * 2 * self._dimension)
        self.count += len(rows)

    def at(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """The rows at ``places``, in that order. Nothing is written after the first reading."""
        if not len(places):
            return np.zeros((0, self._dimension), np.float32)
        if self._map is None:
            self._map = mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)
        stored = np.frombuffer(self._map, np.uint16, self.count * self._dimension)
        return to_float32(stored.reshape(self.count, self._dimension)[places])

    def pieces(self, order: NDArray[np.intp]) -> Iterator[NDArray[np.float32]]:
        """All rows in an order, a piece at a time."""
        for start in range(0, len(order), PIECE):
            yield self.at(order[start : start + PIECE])

    def close(self) -> None:
        """Give the space back."""
        os.close(self._descriptor)
