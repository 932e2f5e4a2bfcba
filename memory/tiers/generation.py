"""One index file: sections, each in chunks with checksums, and a header that holds the checksums.

    preamble (64 bytes) | section … section | rows | header (MessagePack)

The header names every section with the CRC-32 of each of its chunks; `Generation` holds the CRC-32 of preamble and
header. So opening reads the header alone, and any byte of the file is checked before an answer rests on it: sections
kept in memory when they are read, mapped ones chunk by chunk when first touched, rows by their own checksums at every
reading. Padding belongs to its section's last chunk: no byte stands outside.
"""

import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from errors import IndexDamaged
from memory.tiers.contracts import Generation
from memory.tiers.rows import Rows

MAGIC = b"VSPRIDX3"
SUFFIX, PART = ".vidx", ".part"
CHUNK = 1 << 14
ALIGN = 64
PREAMBLE = struct.Struct("<8sQQ8x")


class Margin(msgspec.Struct, frozen=True):
    """How far beyond the k-th nearest a search looks."""

    bits: int = 0
    """Rows up to this many bits farther are looked at again."""
    cosine: float = 0.0
    """Rows whose four-bit estimate is at most this much lower are read exactly."""


class Margins(msgspec.Struct, frozen=True):
    """What the recall probe measured at building (memory/tiers/probe.py)."""

    free: Margin = Margin()
    filtered: Margin = Margin()
    opened: float = 1.0
    """Historical: share of all rows that the lists an unfiltered search scans must hold."""
    opened_filtered: float = 1.0
    """Historical: share of the allowed rows that the lists a filtered search opens must hold."""


class Section(msgspec.Struct, frozen=True):
    """A stretch of the file. ``sums``: CRC-32 of every ``chunk`` bytes as ``<u4``; none where rows check themselves."""

    name: str
    offset: int
    length: int
    chunk: int
    sums: bytes


class Header(msgspec.Struct, frozen=True):
    """What the file says about itself."""

    tier: Literal["project", "historical"]
    number: int
    model: str
    dimension: int
    count: int
    margins: Margins
    sections: tuple[Section, ...]


def salt_of(tier: str, number: int, model: str) -> int:
    """Where the checksums of a generation's rows start from."""
    return zlib.crc32(f"{tier}/{number}/{model}".encode())


def padded(length: int) -> int:
    """Bytes a section takes, with its padding."""
    return max(1, -(-length // ALIGN)) * ALIGN


class Mapped:
    """A section read through the map, each chunk checked when first touched."""

    def __init__(self, content: NDArray[np.uint8], section: Section) -> None:
        self.content = content
        self._sums, self._name, self._chunk = np.frombuffer(section.sums, "<u4"), section.name, section.chunk
        self._unchecked = np.ones(len(self._sums), np.bool_)
        self._left = len(self._sums)
        self._view = content.data

    @property
    def whole(self) -> bool:
        """Whether every chunk was checked."""
        return not self._left

    def touch(self, start: int, end: int) -> None:
        """Check the bytes from ``start`` to ``end``.

        Raises:
            IndexDamaged: a chunk does not match its checksum.
        """
        first, last = start // self._chunk, -(-end // self._chunk)
        if self._left and self._unchecked[first:last].any():
            self._check(np.arange(first, last))

    def touch_many(self, starts: NDArray[np.intp]) -> None:
        """Check the rows that begin at ``starts``. Raises as `touch` does."""
        if self._left:
            wanted = np.zeros(len(self._unchecked), np.bool_)
            wanted[starts // self._chunk] = True
            self._check(np.flatnonzero(wanted & self._unchecked))

    def _check(self, chunks: NDArray[np.intp]) -> None:
        for chunk in chunks[self._unchecked[chunks]].tolist():
            if zlib.crc32(self._view[chunk * self._chunk : (chunk + 1) * self._chunk]) != self._sums[chunk]:
                raise IndexDamaged(f'Section "{self._name}" of an index file does not match its checksum.')
            self._unchecked[chunk] = False
            self._left -= 1


class GenerationFile:
    """An index file opened for reading."""

    def __init__(self, folder: Path, generation: Generation) -> None:
        """Map the file and check its header.

        Raises:
            IndexDamaged: the file is missing or not the published one.
        """
        self.generation = generation
        try:
            self.descriptor = os.open(folder / generation.name, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise IndexDamaged(f"The index file {generation.name} cannot be opened: {error.strerror}.") from error
        try:
            self.header = self._read_header()
            self._map = mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ)
        except BaseException:
            os.close(self.descriptor)
            raise
        self._sections = {section.name: section for section in self.header.sections}

    def _read_header(self) -> Header:
        wanted = self.generation
        wrong = IndexDamaged(f"The index file {wanted.name} is not the one that was published.")
        preamble = os.pread(self.descriptor, ALIGN, 0)
        if os.fstat(self.descriptor).st_size != wanted.size or len(preamble) != ALIGN:
            raise wrong
        magic, offset, length = PREAMBLE.unpack_from(preamble)
        if magic != MAGIC or offset + length != wanted.size:
            raise wrong
        content = os.pread(self.descriptor, length, offset)
        if zlib.crc32(content, zlib.crc32(preamble)) != wanted.crc:
            raise wrong
        header = msgspec.msgpack.decode(content, type=Header)
        if (header.tier, header.number, header.model, header.dimension, header.count) != (
            wanted.tier, wanted.number, wanted.model, wanted.dimension, wanted.count,
        ):  # fmt: skip
            raise wrong
        return header

    def rows(self) -> Rows:
        """The exact vectors."""
        header = self.header
        salt = salt_of(header.tier, header.number, header.model)
        return Rows(self.descriptor, self._sections["rows"].offset, header.dimension, salt)

    def mapped(self, name: str) -> Mapped:
        """A section that stays in the file."""
        section = self._sections[name]
        content = np.frombuffer(self._map, np.uint8, padded(section.length), section.offset)
        return Mapped(content, section)

    def loaded(self, name: str) -> NDArray[np.uint8]:
        """A section read into memory and checked whole. Raises `IndexDamaged`."""
        section = self._sections[name]
        content = np.empty(padded(section.length), np.uint8)
        if len(content) and os.preadv(self.descriptor, (content.data,), section.offset) != len(content):
            raise IndexDamaged(f"The index file {self.generation.name} is too short.")
        Mapped(content, section).touch(0, len(content))
        return content[: section.length]

    def verify(self) -> None:
        """Read every byte. Raises `IndexDamaged`."""
        rows = self.rows()
        for start in range(0, self.header.count, rows.batch):
            rows.read(np.arange(start, min(start + rows.batch, self.header.count)))
        for section in self.header.sections:
            if section.name != "rows":
                mapped = self.mapped(section.name)
                mapped.touch(0, len(mapped.content))

    def close(self) -> None:
        """Let go of the file; the map goes with the last array on it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def sweep(folder: Path, published: set[str]) -> list[str]:
    """Remove index files, whole or partial, that no published generation names; returns their names."""
    removed = []
    for path in sorted(folder.glob(f"*{SUFFIX}*")):
        if path.name not in published and path.name.endswith((SUFFIX, PART)):
            path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed
