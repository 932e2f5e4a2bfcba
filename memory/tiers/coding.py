"""Coding the rows of a file that is being written: a first pass lays down exact rows, a second reads them back."""

import mmap
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from memory.tiers.bf16 import to_bf16, to_float32
from memory.tiers.codes import encode
from memory.tiers.frame import Frame
from memory.tiers.funnel import Funnel, Parts
from memory.tiers.generation import Margins
from memory.tiers.generation_writer import GenerationWriter, SectionWriter
from memory.tiers.kernels import BLOCK_ROWS
from memory.tiers.probe import Probe

PIECE = 1_024
"""Rows converted at a time: they stay in the second-level cache."""


class Coding:
    """Sections of codes of one file, reserved before its rows."""

    def __init__(self, writer: GenerationWriter, count: int, dimension: int) -> None:
        self.count, self._writer, self._dimension = count, writer, dimension
        width = -(-dimension // 64) * 64
        self._frame = writer.section("frame", 4 * dimension + 2 * width)
        self.signs: SectionWriter = writer.section("signs", count * width // 8)
        self.nibbles: SectionWriter = writer.section("nibbles", count * width // 2, row=width // 2)
        self.factors: SectionWriter = writer.section("factors", count * 4)

    def write_rows(self, chunks: Iterable[NDArray[np.float32]], probe: Probe) -> Frame:
        """First pass: exact rows and their mean; the probe gets its samples."""
        total = np.zeros(self._dimension, np.float64)
        samples, seen = [], 0
        for chunk in _pieces(chunks):
            stored = to_bf16(chunk)
            self._writer.append_rows(stored)
            exact = to_float32(stored)
            total += exact.sum(axis=0)
            inside = probe.sampled[(probe.sampled >= seen) & (probe.sampled < seen + len(chunk))] - seen
            samples.append(exact[inside])
            seen += len(chunk)
        if seen != self.count:
            raise ValueError(f"{seen} rows came for {self.count} ids")
        probe.start(np.concatenate(samples) if samples else np.zeros((0, self._dimension), np.float32))
        frame = Frame.around((total / max(1, seen)).astype(np.float32))
        self._frame.append(frame.to_bytes())
        return frame

    def write_codes(self, frame: Frame, probe: Probe) -> None:
        """Second pass: codes, block by block."""
        for start, rows in self._read_back():
            probe.see(rows, start)
            codes = encode(rows, frame)
            self.signs.append(codes.signs)
            self.nibbles.append(codes.nibbles)
            self.factors.append(codes.factors.astype("<f4"))

    def funnel(self, frame: Frame, ids: NDArray[np.uint32]) -> Funnel:
        """Searches what was written, before the file has its name. ``ids``: by position."""
        width, count = frame.width, self.count
        mapped = mmap.mmap(self._writer.descriptor, 0, access=mmap.ACCESS_READ)
        signs = np.frombuffer(mapped, "<u8", count * width // 64, self.signs.offset)
        nibbles = np.frombuffer(mapped, np.uint8, count * width // 2, self.nibbles.offset).reshape(count, width // 2)
        factors = np.frombuffer(mapped, "<f4", count, self.factors.offset)
        return Funnel(Parts(frame, signs, nibbles, factors, self._writer.rows(), ids), Margins())

    def _read_back(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        reader = self._writer.rows()
        scratch = np.empty((BLOCK_ROWS, self._dimension), np.float32)
        for start in range(0, self.count, BLOCK_ROWS):
            end = min(start + BLOCK_ROWS, self.count)
            for at in range(start, end, reader.batch):
                count = min(reader.batch, end - at)
                reader.copy(at, scratch[at - start : at - start + count])
            yield start, scratch[: end - start]


def _pieces(chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    for chunk in chunks:
        for at in range(0, len(chunk), PIECE):
            yield chunk[at : at + PIECE]
