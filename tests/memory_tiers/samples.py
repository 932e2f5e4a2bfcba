"""Rows to search, and the plain exact search that tiers are held against."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from memory.tiers import historical, project
from memory.tiers.bf16 import to_bf16, to_float32
from memory.tiers.contracts import Builder, Generation, Mapper, Tier
from memory.tiers.hot import HotTier

BUILDERS: dict[str, tuple[Builder, Mapper]] = {
    "project": (project.build, project.map_generation),
    "historical": (historical.build, historical.map_generation),
}
KINDS = ("hot", "hot with graph", "project", "historical")
MODEL = "hashed-384/1"


def unit_rows(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    scaled: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled


def spread_ids(count: int, seed: int = 0, apart: int = 3) -> NDArray[np.uint32]:
    """Ascending ids with gaps."""
    return np.cumsum(np.random.default_rng(seed).integers(1, apart + 1, count)).astype(np.uint32)


def chunks(rows: NDArray[np.float32], size: int = 700) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def build(kind: str, folder: Path, ids: NDArray[np.uint32], rows: NDArray[np.float32], number: int = 1) -> Generation:
    return BUILDERS[kind][0](folder, number=number, model=MODEL, dimension=rows.shape[1], ids=ids, vectors=chunks(rows))


def open_tier(kind: str, folder: Path, ids: NDArray[np.uint32], rows: NDArray[np.float32]) -> Tier:
    if kind.startswith("hot"):
        hot = HotTier(rows.shape[1], graph=kind == "hot with graph")
        hot.add(ids, rows)
        return hot
    return BUILDERS[kind][1](folder, build(kind, folder, ids, rows))


def stored_cosines(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float64]:
    """In double precision, of the rows as bf16 keeps them."""
    kept = to_float32(to_bf16(rows)).astype(np.float64)
    lengths = np.linalg.norm(kept, axis=1)
    found: NDArray[np.float64] = kept @ query.astype(np.float64) / np.where(lengths == 0, 1, lengths)
    return found


def exactly(
    ids: NDArray[np.uint32], rows: NDArray[np.float32], query: NDArray[np.float32], allowed: BitMap | None, k: int
) -> list[int]:
    inside = np.ones(len(ids), np.bool_) if allowed is None else np.array([int(i) in allowed for i in ids], np.bool_)
    cosines, some = stored_cosines(rows[inside], query), ids[inside]
    return [int(some[at]) for at in np.lexsort((some, -cosines))[:k]]


def recall(found: NDArray[np.uint32], true: list[int]) -> float:
    return len(set(found.tolist()) & set(true)) / max(1, len(true))
