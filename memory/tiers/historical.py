"""The historical tier: the same codes in lists under centroids, all of it mapped, for a million rows and more.

A search opens the lists nearest to it until they hold the share of rows that the recall probe found necessary. Under a
filter only allowed rows count: the filter is cut at the borders of the lists, so that lists without any allowed row are
not opened, and a filter that allows many rows, all of them far away, is answered from the nearest of those.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from memory.tiers.centroids import assign, k_means, lists_for
from memory.tiers.coding import Coding
from memory.tiers.contracts import Generation
from memory.tiers.frame import Frame
from memory.tiers.funnel import Asked, Funnel, Parts
from memory.tiers.generation import GenerationFile, Margins
from memory.tiers.generation_writer import GenerationWriter
from memory.tiers.kernels import EXCLUDED
from memory.tiers.places import Places, as_array
from memory.tiers.probe import Probe
from memory.tiers.spool import Spool

MOST, MOST_FILTERED = 16_384, 24_576
"""Rows of 384 dimensions that a scan passes on at most: topics far from the query are the hardest filter."""
DENSE = 6
"""Allowed rows of lists are looked at one by one when they are fewer than one in this many: with a tenth of a million
rows that takes 4.4 ms in place of 6.6; from about a fifth on, reading all runs on faster."""
SCAN_ALL = 0.4
"""Share of the rows from which scanning all costs no more than picking lists."""


def build(
    folder: Path,
    *,
    number: int,
    model: str,
    dimension: int,
    ids: NDArray[np.uint32],
    vectors: Iterator[NDArray[np.float32]],
) -> Generation:
    """See `memory.tiers.contracts.Builder`. Needs the space of the rows a second time while it runs."""
    spool = Spool(folder, dimension)
    try:
        for chunk in vectors:
            spool.append(chunk)
        if spool.count != len(ids):
            raise ValueError(f"{spool.count} rows came for {len(ids)} ids")
        centroids, lists = _lists(spool)
        order = np.argsort(lists, kind="stable")
        starts = np.searchsorted(lists[order], np.arange(len(centroids) + 1))
        probe = Probe(len(ids), dimension)
        with GenerationWriter(folder, "historical", number, model, dimension, len(ids)) as writer:
            writer.add("ids", ids[order].astype("<u4"))
            writer.add("known", BitMap(ids).serialize())
            writer.add("lists", starts.astype("<i8"))
            writer.add("centroids", centroids.astype("<f4"))
            coding = Coding(writer, len(ids), dimension)
            frame = coding.write_rows(spool.pieces(order), probe)
            coding.write_codes(frame, probe)
            return writer.finish(_measure(probe, coding, frame, ids[order], centroids, starts))
    finally:
        spool.close()


def _lists(spool: Spool) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Centroids, and the list of each row of the spool."""
    lists = lists_for(spool.count)
    size = min(spool.count, lists * 64)
    drawn = np.sort(np.random.default_rng(3).choice(spool.count, size, replace=False))
    centroids = k_means(spool.at(drawn), lists)
    found = [assign(rows, centroids) for rows in spool.pieces(np.arange(spool.count))]
    return centroids, np.concatenate(found) if found else np.zeros(0, np.int32)


def _measure(
    probe: Probe,
    coding: Coding,
    frame: Frame,
    ids: NDArray[np.uint32],
    centroids: NDArray[np.float32],
    starts: NDArray[np.intp],
) -> Margins:
    if not len(ids):
        return Margins()
    margins = probe.measure(coding.funnel(frame, ids))
    similar = probe.points @ centroids.T
    return msgspec.structs.replace(
        margins,
        opened=probe.opened(similar, starts, slice(0, 1)),
        opened_filtered=probe.opened(similar, starts, slice(0, None)),
    )


def map_generation(folder: Path, generation: Generation) -> "HistoricalTier":
    """See `memory.tiers.contracts.Mapper`."""
    return HistoricalTier(GenerationFile(folder, generation))


