"""The blackboard: everything agents know of a task stands here, committed, and nowhere else.

`Blackboard` is the one door. Its parts live in ``blackboard/`` (all reads in ``blackboard/reads.py``);
``docs/blackboard.md`` has tables and guarantees.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from blackboard import outbox, retention
from blackboard.audit import NewEntry
from blackboard.backups.swap import finish_swap
from blackboard.cache import evict_entries, evict_entry, stored_keys
from blackboard.clocks import new_owner, uptime, wall
from blackboard.combats import Combats
from blackboard.connections import open_writer
from blackboard.contracts import (
    Admission,
    CacheEntry,
    CallRecord,
    Claimed,
    Correction,
    Feedback,
    Lease,
    NewTask,
    Step,
    TaskStatus,
)
from blackboard.feedback import write_feedback
from blackboard.grants import Grants
from blackboard.keyfile import TokenBox, load_key
from blackboard.lock import DataLock
from blackboard.reads import Reads
from blackboard.relays import Relays
from blackboard.tasks import Tasks, owned
from blackboard.writer import Writer
from errors import StoreError

_SET_STATE = "INSERT OR REPLACE INTO state VALUES (?, ?)"


class Blackboard(Reads):
    """One database in one data directory, owned by this process. Times are Unix seconds."""

    def __init__(
        self,
        path: Path,
        lock: DataLock,
        key: bytes,
        owner: str,
        lease_s: float,
        clock: Callable[[], float],
        checkpoints: bool,
    ) -> None:
        """Use `open`."""
        self.key, self.owner = key, owner
        deliveries = outbox.Outbox(TokenBox(key))
        connect = partial(open_writer, path, checkpoints=checkpoints)
        super().__init__(path, clock, key, deliveries, Writer(connect, path))
        self.combats = Combats(self._readers, self._writer, clock)
        self.grants = Grants(self._readers, self._writer, clock, self.audit)
        self._tasks = Tasks(owner, lease_s, clock, uptime, self._chain, deliveries)
        self.relay = Relays(self._readers, self._writer, clock, self._tasks)
        self._lock = lock
        self._withdrawals: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        *,
        name: str = "vespera",
        lease_s: float = 30,
        clock: Callable[[], float] = wall,
        checkpoints: bool = True,
    ) -> "Blackboard":
        """Take the data directory, migrate ``NAME.sqlite`` and open it.

        `checkpoints`: False leaves working the log into the database to another program (Litestream).

        Raises:
            StoreLocked: another process holds the directory.
            StoreError: the database is read-only, full, corrupt or too new; nothing was changed.
        """
        lock, key, owner = await asyncio.to_thread(_prepare, data_dir, name)
        board = cls(data_dir / f"{name}.sqlite", lock, key, owner, lease_s, clock, checkpoints)
        try:
            await board._writer.open()
            board._held.expect_only(await board._writer.run("keys", stored_keys), board._held.version)
        except BaseException:
            await board.close()
            raise
        return board

    async def close(self) -> None:
        """Finish what is being written, close all connections and give the directory back. May be called twice."""
        await asyncio.gather(*self._withdrawals)
        await self._readers.close()
        await self._writer.close()
        self._lock.release()

    async def admit(self, new: NewTask, steps: Sequence[Step] = (), *, room: int, run_now: bool) -> Admission | None:
        """Admit a task when fewer than `room` are open; None says that there is no room.

        Durable. An interaction seen before gives ``Admission.known`` and inserts nothing. With `run_now` the task is
        running, attempt 1, and leased. A caller cancelled while it waits leaves a cancelled task, never an open one.
        """
        return await self._writer.run(
            "admit",
            lambda c: self._tasks.admit(c, new, steps, room, run_now),
            durable=True,
            abandoned=partial(self._abandoned, new),
        )

    async def record(
        self,
        new: NewTask,
        status: TaskStatus,
        result: bytes,
        steps: Sequence[Step] = (),
        *,
        cache_key: str | None = None,
    ) -> Admission:
        """Write a task that is closed at once (looked up, cached, refused).

        Not synced: a power loss may forget it. `cache_key`: the entry it was served from, so that *Wrong* evicts it.
        """
        _must_close(status)
        return await self._writer.run("record", lambda c: self._tasks.record(c, new, status, result, steps, cache_key))

    async def start(self, task_id: int) -> Lease:
        """Begin a queued task: running, attempt 1, leased. Raises LeaseLost when it is no longer queued here."""
        return await self._writer.run("start", lambda c: self._tasks.start(c, task_id))

    async def reject(
        self,
        lease: Lease,
        *,
        retry_count: int,
        attempt: int,
        steps: Sequence[Step] = (),
        corrections: Sequence[Correction] = (),
        calls: Sequence[CallRecord] = (),
    ) -> None:
        """Commit a FAIL verdict and the number of the attempt that follows. Raises LeaseLost."""
        await self._writer.run(
            "reject", lambda c: self._tasks.reject(c, lease, retry_count, attempt, steps, corrections, calls)
        )

    async def note(self, lease: Lease, steps: Sequence[Step] = (), calls: Sequence[CallRecord] = ()) -> None:
        """Add to the trace and the calls of a task that goes on. Raises LeaseLost."""
        await self._writer.run("note", lambda c: self._tasks.note(c, lease, steps, calls))

    async def finish(
        self,
        lease: Lease,
        *,
        status: TaskStatus,
        retry_count: int,
        result: bytes,
        steps: Sequence[Step] = (),
        corrections: Sequence[Correction] = (),
        calls: Sequence[CallRecord] = (),
        cache: CacheEntry | None = None,
    ) -> None:
        """Close a task: answer, trace, cache entry and readiness of its delivery in one durable transaction.

        Raises LeaseLost when another worker has the task. Only a ``done`` task may bring a cache entry.
        """
        _must_close(status)
        if cache is not None and status != "done":
            raise ValueError(f"a {status} task has nothing to cache")
        entry = owned(cache, lease) if cache else None
        if entry is not None:
            self._held.expect(entry.key)
        tenant = await self._writer.run(
            "finish",
            lambda c: self._tasks.finish(c, lease, status, retry_count, result, steps, corrections, calls, entry),
            durable=True,
            abandoned=self._forget,
        )
        if entry is not None:
            self._held.put(tenant, entry)

    async def renew(self, leases: Iterable[Lease]) -> list[Lease]:
        """Prolong leases; returns those that are lost."""
        held = tuple(leases)
        return await self._writer.run("renew", lambda c: self._tasks.renew(c, held))

    async def claim(self, *, limit: int = 100) -> list[Claimed]:
        """Take over open tasks whose owner is gone or whose lease ran out, oldest first.

        ``task.attempt`` is the attempt that begins now, already committed: one more than what was begun before.
        """
        return await self._writer.run("claim", lambda c: self._tasks.claim(c, limit))

    async def cancel(self, tenant: str, task_id: int, user: str, why: str) -> bool:
        """Close an open task; False when there is none. Its worker's next write raises LeaseLost."""
        return await self._writer.run(
            "cancel", lambda c: self._tasks.cancel(c, tenant, task_id, user, why), durable=True
        )

    async def evict(self, tenant: str, key: str) -> None:
        """Take an answer out of the cache."""
        await self._writer.run("evict", lambda c: evict_entry(c, tenant, key), abandoned=self._forget)
        self._held.drop(tenant, key)

    async def evict_all(self, tenant: str) -> None:
        """Take every answer of a tenant out of the cache: what the drafts rest on has changed."""
        await self._writer.run("evict_all", lambda c: evict_entries(c, tenant), abandoned=self._forget)
        self._held.clear()

    async def set_message(self, tenant: str, task_id: int, message_id: int) -> None:
        """Note the message that shows the progress of a task; nothing for a task without a delivery."""
        await self._writer.run("message", lambda c: outbox.set_message(c, tenant, task_id, message_id))

    async def delivered(self, outgoing_id: int, message_id: int | None = None) -> None:
        """The answer arrived; its interaction token is erased."""
        await self._writer.run("delivered", lambda c: outbox.delivered(c, outgoing_id, message_id))

    async def delivery_failed(self, outgoing_id: int, why: str, *, give_up: bool) -> None:
        """The answer did not arrive; it is tried again unless given up."""
        await self._writer.run("undelivered", lambda c: outbox.failed(c, outgoing_id, why, give_up))

    async def feedback(self, tenant: str, feedback: Feedback) -> None:
        """Store what a person said of an answer; *wrong* evicts it from the cache. Raises UserMistake: no such task."""
        now = self._clock()
        key = await self._writer.run(
            "feedback", lambda c: write_feedback(c, tenant, feedback, now), durable=True, abandoned=self._forget
        )
        if key is not None:
            self._held.drop(tenant, key)

    async def set_state(self, name: str, value: str) -> None:
        """Keep a small fact between runs."""
        await self._writer.run("state", lambda c: c.execute(_SET_STATE, (name, value)).rowcount)

    async def decide_state(self, name: str, value: str, told: NewEntry) -> None:
        """Keep a small fact that somebody decided, durably and with a row of the audit log in the same transaction."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_SET_STATE, (name, value))
            self.audit.append(connection, told)

        await self._writer.run("state", work, durable=True)

    async def prune(self, *, keep_days: float, keep_trace_days: float, keep_audit_days: float = 365) -> int:
        """Forget closed tasks, detailed traces, expired answers and the words of the audit log by age.

        Returns how many tasks went.
        """
        now = float(self._clock())
        version = self._held.version
        self._held.expect_only(await self._writer.run("prune", partial(retention.prune_cache, now=now)), version)
        await self.combats.prune(now - keep_days * 86_400)
        await self.audit.prune(now - keep_audit_days * 86_400)
        gone = 0
        while count := await self._writer.run("prune", partial(retention.prune_tasks, before=now - keep_days * 86_400)):
            gone += count
        count, last, before = 1, 0, now - keep_trace_days * 86_400
        while count:
            count, last = await self._writer.run("prune", partial(retention.prune_traces, before=before, after=last))
        return gone

    async def erase_user(self, tenant: str, user: str) -> int:
        """Erase the words of a person's closed tasks for good; the chains still verify. Returns how many tasks."""
        gone, count, last = 0, 1, 0
        while count:
            work = partial(retention.erase_words, tenant=tenant, user=user, after=last)
            count, last = await self._writer.run("erase", work, durable=True, abandoned=self._forget)
            gone += count
        await self.combats.erase_user(tenant, user)
        await self.audit.erase_person(tenant, user)
        await self.relay.erase_user(tenant, user)
        self._held.clear()
        return gone

    def _forget(self, _result: object) -> None:
        """A change of the cache was committed for a caller who went away: memory must not tell otherwise."""
        self._held.clear()

    def _abandoned(self, new: NewTask, admission: Admission | None) -> None:
        if admission is not None and admission.known is None:
            withdrawal = asyncio.ensure_future(self._withdraw(new, admission.task_id))
            self._withdrawals.add(withdrawal)
            withdrawal.add_done_callback(self._withdrawals.discard)

    async def _withdraw(self, new: NewTask, task_id: int) -> None:
        """Nobody heard of this task: close it. When that fails it stays open, and the next start resumes it."""
        try:
            await self.cancel(new.tenant, task_id, new.user, "the asker went away before the task was acknowledged")
        except StoreError:
            return


def _prepare(data_dir: Path, name: str) -> tuple[DataLock, bytes, str]:
    """The blocking part of opening: folder, lock, key and the name of this process."""
    lock = DataLock(data_dir, name)
    try:
        finish_swap(data_dir)
        return lock, load_key(data_dir), new_owner()
    except BaseException:
        lock.release()
        raise


def _must_close(status: TaskStatus) -> None:
    if status in {"queued", "running"}:
        raise ValueError(f"{status} does not close a task")
