"""The project tier: one-bit codes in memory, all of them scanned; four-bit codes mapped; exact rows read by ``preadv``.

Made for up to some hundred thousand rows: 100,000 of 384 dimensions hold 4.8 MB of codes and are scanned in half a
millisecond.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from memory.tiers.coding import Coding
from memory.tiers.contracts import Generation
from memory.tiers.frame import Frame
from memory.tiers.funnel import Funnel, Parts
from memory.tiers.generation import GenerationFile, Margins
from memory.tiers.generation_writer import GenerationWriter
from memory.tiers.kernels import EXCLUDED
from memory.tiers.places import Places, as_array
from memory.tiers.probe import Probe

SCAN_SHARE = 4
"""Filters that allow more than one row in this many scan all rows and leave out; others gather theirs."""


def build(
    folder: Path,
    *,
    number: int,
    model: str,
    dimension: int,
    ids: NDArray[np.uint32],
    vectors: Iterator[NDArray[np.float32]],
) -> Generation:
    """See `memory.tiers.contracts.Builder`."""
    count = len(ids)
    probe = Probe(count, dimension)
    with GenerationWriter(folder, "project", number, model, dimension, count) as writer:
        writer.add("ids", ids.astype("<u4"))
        writer.add("known", BitMap(ids).serialize())
        coding = Coding(writer, count, dimension)
        frame = coding.write_rows(vectors, probe)
        coding.write_codes(frame, probe)
        return writer.finish(probe.measure(coding.funnel(frame, ids)) if count else Margins())


def map_generation(folder: Path, generation: Generation) -> "ProjectTier":
    """See `memory.tiers.contracts.Mapper`."""
    return ProjectTier(GenerationFile(folder, generation))


class ProjectTier:
    """A mapped generation of the project tier."""

    name = "project"

    def __init__(self, file: GenerationFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        header = file.header
        frame = Frame.from_bytes(file.loaded("frame").tobytes(), header.dimension)
        ids = file.loaded("ids").view("<u4")
        signs = file.loaded("signs").view("<u8")
        nibbles = file.mapped("nibbles")
        factors = file.loaded("factors").view("<f4")
        stride = frame.width // 2
        rows = nibbles.content[: header.count * stride].reshape(header.count, stride)
        parts = Parts(frame, signs, rows, factors, file.rows(), ids, nibbles_check=nibbles)
        self._funnel = Funnel(parts, header.margins)
        self._places = Places(ids)
        self._live = BitMap.deserialize(file.loaded("known").tobytes())
        self._hidden = np.zeros(header.count, np.uint16)

    def __len__(self) -> int:
        return len(self._live)

    def ids(self) -> BitMap:
        """The ids that can still be found, a copy."""
        with self._lock:
            return self._live.copy()

    def remove(self, ids: BitMap) -> None:
        """Make rows unfindable; the file stays as it is."""
        with self._lock:
            self._live -= ids

    def search(
        self, query: NDArray[np.float32], allowed: BitMap | None, k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """See `memory.tiers.contracts.Tier`."""
        with self._lock:
            wanted = self._live if allowed is None else self._live & allowed
            k = min(k, len(wanted))
            if k <= 0:
                return np.empty(0, np.uint32), np.empty(0, np.float32)
            asked = self._funnel.ask(query)
            if len(wanted) > self._funnel.direct and len(wanted) * SCAN_SHARE > len(self._hidden):
                return self._funnel.within(asked, self._funnel.everything, k, self._without(wanted))
            return self._funnel.among(asked, self._places.of(as_array(wanted)), k)

    def _without(self, wanted: BitMap) -> NDArray[np.uint16] | None:
        if len(wanted) == len(self._hidden):
            return None
        self._hidden.fill(EXCLUDED)
        self._hidden[self._places.of(as_array(wanted))] = 0
        return self._hidden

    def memory_bytes(self) -> int:
        """Codes, ids and scratch."""
        parts = self._funnel.parts
        kept = (parts.signs, parts.factors, parts.ids, self._hidden)
        return sum(array.nbytes for array in kept) + self._places.memory_bytes() + self._funnel.memory_bytes()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()
