"""Which embedder serves, and what happens when its endpoint does not."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from errors import ModelError
from memory.contracts import Embedder
from memory.thread import MemoryThread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PORTION = 64
"""Texts sent to an embedder at once."""
log = logging.getLogger(__name__)


class EmbeddingFailed(Exception):
    """An embedder did not give vectors; the text says why."""


class Embedders:
    """The embedder that is wanted, the embedded one that always works, and those an older memory may still need."""

    def __init__(self, wanted: Embedder, fallback: Embedder, earlier: Sequence[Embedder], thread: MemoryThread) -> None:
        self.wanted, self.fallback, self._thread = wanted, fallback, thread
        self._known = {(one.model, one.dimension): one for one in (*earlier, fallback, wanted)}

    def of(self, model: str, dimension: int) -> Embedder | None:
        """The embedder that made a model's vectors; None when it is not configured any more."""
        return self._known.get((model, dimension))

    async def embed(self, embedder: Embedder, texts: Sequence[str], deadline_s: float) -> "NDArray[np.float32]":
        """Vectors of the texts, in portions.

        Raises:
            EmbeddingFailed: the endpoint failed, was too slow, or sent what are no vectors.
        """
        try:
            async with asyncio.timeout(deadline_s):
                parts = [
                    await embedder.embed(texts[start : start + PORTION]) for start in range(0, len(texts), PORTION)
                ]
        except TimeoutError:
            raise EmbeddingFailed(f"{embedder.model} gave no vectors within {deadline_s:g} s") from None
        except ModelError as error:
            raise EmbeddingFailed(str(error)) from error
        vectors = await self._thread.call(lambda: joined(parts, len(texts), embedder.dimension))
        if vectors is None:
            raise EmbeddingFailed(f"{embedder.model} sent vectors of another shape than asked for, or without numbers")
        return vectors

    async def close(self) -> None:
        """Close all of them."""
        for one in {id(one): one for one in self._known.values()}.values():
            await one.close()


def joined(parts: "Sequence[NDArray[np.float32]]", count: int, dimension: int) -> "NDArray[np.float32] | None":
    """The portions as one, when these are `count` vectors of finite numbers; in the memory's thread."""
    import numpy as np

    vectors = parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, dimension), np.float32), *parts])
    return vectors if vectors.shape == (count, dimension) and bool(np.isfinite(vectors).all()) else None
