"""Writing an index file: aside, synced, and only then under its name."""

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

import faults
from memory.tiers.contracts import Generation
from memory.tiers.files import as_bytes, sync_folder, write_at
from memory.tiers.generation import (
    ALIGN,
    CHUNK,
    MAGIC,
    PART,
    PREAMBLE,
    SUFFIX,
    Header,
    Margins,
    Section,
    padded,
    salt_of,
)
from memory.tiers.rows import Rows, pack_rows, row_stride


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
        view = as_bytes(content)
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
        self.append(bytes(padded(self.length) - self._written))
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
        self._next += padded(length)
        self._sections.append(writer)
        return writer

    def add(self, name: str, content: NDArray[Any] | bytes) -> None:
        """A section that is there at once."""
        self.section(name, as_bytes(content).nbytes).append(content)

    def append_rows(self, rows: NDArray[np.uint16]) -> None:
        """Write bf16 rows behind those already written."""
        packed = pack_rows(rows, self._rows_written, self.salt)
        write_at(self.descriptor, as_bytes(packed), self._next + self._rows_written * packed.shape[1])
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
        preamble = PREAMBLE.pack(MAGIC, end, len(header)).ljust(ALIGN, b"\0")
        write_at(self.descriptor, as_bytes(header), end)
        write_at(self.descriptor, as_bytes(preamble), 0)
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
