"""Centroids by k-means on a sample, and the list of each row: the nearest centroid's."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

ROUNDS, SAMPLE_PER_LIST = 6, 64


def lists_for(count: int) -> int:
    """How many lists ``count`` rows get."""
    return int(max(1, min(1_024, round(count**0.5))))


def k_means(sample: NDArray[np.float32], lists: int, seed: int = 7) -> NDArray[np.float32]:
    """At most ``lists`` centroids of ``sample``; the same for the same sample."""
    if not len(sample):
        return np.zeros((1, sample.shape[1]), np.float32)
    random = np.random.default_rng(seed)
    centroids = sample[np.sort(random.choice(len(sample), min(lists, len(sample)), replace=False))]
    for _ in range(ROUNDS):
        nearest = assign(sample, centroids)
        order = np.argsort(nearest, kind="stable")
        filled, starts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(sample[order], starts, axis=0)
        means = sums / np.diff(np.append(starts, len(order)))[:, None]
        # An empty list starts again at a row drawn from all, mostly out of a full one.
        centroids = sample[random.integers(0, len(sample), len(centroids))]
        centroids[filled] = means
    return centroids.astype(np.float32)


def assign(rows: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.int32]:
    """The number of each row's nearest centroid."""
    found = np.empty(len(rows), np.int32)
    half_squares = 0.5 * np.einsum("ij,ij->i", centroids, centroids)
    for start, piece in _slices(rows):
        found[start : start + len(piece)] = np.argmax(piece @ centroids.T - half_squares, axis=1)
    return found


def _slices(rows: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(rows), 1_024):
        yield start, rows[start : start + 1_024]
