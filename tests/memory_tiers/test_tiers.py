"""What every tier promises, held against plain exact search."""

import threading
from pathlib import Path

import numpy as np
import pytest
from pyroaring import BitMap

from memory.tiers.contracts import Tier
from memory.tiers.graph import installed
from memory.tiers.hot import HotTier
from tests.memory_tiers.samples import (
    BUILDERS,
    KINDS,
    build,
    exactly,
    open_tier,
    recall,
    spread_ids,
    stored_cosines,
    unit_rows,
)

graph_only = pytest.mark.skipif(not installed(), reason="hnswlib is not installed (no wheel for this Python)")
KIND = pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=graph_only) if kind == "hot with graph" else kind for kind in KINDS]
)


def make(
    kind: str, folder: Path, count: int, dimension: int = 64, apart: int = 3
) -> tuple[Tier, np.ndarray, np.ndarray]:
    ids, rows = spread_ids(count, apart=apart), unit_rows(count, dimension)
    return open_tier(kind, folder, ids, rows), ids, rows


@KIND
@pytest.mark.parametrize("count", [1, 2, 9, 128])
def test_few_rows_are_answered_exactly(kind: str, count: int, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, count)
    for seed in range(5):
        query = unit_rows(1, 64, 100 + seed)[0]
        found, cosines = tier.search(query, None, 10)
        assert found.tolist() == exactly(ids, rows, query, None, 10)
        np.testing.assert_allclose(cosines, np.sort(stored_cosines(rows, query))[::-1][:10], atol=1e-6)
    assert (str(found.dtype), str(cosines.dtype), len(tier)) == ("uint32", "float32", count)
    assert tier.name == kind.split()[0]
    tier.close()


@KIND
def test_a_tier_without_rows_answers_nothing(kind: str, tmp_path: Path) -> None:
    tier, _, _ = make(kind, tmp_path, 0)
    for allowed in (None, BitMap([1, 2])):
        found, cosines = tier.search(unit_rows(1, 64)[0], allowed, 5)
        assert (len(found), len(cosines), len(tier), len(tier.ids())) == (0, 0, 0, 0)
    tier.remove(BitMap([3]))
    tier.close()
    tier.close()


@KIND
@pytest.mark.parametrize("apart", [1, 3, 50_000])
def test_a_small_filter_is_exact_and_ids_elsewhere_are_ignored(kind: str, apart: int, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 3_000, apart=apart)
    random = np.random.default_rng(1)
    for size in (1, 5, 100):
        allowed = BitMap(random.choice(ids, size, replace=False)) | BitMap([0, 4_294_967_295])
        query = unit_rows(1, 64, size)[0]
        found, _ = tier.search(query, allowed, 10)
        assert found.tolist() == exactly(ids, rows, query, allowed, 10)
    assert len(tier.search(query, BitMap(), 10)[0]) == 0
    assert len(tier.search(query, BitMap([0]), 10)[0]) == 0
    tier.close()


@KIND
def test_more_than_there_are_gives_all_of_them_in_order(kind: str, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 700)
    query = unit_rows(1, 64, 5)[0]
    assert tier.search(query, None, 5_000)[0].tolist() == exactly(ids, rows, query, None, 700)
    allowed = BitMap(ids[::3])
    assert tier.search(query, allowed, 5_000)[0].tolist() == exactly(ids, rows, query, allowed, 700)
    assert len(tier.search(query, None, 0)[0]) == 0
    tier.close()


@KIND
def test_cosines_are_exact_and_fall(kind: str, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 2_500)
    for seed in range(10):
        query = unit_rows(1, 64, 50 + seed)[0]
        found, cosines = tier.search(query, None, 20)
        np.testing.assert_allclose(cosines, stored_cosines(rows, query)[np.searchsorted(ids, found)], atol=1e-6)
        assert (np.diff(cosines) <= 0).all()
    tier.close()


