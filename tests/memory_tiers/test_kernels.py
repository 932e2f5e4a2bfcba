"""The arithmetic under the tiers, held against plain formulas."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.tiers.bf16 import cosines_of, to_bf16, to_float32
from memory.tiers.centroids import assign, k_means
from memory.tiers.codes import Estimator, encode, sign_words
from memory.tiers.frame import Frame
from memory.tiers.kernels import BLOCK_ROWS, EXCLUDED, Addresses, Scanner, nearest, smallest_reaching
from memory.tiers.places import Places, best
from tests.memory_tiers.samples import unit_rows


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, max_value=2.0**127, min_value=-(2.0**127)))
def test_bf16_is_the_nearest_with_ties_to_the_even_one(number: float) -> None:
    stored = int(to_bf16(np.array([number], np.float32))[0])
    error = abs(value(stored) - Fraction(number))
    for other in (stored - 1, stored + 1):
        if 0 <= other <= 0xFFFF and other & 0x7F80 != 0x7F80 and (other ^ stored) & 0x8000 == 0:
            distance = abs(value(other) - Fraction(number))
            assert error < distance or (error == distance and stored % 2 == 0)


def value(bits: int) -> Fraction:
    return Fraction(float(to_float32(np.array([bits], np.uint16))[0]))


def test_bf16_keeps_what_it_can_hold_and_nan_stays_nan() -> None:
    exact = np.array([0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, 2.0**-120], np.float32)
    assert to_float32(to_bf16(exact)).tobytes() == exact.tobytes()
    assert np.isnan(to_float32(to_bf16(np.array([np.nan, 1], np.float32)))).tolist() == [True, False]


def test_dividing_by_the_stored_length_brings_cosines_nearer_to_the_truth() -> None:
    rows, query = unit_rows(4_000, 384), unit_rows(1, 384, 1)[0]
    near = rows + 2 * query
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    stored = to_float32(to_bf16(near))
    true = near.astype(np.float64) @ query
    divided, plain = np.abs(cosines_of(stored, query) - true).mean(), np.abs(stored @ query - true).mean()
    assert divided < 0.7 * plain
    assert cosines_of(np.zeros((1, 384), np.float32), query).tolist() == [0.0]


@pytest.mark.parametrize("dimension", [1, 64, 100, 384, 1_536])
def test_rotating_keeps_dot_products_and_survives_storing(dimension: int) -> None:
    rows = unit_rows(20, dimension)
    frame = Frame.around(rows.mean(axis=0))
    assert frame.width % 64 == 0
    np.testing.assert_allclose(frame.rotate(rows) @ frame.rotate(rows).T, rows @ rows.T, atol=1e-5)
    again = Frame.from_bytes(frame.to_bytes(), dimension)
    assert np.array_equal(again.centred(rows), frame.centred(rows))


def test_rotating_spreads_a_single_coordinate_over_all() -> None:
    lone = np.zeros((1, 384), np.float32)
    lone[0, 7] = 1
    turned = Frame.around(np.zeros(384, np.float32)).rotate(lone)[0]
    assert np.abs(turned).max() < 0.5
    assert np.count_nonzero(np.abs(turned) > 1e-3) > 190


@pytest.mark.parametrize("words", [1, 2, 6, 7, 24])
def test_scans_count_every_differing_bit(words: int) -> None:
    random = np.random.default_rng(words)
    sizes = [BLOCK_ROWS, 3, 0, 500, BLOCK_ROWS - 2]
    blocks = [random.integers(0, 2**64, (words, size), np.uint64) for size in sizes]
    query = random.integers(0, 2**64, (words, 1), np.uint64)
    scanner, total = Scanner(words), sum(sizes)
    true = np.concatenate([np.bitwise_count(block ^ query).sum(axis=0, dtype=np.uint16) for block in blocks])
    found = np.empty(total, np.uint16)
    scanner.blocks(blocks, query, found)
    assert np.array_equal(found, true)

    flat = np.concatenate([block.reshape(-1) for block in blocks])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    wanted = np.sort(random.choice(total, 9_000, replace=False))
    block = np.searchsorted(starts, wanted, "right") - 1
    addresses = Addresses((words - 1) * starts[block] + wanted, np.diff(starts)[block])
    some = np.empty(len(wanted), np.uint16)
    scanner.rows(flat, addresses, query, some)
    assert np.array_equal(some, true[wanted])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_chosen_are_the_nearest_within_the_margin_and_the_limits(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 400))
    largest = data.draw(st.sampled_from([64, 384]))
    values = st.one_of(st.integers(0, largest), st.just(int(EXCLUDED)))
    distances = np.array(data.draw(st.lists(values, min_size=count, max_size=count)), np.uint16)
    k, margin = data.draw(st.integers(1, 20)), data.draw(st.integers(0, 40))
    most = data.draw(st.integers(k, 500))
    chosen = nearest(distances, k, margin, min(k, most), most, largest)
    inside = np.sort(distances[distances <= largest])
    assert len(chosen) <= most
    assert len(chosen) == len(set(chosen.tolist()))
    assert (distances[chosen] <= largest).all()
    assert np.array_equal(np.sort(distances[chosen]), inside[: len(chosen)])
    if len(inside):
        kth = int(inside[min(k, len(inside)) - 1])
        within = int(np.count_nonzero(inside <= kth + margin)) if len(inside) >= k else len(inside)
        assert len(chosen) >= min(most, within)


def test_the_smallest_distance_that_reaches_a_number_of_rows() -> None:
    distances = np.array([5, 9, 9, 12, 300], np.uint16)
    assert [smallest_reaching(distances, n, 384) for n in (1, 2, 3, 4, 5, 6)] == [5, 9, 9, 12, 300, 384]


@pytest.mark.parametrize("dimension", [100, 384])
def test_four_bit_estimates_are_near_the_true_dot_products(dimension: int) -> None:
    rows, query = unit_rows(3_000, dimension), unit_rows(1, dimension, 9)[0]
    frame = Frame.around(rows.mean(axis=0))
    codes = encode(rows, frame)
    positions = np.arange(0, 3_000, 2)
    estimates = np.empty(len(positions), np.float32)
    turned = frame.rotate(query[None])[0]
    Estimator(frame.width).estimate(codes.nibbles, positions, turned, estimates)
    estimates *= codes.factors[positions]
    error = estimates - (rows[positions] - frame.mean) @ query
    assert np.abs(error).max() < 0.6 / np.sqrt(dimension)
    assert abs(error.mean()) < 0.01 / np.sqrt(dimension) * 2
    assert np.array_equal(codes.signs, sign_words(frame.centred(rows)).T)


def test_rows_without_any_spread_can_be_coded() -> None:
    same = np.tile(unit_rows(1, 64), (5, 1))
    codes = encode(same, Frame.around(same[0]))
    assert np.isfinite(codes.factors).all()


@pytest.mark.parametrize("ids", [[5, 6, 7, 8], [1, 3, 4, 9], [1, 1_000_000, 4_000_000_000], []])
def test_ids_are_found_at_their_places_whether_dense_or_not(ids: list[int]) -> None:
    array = np.array(ids, np.uint32)
    assert Places(array).of(array).tolist() == list(range(len(ids)))
    mixed = np.random.default_rng(1).permutation(array)
    assert mixed[Places(mixed).of(array)].tolist() == ids
    assert Places(array).of(array[1:2]).tolist() == ([1] if len(ids) > 1 else [])


def test_centroids_are_found_again_and_every_row_gets_the_nearest() -> None:
    random = np.random.default_rng(1)
    centres = unit_rows(8, 32)
    rows = centres[random.integers(0, 8, 2_000)] + 0.02 * random.standard_normal((2_000, 32)).astype(np.float32)
    found = k_means(rows.astype(np.float32), 24)
    assert np.array_equal(found, k_means(rows.astype(np.float32), 24))
    distances = ((rows[:, None] - found[None]) ** 2).sum(axis=2)
    mine = np.take_along_axis(distances, assign(rows.astype(np.float32), found)[:, None], 1)[:, 0]
    np.testing.assert_allclose(mine, distances.min(axis=1), atol=1e-5)
    assert np.sqrt(distances.min(axis=1)).mean() < 0.2
    assert k_means(np.zeros((0, 32), np.float32), 4).shape == (1, 32)


@pytest.mark.parametrize("k", [1, 10, 64])
def test_the_best_of_many_are_those_of_a_whole_sort(k: int) -> None:
    rng = np.random.default_rng(k)
    ids = rng.permutation(2_000).astype(np.uint32)
    cosines = np.round(rng.standard_normal(2_000), 1).astype(
        np.float32
    )  # Many are equal: then the lower id comes first.
    order = np.lexsort((ids, -cosines))[:k]
    found, values = best(ids, cosines, k)
    assert found.tolist() == ids[order].tolist() and values.tolist() == cosines[order].tolist()


def test_the_best_of_rows_without_a_number_are_still_some() -> None:
    found, _ = best(np.arange(100, dtype=np.uint32), np.full(100, np.nan, np.float32), 3)
    assert len(found) == 3
