"""The reading half of the blackboard: committed rows only, never without a tenant, never a row that fails its check."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from blackboard import calls, checks, chronicle, corrections, feedback, outbox, personal, quarantine, trace
from blackboard.audit import Audit
from blackboard.cache import READ, HeldAnswers, is_fresh, read_entry
from blackboard.connections import Readers
from blackboard.contracts import (
    CacheEntry,
    CallRecord,
    Feedback,
    Outgoing,
    Spent,
    StoredCorrection,
    StoredStep,
    StoreHealth,
    Task,
)
from blackboard.outbox import Outbox
from blackboard.rows import COLUMNS, WITH_STEPS, TaskRow, read_row
from blackboard.trace import Chain
from blackboard.writer import Writer
from errors import StoreCorrupt

_TASK = f"SELECT {COLUMNS} FROM agent_tasks WHERE id = ? AND tenant = ?"  # noqa: S608
_OUTGOING = f"SELECT {COLUMNS} FROM agent_tasks WHERE id = ?"  # noqa: S608
_LAST = (
    f"SELECT {COLUMNS} FROM agent_tasks WHERE id = "  # noqa: S608
    "(SELECT max(id) FROM agent_tasks WHERE tenant = ?1 AND (?2 IS NULL OR user = ?2))"
)


class Reads:
    """What can be read from a blackboard. A row found damaged is set aside through the writer."""

    def __init__(self, path: Path, clock: Callable[[], float], key: bytes, deliveries: Outbox, writer: Writer) -> None:
        self.path = path
        chain = Chain(key)
        self._clock, self._chain, self._outbox, self._writer = clock, chain, deliveries, writer
        self._readers = Readers(path)
        self.audit = Audit(self._readers, writer, clock, key)
        self._held = HeldAnswers()

    def now(self) -> float:
        """The time by which rows are stamped, Unix seconds."""
        return float(self._clock())

    async def task(self, tenant: str, task_id: int) -> Task | None:
        """A task of this tenant. Raises StoreCorrupt when its row fails its check."""
        row = await self._row(_TASK, (task_id, tenant))
        return row.task() if row else None

    async def last_task(self, tenant: str, user: str | None = None) -> Task | None:
        """The newest task of a tenant, or of one of its users. Raises StoreCorrupt."""
        row = await self._row(_LAST, (tenant, user))
        return row.task() if row else None

    async def steps(self, tenant: str, task_id: int) -> list[StoredStep]:
        """The committed steps of a task in their order; empty when they were pruned."""
        return [trace.stored_step(row) for row in await self._readers.rows(trace.SELECT, (task_id, tenant))]

    async def verify_chain(self, tenant: str, task_id: int) -> bool:
        """Whether the trace is as it was written. A pruned trace passes; a task that is not there does not."""
        rows = await self._readers.rows(WITH_STEPS, (task_id, tenant))
        try:
            return bool(rows) and self._chain.holds(rows)
        except StoreCorrupt:
            return False

    async def calls(self, tenant: str, task_id: int) -> list[CallRecord]:
        """The calls to models made for a task, in their order."""
        return [CallRecord(*row) for row in await self._readers.rows(calls.OF_TASK, (tenant, task_id))]

    async def corrections(
        self, tenant: str, *, task_type: str | None = None, limit: int = 20
    ) -> list[StoredCorrection]:
        """What rejected drafts of a tenant taught, newest first."""
        rows = await self._readers.rows(corrections.OF_TYPE, (tenant, task_type, limit))
        return [StoredCorrection(*row) for row in rows]

    async def corrections_of(self, tenant: str, task_id: int) -> list[StoredCorrection]:
        """What the rejected drafts of one task taught, in their order."""
        return [StoredCorrection(*row) for row in await self._readers.rows(corrections.OF_TASK, (tenant, task_id))]

    async def spent(self, tenant: str, user: str, since: float) -> Spent:
        """Tokens and US dollars used since a moment (Unix seconds)."""
        ((tokens, own_tokens, usd, own_usd),) = await self._readers.rows(calls.SPENT, (user, tenant, since))
        return Spent(int(tokens), int(own_tokens), usd, own_usd)

    async def cached(self, tenant: str, key: str, *, min_confidence: float) -> CacheEntry | None:
        """An answer that may be served again: sure enough, not expired, its row sound."""
        if not self._held.may_have(key):
            return None
        entry = self._held.get(tenant, key) or await self._read_cache(tenant, key)
        if entry is None or entry.confidence < min_confidence or not is_fresh(entry, self._clock()):
            return None
        return entry

    def may_have_cached(self, key: str) -> bool:
        """False when no tenant has an answer under this key; asks memory alone, from any thread."""
        return self._held.may_have(key)

    async def pending(self, *, limit: int = 100) -> list[Outgoing]:
        """Answers that are ready and have not arrived, oldest first."""
        ready = []
        for tries, *values in await self._readers.rows(outbox.READY, (limit,)):
            delivery = self._outbox.read(values)
            try:
                row = await self._row(_OUTGOING, (values[0],))
            except StoreCorrupt:
                continue  # setting the task aside has given its delivery up
            if delivery is None or row is None:
                await self._set_aside(quarantine.quarantine_outgoing, values[0])
            else:
                ready.append(Outgoing(row.id, row.task(), delivery, tries))
        return ready

    async def feedbacks(self, tenant: str, task_id: int) -> list[Feedback]:
        """What people said of an answer, oldest first."""
        return [feedback.read_feedback(row) for row in await self._readers.rows(feedback.OF_TASK, (task_id, tenant))]

    async def wrong_answers(self, tenant: str, *, limit: int = 20) -> list[Feedback]:
        """What people of a tenant called wrong, newest first."""
        return [feedback.read_feedback(row) for row in await self._readers.rows(feedback.WRONG, (tenant, limit))]

    async def since(self, marks: chronicle.Marks) -> chronicle.Portion:
        """What was committed since these marks, of every tenant; for the memory that follows the blackboard."""
        return await chronicle.since(self._readers, marks)

    async def places_of(self, user: str) -> list[str]:
        """The tenants in which a person left anything; for that person alone."""
        return await personal.places_of(self._readers, user)

    async def open_tasks_of(self, tenant: str, user: str) -> list[int]:
        """Numbers of a person's tasks that are not closed."""
        return await personal.open_tasks_of(self._readers, tenant, user)

    async def words_of(self, tenant: str, user: str) -> dict[str, Any]:
        """What a person asked, was answered and said here, JSON-ready."""
        return await personal.words_of(self._readers, tenant, user)

    async def get_state(self, name: str) -> str | None:
        """A small fact the program keeps between runs, such as the command tree's hash."""
        rows = await self._readers.rows("SELECT value FROM state WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    async def states(self, prefix: str) -> dict[str, str]:
        """All small facts whose names begin so."""
        rows = await self._readers.rows(
            "SELECT name, value FROM state WHERE name >= ?1 AND name < ?1 || char(1114111)", (prefix,)
        )
        return dict(rows)

    async def health(self) -> StoreHealth:
        """Counts and sizes for `/status`."""
        return await checks.health(self._readers, self.path, self._clock())

    async def check(self) -> list[str]:
        """Everything that is wrong, a sentence each; reads the whole database."""
        return await checks.check(self._readers, self._chain, self._outbox, self.audit)

    async def _read_cache(self, tenant: str, key: str) -> CacheEntry | None:
        version = self._held.version
        rows = await self._readers.rows(READ, (tenant, key))
        if not rows:
            return None
        entry = read_entry(tenant, rows[0])
        if entry is None:
            await self._set_aside(quarantine.quarantine_entry, tenant, key)
        else:
            self._held.put_read(tenant, entry, version)
        return entry

    async def _row(self, sql: str, arguments: Sequence[Any]) -> TaskRow | None:
        rows = await self._readers.rows(sql, arguments)
        if not rows:
            return None
        try:
            return read_row(rows[0])
        except StoreCorrupt:
            await self._set_aside(quarantine.quarantine_task, rows[0][0])
            raise

    async def _set_aside(self, how: Callable[..., None], *what: Any) -> None:
        now = float(self._clock())
        await self._writer.run("quarantine", lambda connection: how(connection, *what, now))
