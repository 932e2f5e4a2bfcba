"""Rows of ``agent_tasks`` as they stand on disk, each guarded by a CRC."""

import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from blackboard import sealed
from blackboard.contracts import Lease, Task, TaskStatus
from errors import LeaseLost, StoreCorrupt

_pack = msgspec.msgpack.Encoder().encode
_parse_trace = msgspec.json.Decoder(tuple[dict[str, Any], ...]).decode


def crc(values: Sequence[Any]) -> int:
    """CRC-32 over the values of a row."""
    return zlib.crc32(_pack(values))


class TaskRow(msgspec.Struct):
    """All of a task that the CRC covers. Owner, fence and lease change with every heartbeat and stand outside it."""

    id: int
    tenant: str
    user: str
    task_type: str
    status: TaskStatus
    payload: bytes
    retry_count: int
    attempt: int
    logic_trace: str
    result: bytes | None
    interaction_id: str | None
    cache_key: str | None
    steps: int
    """Steps in the chain so far."""
    tip: bytes
    """Digest of the last step."""
    calls: int
    """Calls to models so far."""
    pruned: int
    """1 once the detailed trace was pruned."""
    created_at: float
    updated_at: float
    closed_at: float | None

    def crc(self) -> int:
        """CRC of the row as it is now."""
        return crc(msgspec.structs.astuple(self))

    def task(self) -> Task:
        """The row as the rest of the program sees it."""
        return Task(
            self.id,
            self.tenant,
            self.user,
            self.task_type,
            self.status,
            self.payload,
            self.retry_count,
            self.attempt,
            _parse_trace(self.logic_trace),
            self.result,
            self.created_at,
            self.updated_at,
        )


_NAMES = TaskRow.__struct_fields__
COLUMNS = sealed.columns("agent_tasks", (*_NAMES, "crc"))
"""What a SELECT must name for `read_row`."""
WIDTH = len(_NAMES) + 1
WITH_STEPS = (
    f"SELECT {sealed.columns('agent_tasks', (*_NAMES, 'crc'), 't')}, "  # noqa: S608
    f"s.seq, s.agent, s.event, {sealed.unseal('logic_trace', 'detail', 's')}, s.at, s.duration_ms, s.detail_hash, "
    "s.hash "
    "FROM agent_tasks t LEFT JOIN logic_trace s ON s.task_id = t.id "
    "WHERE t.id = ?1 AND (?2 IS NULL OR t.tenant = ?2) ORDER BY s.seq"
)
"""A task (`WIDTH` columns) and its steps in one snapshot: between two reads a running task may grow."""
_ALL = (*_NAMES, "crc", "owner", "fence", "lease")
_INSERT = (
    f"INSERT INTO agent_tasks ({', '.join(_ALL)}) "  # noqa: S608
    f"VALUES ({', '.join(sealed.given('agent_tasks', name, place, '?1') for place, name in enumerate(_ALL, 1))})"
)
_FENCED = f"SELECT {COLUMNS} FROM agent_tasks WHERE id = ? AND owner = ? AND fence = ? AND status = 'running'"  # noqa: S608
_PROGRESS = sealed.update(
    "agent_tasks", ("retry_count", "attempt", "logic_trace", "steps", "tip", "calls", "updated_at", "crc")
)
_CLOSE = sealed.update(
    "agent_tasks",
    ("status", "retry_count", "logic_trace", "steps", "tip", "calls", "result", "cache_key", "updated_at", "closed_at",
     "crc"),
)  # fmt: skip


def read_row(values: Sequence[Any]) -> TaskRow:
    """A row as selected by `COLUMNS`.

    Raises:
        StoreCorrupt: its CRC does not fit.
    """
    row = TaskRow(*values[:-1])
    if row.crc() != values[-1]:
        raise StoreCorrupt(f"Task {row.id} fails its check and is not used. Nothing was changed. Ask again.")
    return row


def fenced(connection: sqlite3.Connection, lease: Lease) -> TaskRow:
    """The running task a lease gives the right to write to.

    Raises:
        LeaseLost: the task was closed, or taken over by another worker.
        StoreCorrupt: its CRC does not fit.
    """
    values = connection.execute(_FENCED, (lease.task_id, lease.owner, lease.fence)).fetchone()
    if values is None:
        raise LeaseLost(f"Task {lease.task_id} was closed or taken over by another worker. Nothing was changed.")
    return read_row(values)


def insert(connection: sqlite3.Connection, row: TaskRow, owner: str, fence: int, lease: float) -> None:
    """Write a new row. `lease`: end of the lease, seconds since boot."""
    connection.execute(_INSERT, (*msgspec.structs.astuple(row), row.crc(), owner, fence, lease))


def save_progress(connection: sqlite3.Connection, row: TaskRow) -> None:
    """Write what changes while a task is open."""
    connection.execute(
        _PROGRESS,
        (
            row.retry_count,
            row.attempt,
            row.logic_trace,
            row.steps,
            row.tip,
            row.calls,
            row.updated_at,
            row.crc(),
            row.id,
        ),
    )


def save_closed(connection: sqlite3.Connection, row: TaskRow) -> None:
    """Write what changes when a task is closed."""
    connection.execute(
        _CLOSE,
        (
            row.status,
            row.retry_count,
            row.logic_trace,
            row.steps,
            row.tip,
            row.calls,
            row.result,
            row.cache_key,
            row.updated_at,
            row.closed_at,
            row.crc(),
            row.id,
        ),
    )
