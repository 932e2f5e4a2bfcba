"""Feature hashing: named, weighted features become a vector of fixed length, the same on every machine.

Each feature adds to several places with signs of their own, which keeps inner products unbiased and halves the noise of
one place (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"; Kane and Nelson 2014 for more
places a feature).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEEDS = (0x9E3779B9, 0x7F4A7C15, 0x85EBCA6B, 0xC2B2AE35)
"""One for each place of a feature."""
_SHARE = len(_SEEDS) ** -0.5

Places = list[tuple[int, float]]


def places(feature: str, dimension: int) -> Places:
    """Where a feature stands in a vector of ``dimension`` numbers, with sign; length 1."""
    data = feature.encode("utf-8", "surrogatepass")
    found = []
    for seed in _SEEDS:
        # crc32 is linear, so two seeds alone would only shift all places alike: the product mixes its bits.
        mixed = (crc32(data, seed) * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 29
        mixed = (mixed * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 32
        found.append((mixed % dimension, _SHARE if mixed >> 63 else -_SHARE))
    return found


def hashed(features: Iterable[tuple[str, float]], dimension: int) -> "NDArray[np.float32]":
    """The unit vector of weighted features; all zero when there are none."""
    import numpy as np

    vector = np.zeros(dimension, np.float32)
    for name, weight in features:
        for place, sign in places(name, dimension):
            vector[place] += weight * sign
    return unit(vector)


def unit(vector: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """The vector with length 1; a zero vector stays zero."""
    import numpy as np

    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length > 0 else vector