@KIND
def test_removed_rows_are_never_found_and_the_rest_is(kind: str, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 2_000)
    random = np.random.default_rng(2)
    left = np.ones(len(ids), np.bool_)
    for _ in range(4):
        going = random.choice(len(ids), 450, replace=False)
        tier.remove(BitMap(ids[going]) | BitMap([0]))
        left[going] = False
        assert tier.ids() == BitMap(ids[left])
        assert len(tier) == left.sum()
        hits = []
        for seed in range(20):
            query = unit_rows(1, 64, 200 + seed)[0]
            found = tier.search(query, None, 10)[0]
            assert len(found) == 10
            assert not set(found.tolist()) & set(ids[~left].tolist())
            hits.append(recall(found, exactly(ids[left], rows[left], query, None, 10)))
        assert np.mean(hits) >= 0.97
    tier.remove(BitMap(ids))
    assert (len(tier), len(tier.search(query, None, 10)[0])) == (0, 0)
    tier.close()


@KIND
def test_a_row_without_length_has_a_cosine_of_zero(kind: str, tmp_path: Path) -> None:
    rows = unit_rows(300, 64)
    rows[17] = 0
    ids = spread_ids(300)
    tier = open_tier(kind, tmp_path, ids, rows)
    found, cosines = tier.search(unit_rows(1, 64, 1)[0], BitMap([int(ids[17])]), 1)
    assert (found.tolist(), cosines.tolist()) == ([int(ids[17])], [0.0])
    tier.close()


@KIND
def test_equal_rows_come_by_lower_id(kind: str, tmp_path: Path) -> None:
    rows = np.tile(unit_rows(1, 64), (100, 1))
    tier = open_tier(kind, tmp_path, spread_ids(100), rows)
    assert tier.search(rows[0], None, 7)[0].tolist() == spread_ids(100)[:7].tolist()
    tier.close()


