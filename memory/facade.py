"""The one door to the memory. ``docs/memory.md`` says what it promises; SQLite is its only truth."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from blackboard.lock import DataLock
from blackboard.writer import Writer
from errors import NotAllowed, StoreError, UserMistake
from memory import checking, limits, store
from memory.contracts import (
    Embedder,
    Filter,
    Is,
    MemoryStats,
    NewRecord,
    Query,
    Recalled,
    Record,
    Subscription,
)
from memory.embedding import Embedders
from memory.engine import Engine
from memory.parts import Parts
from memory.planner import Model, Structures
from memory.recalling import Recalling
from memory.remembering import Remembering
from memory.schema import open_truth
from memory.thread import MemoryThread
from memory.upkeep import Upkeep
from memory.watching import QUEUE, WATCHERS, Watch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
PAGE = 200
"""Records read at once for an export."""
log = logging.getLogger(__name__)


class Memory:
    """One memory in one data directory, owned by this process. Every call names its tenant; none crosses it."""

    def __init__(self, parts: Parts, lock: DataLock) -> None:
        """Use `open`."""
        self._parts, self._lock = parts, lock
        self._watches: dict[str, set[Watch]] = {}
        self._upkeep = Upkeep(parts)
        self._remembering = Remembering(parts, self._committed)
        self._recalling = Recalling(parts)

    @classmethod
    async def open(
        cls,
        folder: Path,
        embedder: Embedder,
        fallback: Embedder,
        *,
        earlier: Sequence[Embedder] = (),
        name: str = "memory",
        structures: Structures | None = None,
        clock: Callable[[], float] = time.time,
        upkeep: bool = True,
    ) -> "Memory":
        """Take ``NAME.sqlite`` in the data directory, migrate it, map its indexes, and replay what came after them.

        Args:
            folder: the data directory.
            embedder: makes the vectors that are wanted.
            fallback: needs no network; serves when `embedder` fails.
            earlier: other embedders that may have made the vectors there are.
            name: of the file, for a process with a memory of its own.
            structures: what the tiers are made of; None: as built.
            clock: Unix seconds.
            upkeep: whether the work behind the callers is done by itself (tests call `Upkeep.round`).

        Raises:
            StoreLocked: another process holds it.
            StoreError: it is read-only, full, corrupt or too new; nothing was changed.
        """
        lock = await asyncio.to_thread(DataLock, folder, name)
        path, thread = folder / f"{name}.sqlite", MemoryThread()
        writer = Writer(partial(open_truth, path), path, "The memory is closed. Nothing was written.")
        try:
            await writer.open()
            built = await thread.call(_as_built) if structures is None else structures
            engine = await thread.call(lambda: Engine(path, built, thread.breathe, clock))
            parts = Parts(path, writer, thread, engine, Embedders(embedder, fallback, earlier, thread), clock)
            parts.serving, parts.coming = await _models(parts)
            await thread.call(partial(engine.open, parts.serving))
        except BaseException:
            await writer.close()
            await thread.close()
            lock.release()
            raise
        memory = cls(parts, lock)
        if upkeep:
            memory._upkeep.start()
        return memory

    async def close(self) -> None:
        """End the watches, finish what is being written, close all files. May be called twice."""
        for watch in [one for some in self._watches.values() for one in some]:
            watch.close()
        await self._upkeep.stop()
        if not self._parts.closed:
            await self._upkeep.settle()
            self._parts.closed = True
            await self._parts.thread.call(self._parts.engine.close)
        await self._parts.thread.close()
        await self._parts.writer.close()
        await self._parts.embedders.close()
        self._lock.release()

    async def remember(
        self, records: Sequence[NewRecord], vectors: "NDArray[np.float32] | None" = None
    ) -> tuple[int, ...]:
        """Keep records; returns their numbers once they are on disk, in the order given.

        A record whose ``once`` its tenant has already gets the number it has. Records of several tenants may come
        together. `vectors`: unit rows of the serving model, where the caller has them; else they are made here, and
        when that fails the records are kept without and get theirs in the background.

        Raises:
            UserMistake: a record is out of bounds; none was kept.
            StoreError: they could not be written; none was kept.
        """
        limits.check_records(records)
        return await self._remembering.remember(records, vectors) if records else ()

    async def recall(self, query: Query, *, deadline_s: float = 5.0) -> Recalled:
        """The tenant's records nearest to a question, by meaning and by words.

        Raises:
            UserMistake: the question is out of bounds.
            StoreError: the memory could not be read, or not in time.
        """
        limits.check_query(query)
        try:
            async with asyncio.timeout(deadline_s):
                recalled = await self._recalling.recall(query, deadline_s)
        except TimeoutError:
            raise StoreError(
                f"The memory did not answer within {deadline_s:g} s. Nothing was changed. Ask again."
            ) from None
        if self._parts.engine.truth.damaged:
            self._upkeep.poke()
        return recalled

    async def record(self, tenant: str, record_id: int) -> Record | None:
        """One record of a tenant; None when it has none of that number."""
        limits.check_tenant(tenant)
        limits.check_ids((record_id,))
        found = await self._parts.thread.call(partial(self._parts.engine.existing, tenant, (record_id,)))
        return found.get(record_id)

    async def tenants(self) -> list[str]:
        """Whose records there are; for the upkeep that goes through all of them."""
        return await self._parts.thread.call(self._parts.engine.truth.tenants)

    async def records(
        self, tenant: str, where: Filter | None = None, *, after: int = 0, limit: int = PAGE
    ) -> list[Record]:
        """A tenant's records that a filter lets through, by number, from the one that follows `after`."""
        subscription = Subscription(tenant=tenant, where=where)
        limits.check_tenant(tenant)
        limits.check_filter(where)
        return await self._parts.thread.call(partial(self._parts.engine.after, subscription, after, limit))

    async def count(self, tenant: str, where: Filter | None = None) -> int:
        """How many records of a tenant a filter lets through. Raises UserMistake: the filter is out of bounds."""
        limits.check_tenant(tenant)
        limits.check_filter(where)
        return len(await self._parts.thread.call(partial(self._parts.engine.chosen, tenant, None, where)))

    async def forget(
        self,
        tenant: str,
        *,
        ids: Sequence[int] = (),
        where: Filter | None = None,
        user: str = "",
        admin: bool = False,
    ) -> int:
        """Erase records by number, or all that a filter lets through; returns how many there were.

        Their text is overwritten at once in the database, and within a minute in its log and in the index files.

        Raises:
            NotAllowed: `user` did not write all of them, and is no admin; nothing was erased.
            UserMistake: nothing was named.
        """
        limits.check_tenant(tenant)
        limits.check_ids(ids)
        limits.check_filter(where)
        if not ids and where is None:
            raise UserMistake("Say which memories to forget, by number or by a filter. Nothing was changed.")
        engine = self._parts.engine
        chosen = await self._parts.thread.call(partial(engine.chosen, tenant, ids or None, where))
        if not admin:
            own = await self._parts.thread.call(partial(engine.chosen, tenant, chosen, Is("user", (user,))))
            if not user or len(own) != len(chosen):
                raise NotAllowed(
                    "You can forget your own memories only; an admin can forget the others. Nothing was changed."
                )
        whose = None if admin else user
        damaged = await self._parts.thread.call(partial(engine.truth.damaged_among, tenant, ids, whose)) if ids else []
        chosen = sorted({*chosen, *damaged})  # What fails its check is in no index, and goes all the same.
        await self._parts.forget("forget", chosen)
        self._upkeep.poke()
        return len(chosen)

    async def erase_user(self, tenant: str, user: str) -> int:
        """Erase everything of a person in a tenant, in database, log and every index file; returns how many records."""
        limits.check_tenant(tenant)
        if not user:
            raise UserMistake("Whose memories are to be erased was not said. Nothing was changed.")
        engine = self._parts.engine
        await self._upkeep.note_damaged()  # Of those too the text goes.
        ids = await self._parts.thread.call(
            lambda: engine.chosen(tenant, None, Is("user", (user,))) + engine.truth.damaged_of(tenant, user)
        )
        await self._parts.forget("forget", ids)
        await self._upkeep.compact()
        return len(ids)

    async def export_user(self, tenant: str, user: str) -> AsyncIterator[Record]:
        """Everything a person wrote in a tenant, oldest first."""
        limits.check_tenant(tenant)
        engine = self._parts.engine
        ids = await self._parts.thread.call(partial(engine.chosen, tenant, None, Is("user", (user,))))
        for start in range(0, len(ids), PAGE):
            page = await self._parts.thread.call(partial(engine.sound, ids[start : start + PAGE], tenant))
            for record in page.values():
                yield record

    def watch(self, subscription: Subscription) -> Watch:
        """New records of a tenant that match, each after its commit, by number: ``async for record in watch``.

        Nothing is lost while the iterator lives: a watcher that falls behind reads on in the database. Begin after the
        last record you saw to miss none over a restart. End it with ``aclose``.

        Raises:
            UserMistake: the filter is out of bounds, or too many watch already.
        """
        limits.check_tenant(subscription.tenant)
        limits.check_filter(subscription.where)
        if sum(map(len, self._watches.values())) >= WATCHERS:
            raise UserMistake(f"{WATCHERS:,} watch the memory already; that is the most. Nothing was changed.")
        last = self._remembering.last_id if subscription.after is None else subscription.after
        watch = Watch(subscription, last, self._missed, self._unwatch)
        self._watches.setdefault(subscription.tenant, set()).add(watch)
        return watch

    async def _missed(self, subscription: Subscription, after: int) -> Sequence[Record]:
        return await self._parts.thread.call(partial(self._parts.engine.after, subscription, after, QUEUE))

    def _unwatch(self, watch: Watch) -> None:
        some = self._watches.get(watch.subscription.tenant, set())
        some.discard(watch)
        if not some:
            self._watches.pop(watch.subscription.tenant, None)

    def _committed(self, tenants: set[str], records: Callable[[], Sequence[Record]]) -> None:
        """Tell the watchers of these tenants; `records` is only called when there are any."""
        if watched := tenants & self._watches.keys():
            made = records()
            for tenant in watched:
                mine = [record for record in made if record.new.tenant == tenant]
                for watch in self._watches[tenant]:
                    watch.offer(mine)
        self._upkeep.poke()

    async def stats(self, tenant: str = "") -> MemoryStats:
        """Figures, of one tenant or of all."""
        return await checking.stats(self._parts, tenant, sum(map(len, self._watches.values())))

    async def check(self) -> list[str]:
        """Read everything and say what is wrong, a sentence each; an empty list when all is well."""
        return await checking.check(self._parts)

    async def reindex(self) -> int:
        """Make every index anew from the records; returns of how many."""
        await self._upkeep.rebuild()
        return len(self._parts.engine.bitmaps.everything)

    async def compact(self) -> None:
        """Make every index file anew that holds forgotten records, and give free space back to the disk."""
        await self._upkeep.compact()


def _as_built() -> Structures:
    from memory.structures import as_built

    return as_built()


async def _models(parts: Parts) -> tuple[Model, Model | None]:
    """The model that serves, and the one that is to take over once all its vectors are made."""
    wanted = parts.embedders.wanted
    engine, run = parts.engine, parts.writer.run
    number = await run("model", partial(store.model_id, name=wanted.model, dimension=wanted.dimension))
    new = Model(number, wanted.model, wanted.dimension)

    def serving() -> Model | None:
        held = engine.truth.state("serving")
        known = engine.truth.models()
        if not held or int(held) not in known or not engine.truth.embedded(int(held), 0, 1):
            return None
        return Model(int(held), *known[int(held)])

    old = await parts.thread.call(serving)
    if old is None or old == new:
        await run("serve", partial(store.set_state, name="serving", value=str(new.id)), durable=True)
        return new, None
    return old, new
