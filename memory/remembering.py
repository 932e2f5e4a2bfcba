"""From new records to committed ones: vectors, rows, one durable transaction, then the indexes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from errors import UserMistake
from memory import store
from memory.contracts import NewRecord, Record
from memory.embedding import EmbeddingFailed
from memory.parts import Parts
from memory.planner import Model
from memory.rows import FIELDS, Row, from_bf16, to_bf16, to_rows
from memory.store import Written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBED_S = 20.0
"""How long a record waits for its vector before it is kept without."""
_CREATED = FIELDS.index("created_at")
log = logging.getLogger(__name__)
Tell = Callable[[set[str], Callable[[], Sequence[Record]]], None]


class Batch(msgspec.Struct):
    """Records on their way."""

    records: Sequence[NewRecord]
    rows: list[Row]
    model: Model
    bf16: list[bytes]
    """Empty, or one vector for each record."""
    rounded: "NDArray[np.float32] | None"
    """The vectors as stored."""


class Remembering:
    """Writes batches; `tell` is called with the tenants and the records of each after its commit."""

    def __init__(self, parts: Parts, tell: Tell) -> None:
        self._parts, self._tell = parts, tell
        self.last_id = parts.engine.mark.last_id
        """The highest number committed."""

    async def remember(
        self, records: Sequence[NewRecord], vectors: "NDArray[np.float32] | None" = None
    ) -> tuple[int, ...]:
        """See `Memory.remember`."""
        model = self._parts.serving
        if vectors is None:
            vectors = await self._vectors(model, records)
        batch = await self._parts.thread.call(partial(self._prepare, records, model, vectors))
        written = await self._parts.writer.run(
            "remember",
            partial(store.write_batch, rows=batch.rows, model=model.id, vectors=batch.bf16),
            durable=True,
            abandoned=partial(self._abandoned, batch),
        )
        if written.new:
            # Also when the caller goes away now: what is committed must be found.
            await asyncio.shield(self._committed(batch, written))
        ids: tuple[int, ...] = written.ids
        return ids

    async def _vectors(self, model: Model, records: Sequence[NewRecord]) -> "NDArray[np.float32] | None":
        embedders = self._parts.embedders
        embedder = embedders.of(model.name, model.dimension)
        if embedder is None:
            return None
        try:
            return await embedders.embed(embedder, [record.text for record in records], EMBED_S)
        except EmbeddingFailed as error:
            log.warning("%d records were kept without vectors, which follow: %s", len(records), error)
            self._parts.missing = True
            return None

    def _prepare(self, records: Sequence[NewRecord], model: Model, vectors: "NDArray[np.float32] | None") -> Batch:
        import numpy as np

        rows = to_rows(records, self._parts.clock())
        if vectors is None:
            return Batch(records, rows, model, [], None)
        if vectors.shape != (len(records), model.dimension) or not np.isfinite(vectors).all():
            raise UserMistake(
                f"{len(records)} records need as many vectors of {model.dimension} finite numbers. None was kept."
            )
        bf16 = to_bf16(vectors)
        return Batch(records, rows, model, bf16, from_bf16(bf16, model.dimension))

    def _abandoned(self, batch: Batch, written: Written) -> None:
        if written.new:
            self._committed(batch, written)

    def _committed(self, batch: Batch, written: Written) -> "asyncio.Future[None]":
        """Hand a committed batch to the indexes, then to the watchers: who reads now finds it."""
        engine = self._parts.engine
        taken = self._parts.thread.post(partial(engine.apply, written, batch.rows, batch.model.id, batch.rounded))
        self.last_id = max(self.last_id, written.ids[written.new[-1]])
        self._tell({record.tenant for record in batch.records}, partial(_made, batch, written))
        return taken


def _made(batch: Batch, written: Written) -> list[Record]:
    model = batch.model.name if batch.bf16 else ""
    return [
        Record(
            id=written.ids[place],
            lsn=written.lsn,
            new=msgspec.structs.replace(batch.records[place], created_at=batch.rows[place].fields[_CREATED]),
            model=model,
        )
        for place in written.new
    ]
