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
from types import TracebackType
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

import faults
from errors import IndexDamaged
from memory.tiers.contracts import Generation
from memory.tiers.rows import Rows, pack_rows, row_stride

MAGIC = b"VSPRIDX2"
SUFFIX, PART = ".vidx", ".part"
CHUNK = 1 << 14
ALIGN = 64
_PREAMBLE = struct.Struct("<8sQQ8x")


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
    opened: int = 0
    """Historical: rows in the nearest lists that an unfiltered search scans."""
    opened_filtered: int = 0
    """Historical: allowed rows in the nearest lists that a filtered search looks at."""


class Section(msgspec.Struct, frozen=True):
    """A stretch of the file. ``sums``: CRC-32 of every ``chunk`` bytes as ``<u4``, empty where rows check themselves."""

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


def _padded(length: int) -> int:
    return max(1, -(-length // ALIGN)) * ALIGN


class SectionWriter:
    """Fills a reserved stretch of the file from its beginning."""

    def __init__(self, descriptor: int, name: str, offset: int, length: int, row: int) -> None:
        self._descriptor = descriptor
        self.name, self.offset, self.length = name, offset, length
        self._chunk = max(1, CHUNK // row) * row
        self._sums: list[int] = []
        self._written = self._current = 0

    def append(self, content: NDArray[Any] | bytes) -> None:
        """Write what comes next."""
        view = memoryview(content).cast("B")
        write_at(self._descriptor, view, self.offset + self._written)
        at = 0
        while at < len(view):
            room = self._chunk - self._written % self._chunk
            piece = view[at : at + room]
            self._current = zlib.crc32(piece, self._current)
            self._written += len(piece)
            at += len(piece)
            if self._written % self._chunk == 0:
                self._sums.append(self._current)
                self._current = 0

    def finish(self) -> Section:
        """Pad, and say what was written."""
        self.append(bytes(_padded(self.length) - self._written))
        if self._written % self._chunk:
            self._sums.append(self._current)
        return Section(self.name, self.offset, self.length, self._chunk, np.array(self._sums, "<u4").tobytes())


class GenerationWriter:
    """Writes a file aside; only `finish` gives it its name. Use as a context: leaving early removes it."""

    def __init__(
        self, folder: Path, tier: Literal["project", "historical"], number: int, model: str, dimension: int, count: int
    ) -> None:
        self._folder = folder
        self._tier, self._number, self._model = tier, number, model
        self._dimension, self._count = dimension, count
        self.name = f"{tier}-{zlib.crc32(model.encode()):08x}-{number}{SUFFIX}"
        self._part = folder / (self.name + PART)
        self.salt = salt_of(tier, number, model)
        self._sections: list[SectionWriter] = []
        self._next, self._rows_written = ALIGN, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        faults.point("index.begun")

    def __enter__(self) -> "GenerationWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)
        self._part.unlink(missing_ok=True)

    def section(self, name: str, length: int, row: int = 8) -> SectionWriter:
        """Reserve a section of ``length`` bytes whose chunks hold whole rows of ``row`` bytes.

        All sections are reserved before the first row is written.
        """
        writer = SectionWriter(self.descriptor, name, self._next, length, row)
        self._next += _padded(length)
        self._sections.append(writer)
        return writer

    def add(self, name: str, content: NDArray[Any] | bytes) -> None:
        """A section that is there at once."""
        self.section(name, memoryview(content).nbytes).append(content)

    def append_rows(self, rows: NDArray[np.uint16]) -> None:
        """Write bf16 rows behind those already written."""
        packed = pack_rows(rows, self._rows_written, self.salt)
        write_at(self.descriptor, memoryview(packed).cast("B"), self._next + self._rows_written * packed.shape[1])
        self._rows_written += len(rows)

    def rows(self) -> Rows:
        """Reads back the rows written so far."""
        return Rows(self.descriptor, self._next, self._dimension, self.salt)

    def finish(self, margins: Margins) -> Generation:
        """Write the header, sync, rename, sync the folder."""
        length = self._count * row_stride(self._dimension)
        rows, end = Section("rows", self._next, length, 0, b""), self._next + length
        sections = (rows, *(section.finish() for section in self._sections))
        header = msgspec.msgpack.encode(
            Header(self._tier, self._number, self._model, self._dimension, self._count, margins, sections)
        )
        preamble = _PREAMBLE.pack(MAGIC, end, len(header)).ljust(ALIGN, b"\0")
        write_at(self.descriptor, memoryview(header), end)
        write_at(self.descriptor, memoryview(preamble), 0)
        faults.point("index.written")
        os.fsync(self.descriptor)
        faults.point("index.synced")
        self._part.replace(self._folder / self.name)
        faults.point("index.renamed")
        sync_folder(self._folder)
        return Generation(
            name=self.name, tier=self._tier, number=self._number, model=self._model, dimension=self._dimension,
            count=self._count, size=end + len(header), crc=zlib.crc32(header, zlib.crc32(preamble)),
        )  # fmt: skip


def write_at(descriptor: int, view: memoryview, offset: int) -> None:
    """Write all of ``view``, however many calls that takes."""
    while view:
        done = os.pwrite(descriptor, view, offset)
        view, offset = view[done:], offset + done


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Mapped:
    """A section read through the map, each chunk checked when first touched."""

    def __init__(self, content: NDArray[np.uint8], section: Section) -> None:
        self.content = content
        self._sums, self._name, self._chunk = np.frombuffer(section.sums, "<u4"), section.name, section.chunk
        self._unchecked = np.ones(len(self._sums), np.bool_)
        self._left = len(self._sums)
        self._view = memoryview(content)

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
        magic, offset, length = _PREAMBLE.unpack_from(preamble)
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
        content = np.frombuffer(self._map, np.uint8, _padded(section.length), section.offset)
        return Mapped(content, section)

    def loaded(self, name: str) -> NDArray[np.uint8]:
        """A section read into memory and checked whole. Raises `IndexDamaged`."""
        section = self._sections[name]
        content = np.empty(_padded(section.length), np.uint8)
        if len(content) and os.preadv(self.descriptor, (content,), section.offset) != len(content):
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
