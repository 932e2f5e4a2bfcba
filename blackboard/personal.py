"""What the blackboard holds of one person: for the export that they may ask for, and for its erasure."""

from typing import Any

import msgspec

from blackboard import feedback
from blackboard.connections import Readers
from blackboard.rows import COLUMNS, read_row
from errors import StoreCorrupt

PORTION = 500
_PLACES = (
    "SELECT tenant FROM agent_tasks WHERE user = ?1 UNION SELECT tenant FROM feedback WHERE user = ?1 "
    "UNION SELECT tenant FROM characters WHERE user = ?1 "
    "UNION SELECT tenant FROM audit_words WHERE (actor = ?1 OR subject = ?1) AND tenant != '*'"
)
_TASKS = f"SELECT {COLUMNS} FROM agent_tasks WHERE tenant = ? AND user = ? AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
_OPEN = "SELECT id FROM agent_tasks WHERE tenant = ? AND user = ? AND status IN ('queued', 'running')"


async def places_of(readers: Readers, user: str) -> list[str]:
    """The tenants in which a person left anything."""
    return [tenant for (tenant,) in await readers.rows(_PLACES, (user,))]


async def open_tasks_of(readers: Readers, tenant: str, user: str) -> list[int]:
    """Numbers of a person's tasks that are not closed."""
    return [number for (number,) in await readers.rows(_OPEN, (tenant, user))]


async def words_of(readers: Readers, tenant: str, user: str) -> dict[str, Any]:
    """What a person asked, was answered and said, JSON-ready; damaged rows are named, not read."""
    tasks: list[dict[str, Any]] = []
    after = 0
    while rows := await readers.rows(_TASKS, (tenant, user, after, PORTION)):
        tasks += [_task(values) for values in rows]
        after = rows[-1][0]
    said = [feedback.read_feedback(row) for row in await readers.rows(feedback.OF_USER, (tenant, user))]
    return {"tasks": tasks, "said_of_answers": said}


def _task(values: tuple[Any, ...]) -> dict[str, Any]:
    try:
        task = read_row(values).task()
    except StoreCorrupt:
        return {"id": values[0], "damaged": True}
    return {
        "id": task.id,
        "type": task.task_type,
        "status": task.status,
        "asked": _json(task.payload),
        "answer": _json(task.result),
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


def _json(text: bytes | None) -> Any:
    return msgspec.Raw(text) if text else None
