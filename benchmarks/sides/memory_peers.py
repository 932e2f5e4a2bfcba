"""The peers of the memory benchmark, one per process: each builds, loads and searches in its usual way, on one thread.

Graphs get M = 16, efConstruction = 200, ef = 100. Filters go the way the library offers: a callable (hnswlib), an id
selector (faiss), metadata in the query (sqlite-vec, lancedb, chroma); usearch has none in Python, so it fetches more
and drops what is not allowed.
"""

import argparse
import json
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.sides.vectors import Scene, load, measure, memory_mib, one_core

LINKS, BUILD_WIDTH, SEARCH_WIDTH, K = 16, 200, 100, 10
BATCH = 5_000
MOST_FETCHED = 5_000


class Peer(Protocol):
    """One library."""

    def build(self, scene: Scene, folder: Path) -> None:
        """Add all rows, with ids from 1."""
        ...

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        """A filter in the form the library wants."""
        ...

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        """Ids of the ten nearest."""
        ...


class Hnswlib:
    """``filter=`` calls back into Python for every row it visits."""

    def build(self, scene: Scene, folder: Path) -> None:
        hnswlib: Any = import_module("hnswlib")
        self._index = hnswlib.Index(space="ip", dim=scene.rows.shape[1])
        self._index.init_index(len(scene.rows), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=1)
        self._index.set_num_threads(1)
        for at in range(0, len(scene.rows), BATCH):
            part = scene.rows[at : at + BATCH]
            self._index.add_items(part, np.arange(at + 1, at + 1 + len(part)), num_threads=1)
        self._index.set_ef(SEARCH_WIDTH)

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        return None if positions is None else set((positions + 1).tolist()).__contains__

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        try:
            found: NDArray[Any] = self._index.knn_query(query, k=K, num_threads=1, filter=allowed)[0][0]
        except RuntimeError:  # Fewer than ten of the visited rows were allowed: it then gives nothing.
            return np.empty(0, np.uint64)
        return found


