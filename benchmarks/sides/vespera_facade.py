"""The whole memory: ``ingest`` keeps the scene's rows durably with their metadata, ``recall`` asks in another process.

A filter of the scene is a tag of the records it lets through. Queries carry no words that a record has, so that the
vectors alone answer, as those of the other libraries do; everything else of a recall is paid for: the hop to the
memory's thread, the filter's bitmaps, the text index, reading and checking the ten records.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import memory.structures  # noqa: F401 (what the first opening would import)
from benchmarks.sides.vectors import Scene, load, measure_async, memory_mib, one_core
from memory.contracts import Is, NewRecord, Query
from memory.facade import Memory

TENANT = "guild:100000000000000001"
BATCH = 2_000


class Given:
    """Vectors of the scene's queries, by their number."""

    model = "bench"

    def __init__(self, queries: NDArray[np.float32]) -> None:
        self._queries, self.dimension = queries, queries.shape[1]

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vector of query ``q17``."""
        return self._queries[[int(text[1:]) for text in texts]]

    async def close(self) -> None:
        """Nothing is open."""


def records(scene: Scene, now: float) -> list[NewRecord]:
    """A record for each row, a minute apart, the newest now."""
    tags: list[list[str]] = [[] for _ in scene.rows]
    for name, positions in scene.filters.items():
        for place in [] if positions is None else positions.tolist():
            tags[place].append(name)
    count = len(scene.rows)
    return [
        NewRecord(
            tenant=TENANT,
            kind="note",
            text=f"Note {place}: guard {place % 89} of hall {place % 977} reports at bell {place % 24} to nobody.",
            project_id=f"project{place % 7}",
            agent_id="weaver",
            task_id=str(place // 3),
            user=f"user{place % 50}",
            created_at=now - 60 * (count - place),
            tags=tuple(tags[place]),
        )
        for place in range(count)
    ]


async def ingest(folder: Path) -> dict[str, Any]:
    """Keep every row; durable when each call returns."""
    scene = load(folder)
    given, made, vectors = Given(scene.queries), records(scene, time.time()), np.array(scene.rows)
    memory = await Memory.open(folder / "data", given, given, upkeep=False)
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(made), BATCH):
        await memory.remember(made[start : start + BATCH], vectors[start : start + BATCH])
    figures = {"ingest_s": time.perf_counter() - wall, "ingest_cpu_s": time.process_time() - cpu}
    wall, cpu = time.perf_counter(), time.process_time()
    await memory._upkeep.round()
    figures |= {"follow_s": time.perf_counter() - wall, "follow_cpu_s": time.process_time() - cpu}
    wall, cpu = time.perf_counter(), time.process_time()
    await memory.reindex()
    figures |= {"reindex_s": time.perf_counter() - wall, "reindex_cpu_s": time.process_time() - cpu}
    await memory.close()
    return figures


async def recall(folder: Path, queries: int) -> dict[str, Any]:
    """Open, ask one query, then all under every filter."""
    scene = load(folder)
    given = Given(scene.queries)
    began, cpu = time.perf_counter(), time.process_time()
    memory = await Memory.open(folder / "data", given, given, upkeep=False)
    await memory.recall(Query(tenant=TENANT, text="q0"))
    figures: dict[str, Any] = {
        "open_ms": (time.perf_counter() - began) * 1e3,
        "open_cpu_ms": (time.process_time() - cpu) * 1e3,
        "loaded": memory_mib(),
        "filters": {},
    }
    for name, positions in scene.filters.items():
        where = None if positions is None else Is("tags", (name,))

        async def ask(query: int, where: Is | None = where) -> list[int]:
            recalled = await memory.recall(Query(tenant=TENANT, text=f"q{query}", where=where))
            return [hit.record.id for hit in recalled.hits]

        figures["filters"][name] = await measure_async(ask, scene, name, queries)
    figures["used"] = memory_mib()
    await memory.close()
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["ingest", "recall"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    one_core()
    run = ingest(options.folder) if options.step == "ingest" else recall(options.folder, options.queries)
    print(json.dumps(asyncio.run(run)))
