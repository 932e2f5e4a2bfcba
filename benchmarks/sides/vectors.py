"""What the sides of the memory benchmark share: the scene written by the parent, one core, and measuring searches."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import percentile

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "LANCE_CPU_THREADS",
           "TOKIO_WORKER_THREADS")  # fmt: skip
WARM_UP = 20


class Scene(NamedTuple):
    """Rows, queries, filters and true answers; ids are positions + 1."""

    rows: NDArray[np.float32]
    queries: NDArray[np.float32]
    filters: dict[str, NDArray[np.intp] | None]
    truth: dict[str, NDArray[np.intp]]


def one_core() -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def save(scene: Scene, folder: Path) -> None:
    """Write everything but the rows, which stand in ``rows.npy`` already."""
    parts: dict[str, Any] = {"queries": scene.queries}
    for name, positions in scene.filters.items():
        parts[f"truth {name}"] = scene.truth[name]
        if positions is not None:
            parts[f"filter {name}"] = positions
    np.savez(folder / "scene.npz", **parts)


def load(folder: Path) -> Scene:
    """Read what `save` wrote; the rows are mapped."""
    with np.load(folder / "scene.npz") as stored:
        names = [name.removeprefix("truth ") for name in stored.files if name.startswith("truth ")]
        filters = {name: stored[f"filter {name}"] if f"filter {name}" in stored.files else None for name in names}
        truth = {name: stored[f"truth {name}"] for name in names}
        queries = stored["queries"]
    return Scene(np.load(folder / "rows.npy", mmap_mode="r"), queries, filters, truth)


def memory_mib() -> dict[str, float]:
    """Anonymous, file-backed and locked memory of this process."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    fields = {"anonymous": "RssAnon", "file": "RssFile", "pinned": "VmLck"}
    return {name: int(lines[field].split()[0]) / 1_024 for name, field in fields.items()}


def measure(
    search: Callable[[NDArray[np.float32], Any], NDArray[Any]], allowed: Any, scene: Scene, name: str, count: int
) -> dict[str, float]:
    """Recall@10 and CPU and wall time of ``count`` queries under one filter, after a warm-up. ``search`` gives ids."""
    queries, truth = scene.queries[:count], scene.truth[name][:count] + 1
    for query in queries[:WARM_UP]:
        search(query, allowed)
    cpu, wall, hits = [], [], 0
    for query, true in zip(queries, truth, strict=True):
        began, cpu_began = time.perf_counter_ns(), time.process_time_ns()
        found = search(query, allowed)
        cpu.append((time.process_time_ns() - cpu_began) / 1e6)
        wall.append((time.perf_counter_ns() - began) / 1e6)
        hits += len(np.intersect1d(found, true))
    return _summary(hits / truth.size, cpu, wall)


async def measure_async(
    ask: Callable[[int], Awaitable[Sequence[int]]], scene: Scene, name: str, count: int
) -> dict[str, float]:
    """The same of questions by number to something asynchronous; the CPU is that of all threads."""
    truth = scene.truth[name][:count] + 1
    for query in range(WARM_UP):
        await ask(query)
    cpu, wall, hits = [], [], 0
    for query, true in enumerate(truth):
        began, cpu_began = time.perf_counter_ns(), time.process_time_ns()
        found = await ask(query)
        cpu.append((time.process_time_ns() - cpu_began) / 1e6)
        wall.append((time.perf_counter_ns() - began) / 1e6)
        hits += len(np.intersect1d(found, true))
    return _summary(hits / truth.size, cpu, wall)


def _summary(recall: float, cpu: Sequence[float], wall: Sequence[float]) -> dict[str, float]:
    return {
        "recall": recall,
        "cpu_p50": percentile(cpu, 0.5),
        "cpu_p99": percentile(cpu, 0.99),
        "wall_p50": percentile(wall, 0.5),
        "wall_p99": percentile(wall, 0.99),
    }
