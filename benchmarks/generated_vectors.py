"""Vectors made for measuring search: clusters of power-law sizes around centres that share a direction.

A query is a member pushed off its place. Its nearest row has a cosine near 0.95, the tenth near 0.83, a random one near
0.10. Topics are whole clusters drawn at random, so most of a topic is far from most queries.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PIECE = 8_192
SHARED, CLUSTER, LIKENESS = 0.085, 0.765, 0.95
"""Squared shares of a row that all rows and its cluster have in common; cosine of a query with its member."""
ROWS_PER_CLUSTER = 100


class Truth(NamedTuple):
    """The nearest rows of every query among the allowed: positions, and cosines of all of them."""

    positions: NDArray[np.intp]
    cosines: NDArray[np.float32]


class Generated:
    """``count`` rows of ``dimension``, the same for the same arguments; made anew piece by piece, never held whole."""

    def __init__(self, count: int, dimension: int, seed: int = 1) -> None:
        self.count, self.dimension, self._seed = count, dimension, seed
        random = np.random.default_rng((seed, 0))
        clusters = max(1, count // ROWS_PER_CLUSTER)
        sizes = 1 / np.arange(1, clusters + 1)
        self.cluster = random.choice(clusters, size=count, p=sizes / sizes.sum()).astype(np.int32)
        self._shared = _unit(random.standard_normal((1, dimension), np.float32))
        self._centres = _unit(random.standard_normal((clusters, dimension), np.float32))

    def pieces(self) -> Iterator[NDArray[np.float32]]:
        """All rows in order."""
        for number, start in enumerate(range(0, self.count, PIECE)):
            cluster = self.cluster[start : start + PIECE]
            random = np.random.default_rng((self._seed, 1, number))
            own = random.standard_normal((len(cluster), self.dimension), np.float32) / np.sqrt(self.dimension)
            rest = np.sqrt(1 - SHARED - CLUSTER)
            row = np.sqrt(SHARED) * self._shared + np.sqrt(CLUSTER) * self._centres[cluster] + rest * own
            yield _unit(row.astype(np.float32))

    def queries(self, count: int) -> NDArray[np.float32]:
        """Members pushed off their places."""
        random = np.random.default_rng((self._seed, 2))
        wanted = np.sort(random.choice(self.count, count, replace=False))
        found = []
        for number, piece in enumerate(self.pieces()):
            inside = wanted[(wanted >= number * PIECE) & (wanted < (number + 1) * PIECE)] - number * PIECE
            found.append(piece[inside])
        members = random.permutation(np.concatenate(found))
        push = random.standard_normal(members.shape, np.float32)
        push = _unit(push - np.einsum("ij,ij->i", push, members)[:, None] * members)
        return _unit((LIKENESS * members + np.sqrt(1 - LIKENESS**2) * push).astype(np.float32))

    def random_share(self, share: float) -> NDArray[np.intp]:
        """Positions of a random part of the rows."""
        random = np.random.default_rng((self._seed, 3, int(share * 1e6)))
        return np.sort(random.choice(self.count, max(1, int(share * self.count)), replace=False))

    def topic(self, share: float) -> NDArray[np.intp]:
        """Positions of whole clusters that together hold about ``share`` of the rows."""
        random = np.random.default_rng((self._seed, 4, int(share * 1e6)))
        sizes = np.bincount(self.cluster)
        chosen, held = [], 0
        for number in random.permutation(len(sizes)).tolist():
            if held + sizes[number] <= share * self.count * 1.02:
                chosen.append(number)
                held += int(sizes[number])
        return np.flatnonzero(np.isin(self.cluster, chosen))

    def filters(self) -> dict[str, NDArray[np.intp] | None]:
        """The six filters of the benchmark; None: no filter."""
        return {
            "none": None,
            "random 10 %": self.random_share(0.1),
            "random 1 %": self.random_share(0.01),
            "random 0.1 %": self.random_share(0.001),
            "topic 10 %": self.topic(0.1),
            "topic 1 %": self.topic(0.01),
        }

    def truth(self, queries: NDArray[np.float32], allowed: list[NDArray[np.intp] | None], k: int = 10) -> list[Truth]:
        """Exact answers in float32 for each of the filters, and the mean cosine over all rows."""
        masks = [None if some is None else _mask(some, self.count) for some in allowed]
        best = [Truth(np.zeros((len(queries), 0), np.intp), np.zeros((len(queries), 0), np.float32)) for _ in allowed]
        for number, piece in enumerate(self.pieces()):
            cosines = queries @ piece.T
            for index, mask in enumerate(masks):
                inside = slice(None) if mask is None else mask[number * PIECE : number * PIECE + len(piece)]
                places = np.arange(number * PIECE, number * PIECE + len(piece))[inside]
                best[index] = _better(best[index], places, cosines[:, inside], k)
        return best

    def mean_cosine(self, queries: NDArray[np.float32]) -> float:
        """The cosine of a query with a random row."""
        return float(np.mean([(queries @ piece.T).mean() for piece in self.pieces()]))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def _mask(positions: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    mask[positions] = True
    return mask


def _better(best: Truth, places: NDArray[np.intp], cosines: NDArray[np.float32], k: int) -> Truth:
    all_cosines = np.concatenate((best.cosines, cosines), axis=1)
    if all_cosines.shape[1] > k:
        chosen = np.argpartition(-all_cosines, k - 1, axis=1)[:, :k]
    else:
        chosen = np.broadcast_to(np.arange(all_cosines.shape[1]), all_cosines.shape)
    all_places = np.concatenate((best.positions, np.broadcast_to(places, cosines.shape)), axis=1)
    kept = np.take_along_axis(all_cosines, chosen, 1)
    order = np.argsort(-kept, axis=1, kind="stable")
    return Truth(
        np.take_along_axis(np.take_along_axis(all_places, chosen, 1), order, 1), np.take_along_axis(kept, order, 1)
    )
