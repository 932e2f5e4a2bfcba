"""What the facade and its upkeep share."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from blackboard.writer import Writer
from memory import store
from memory.embedding import Embedders
from memory.engine import Engine
from memory.planner import Model
from memory.thread import MemoryThread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Parts:
    """Writer, thread, engine and embedders of one open memory."""

    def __init__(
        self,
        path: Path,
        writer: Writer,
        thread: MemoryThread,
        engine: Engine,
        embedders: Embedders,
        clock: Callable[[], float],
    ) -> None:
        self.path, self.writer, self.thread, self.engine = path, writer, thread, engine
        self.embedders, self.clock = embedders, clock
        self.serving = Model(0, "", 0)
        self.coming: Model | None = None
        """The model whose vectors are being made; it serves once all are there."""
        self.unembedded = 0
        self.missing = True
        """Whether records without a vector are to be looked for."""
        self.closed = False
        self.dirty_since: float | None = None
        """When the oldest record was forgotten whose traces are still in a file."""

    async def forget(self, name: str, ids: Sequence[int]) -> None:
        """Erase records, portion by portion; each portion is out of every answer once it is durable."""
        for start in range(0, len(ids), store.PORTION):
            portion = tuple(ids[start : start + store.PORTION])
            lsn = await self.writer.run(
                name,
                partial(store.forget, ids=portion),
                durable=True,
                abandoned=partial(self._forgotten_unseen, portion),
            )
            # Also when the caller goes away now: what is erased must leave every answer.
            await asyncio.shield(self.forgotten(lsn, portion))

    def _forgotten_unseen(self, ids: Sequence[int], lsn: int) -> None:
        self.forgotten(lsn, ids)

    def forgotten(self, lsn: int, ids: Sequence[int]) -> "asyncio.Future[None]":
        """Take in that records were erased."""
        if self.dirty_since is None:
            self.dirty_since = self.clock()
        return self.thread.post(partial(self.engine.apply_forgotten, lsn, ids))

    async def embedded(self, model: Model, ids: Sequence[int], vectors: "NDArray[np.float32]") -> None:
        """Write vectors of records that lacked one."""
        from memory.rows import from_bf16, to_bf16

        bf16 = await self.thread.call(partial(to_bf16, vectors))
        pairs = list(zip(ids, bf16, strict=True))
        lsn, *alive = await self.writer.run("embed", partial(store.embed_later, model=model.id, vectors=pairs))
        kept = set(alive)
        whole = [pair for pair in pairs if pair[0] in kept]
        serving = model == self.serving

        def take_in() -> None:
            rounded = from_bf16([one for _, one in whole], model.dimension)
            self.engine.apply_vectors(lsn, [one for one, _ in whole], rounded, serving)

        await self.thread.call(take_in)
