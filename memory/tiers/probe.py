"""The recall probe: how far beyond the k-th nearest code the true neighbours lie, measured on the rows themselves.

Queries are rows pushed off their place, half a little and half far. Each is answered exactly, among all rows and among
*topics* (the rows nearest to some other row, so mostly far from the query: the hardest filter). The margin that would
have kept `KEPT` of the true neighbours is stored with the generation.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory.tiers.funnel import Asked, Funnel
from memory.tiers.generation import Margin, Margins
from memory.tiers.kernels import nearest, smallest_reaching

QUERIES, TOPICS, K = 48, 8, 10
TOPIC_SHARE = 0.3, 0.1
KEPT_BITS, KEPT_COSINE = 0.995, 0.995
KEPT_LISTS = 0.98
LIKENESS = 0.95, 0.6
_GENEROUS, _LOOKED_AT = 48, 4_096


class Found(NamedTuple):
    """True neighbours of every query under one kind of filter: ``(QUERIES, K)``, -1 where there are fewer."""

    positions: NDArray[np.intp]
    cosines: NDArray[np.float32]


class Probe:
    """Collects the truth while the rows pass by, then measures a funnel against it."""

    def __init__(self, count: int, dimension: int, seed: int = 11) -> None:
        random = np.random.default_rng(seed)
        self.sampled = np.sort(random.choice(count, min(count, QUERIES + TOPICS), replace=False))
        """Positions whose rows become queries and centres of topics."""
        self._random, self._count = random, count
        self._points = np.zeros((0, dimension), np.float32)
        self.queries = 0
        self._floors: list[NDArray[np.float32]] = []
        self._members: list[NDArray[np.bool_]] = []
        self._found: list[Found] = []

    def start(self, samples: NDArray[np.float32]) -> None:
        """Make the queries from the rows at ``sampled``; none where there are no rows."""
        if not len(samples):
            return
        mixed = samples[self._random.permutation(len(samples))]
        self.queries = max(1, len(mixed) - TOPICS)
        noise = self._random.standard_normal(mixed.shape, np.float32)
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        likeness = np.where(np.arange(len(mixed)) % 2, *LIKENESS).astype(np.float32)[:, None]
        points = (likeness * mixed + np.sqrt(1 - likeness**2) * noise).astype(np.float32)
        points[self.queries :] = mixed[self.queries :]
        self._points = points
        topics = len(points) - self.queries
        shares = TOPIC_SHARE if topics else ()
        similar = mixed[self.queries :] @ mixed[: self.queries].T
        self._floors = [np.quantile(similar, 1 - share, axis=1).astype(np.float32) for share in shares]
        self._members = [np.zeros((topics, self._count), np.bool_) for _ in shares]
        empty = Found(np.full((self.queries, K), -1), np.full((self.queries, K), -9, np.float32))
        self._found = [Found(empty.positions.copy(), empty.cosines.copy()) for _ in range(1 + len(shares))]

    def see(self, rows: NDArray[np.float32], first: int) -> None:
        """Rows from position ``first`` on."""
        if not self.queries:
            return
        cosines = self._points @ rows.T
        asked = cosines[: self.queries]
        _merge(self._found[0], asked, first)
        for share, floors in enumerate(self._floors):
            members = cosines[self.queries :] >= floors[:, None]
            self._members[share][:, first : first + len(rows)] = members
            allowed = members[np.arange(self.queries) % len(members)]
            _merge(self._found[1 + share], np.where(allowed, asked, np.float32(-9)), first)

    def measure(self, funnel: Funnel) -> Margins:
        """The margins that keep the true neighbours."""
        bits: list[list[int]] = [[] for _ in self._found]
        cosines: list[list[float]] = [[] for _ in self._found]
        for query in range(self.queries):
            asked = funnel.ask(self._points[query])
            distances = funnel.distances(asked, funnel.everything)
            for kind, found in enumerate(self._found):
                true = found.positions[query]
                if (true >= 0).all():
                    allowed = self.allowed(kind, query)
                    some = distances if allowed is None else distances[allowed]
                    if kind <= 1 or len(some) > funnel.direct:
                        kth = smallest_reaching(some, K, funnel.parts.frame.width)
                        bits[kind] += (distances[true].astype(int) - kth).tolist()
                    near = nearest(some, K, _GENEROUS, 4 * K, _LOOKED_AT, funnel.parts.frame.width)
                    cosines[kind] += _cosines_needed(funnel, asked, near if allowed is None else allowed[near], true)
        return Margins(free=_margin(bits[:1], cosines[:1]), filtered=_margin(bits, cosines))

    def opened(self, similar: NDArray[np.float32], starts: NDArray[np.intp], kinds: slice) -> float:
        """The share of allowed rows that the nearest lists must hold to have `KEPT_LISTS` of the true neighbours.

        ``similar``: each query's product with each centroid; ``starts``: first position of each list, and the end.
        """
        sizes, needed = np.diff(starts), [0.0]
        for kind in range(len(self._found))[kinds]:
            shares: list[float] = []
            for query, true in enumerate(self._found[kind].positions):
                allowed = self.allowed(kind, query)
                inside = sizes if allowed is None else np.diff(np.searchsorted(allowed, starts))
                order = np.argsort(-similar[query], kind="stable")
                upto = np.empty(len(order), np.intp)
                upto[order] = np.cumsum(inside[order])
                reached = upto[np.searchsorted(starts, true[true >= 0], "right") - 1]
                shares += (reached / max(1, int(inside.sum()))).tolist()
            needed.append(float(np.quantile(shares, KEPT_LISTS)) if shares else 0.0)
        return max(needed)

    @property
    def points(self) -> NDArray[np.float32]:
        """The queries."""
        return self._points[: self.queries]

    def allowed(self, kind: int, query: int) -> NDArray[np.intp] | None:
        """Positions a query of this kind may find; None for all."""
        if kind == 0:
            return None
        members = self._members[kind - 1]
        return np.flatnonzero(members[query % len(members)])


def _margin(bits: list[list[int]], cosines: list[list[float]]) -> Margin:
    return Margin(
        bits=max((int(np.ceil(np.quantile(each, KEPT_BITS))) for each in bits if each), default=0),
        cosine=max((float(np.quantile(each, KEPT_COSINE)) for each in cosines if each), default=0.0),
    )


def _merge(found: Found, cosines: NDArray[np.float32], first: int) -> None:
    floors = found.cosines.min(axis=1)
    better = cosines > floors[:, None]
    for query in np.flatnonzero(better.any(axis=1)).tolist():
        new = np.flatnonzero(better[query])
        values = np.concatenate((found.cosines[query], cosines[query, new]))
        places = np.concatenate((found.positions[query], first + new))
        order = np.argsort(-values, kind="stable")[:K]
        found.cosines[query], found.positions[query] = values[order], places[order]


def _cosines_needed(funnel: Funnel, asked: Asked, near: NDArray[np.intp], true: NDArray[np.intp]) -> list[float]:
    positions = np.union1d(near, true)
    estimates = funnel.estimates(asked, positions)
    kth = np.partition(estimates, len(estimates) - K)[len(estimates) - K]
    needed: list[float] = (kth - estimates[np.searchsorted(positions, true)]).tolist()
    return needed
