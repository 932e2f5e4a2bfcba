"""Exact vectors in an index file: bf16 rows, each with a CRC-32 of its own, read by ``preadv`` and checked every time.

A row's checksum starts from its position and the generation, so that a row in another's place does not pass either.
"""

import os
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from errors import IndexDamaged
from memory.tiers.bf16 import cosines_of, to_float32
from memory.tiers.files import as_bytes

CRC_BYTES = 4
BATCH_BYTES = 1 << 18


def row_stride(dimension: int) -> int:
    """Bytes of one row with its checksum."""
    return 2 * dimension + CRC_BYTES


def pack_rows(rows: NDArray[np.uint16], first: int, salt: int) -> NDArray[np.uint8]:
    """Rows as they stand in the file, the first at position ``first``: ``(rows, row_stride(dimension))``."""
    count, dimension = rows.shape
    packed = np.empty((count, row_stride(dimension)), np.uint8)
    packed[:, : 2 * dimension] = rows.astype("<u2", copy=False).view(np.uint8)
    view, stride, width = as_bytes(packed), row_stride(dimension), 2 * dimension
    crc32 = zlib.crc32
    sums = [crc32(view[at * stride : at * stride + width], salt ^ (first + at)) for at in range(count)]
    packed[:, width:] = np.array(sums, "<u4").view(np.uint8).reshape(count, CRC_BYTES)
    return packed


class Rows:
    """Reads rows of an open file by position. Not for two threads at once."""

    def __init__(self, descriptor: int, offset: int, dimension: int, salt: int) -> None:
        self._descriptor, self._offset, self._dimension, self._salt = descriptor, offset, dimension, salt
        self._stride = row_stride(dimension)
        self.batch = max(1, min(256, BATCH_BYTES // self._stride))
        """Rows read at a time."""
        self._buffer = np.empty((self.batch, self._stride // 2), np.uint16)
        self._view = as_bytes(self._buffer)
        self._floats = np.empty((self.batch, dimension), np.float32)
        # Slices of the buffer, made once: making them costs as much as reading into them.
        stride = self._stride
        self._rooms = [(self._view[at * stride : (at + 1) * stride],) for at in range(self.batch)]
        self._checked = [room[0][: 2 * dimension] for room in self._rooms]

    def cosines(self, positions: NDArray[np.intp], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines between ``query`` (of length 1) and the rows at ascending ``positions``.

        Raises:
            IndexDamaged: a row does not match its checksum, or the file is too short.
        """
        found = np.empty(len(positions), np.float32)
        for start in range(0, len(positions), self.batch):
            wanted = positions[start : start + self.batch]
            found[start : start + len(wanted)] = cosines_of(self.read(wanted), query)
        return found

    def read(self, positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """At most ``batch`` rows as float32, in a buffer that the next call overwrites. Raises as `cosines` does."""
        places = positions.tolist()
        if np.count_nonzero(np.diff(positions) == 1) * 4 > len(places):
            read = self._read_runs(positions)
        else:
            read = self._read_single(positions)
        if read != len(places) * self._stride:
            raise IndexDamaged("An index file is too short for its rows.")
        self._check(places)
        return to_float32(self._buffer[: len(places), : self._dimension], self._floats[: len(places)])

    def _read_single(self, positions: NDArray[np.intp]) -> int:
        preadv, descriptor = os.preadv, self._descriptor
        offsets = (positions * self._stride + self._offset).tolist()
        return sum([preadv(descriptor, room, offset) for room, offset in zip(self._rooms, offsets, strict=False)])

    def _read_runs(self, positions: NDArray[np.intp]) -> int:
        read = 0
        for at, first, count in _runs(positions):
            part = self._view[at * self._stride : (at + count) * self._stride]
            read += os.preadv(self._descriptor, (part,), self._offset + first * self._stride)
        return read

    def copy(self, first: int, out: NDArray[np.float32]) -> None:
        """Rows written a moment ago by this process, at most ``batch``, from ``first`` on, not checked."""
        part = self._view[: len(out) * self._stride]
        if os.preadv(self._descriptor, (part,), self._offset + first * self._stride) != len(part):
            raise IndexDamaged(f"An index file ends before row {first}.")
        to_float32(self._buffer[: len(out), : self._dimension], out)

    def _check(self, places: list[int]) -> None:
        crc32, salt = zlib.crc32, self._salt
        sums = [crc32(row, salt ^ place) for row, place in zip(self._checked, places, strict=False)]
        stored = np.ascontiguousarray(self._buffer[: len(places), self._dimension :]).view("<u4")[:, 0]
        wrong = np.flatnonzero(stored != np.array(sums, np.uint32))
        if len(wrong):
            raise IndexDamaged(f"Row {places[int(wrong[0])]} of an index file does not match its checksum.")


def _runs(positions: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    """Neighbouring positions as one: index of the first, its position, how many."""
    breaks = np.flatnonzero(np.diff(positions) != 1) + 1
    starts = [0, *breaks.tolist()]
    ends = [*breaks.tolist(), len(positions)]
    firsts = positions[starts].tolist() if len(positions) else []
    for start, end, first in zip(starts, ends, firsts, strict=False):
        yield start, first, end - start
