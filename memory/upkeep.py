"""What the memory does behind its callers: expiry, index files, the text index, vectors that are missing."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec
from pyroaring import BitMap

import allocator
import faults
from errors import IndexDamaged, StoreError
from memory import store, words
from memory.bitmaps import DAY_S
from memory.contracts import Between
from memory.contracts import Tier as TierName
from memory.embedding import EmbeddingFailed
from memory.files import remove_others, write_aside
from memory.filters import between
from memory.parts import Parts
from memory.planner import OLD_S, Model, Planner
from memory.scrub import scrub
from memory.snapshot import open_snapshot, write
from memory.store import Published

QUIET_S = 0.25
"""The upkeep begins when nobody has written for so long …"""
PATIENCE_S = 5.0
"""… or after so long at the latest."""
ROUND_S = 60.0
"""A round is made so often even when nothing happened: records expire, an endpoint may be back."""
COMPACT_S = 30.0
"""Files that hold forgotten records are made anew after so long."""
LATE_ROWS = 2_048
"""Records in no bitmap file; or a quarter of all, when that is more."""
BATCH = 64
"""Texts given to an embedder at once."""
LOOKED_AT = 256
"""Records read at once when those without a vector are looked for."""
Wanted = dict[TierName, BitMap]
log = logging.getLogger(__name__)


class Upkeep:
    """Runs in the background from `start` to `stop`, one step at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._news = asyncio.Event()
        self._running = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._embedding: asyncio.Task[None] | None = None
        self._wrote = 0.0

    def start(self) -> None:
        """Begin; a first round is made at once."""
        self._news.set()
        self._task = asyncio.create_task(self._run())

    def poke(self) -> None:
        """Something was written."""
        self._wrote = asyncio.get_running_loop().time()
        self._news.set()

    async def stop(self) -> None:
        """End after the step that runs now."""
        for task in (self._task, self._embedding):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await self._news.wait()
            self._news.clear()
            await self._quiet()
            await self._steps()
            if self._parts.missing and (self._embedding is None or self._embedding.done()):
                # Beside the rounds: a slow endpoint may take hours over it.
                self._embedding = asyncio.create_task(self._guarded(self._embed))

    async def _quiet(self) -> None:
        for _ in range(int(PATIENCE_S / QUIET_S)):
            if asyncio.get_running_loop().time() >= self._wrote + QUIET_S:
                return
            await asyncio.sleep(QUIET_S)

    async def round(self) -> None:
        """Everything that is due, and every vector that is missing."""
        await self._steps()
        await self._guarded(self._embed)

    async def _steps(self) -> None:
        """What is due; what fails is logged and due again in the next round."""
        steps: Sequence[Callable[[], Awaitable[None]]] = (
            self._expire,
            self.note_damaged,
            self._follow,
            self._move_down,
            self._file_words,
            self._file_filters,
            self._link,
            self._mend,
            self._compact_when_due,
        )
        async with self._running:
            for step in steps:
                await self._guarded(step)

    @staticmethod
    async def _guarded(step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except (StoreError, IndexDamaged) as error:
            log.warning("the memory's upkeep (%s) failed: %s", getattr(step, "__name__", "step").strip("_"), error)
        except Exception:  # The steps after it, and the next round, are still to be made.
            log.exception("the memory's upkeep failed")

    async def _expire(self) -> None:
        engine = self._parts.engine

        def expired() -> list[int]:
            engine.drop_expired()
            return list(engine.expired)

        while ids := await self._parts.thread.call(expired):
            await self._parts.forget("expire", ids)

    async def note_damaged(self) -> None:
        """Put aside what was found damaged."""
        parts, engine = self._parts, self._parts.engine
        if ids := await parts.thread.call(engine.take_damaged):
            log.error("%d records of the memory fail their check and are not used: %s", len(ids), ids[:20])
            work = partial(store.quarantine, ids=ids, now=parts.clock())
            await parts.writer.run("quarantine", work)

    async def _follow(self) -> None:
        engine, missing = self._parts.engine, 1
        while missing and not engine.words.full:
            missing = await self._parts.thread.call(lambda: engine.words.follow(engine.mark.last_id))

    async def _move_down(self) -> None:
        engine, clock = self._parts.engine, self._parts.clock

        def due(planner: Planner) -> Wanted:
            project = planner.below.get("project")
            old = BitMap()
            if project is not None and len(project):
                # In whole days, so that a step costs little: age need not be exact.
                before = (clock() - OLD_S) // DAY_S * DAY_S
                old = between(engine.bitmaps, Between(0, before), project.ids())
            return planner.wants(old)

        await self._generations(engine.tiers, due)

    async def _generations(self, planner: Planner, choose: Callable[[Planner], Wanted]) -> None:
        """Build the index files that `choose` names, publish them together, and search them from then on."""
        parts, engine = self._parts, self._parts.engine
        made: list[Published] = []
        # The commit first: a row that arrives in between is replayed once too often, not forgotten.
        lsn, wanted = await parts.thread.call(lambda: (engine.mark.lsn, choose(planner)))
        if not wanted:
            return
        number = await self._number()
        empty = [name for name, ids in wanted.items() if not ids]
        for name, ids in wanted.items():
            if not ids:
                continue
            build = partial(planner.build, name, ids, lsn, number, engine.reader, engine.breathe, parts.clock())
            made.append(await parts.thread.call(build, long=True))
            faults.point("index.built")
        await self._publish(made, [(name, planner.model.key) for name in empty])
        await parts.thread.call(partial(planner.let_go, empty))
        for row in made:
            await parts.thread.call(partial(planner.swap, row, engine.bitmaps.everything))
        await self._drop_files()

    async def _number(self) -> int:
        published = await self._parts.thread.call(self._parts.engine.truth.published)
        return max((row.number for row in published), default=0) + 1

    async def _publish(self, rows: Sequence[Published], gone: Sequence[tuple[str, str]] = ()) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for row in rows:
                store.publish(connection, row)
            for what, model in gone:
                store.withdraw(connection, what, model)

        await self._parts.writer.run("publish", work, durable=True)

    async def _drop_files(self) -> None:
        """Delete every file that no row names any more, and the changes that those named have all taken in."""
        faults.point("index.swapped")
        engine = self._parts.engine

        def delete() -> None:
            remove_others(engine.folder, [row.name for row in engine.truth.published()])
            allocator.give_back()

        await self._parts.thread.call(delete)
        await self._drop_changes()

    async def _drop_changes(self) -> None:
        """Changes that every file has taken in are replayed by nobody."""
        engine = self._parts.engine
        lsn, published = await self._parts.thread.call(lambda: (engine.mark.lsn, engine.truth.published()))
        before = min((row.lsn for row in published), default=lsn)
        await self._parts.writer.run("changes", partial(store.drop_changes, before=before))

    async def _mend(self) -> None:
        """Delete vectors that fail their check; they are made anew from the text."""
        parts = self._parts
        if ids := await parts.thread.call(parts.engine.take_damaged_vectors):
            log.error("%d vectors of the memory fail their check and are made anew: %s", len(ids), ids[:20])
            await parts.writer.run("mend", partial(store.drop_vector, model=parts.serving.id, ids=ids))
            parts.missing = True

    async def _link(self) -> None:
        """What hot put off while rows were added."""
        engine, waiting = self._parts.engine, 1
        while waiting:
            waiting = await self._parts.thread.call(lambda: engine.tiers.hot.link(BATCH))

    async def _file_words(self) -> None:
        engine = self._parts.engine
        since = engine.words.row.last_id if engine.words.row else 0
        if engine.words.full or engine.mark.last_id - since >= 2 * words.LATE:
            await self.file_words()

    async def file_words(self) -> None:
        """A new file of the text index."""
        parts, engine = self._parts, self._parts.engine
        number = await self._number()
        last, lsn = engine.mark.last_id, engine.mark.lsn
        build = partial(engine.words.build, last, lsn, number, engine.breathe, parts.clock())
        row = await parts.thread.call(build, long=True)
        faults.point("index.built")
        await self._publish([row])
        await parts.thread.call(partial(self._swap_words, row))
        await self._drop_files()

    def _swap_words(self, row: Published) -> None:
        engine = self._parts.engine
        gone = engine.truth.changes_after(row.lsn)["forgotten"]
        engine.words.swap(row, bool(gone))

    async def _file_filters(self) -> None:
        bitmaps = self._parts.engine.bitmaps
        if bitmaps.late_rows >= max(LATE_ROWS, len(bitmaps.everything) // 4):
            try:
                await self.file_filters()
            except IndexDamaged as error:
                await self._parts.thread.call(partial(self._parts.engine.rebuild_bitmaps, error))

    async def file_filters(self) -> None:
        """A new file of the bitmaps."""
        parts = self._parts
        number = await self._number()
        row = await parts.thread.call(partial(self._write_filters, number), long=True)
        faults.point("index.built")
        await self._publish([row])
        await parts.thread.call(partial(self._swap_filters, row))
        await self._drop_files()

    def _write_filters(self, number: int) -> Published:
        engine, name = self._parts.engine, f"filters-{number}.bitmaps"
        bitmaps = engine.bitmaps
        bitmaps.freeze()
        lsn, last = engine.mark.lsn, engine.mark.last_id
        form = write_aside(engine.folder, name, lambda path: write(path, bitmaps.entries(), lsn, last, engine.breathe))
        return Published("filters", "", number, lsn, last, name, msgspec.json.encode(form), self._parts.clock())

    def _swap_filters(self, row: Published) -> None:
        engine = self._parts.engine
        if len(engine.bitmaps.layers) > 1:  # Else they were rebuilt meanwhile, and hold everything themselves.
            engine.bitmaps.rebase(open_snapshot(engine.folder, row))
            engine.filters_row = row

    async def _embed(self) -> None:
        """Give records the vector they lack; when all have one of the wanted model, it serves from then on."""
        parts = self._parts
        if not parts.missing:
            return
        complete = await self._embed_all(parts.serving)
        if parts.coming is not None:
            complete = await self._embed_all(parts.coming)
            if complete:
                async with self._running:
                    await self._take_over(parts.coming)
                complete = False  # What was remembered meanwhile has the earlier model's vector only.
                self._news.set()
        parts.missing = not complete

    async def _embed_all(self, model: Model) -> bool:
        parts, engine = self._parts, self._parts.engine
        embedder = parts.embedders.of(model.name, model.dimension)
        if embedder is None:
            return True
        after = 0
        while True:
            after, lacking = await parts.thread.call(partial(engine.lacking, model.id, after, LOOKED_AT))
            if not after:
                parts.unembedded = 0
                return True
            for start in range(0, len(lacking), BATCH):
                portion = lacking[start : start + BATCH]
                parts.unembedded = max(parts.unembedded, len(lacking) - start)
                try:
                    vectors = await parts.embedders.embed(embedder, [one.new.text for one in portion], ROUND_S)
                except EmbeddingFailed as error:
                    log.warning("%d records and more wait for vectors: %s", len(lacking) - start, error)
                    return False
                await parts.embedded(model, [one.id for one in portion], vectors)

    async def _take_over(self, model: Model) -> None:
        """The coming model serves: its index is built first, then the earlier one's vectors and files go."""
        parts, engine = self._parts, self._parts.engine
        earlier = parts.serving
        planner = await parts.thread.call(partial(engine.prepare_planner, model))
        if planner.waiting:
            await self._generations(planner, Planner.everything_down)
        await parts.writer.run("serve", partial(store.set_state, name="serving", value=str(model.id)), durable=True)
        parts.serving, parts.coming = model, None
        await parts.thread.call(partial(engine.use_planner, planner))
        await self._drop_model(earlier)

    async def _drop_model(self, model: Model) -> None:
        published = await self._parts.thread.call(self._parts.engine.truth.published)
        mine = [row for row in published if row.model == model.key]
        for row in mine:
            await self._parts.writer.run("withdraw", partial(store.withdraw, what=row.what, model=row.model))
        await self._drop_files()
        gone, drop = 1, partial(store.drop_vectors, model=model.id, limit=store.PORTION)
        while gone:
            gone = await self._parts.writer.run("withdraw", drop)

    async def _compact_when_due(self) -> None:
        since = self._parts.dirty_since
        if since is not None and self._parts.clock() - since >= COMPACT_S:
            await self._compact()

    async def compact(self) -> None:
        """Make every file anew that holds what was forgotten, and give the space back."""
        async with self._running:
            await self._compact()

    async def _compact(self) -> None:
        parts, engine = self._parts, self._parts.engine
        parts.dirty_since, since = None, parts.dirty_since
        try:
            await self._generations(engine.tiers, Planner.stale)
            if engine.words.base_dead:
                await self.file_words()
            if engine.bitmaps.base_dead:
                await self.file_filters()
            await self._drop_changes()
            await parts.writer.run_outside("scrub", partial(scrub, path=parts.path))
        except BaseException:
            parts.dirty_since = since if parts.dirty_since is None else parts.dirty_since
            raise

    async def rebuild(self) -> None:
        """Make every index file anew from the records."""
        async with self._running:
            engine = self._parts.engine
            await self._parts.thread.call(engine.start_over, long=True)
            await self._generations(engine.tiers, Planner.everything_down)
            await self.file_words()
            await self.file_filters()

    async def settle(self) -> None:
        """Before closing: write down what would otherwise be replayed at the next opening."""
        async with self._running:
            engine = self._parts.engine
            with contextlib.suppress(StoreError, IndexDamaged):
                if engine.bitmaps.late_rows > LATE_ROWS // 4:
                    await self.file_filters()
                if engine.words.late_rows > words.LATE // 4:
                    await self.file_words()
