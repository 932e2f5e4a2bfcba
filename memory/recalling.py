"""From a question to hits: by the serving model and by words, or, when its endpoint fails, by the embedded one."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pyroaring import BitMap

from memory import fusion
from memory.contracts import Hit, Query, Recalled, Record
from memory.embedding import EmbeddingFailed
from memory.parts import Parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATES = 256
"""Records compared one by one when there is no vector of the question: found by words, and the newest."""


class Recalling:
    """Answers questions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def recall(self, query: Query, deadline_s: float) -> Recalled:
        """See `Memory.recall`; half the time is the endpoint's."""
        parts, model = self._parts, self._parts.serving
        embedder = parts.embedders.of(model.name, model.dimension)
        if embedder is None:
            return await self._without(query, deadline_s, f"{model.name}, which made the vectors, is not configured.")
        try:
            vectors = await parts.embedders.embed(embedder, [query.text], deadline_s / 2)
        except EmbeddingFailed as error:
            return await self._without(query, deadline_s, f"The embedder failed ({error}).")
        if parts.serving != model:  # Another model took over meanwhile.
            return await self.recall(query, deadline_s)
        looked = await parts.thread.call(partial(self._look, query, vectors[0]))
        return Recalled(looked.hits, looked.plan, model.name, " ".join((*looked.notes, *self._still_missing())))

    def _look(self, query: Query, vector: "NDArray[np.float32]"):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return self._parts.engine.look_up(query, vector if vector.any() else None)

    def _still_missing(self) -> list[str]:
        missing = self._parts.unembedded
        return [f"{missing:,} records or more have no vector yet and are found by their words."] if missing else []

    async def _without(self, query: Query, deadline_s: float, why: str) -> Recalled:
        """Compare candidates by the embedded embedder, made for the purpose."""
        parts, fallback = self._parts, self._parts.embedders.fallback
        found, notes = await parts.thread.call(partial(self._candidates, query))
        records = list(found.values())
        texts = [query.text, *(record.new.text for record in records)]
        vectors = await parts.embedders.embed(fallback, texts, deadline_s)
        hits, plan = await parts.thread.call(partial(self._compared, query, records, vectors))
        note = f"{why} {fallback.model} served: it compared {len(records):,} records found by words or newest."
        return Recalled(hits, plan, fallback.model, " ".join((note, *notes)))

    def _candidates(self, query: Query) -> tuple[dict[int, Record], list[str]]:
        engine = self._parts.engine
        reach = engine.within(engine.allowed(query.tenant, query.where), query.tiers)
        by_words, notes = engine.by_words(query, reach)
        newest = engine.newest(reach, CANDIDATES - len(by_words))
        return engine.sound(sorted({*by_words, *newest}), query.tenant), notes

    def _compared(
        self, query: Query, records: Sequence[Record], vectors: "NDArray[np.float32]"
    ) -> tuple[tuple[Hit, ...], str]:
        engine = self._parts.engine
        reach = BitMap(record.id for record in records)
        by_words, _ = engine.by_words(query, reach)
        cosines = dict(zip(reach, (vectors[1:] @ vectors[0]).tolist(), strict=True)) if records else {}
        nearest = sorted(cosines, key=lambda one: (-cosines[one], one))[:CANDIDATES]
        scores = fusion.fused(nearest, by_words)
        tiers = {one: engine.tiers.tier_of(one) for one in reach}
        hits = engine.hits(query, scores, cosines, tiers, BitMap(by_words))
        return hits, f"exact over {len(records):,} candidates; words: {len(by_words)}"