class Usearch:
    """No filter: as many more as the filter's share asks for are fetched, at most `MOST_FETCHED`."""

    def build(self, scene: Scene, folder: Path) -> None:
        usearch: Any = import_module("usearch.index")
        self._index = usearch.Index(
            ndim=scene.rows.shape[1], metric="ip", dtype="f32", connectivity=LINKS, expansion_add=BUILD_WIDTH,
            expansion_search=SEARCH_WIDTH,
        )  # fmt: skip
        for at in range(0, len(scene.rows), BATCH):
            part = np.ascontiguousarray(scene.rows[at : at + BATCH])
            self._index.add(np.arange(at + 1, at + 1 + len(part), dtype=np.uint64), part, threads=1)

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        if positions is None:
            return K, None
        mask = np.zeros(count + 1, np.bool_)
        mask[positions + 1] = True
        return min(MOST_FETCHED, 2 * K * count // len(positions)), mask

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        fetched, mask = allowed
        found: NDArray[Any] = self._index.search(query, fetched, threads=1).keys
        return found if mask is None else found[mask[found]][:K]


class Faiss:
    """HNSW with a bitmap selector."""

    def build(self, scene: Scene, folder: Path) -> None:
        faiss: Any = import_module("faiss")
        faiss.omp_set_num_threads(1)
        self._faiss = faiss
        self._index = faiss.IndexHNSWFlat(scene.rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = BUILD_WIDTH
        for at in range(0, len(scene.rows), BATCH):
            self._index.add(np.ascontiguousarray(scene.rows[at : at + BATCH]))

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        selector = None
        if positions is not None:
            bits = np.zeros(count, np.uint8)
            bits[positions] = 1
            selector = self._faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
        return self._faiss.SearchParametersHNSW(sel=selector, efSearch=SEARCH_WIDTH)

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        found: NDArray[Any] = self._index.search(query[None], K, params=allowed)[1][0] + 1
        return found


class SqliteVec:
    """Brute force inside SQLite, filters as metadata columns. By apsw: not every Python's sqlite3 loads extensions."""

    def build(self, scene: Scene, folder: Path) -> None:
        apsw: Any = import_module("apsw")
        self._connection = apsw.Connection(str(folder / "peer.sqlite"))
        self._connection.enable_load_extension(True)
        self._connection.load_extension(import_module("sqlite_vec").loadable_path())
        flags = _flags(scene)
        columns = "".join(f", {name} integer" for name in flags)
        dimension = scene.rows.shape[1]
        self._connection.execute(
            f"CREATE VIRTUAL TABLE rows USING vec0(vector float[{dimension}] distance_metric=cosine{columns})"
        )
        names, marks = ", ".join(flags), ", ?" * len(flags)
        for at in range(0, len(scene.rows), BATCH):
            part = scene.rows[at : at + BATCH]
            values = zip(*(flag[at : at + BATCH].tolist() for flag in flags.values()), strict=True)
            rows = ((at + 1 + n, row.tobytes(), *some) for n, (row, some) in enumerate(zip(part, values, strict=True)))
            with self._connection:
                self._connection.executemany(f"INSERT INTO rows (rowid, vector, {names}) VALUES (?, ?{marks})", rows)  # noqa: S608

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        where = "" if positions is None else f" AND {_column(name)} = 1"
        return f"SELECT rowid FROM rows WHERE vector MATCH ? AND k = {K}{where}"  # noqa: S608

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        return np.array([row[0] for row in self._connection.execute(allowed, (query.tobytes(),))])


class Lancedb:
    """IVF-PQ with re-ranking, filters before the search."""

    def build(self, scene: Scene, folder: Path) -> None:
        lancedb: Any = import_module("lancedb")
        pa: Any = import_module("pyarrow")

        def batches() -> Any:
            for at in range(0, len(scene.rows), BATCH):
                part = np.ascontiguousarray(scene.rows[at : at + BATCH])
                columns = {"id": pa.array(np.arange(at + 1, at + 1 + len(part)))}
                columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(part.reshape(-1)), part.shape[1])
                columns |= {name: pa.array(flag[at : at + BATCH]) for name, flag in flags.items()}
                yield pa.RecordBatch.from_pydict(columns)

        flags = _flags(scene)
        first = next(batches())
        self._table = lancedb.connect(folder / "lance").create_table("rows", batches(), schema=first.schema)
        partitions = max(1, round(len(scene.rows) ** 0.5))
        self._table.create_index(metric="cosine", num_partitions=partitions, num_sub_vectors=scene.rows.shape[1] // 8)

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        return None if positions is None else f"{_column(name)} = 1"

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        asked = (
            self._table.search(query)
            .distance_type("cosine")
            .nprobes(20)
            .refine_factor(10)
            .limit(K)
            .select(["id", "_distance"])
        )
        if allowed is not None:
            asked = asked.where(allowed, prefilter=True)
        return np.array(asked.to_arrow()["id"].to_pylist())


class Chroma:
    """A persistent client, filters as metadata."""

    def build(self, scene: Scene, folder: Path) -> None:
        chromadb: Any = import_module("chromadb")
        settings = chromadb.Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)
        space = {"space": "cosine", "max_neighbors": LINKS, "ef_construction": BUILD_WIDTH, "ef_search": SEARCH_WIDTH}
        self._rows = client.create_collection("rows", configuration={"hnsw": {**space, "num_threads": 1}})
        flags = _flags(scene)
        for at in range(0, len(scene.rows), BATCH):
            part = np.ascontiguousarray(scene.rows[at : at + BATCH])
            values = zip(*(flag[at : at + BATCH].tolist() for flag in flags.values()), strict=True)
            metadata = [dict(zip(flags, some, strict=True)) for some in values]
            self._rows.add(ids=[str(at + 1 + n) for n in range(len(part))], embeddings=part, metadatas=metadata)

    def allow(self, name: str, positions: NDArray[np.intp] | None, count: int) -> Any:
        return None if positions is None else {_column(name): 1}

    def search(self, query: NDArray[np.float32], allowed: Any) -> NDArray[Any]:
        found = self._rows.query(query_embeddings=query[None], n_results=K, where=allowed, include=["distances"])
        return np.array([int(each) for each in found["ids"][0]])


def _column(name: str) -> str:
    return "f_" + "".join(letter if letter.isalnum() else "_" for letter in name)


def _flags(scene: Scene) -> dict[str, NDArray[np.int64]]:
    flags = {}
    for name, positions in scene.filters.items():
        if positions is not None:
            flags[_column(name)] = np.zeros(len(scene.rows), np.int64)
            flags[_column(name)][positions] = 1
    return flags


PEERS: dict[str, type[Peer]] = {
    "hnswlib": Hnswlib,
    "usearch": Usearch,
    "faiss": Faiss,
    "sqlite_vec": SqliteVec,
    "lancedb": Lancedb,
    "chromadb": Chroma,
}


def run(name: str, folder: Path, queries: int) -> dict[str, Any]:
    """Build, then search under every filter."""
    scene, peer = load(folder), PEERS[name]()
    wall = time.perf_counter()
    peer.build(scene, folder)
    figures: dict[str, Any] = {"build_s": time.perf_counter() - wall, "filters": {}}
    for each, positions in scene.filters.items():
        allowed = peer.allow(each, positions, len(scene.rows))
        figures["filters"][each] = measure(peer.search, allowed, scene, each, queries)
    return figures | {"used": memory_mib()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(PEERS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=40)
    options = parser.parse_args()
    one_core()
    print(json.dumps(run(options.name, options.folder, options.queries)))
