"""The tiers of Vespera's memory: ``build`` makes an index file, ``search`` opens it in a process of its own."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from pyroaring import BitMap

from benchmarks.sides.vectors import load, measure, memory_mib, one_core
from memory.tiers import historical, project
from memory.tiers.contracts import Builder, Generation, Mapper

BUILDERS: dict[str, tuple[Builder, Mapper]] = {
    "project": (project.build, project.map_generation),
    "historical": (historical.build, historical.map_generation),
}
CHUNK = 4_096


def build(tier: str, folder: Path, rows: int) -> dict[str, Any]:
    """Make a file of the first ``rows`` rows."""
    vectors = np.load(folder / "rows.npy", mmap_mode="r")[:rows]
    np.asarray(vectors).sum()  # In the page cache, as rows just read from SQLite would be.
    wall, cpu = time.perf_counter(), time.process_time()
    generation = BUILDERS[tier][0](
        folder / "index", number=rows, model="bench", dimension=vectors.shape[1],
        ids=np.arange(1, rows + 1, dtype=np.uint32), vectors=(vectors[at : at + CHUNK] for at in range(0, rows, CHUNK)),
    )  # fmt: skip
    figures = {"build_s": time.perf_counter() - wall, "build_cpu_s": time.process_time() - cpu}
    (folder / f"{tier}-{rows}.json").write_bytes(msgspec.json.encode(generation))
    return figures | {"file_mib": generation.size / 2**20}


def search(tier: str, folder: Path, rows: int, queries: int) -> dict[str, Any]:
    """Open the file, ask one query, then all under every filter (none for less than all rows)."""
    scene = load(folder)
    generation = msgspec.json.decode((folder / f"{tier}-{rows}.json").read_bytes(), type=Generation)
    began = time.perf_counter()
    opened = BUILDERS[tier][1](folder / "index", generation)
    opened.search(scene.queries[0], None, 10)
    figures: dict[str, Any] = {"open_ms": (time.perf_counter() - began) * 1e3, "loaded": memory_mib()}
    if rows == len(scene.rows):
        figures["filters"] = {}
        for name, positions in scene.filters.items():
            allowed = None if positions is None else BitMap((positions + 1).astype(np.uint32))
            figures["filters"][name] = measure(
                lambda query, some: opened.search(query, some, 10)[0], allowed, scene, name, queries
            )
    figures["used"] = memory_mib()
    figures["held_mib"] = opened.memory_bytes() / 2**20
    opened.close()
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["build", "search"])
    parser.add_argument("tier", choices=list(BUILDERS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    one_core()
    if options.step == "build":
        print(json.dumps(build(options.tier, options.folder, options.rows)))
    else:
        print(json.dumps(search(options.tier, options.folder, options.rows, options.queries)))
