"""The life of a task as transactions: admitted, started, rejected drafts, closed, taken over."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

import msgspec

from blackboard import outbox, sealed
from blackboard.cache import write_entry
from blackboard.calls import write_calls
from blackboard.contracts import (
    OPEN,
    Admission,
    CacheEntry,
    CallRecord,
    Claimed,
    Correction,
    Lease,
    NewTask,
    Step,
    TaskStatus,
)
from blackboard.corrections import write_corrections
from blackboard.outbox import Outbox
from blackboard.quarantine import quarantine_task
from blackboard.rows import COLUMNS, TaskRow, fenced, insert, read_row, save_closed, save_progress
from blackboard.trace import Chain, write_steps
from errors import LeaseLost, StoreCorrupt

_KNOWN = f"SELECT {COLUMNS} FROM agent_tasks WHERE tenant = ? AND interaction_id = ?"  # noqa: S608
_BY_ID = f"SELECT {COLUMNS} FROM agent_tasks WHERE id = ?"  # noqa: S608
GIVEN = "tasks_given"
"""Fact in ``state``: numbers up to this one were given before a restore, and stand on buttons."""
_OPEN_AND_LAST = (
    "SELECT count(*), total(status = 'queued'), "
    "max((SELECT coalesce(max(id), 0) FROM agent_tasks), "
    "(SELECT coalesce(max(value), 0) FROM state WHERE name = 'tasks_given') + 0) "
    "FROM agent_tasks WHERE status IN ('queued', 'running')"
)
_CLAIMABLE = (
    f"SELECT {COLUMNS}, fence FROM agent_tasks WHERE status IN ('queued', 'running') "  # noqa: S608
    "AND (owner != ? OR (status = 'running' AND lease < ?)) ORDER BY id LIMIT ?"
)

_TAKE = sealed.update("agent_tasks", ("status", "attempt", "updated_at", "crc", "owner", "fence", "lease"))


class Tasks:
    """Transactions on tasks, for one process (`owner`). Each method is one transaction's work on the connection."""

    def __init__(
        self,
        owner: str,
        lease_s: float,
        clock: Callable[[], float],
        uptime: Callable[[], float],
        chain: Chain,
        deliveries: Outbox,
    ) -> None:
        self._owner, self._lease_s, self._clock, self._uptime = owner, lease_s, clock, uptime
        self._chain, self._outbox = chain, deliveries

    def admit(
        self, connection: sqlite3.Connection, new: NewTask, steps: Sequence[Step], room: int, run_now: bool
    ) -> Admission | None:
        """Insert a task when fewer than `room` are open; an interaction that is known gives the earlier task."""
        known = self._known(connection, new)
        if known is not None:
            return Admission(known.id, None, 0, known.task())
        open_tasks, queued, last = connection.execute(_OPEN_AND_LAST).fetchone()
        if open_tasks >= room:
            return None
        row = self._new_row(new, last + 1, "running" if run_now else "queued")
        self._insert(connection, row, steps)
        if new.delivery is not None:
            self._outbox.write(connection, row.id, new.delivery, ready=False)
        lease = Lease(row.id, self._owner, 1) if run_now else None
        return Admission(row.id, lease, 0 if run_now else int(queued) + 1)

    def record(
        self,
        connection: sqlite3.Connection,
        new: NewTask,
        status: TaskStatus,
        result: bytes,
        steps: Sequence[Step],
        cache_key: str | None,
    ) -> Admission:
        """Insert a task that is closed already; an interaction that is known gives the earlier task."""
        known = self._known(connection, new)
        if known is not None:
            return Admission(known.id, None, 0, known.task())
        *_, last = connection.execute(_OPEN_AND_LAST).fetchone()
        row = self._new_row(new, last + 1, status)
        row.result, row.closed_at, row.cache_key = result, row.created_at, cache_key
        self._insert(connection, row, steps)
        if new.delivery is not None:
            self._outbox.write(connection, row.id, new.delivery, ready=True)
        return Admission(row.id, None, 0)

    def start(self, connection: sqlite3.Connection, task_id: int) -> Lease:
        """Begin the first attempt of a queued task."""
        values = connection.execute(_BY_ID + " AND owner = ? AND status = 'queued'", (task_id, self._owner)).fetchone()
        if values is None:
            raise LeaseLost(f"Task {task_id} is no longer waiting: it was closed or taken over. Nothing was changed.")
        return self._take(connection, read_row(values), fence=1)

    def reject(
        self,
        connection: sqlite3.Connection,
        lease: Lease,
        retry_count: int,
        attempt: int,
        steps: Sequence[Step],
        corrections: Sequence[Correction],
        calls: Sequence[CallRecord],
    ) -> None:
        """Write a FAIL verdict and the number of the next attempt."""
        row, now = fenced(connection, lease), self._now()
        row.retry_count, row.attempt = retry_count, attempt
        self._add(connection, row, steps, calls, now)
        write_corrections(connection, row, corrections, now)
        save_progress(connection, row)

    def note(
        self, connection: sqlite3.Connection, lease: Lease, steps: Sequence[Step], calls: Sequence[CallRecord]
    ) -> None:
        """Write trace and calls of a task that goes on."""
        row = fenced(connection, lease)
        self._add(connection, row, steps, calls, self._now())
        save_progress(connection, row)

    def finish(
        self,
        connection: sqlite3.Connection,
        lease: Lease,
        status: TaskStatus,
        retry_count: int,
        result: bytes,
        steps: Sequence[Step],
        corrections: Sequence[Correction],
        calls: Sequence[CallRecord],
        cache: CacheEntry | None,
    ) -> str:
        """Close a task with its answer, cache entry and delivery; returns its tenant."""
        row, now = fenced(connection, lease), self._now()
        row.status, row.retry_count, row.result, row.closed_at = status, retry_count, result, now
        self._add(connection, row, steps, calls, now)
        write_corrections(connection, row, corrections, now)
        if cache is not None:
            row.cache_key = cache.key
            write_entry(connection, row.tenant, cache)
        save_closed(connection, row)
        outbox.make_ready(connection, row.id)
        return row.tenant

    def cancel(self, connection: sqlite3.Connection, tenant: str, task_id: int, user: str, why: str) -> bool:
        """Close an open task; whoever works on it finds its lease lost."""
        values = connection.execute(_BY_ID + " AND tenant = ?", (task_id, tenant)).fetchone()
        if values is None or values[4] not in OPEN:
            return False
        row, now = read_row(values), self._now()
        row.status, row.closed_at = "cancelled", now
        self._add(connection, row, (Step("Arbiter", "cancelled", {"by": user, "why": why}),), (), now)
        save_closed(connection, row)
        outbox.drop(connection, row.id)
        return True

    def renew(self, connection: sqlite3.Connection, leases: Iterable[Lease]) -> list[Lease]:
        """Prolong leases; returns those that are lost."""
        until = self._uptime() + self._lease_s
        return [
            lease
            for lease in leases
            if not connection.execute(
                "UPDATE agent_tasks SET lease = ? WHERE id = ? AND owner = ? AND fence = ? AND status = 'running'",
                (until, lease.task_id, lease.owner, lease.fence),
            ).rowcount
        ]

    def claim(self, connection: sqlite3.Connection, limit: int) -> list[Claimed]:
        """Take over open tasks of processes that are gone, or whose worker stopped renewing; oldest first."""
        taken: list[Claimed] = []
        for *values, fence in connection.execute(_CLAIMABLE, (self._owner, self._uptime(), limit)).fetchall():
            try:
                row = read_row(values)
            except StoreCorrupt:
                quarantine_task(connection, values[0], self._now())
                continue
            lease = self._take(connection, row, fence + 1)
            found = connection.execute(outbox.OF_TASK, (row.id,)).fetchone()
            taken.append(Claimed(row.task(), lease, found and self._outbox.read(found)))
        return taken

    def retake(self, connection: sqlite3.Connection, tenant: str, task_id: int, *, force: bool = False) -> Lease:
        """Make a task ours that nobody of this process works on, also one that was closed: it goes on.

        `force`: also from a worker of this process, which then finds its lease lost.

        Raises:
            LeaseLost: it runs in this process, or there is none.
        """
        values = connection.execute(_BY_ID.replace(" FROM", ", fence, owner, lease FROM", 1) + " AND tenant = ?",
                                    (task_id, tenant)).fetchone()  # fmt: skip
        if values is None:
            raise LeaseLost(f"Task {task_id} is not known here. Nothing was changed.")
        *columns, fence, owner, lease = values
        row = read_row(columns)
        if not force and row.status == "running" and owner == self._owner and lease > self._uptime():
            raise LeaseLost(f"Task {task_id} is being worked on. Nothing was changed.")
        if row.closed_at is not None:
            row.closed_at = row.result = None
            connection.execute("UPDATE agent_tasks SET closed_at = NULL, result = NULL WHERE id = ?", (task_id,))
        return self._take(connection, row, fence + 1)

    def _take(self, connection: sqlite3.Connection, row: TaskRow, fence: int) -> Lease:
        """Make a task ours; the number of the attempt that begins now is committed before its call."""
        row.status, row.attempt, row.updated_at = "running", row.attempt + 1, self._now()
        connection.execute(
            _TAKE, (row.status, row.attempt, row.updated_at, row.crc(), self._owner, fence,
                    self._uptime() + self._lease_s, row.id),
        )  # fmt: skip
        return Lease(row.id, self._owner, fence)

    def _now(self) -> float:
        return float(self._clock())

    def _known(self, connection: sqlite3.Connection, new: NewTask) -> TaskRow | None:
        if new.interaction_id is None:
            return None
        values = connection.execute(_KNOWN, (new.tenant, new.interaction_id)).fetchone()
        return None if values is None else read_row(values)

    def _new_row(self, new: NewTask, task_id: int, status: TaskStatus) -> TaskRow:
        now = self._now()
        attempt = 1 if status == "running" else 0
        return TaskRow(
            id=task_id,
            tenant=new.tenant,
            user=new.user,
            task_type=new.task_type,
            status=status,
            payload=new.payload,
            retry_count=0,
            attempt=attempt,
            logic_trace="[]",
            result=None,
            interaction_id=new.interaction_id,
            cache_key=None,
            steps=0,
            tip=b"",
            calls=0,
            pruned=0,
            created_at=now,
            updated_at=now,
            closed_at=None,
        )

    def _insert(self, connection: sqlite3.Connection, row: TaskRow, steps: Sequence[Step]) -> None:
        written = self._chain.append(row, steps, row.created_at)
        insert(connection, row, self._owner, 1, self._uptime() + self._lease_s)
        write_steps(connection, written)

    def _add(
        self,
        connection: sqlite3.Connection,
        row: TaskRow,
        steps: Sequence[Step],
        calls: Sequence[CallRecord],
        now: float,
    ) -> None:
        row.updated_at = now
        write_steps(connection, self._chain.append(row, steps, now))
        write_calls(connection, row, calls, now)


def owned(entry: CacheEntry, lease: Lease) -> CacheEntry:
    """The entry under the id of the task that earned it."""
    return entry if entry.task_id == lease.task_id else msgspec.structs.replace(entry, task_id=lease.task_id)