@KIND
def test_searches_and_removals_from_many_threads_do_not_disturb_each_other(kind: str, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 1_500)
    queries = unit_rows(8, 64, 77)
    going = BitMap(ids[::2])
    kept = BitMap(ids[1::2][:100])
    true = [exactly(ids, rows, query, kept, 10) for query in queries]
    wrong: list[str] = []

    def ask(number: int) -> None:
        for _ in range(40):
            found = tier.search(queries[number], kept, 10)[0].tolist()
            if found != true[number]:
                wrong.append(f"{number}: {found}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    threads.append(threading.Thread(target=tier.remove, args=(going,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    tier.close()


@pytest.mark.parametrize("kind", list(BUILDERS))
@pytest.mark.parametrize("dimension", [1, 5, 100, 1_000])
def test_any_dimension_can_be_built(kind: str, dimension: int, tmp_path: Path) -> None:
    tier, ids, rows = make(kind, tmp_path, 400, dimension)
    query = unit_rows(1, dimension, 4)[0]
    allowed = BitMap(ids[:100])
    assert tier.search(query, allowed, 5)[0].tolist() == exactly(ids, rows, query, allowed, 5)
    tier.close()


@pytest.mark.parametrize("kind", list(BUILDERS))
def test_the_same_rows_make_the_same_file(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(3_000), unit_rows(3_000, 64)
    first = build(kind, tmp_path / "a", ids, rows)
    again = build(kind, tmp_path / "b", ids, rows)
    assert first == again
    assert (tmp_path / "a" / first.name).read_bytes() == (tmp_path / "b" / again.name).read_bytes()


@pytest.mark.parametrize("graph", [False, pytest.param(True, marks=graph_only)])
def test_the_hot_tier_takes_rows_in_any_order_and_replaces_them(graph: bool) -> None:
    tier = HotTier(64, graph=graph)
    rows = unit_rows(6_000, 64)
    ids = np.arange(10, 6_010, dtype=np.uint32)
    later = np.arange(len(ids)) % 3 == 0
    tier.add(ids[~later], rows[~later])
    tier.remove(BitMap(ids[~later][:500]))
    tier.add(ids[later], rows[later])
    tier.add(ids[:600], unit_rows(600, 64, 8))
    rows[:600] = unit_rows(600, 64, 8)
    gone = np.zeros(len(ids), np.bool_)
    gone[np.flatnonzero(~later)[:500]] = True
    gone[:600] = False
    hits = []
    for seed in range(20):
        query = unit_rows(1, 64, 300 + seed)[0]
        found = tier.search(query, None, 10)[0]
        hits.append(recall(found, exactly(ids[~gone], rows[~gone], query, None, 10)))
    assert np.mean(hits) >= (0.95 if graph else 1.0)
    assert len(tier) == int((~gone).sum())
    assert tier.memory_bytes() > 6_000 * 64 * 2
    tier.add(np.empty(0, np.uint32), np.empty((0, 64), np.float32))
    tier.close()


@graph_only
def test_the_graph_links_anew_once_most_rows_are_gone() -> None:
    tier = HotTier(32, graph=True)
    ids, rows = np.arange(1, 6_001, dtype=np.uint32), unit_rows(6_000, 32)
    tier.add(ids, rows)
    tier.remove(BitMap(ids[:5_000]))
    hits = [
        recall(tier.search(query, None, 10)[0], exactly(ids[5_000:], rows[5_000:], query, None, 10))
        for query in unit_rows(20, 32, 5)
    ]
    assert np.mean(hits) >= 0.95
    tier.close()


@graph_only
def test_rows_that_wait_for_the_graph_are_found_and_enter_it_in_portions() -> None:
    tier = HotTier(32, graph=True, link_later=True)
    rows = unit_rows(3_000, 32)
    tier.add(np.arange(1, 2_001, dtype=np.uint32), rows[:2_000])
    waiting = [tier.link(500) for _ in range(4)]
    assert waiting == [1_500, 1_000, 500, 0]
    tier.add(np.arange(2_001, 3_001, dtype=np.uint32), rows[2_000:])
    tier.add(np.array([5], np.uint32), rows[2_999:3_000])
    tier.remove(BitMap([7, 2_500]))
    hits = [tier.search(row, None, 1)[0][0] for row in rows]
    wrong = {place + 1 for place, hit in enumerate(hits) if hit != place + 1}
    assert {5, 7, 2_500, 3_000} <= wrong and len(wrong) <= 4 + 30
    assert hits[2_999] == 5, "the replaced row, of equal cosine and lower number"
    assert tier.link(5_000) == 0
    assert tier.search(rows[2_999], None, 2)[0].tolist() == [5, 3_000]


@pytest.mark.parametrize("graph", [False, pytest.param(True, marks=graph_only)])
def test_filled_and_emptied_again_and_again_hot_takes_no_more_memory_than_once_full(graph: bool) -> None:
    tier, rows, most = HotTier(64, graph=graph, link_later=True), unit_rows(8_192, 64), []
    for first in range(0, len(rows), 1_024):
        peak = 0
        for start in range(first, first + 1_024, 96):
            part = np.arange(start, min(start + 96, first + 1_024))
            tier.add(part.astype(np.uint32), rows[part])
            while tier.link(64):
                pass
            peak = max(peak, tier.memory_bytes())
        most.append(peak)
        kept = np.arange(max(0, first - 1_024), first + 1_024)
        found = tier.search(rows[first + 5], None, 10)[0]
        assert recall(found, exactly(kept.astype(np.uint32), rows[kept], rows[first + 5], None, 10)) >= 0.9
        tier.remove(BitMap(range(max(0, first - 1_024), first)))
    assert max(most) == max(most[:2]) <= 2_048 * (64 * 2 + 8) + 256 * 64 * 6 + (graph and 2_600 * (64 * 4 + 192))
    tier.close()
