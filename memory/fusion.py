"""One order out of two: reciprocal rank fusion (Cormack, Clarke, Büttcher 2009)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

DAMPING = 60
"""How little the first place counts above the second; the paper's constant."""


def fused(*rankings: Sequence[int]) -> dict[int, float]:
    """The score of each id: the sum of ``1 / (60 + rank)`` over the rankings that have it, best first."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            scores[one] += 1 / (DAMPING + rank)
    return dict(scores)


def best(scores: Mapping[int, float], cosines: Mapping[int, float], k: int) -> list[int]:
    """The `k` ids of the highest score; of equal ones the higher cosine, then the lower id."""
    return sorted(scores, key=lambda one: (-scores[one], -cosines.get(one, 0.0), one))[:k]