class HistoricalTier:
    """A mapped generation of the historical tier."""

    name = "historical"

    def __init__(self, file: GenerationFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        count, dimension = file.header.count, file.header.dimension
        frame = Frame.from_bytes(file.loaded("frame").tobytes(), dimension)
        signs, nibbles, factors, ids = (file.mapped(name) for name in ("signs", "nibbles", "factors", "ids"))
        ids.touch(0, len(ids.content))
        half = frame.width // 2
        self._parts = Parts(
            frame, signs.content.view("<u8"),
            nibbles.content[: count * half].reshape(count, half), factors.content.view("<f4"), file.rows(),
            ids.content.view("<u4")[:count], signs, nibbles, factors,
        )  # fmt: skip
        self._funnel = Funnel(self._parts, file.header.margins, MOST, MOST_FILTERED)
        self._centroids = file.loaded("centroids").view("<f4").reshape(-1, dimension)
        self._starts = file.loaded("lists").view("<i8").astype(np.intp)
        self._places = Places(self._parts.ids)
        self._live = BitMap.deserialize(file.loaded("known").tobytes())
        self._gone: NDArray[np.uint16] | None = None
        self._hidden = np.empty(count, np.uint16)

    def __len__(self) -> int:
        return len(self._live)

    def ids(self) -> BitMap:
        """The ids that can still be found, a copy."""
        with self._lock:
            return self._live.copy()

    def remove(self, ids: BitMap) -> None:
        """Make rows unfindable; the file stays as it is."""
        with self._lock:
            going = self._live & ids
            self._live -= ids
            if going and self._gone is None:
                self._gone = np.zeros(len(self._parts.ids), np.uint16)
            if self._gone is not None:
                self._gone[self._places.of(as_array(going))] = EXCLUDED

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
            if len(wanted) <= self._funnel.direct:
                return self._funnel.among(asked, np.sort(self._places.of(as_array(wanted))), k)
            lists = np.argsort(-(self._centroids @ asked.query), kind="stable")
            if len(wanted) == len(self._live):
                found = self._funnel.within(asked, self._nearest(lists, k), k, self._gone)
                if len(found[0]) == k:
                    return found
                # The nearest lists hold too few rows that were not removed.
            return self._filtered(asked, lists, wanted, k)

    def _nearest(self, lists: NDArray[np.intp], k: int) -> NDArray[np.intp]:
        opened, count = self._file.header.margins.opened, len(self._parts.ids)
        if opened > SCAN_ALL:
            return self._funnel.everything
        reached = np.cumsum(self._starts[lists + 1] - self._starts[lists])
        return self._runs(lists[: int(np.searchsorted(reached, max(opened * count, 64 * k))) + 1])

    def _runs(self, lists: NDArray[np.intp]) -> NDArray[np.intp]:
        ordered = np.sort(lists)
        return np.stack((self._starts[ordered], self._starts[ordered + 1]), axis=1)

    def _filtered(
        self, asked: Asked, lists: NDArray[np.intp], wanted: BitMap, k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        positions = np.sort(self._places.of(as_array(wanted)))
        bounds = np.searchsorted(positions, self._starts)
        allowed = np.diff(bounds)
        holding = lists[allowed[lists] > 0]
        least = max(self._file.header.margins.opened_filtered * len(positions), 64 * k)
        opened = holding[: int(np.searchsorted(np.cumsum(allowed[holding]), least)) + 1]
        hits, rows = int(allowed[opened].sum()), int((self._starts[opened + 1] - self._starts[opened]).sum())
        if hits > self._funnel.direct and hits * DENSE > rows:
            self._hidden.fill(EXCLUDED)
            self._hidden[positions] = 0
            runs = self._funnel.everything if rows > SCAN_ALL * len(self._hidden) else self._runs(opened)
            return self._funnel.within(asked, runs, k, self._hidden)
        near = [positions[bounds[number] : bounds[number + 1]] for number in np.sort(opened).tolist()]
        return self._funnel.among(asked, np.concatenate(near), k)

    def memory_bytes(self) -> int:
        """Look-up table, centroids, masks and scratch."""
        gone = 0 if self._gone is None else self._gone.nbytes
        tables = self._centroids.nbytes + self._hidden.nbytes + self._places.memory_bytes()
        return tables + gone + self._funnel.memory_bytes()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()
