"""Coding jobs on the blackboard: job and sprint are tasks with traces; here is what they need besides.

Every transition of a job is one transaction, fenced by its lease: the job's state, the sprint's trace, and, where the
transition ends a sprint, its ledger row and checkpoint. The bodies are JSON that the relay reads; here they are bytes.
"""

import sqlite3
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from blackboard import sealed
from blackboard.connections import Readers
from blackboard.contracts import CallRecord, Correction, Lease, NewTask, Step, TaskStatus
from blackboard.rows import crc, fenced
from blackboard.tasks import Tasks
from blackboard.writer import Writer
from errors import LeaseLost, StoreCorrupt

T = TypeVar("T")
ROOM = 10_000
"""Open jobs and sprints at most: a bound on a runaway caller, not a queue's length."""
_JOB = (
    f"SELECT j.task_id, j.tenant, t.user, j.status, {sealed.columns('relay_jobs', ('state', 'version', 'crc'), 'j')}, "  # noqa: S608
    f"{sealed.unseal('agent_tasks', 'payload', 't')}, t.created_at "
    "FROM relay_jobs j JOIN agent_tasks t ON t.id = j.task_id "
)
_CHECKED = sealed.columns("relay_ledger", ("task_id", "row", "hash", "crc"))
CHECK = f"SELECT {_CHECKED} FROM relay_ledger WHERE task_id > ? ORDER BY task_id LIMIT ?"  # noqa: S608
_LEDGER = (
    f"SELECT {sealed.columns('relay_ledger', ('task_id', 'n', 'row', 'hash', 'crc'), 'l')} "  # noqa: S608
    "FROM relay_ledger l JOIN relay_jobs j ON j.task_id = l.job_id "
    "WHERE l.job_id = ?1 AND (?2 IS NULL OR j.tenant = ?2) AND l.n > ?3 ORDER BY l.n"
)
_ADD_TO_LEDGER = (
    "INSERT INTO relay_ledger (task_id, job_id, n, row, hash, crc) VALUES (?1, ?2, ?3, "  # noqa: S608
    f"{sealed.given('relay_ledger', 'row', 4, '?1')}, ?5, {sealed.given('relay_ledger', 'crc', 6, '?1')})"
)
_CHECKPOINTS = (
    f"SELECT {sealed.columns('relay_checkpoints', ('job_id', 'n', 'commit_id', 'body', 'crc'), 'c')} "  # noqa: S608
    "FROM relay_checkpoints c JOIN relay_jobs j ON j.task_id = c.job_id "
    "WHERE c.job_id = ?1 AND (?2 IS NULL OR j.tenant = ?2) ORDER BY c.n"
)
_STEP = "?1 || ':' || ?2"
_ADD_CHECKPOINT = (
    "INSERT INTO relay_checkpoints (job_id, n, commit_id, body, crc) VALUES (?1, ?2, ?3, "  # noqa: S608
    f"{sealed.given('relay_checkpoints', 'body', 4, _STEP)}, {sealed.given('relay_checkpoints', 'crc', 5, _STEP)})"
)
_LATER = (
    f"SELECT {sealed.columns('relay_checkpoints', ('n', 'commit_id', 'body'))} "  # noqa: S608
    "FROM relay_checkpoints WHERE job_id = ? AND n > ?"
)
_UNDO = sealed.update("relay_checkpoints", ("body", "crc"), "job_id = ? AND n = ?")
_STATE, _CRC = sealed.given("relay_jobs", "state", 5, "?1"), sealed.given("relay_jobs", "crc", 8, "?1")
_PUT = (
    "INSERT INTO relay_jobs (task_id, tenant, repo, status, state, version, updated_at, crc) "  # noqa: S608
    f"VALUES (?1, ?2, ?3, ?4, {_STATE}, ?6, ?7, {_CRC}) ON CONFLICT (task_id) DO UPDATE SET "
    f"status = ?4, state = {_STATE}, version = ?6, updated_at = ?7, crc = {_CRC}"
)


class StoredJob(msgspec.Struct, frozen=True):
    """A job's row: what was asked (``payload``) and where it is (``state``), both JSON."""

    id: int
    tenant: str
    user: str
    status: str
    state: bytes
    version: int
    payload: bytes
    created_at: float


