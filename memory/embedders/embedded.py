"""The embedded embedder: hashed words and character n-grams with weighting. No network, no model file.

It knows how words are written, not what they mean: *grappling* is near *grappled* and *s3_bucket* near *bucket*, but
*car* is not near *automobile*. Together with the text index it finds what is asked for in its own words, or nearly.
"""

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from memory.embedders.hashing import places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSION = 384
MODEL = "embedded-1"
"""Change it with anything that changes a vector."""
MAX_CHARACTERS = 32_000
_WORD = re.compile(r"[^\W_]+")
WORDS_KEPT = 1_024
"""Words whose places are kept ready, some 0.7 MiB: 0.2 ms a line of varied text, 0.15 with four times as many."""
_GRAMS = (3, 4, 5)
_GRAM_SHARE = 0.9
"""Weight of a word's pieces together, against 1 for the word itself."""
_PAIR_SHARE = 0.35
"""Weight of two neighbouring words as one feature."""
_FUNCTION_WORDS = """
a about after all also an and any are as at be because been before being both but by can could did do does doing
during each few for from further had has have having he her here hers him his how i if in into is it its just me more
most my no nor not now of off on once only or other our out over own same she should so some such than that the their
them then there these they this those through to too under until up us very was we were what when where which while
who whom why will with would you your yours please tell give show explain
"""
_COMMON = frozenset(_FUNCTION_WORDS.split())
_COMMON_WEIGHT = 0.12


class EmbeddedEmbedder:
    """The default: 384 numbers a text, about 0.2 ms each."""

    model = MODEL
    dimension = DIMENSION

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Shape ``(len(texts), 384)``; off the event loop, for a long text takes milliseconds."""
        return await asyncio.to_thread(embed, texts)

    async def close(self) -> None:
        """Nothing is open."""


def embed(texts: Sequence[str]) -> "NDArray[np.float32]":
    """Unit vectors of texts, shape ``(len(texts), 384)``; a text without a word gives zeros."""
    import numpy as np

    vectors = np.zeros((len(texts), DIMENSION), np.float32)
    for row, text in enumerate(texts):
        _add(vectors[row], words(text))
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    lengths[lengths == 0] = 1
    vectors /= lengths[:, None]
    return vectors


def words(text: str) -> list[str]:
    """Words in one case and form, cut at anything that is no letter or digit (``aws_s3_bucket``: three)."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold())


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say what it is about."""
    return frozenset(word for word in words(text) if word not in _COMMON and len(word) > 1)


def _add(vector: "NDArray[np.float32]", found: list[str]) -> None:
    import numpy as np

    if not found:
        return
    parts = [(*_word(word), _weight(word) * (1 + log(count))) for word, count in Counter(found).items()]
    pairs = Counter(f"{left} {right}" for left, right in pairwise(found) if not {left, right} & _COMMON)
    parts += [(*_pair(pair), _PAIR_SHARE * (1 + log(count))) for pair, count in pairs.items()]
    at = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] * np.float32(part[2]) for part in parts])
    vector += np.bincount(at, values, DIMENSION).astype(np.float32)


def _weight(word: str) -> float:
    """Long words are rare, function words say little: a stand-in for document frequencies, which are not known yet."""
    if word in _COMMON:
        return _COMMON_WEIGHT
    return min(1.0, 0.35 + 0.11 * len(word)) if word.isalpha() else 0.8


@lru_cache(WORDS_KEPT)
def _word(word: str) -> "tuple[NDArray[np.uint16], NDArray[np.float32]]":
    """A word and its pieces, as places and values."""
    features = [("w " + word, 1.0)]
    if word not in _COMMON:
        bounded = f"<{word[:40]}>"
        pieces = {bounded[at : at + size] for size in _GRAMS for at in range(len(bounded) - size + 1)}
        features += [("g " + piece, _GRAM_SHARE * len(pieces) ** -0.5) for piece in sorted(pieces)]
    return _arrays(features)


def _pair(pair: str) -> "tuple[NDArray[np.uint16], NDArray[np.float32]]":
    return _arrays([("p " + pair, 1.0)])


def _arrays(features: list[tuple[str, float]]) -> "tuple[NDArray[np.uint16], NDArray[np.float32]]":
    import numpy as np

    found = [(place, sign * weight) for name, weight in features for place, sign in places(name, DIMENSION)]
    return np.array([at for at, _ in found], np.uint16), np.array([value for _, value in found], np.float32)
