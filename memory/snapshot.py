"""The file of bitmaps: immutable, every byte under a checksum, entries found by hash and read when asked for.

Header (64 bytes), entries (key, then body), directory (columns of 8- and 4-byte numbers, sorted by hash of the key).
The header holds the CRC-32 of the directory and its own; the directory holds the CRC-32 of each entry.
"""

import mmap
import os
import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from errors import IndexDamaged
from memory.store import Published

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<8sQQIIQQII8x")
_MAGIC = b"VSPBMAP1"
_ROW = struct.Struct("<QQII")
_ROW_BYTES = 28
PORTION = 2_000
"""Entries written between two breaths."""


class Snapshot:
    """One such file, mapped. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        """Map the file and check all of it.

        Raises:
            IndexDamaged: it is missing, or a byte of it fails its check.
        """
        self._path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{path.name} cannot be read ({error})") from error
        try:
            self._read_header()
        except BaseException:
            self.close()
            raise

    def _read_header(self) -> None:
        import numpy as np

        raw = self._map[: _HEADER.size]
        if len(raw) != _HEADER.size:
            raise IndexDamaged(f"{self._path.name} is cut short")
        magic, self.lsn, self.last_id, count, _, start, size, crc, own = _HEADER.unpack(raw)
        if magic != _MAGIC or own != zlib.crc32(raw[:52] + bytes(12)) or raw[56:] != bytes(8) or size != len(self._map):
            raise IndexDamaged(f"{self._path.name} is not what was written")
        if start + count * _ROW_BYTES != size or zlib.crc32(memoryview(self._map)[start:]) != crc:
            raise IndexDamaged(f"the directory of {self._path.name} fails its check")
        self.count, self.size, self.crc = count, size, own
        self._hash: NDArray[np.uint64] = np.frombuffer(self._map, "<u8", count, start)
        self._start: NDArray[np.uint64] = np.frombuffer(self._map, "<u8", count, start + count * 8)
        self._key, self._body, self._crc = (
            np.frombuffer(self._map, "<u4", count, start + count * (16 + 4 * place)) for place in range(3)
        )

    def get(self, key: bytes) -> bytes | None:
        """The body kept under a key.

        Raises:
            IndexDamaged: the entry fails its check.
        """
        import numpy as np

        wanted = np.uint64(_hash(key))
        place = int(np.searchsorted(self._hash, wanted))
        while place < self.count and self._hash[place] == wanted:
            found, body = self._entry(place)
            if found == key:
                return body
            place += 1
        return None

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key with its body, each checked."""
        for place in range(self.count):
            yield self._entry(place)

    def _entry(self, place: int) -> tuple[bytes, bytes]:
        start, key = int(self._start[place]), int(self._key[place])
        try:
            raw = self._map[start : start + key + int(self._body[place])]
        except ValueError as error:
            raise IndexDamaged(f"{self._path.name} was closed") from error
        if zlib.crc32(raw) != self._crc[place]:
            raise IndexDamaged(f"an entry of {self._path.name} fails its check")
        return raw[:key], raw[key:]

    def check(self) -> None:
        """Read every entry. Raises IndexDamaged."""
        for _ in self.entries():
            pass

    def close(self) -> None:
        """Unmap the file."""
        for name in ("_hash", "_start", "_key", "_body", "_crc"):
            self.__dict__.pop(name, None)
        self._map.close()


def open_snapshot(folder: Path, row: Published) -> Snapshot:
    """The file that a row of ``generations`` names. Raises IndexDamaged: it is another, or damaged."""
    snapshot = Snapshot(folder / row.name)
    if msgspec.json.encode((snapshot.size, snapshot.crc)) != row.form or snapshot.lsn != row.lsn:
        snapshot.close()
        raise IndexDamaged(f"{row.name} is not the file that was published")
    return snapshot


def write(
    path: Path, entries: Iterable[tuple[bytes, bytes]], lsn: int, last_id: int, breathe: Callable[[], None]
) -> tuple[int, int]:
    """Write such a file, synced, at `path`; returns its size and the CRC-32 of its header."""
    import numpy as np

    with path.open("wb", buffering=1 << 18) as file:
        file.write(bytes(_HEADER.size))
        table = np.frombuffer(_write_entries(file, entries, breathe), np.uint64).reshape(-1, 5)
        table = table[np.argsort(table[:, 0], kind="stable")]
        start = file.tell()
        directory = b"".join(
            np.ascontiguousarray(table[:, column]).astype(form).tobytes()
            for column, form in enumerate(("<u8", "<u8", "<u4", "<u4", "<u4"))
        )
        file.write(directory)
        size = file.tell()
        body = _HEADER.pack(_MAGIC, lsn, last_id, len(table), 0, start, size, zlib.crc32(directory), 0)
        crc = zlib.crc32(body[:52] + bytes(12))
        file.seek(0)
        file.write(body[:52] + struct.pack("<I", crc) + bytes(8))
        file.flush()
        os.fsync(file.fileno())
    return size, crc


def _write_entries(file: BinaryIO, entries: Iterable[tuple[bytes, bytes]], breathe: Callable[[], None]) -> "array[int]":
    """Write the entries; returns hash, start, length of key and of body, and CRC of each, one after the other."""
    table, start = array("Q"), _HEADER.size
    for number, (key, body) in enumerate(entries):
        raw = key + body
        file.write(raw)
        table.extend((_hash(key), start, len(key), len(body), zlib.crc32(raw)))
        start += len(raw)
        if number % PORTION == PORTION - 1:
            breathe()
    return table


def _hash(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little")