class StoredSprint(msgspec.Struct, frozen=True):
    """A ledger row as it stands on disk; ``digest`` chains what the same answers give again."""

    task_id: int
    n: int
    row: bytes
    digest: str


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a sprint: its ledger row, and the part of it that is hashed."""

    sprint: Lease
    status: TaskStatus
    retry_count: int
    result: bytes
    n: int
    row: bytes
    hashed: bytes
    corrections: tuple[Correction, ...] = ()


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One transition of a job. ``closed``: how its task ends with it, with its result."""

    status: str
    state: bytes
    steps: tuple[Step, ...] = ()
    """Of the job."""
    sprint: Lease | None = None
    sprint_steps: tuple[Step, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    """Of the sprint."""
    ending: Ending | None = None
    checkpoint: tuple[int, str, bytes] | None = None
    """Number, commit id and body of a new one."""
    closed: tuple[TaskStatus, bytes] | None = None
    undo_after: int | None = None
    """Checkpoints with a higher number are marked as rolled back."""


class Relays:
    """The tables of jobs. Every write is durable before it returns."""

    def __init__(self, readers: Readers, writer: Writer, clock: Callable[[], float], tasks: Tasks) -> None:
        self._readers, self._writer, self._clock, self._tasks = readers, writer, clock, tasks

    async def admit(self, new: NewTask, repo: str, state: bytes, steps: Sequence[Step]) -> int:
        """Write a new job, queued; its number. A request seen before gives the earlier job."""

        def work(connection: sqlite3.Connection) -> int:
            admission = self._tasks.admit(connection, new, steps, ROOM, run_now=False)
            if admission is None:
                raise LeaseLost(f"{ROOM} jobs are open. Nothing was queued. Stop some of them first.")
            if admission.known is None:
                self._put(connection, admission.task_id, new.tenant, repo, "queued", state, 1)
            return admission.task_id

        return await self._write("relay-admit", work)

    async def take(
        self, tenant: str, job_id: int, sprint_id: int = 0, *, force: bool = False
    ) -> tuple[Lease, Lease | None]:
        """Take a job, and its sprint under way, that nobody in this process works on: queued, closed (to go on), or
        left by a dead process. `force`: also from a worker here, whose next write fails.

        Raises:
            LeaseLost: somebody works on it, or there is none.
        """

        def work(connection: sqlite3.Connection) -> tuple[Lease, Lease | None]:
            job = self._tasks.retake(connection, tenant, job_id, force=force)
            sprint = self._tasks.retake(connection, tenant, sprint_id, force=force) if sprint_id else None
            return job, sprint

        return await self._write("relay-take", work)

    async def begin(self, job: Lease, new: NewTask, move: Callable[[int], Move]) -> tuple[int, Lease]:
        """Begin a sprint: its row, running, and the job's state that names it. ``move`` gets the sprint's number."""

        def work(connection: sqlite3.Connection) -> tuple[int, Lease]:
            admission = self._tasks.admit(connection, new, (), ROOM, run_now=True)
            if admission is None or admission.lease is None:
                raise LeaseLost(f"{ROOM} jobs are open, or this sprint was begun before. Nothing was changed.")
            self._move(connection, job, move(admission.task_id))
            return admission.task_id, admission.lease

        return await self._write("relay-begin", work)

    async def move(self, job: Lease, move: Move, *, name: str) -> None:
        """Commit a transition. Raises LeaseLost when the job was taken over."""
        await self._write(name, lambda c: self._move(c, job, move))

    async def job(self, tenant: str | None, job_id: int) -> StoredJob | None:
        """A job of this tenant (None: whose it is does not matter, for the relay itself). Raises StoreCorrupt."""
        rows = await self._readers.rows(
            f"{_JOB} WHERE j.task_id = ?1 AND (?2 IS NULL OR j.tenant = ?2)", (job_id, tenant)
        )
        return read_job(rows[0]) if rows else None

    async def jobs(self, tenant: str | None, *, limit: int = 50, open_only: bool = False) -> list[StoredJob]:
        """Jobs, newest first. Raises StoreCorrupt."""
        rows = await self._readers.rows(
            f"{_JOB} WHERE (?1 IS NULL OR j.tenant = ?1) AND (NOT ?2 OR j.status IN ('queued', 'running')) "
            "ORDER BY j.task_id DESC LIMIT ?3",
            (tenant, open_only, limit),
        )
        return [read_job(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        """How many jobs are in which state, of all tenants."""
        return dict(await self._readers.rows("SELECT status, count(*) FROM relay_jobs GROUP BY status"))

    async def lengths(self) -> list[tuple[int, str, str, int]]:
        """Every job: its number, its tenant, its status, and how many steps its trace has."""
        rows = await self._readers.rows(
            "SELECT j.task_id, j.tenant, j.status, t.steps FROM relay_jobs j JOIN agent_tasks t ON t.id = j.task_id", ()
        )
        return [tuple(row) for row in rows]

    async def ledger(self, tenant: str | None, job_id: int, *, after: int = 0) -> list[StoredSprint]:
        """The ledger of a job in its order, its first `after` rows left out. Raises StoreCorrupt: a row was altered."""
        rows = await self._readers.rows(_LEDGER, (job_id, tenant, after))
        for task_id, _, row, digest, check in rows:
            if crc((task_id, row, digest)) != check:
                raise StoreCorrupt(f"The ledger row of sprint r{task_id} fails its check. Nothing was changed.")
        return [StoredSprint(task_id, n, row, digest.hex()) for task_id, n, row, digest, _ in rows]

    async def checkpoints(self, tenant: str | None, job_id: int) -> list[bytes]:
        """The checkpoints of a job in their order, rolled back ones too. Raises StoreCorrupt."""
        rows = await self._readers.rows(_CHECKPOINTS, (job_id, tenant))
        for *values, check in rows:
            if crc(values) != check:
                raise StoreCorrupt(f"Checkpoint {values[1]} of r{job_id} fails its check. Nothing was changed.")
        return [bytes(body) for _, _, _, body, _ in rows]

    async def erase_user(self, tenant: str, user: str) -> None:
        """Forget a person's closed jobs, their prompts and replies with them."""
        await self._write(
            "relay-erase",
            lambda c: c.execute(
                "DELETE FROM relay_jobs WHERE tenant = ?1 AND task_id IN "
                "(SELECT id FROM agent_tasks WHERE tenant = ?1 AND user = ?2 AND closed_at IS NOT NULL)",
                (tenant, user),
            ),
        )

    def _move(self, connection: sqlite3.Connection, job: Lease, move: Move) -> None:
        row = fenced(connection, job)
        ((repo, version),) = connection.execute(
            "SELECT repo, version FROM relay_jobs WHERE task_id = ?", (job.task_id,)
        ).fetchall()
        self._put(connection, job.task_id, row.tenant, repo, move.status, move.state, version + 1)
        if move.sprint is not None and (move.sprint_steps or move.calls) and move.ending is None:
            self._tasks.note(connection, move.sprint, move.sprint_steps, move.calls)
        if move.ending is not None:
            self._end(connection, job.task_id, move, move.ending)
        if move.checkpoint is not None:
            self._put_checkpoint(connection, job.task_id, *move.checkpoint)
        if move.undo_after is not None:
            self._undo(connection, job.task_id, move.undo_after)
        if move.closed is not None:
            status, result = move.closed
            self._tasks.finish(connection, job, status, row.retry_count, result, move.steps, (), (), None)
        elif move.steps:
            self._tasks.note(connection, job, move.steps, ())

    def _end(self, connection: sqlite3.Connection, job_id: int, move: Move, end: Ending) -> None:
        self._tasks.finish(
            connection, end.sprint, end.status, end.retry_count, end.result, move.sprint_steps, end.corrections,
            move.calls, None,
        )  # fmt: skip
        found = connection.execute(
            "SELECT hash FROM relay_ledger WHERE job_id = ? ORDER BY n DESC LIMIT 1", (job_id,)
        ).fetchone()
        digest = chained(bytes(found[0]) if found else b"", end.hashed)
        task_id = end.sprint.task_id
        connection.execute(
            _ADD_TO_LEDGER,
            (task_id, job_id, end.n, end.row, digest, crc((task_id, end.row, digest))),
        )

    def _put_checkpoint(
        self, connection: sqlite3.Connection, job_id: int, number: int, commit: str, body: bytes
    ) -> None:
        connection.execute(
            _ADD_CHECKPOINT,
            (job_id, number, commit, body, crc((job_id, number, commit, body))),
        )

    def _undo(self, connection: sqlite3.Connection, job_id: int, after: int) -> None:
        found = connection.execute(_LATER, (job_id, after)).fetchall()
        for number, commit, body in found:
            undone = msgspec.json.encode({**msgspec.json.decode(body), "undone": True})
            connection.execute(_UNDO, (undone, crc((job_id, number, commit, undone)), job_id, number))

    def _put(
        self, connection: sqlite3.Connection, job_id: int, tenant: str, repo: str, status: str, state: bytes,
        version: int,
    ) -> None:  # fmt: skip
        connection.execute(
            _PUT,
            (job_id, tenant, repo, status, state, version, float(self._clock()),
             crc((job_id, tenant, status, state, version))),
        )  # fmt: skip

    async def _write(self, name: str, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._writer.run(name, work, durable=True)


def chained(before: bytes, body: bytes) -> bytes:
    """The ledger's digest after one more row; unkeyed, so that two machines get the same."""
    return blake2b(before + body, digest_size=16).digest()


def read_job(row: Sequence[Any]) -> StoredJob:
    """A row of the jobs' SELECT.

    Raises:
        StoreCorrupt: it fails its check.
    """
    job_id, tenant, user, status, state, version, check, payload, created_at = row
    if crc((job_id, tenant, status, state, version)) != check:
        raise StoreCorrupt(f"Job r{job_id} fails its check and is not used. Nothing was changed.")
    return StoredJob(job_id, tenant, user, status, state, version, payload, created_at)


def sound(row: Sequence[Any]) -> bool:
    """Whether a row of `CHECK` is what was written."""
    task_id, body, digest, check = row
    return bool(crc((task_id, body, digest)) == check)
