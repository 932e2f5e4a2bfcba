"""Recall on generated rows, for every tier under every filter of the benchmark."""

from pathlib import Path

import numpy as np
import pytest
from pyroaring import BitMap

from benchmarks.generated_vectors import Generated
from memory.tiers.generation import GenerationFile
from tests.memory_tiers.samples import BUILDERS, MODEL, recall

COUNT, DIMENSION, QUERIES = 30_000, 384, 60


@pytest.fixture(scope="module")
def generated() -> Generated:
    return Generated(COUNT, DIMENSION)


def test_generated_rows_are_as_far_apart_as_the_benchmark_says(generated: Generated) -> None:
    queries = generated.queries(QUERIES)
    truth = generated.truth(queries, [None])[0]
    assert truth.cosines[:, 0].mean() == pytest.approx(0.95, abs=0.005)
    assert truth.cosines[:, 9].mean() == pytest.approx(0.83, abs=0.02)
    assert generated.mean_cosine(queries) == pytest.approx(0.10, abs=0.02)


@pytest.mark.parametrize(("kind", "floor"), [("project", 0.98), ("historical", 0.95)])
def test_recall_holds_under_every_filter(kind: str, floor: float, generated: Generated, tmp_path: Path) -> None:
    queries, filters = generated.queries(QUERIES), generated.filters()
    filters["all but a few"] = np.arange(50, COUNT)
    filters["half"] = generated.random_share(0.5)
    truths = generated.truth(queries, list(filters.values()))
    ids = np.arange(1, COUNT + 1, dtype=np.uint32)
    generation = BUILDERS[kind][0](
        tmp_path, number=1, model=MODEL, dimension=DIMENSION, ids=ids, vectors=generated.pieces()
    )
    tier = BUILDERS[kind][1](tmp_path, generation)
    for (name, positions), truth in zip(filters.items(), truths, strict=True):
        allowed = None if positions is None else BitMap((positions + 1).astype(np.uint32))
        found = [tier.search(query, allowed, 10)[0] for query in queries]
        if allowed is not None:
            assert all(number in allowed for each in found for number in each.tolist())
        hits = [recall(each, (true + 1).tolist()) for each, true in zip(found, truth.positions, strict=True)]
        assert np.mean(hits) >= floor, name
    tier.close()


def test_the_margins_are_measured_and_grow_with_the_number_of_coordinates_or_their_coarseness(tmp_path: Path) -> None:
    margins = []
    for kind, rows in (("few", Generated(20_000, 64)), ("many", Generated(20_000, 384))):
        ids = np.arange(20_000, dtype=np.uint32)
        generation = BUILDERS["project"][0](
            tmp_path / kind, number=1, model=MODEL, dimension=rows.dimension, ids=ids, vectors=rows.pieces()
        )
        margins.append(GenerationFile(tmp_path / kind, generation).header.margins)
    few, many = margins
    assert 0 < few.free.bits < many.free.bits < 60
    assert few.free.cosine > many.free.cosine > 0
    for each in margins:
        assert each.filtered.bits >= each.free.bits
        assert each.filtered.cosine >= each.free.cosine
