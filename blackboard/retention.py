"""What is forgotten, and when: old traces, old tasks, expired cache rows; and a person's words on request."""

import sqlite3

from blackboard import sealed
from blackboard.cache import CLOCK_DRIFT_S, stored_keys
from blackboard.rows import COLUMNS, read_row
from blackboard.trace import without_details
from errors import StoreCorrupt

PORTION = 200
"""Tasks pruned in one transaction, so that the work of others waits milliseconds at most."""
DAY_S = 86_400.0
_ERASABLE = (
    f"SELECT {COLUMNS} FROM agent_tasks WHERE tenant = ? AND user = ? AND closed_at IS NOT NULL AND id > ? "  # noqa: S608
    "ORDER BY id LIMIT ?"
)

_PRUNED = sealed.update("agent_tasks", ("pruned", "crc"))
_ERASED = sealed.update("agent_tasks", ("payload", "result", "logic_trace", "crc"))


def prune_tasks(connection: sqlite3.Connection, before: float) -> int:
    """Delete one portion of tasks closed before a moment, with all that hangs on them; returns how many.

    The newest task stays, so that its number is never given again: buttons and links carry it.
    """
    ids = connection.execute(
        "SELECT id FROM agent_tasks WHERE closed_at < ? AND id < (SELECT max(id) FROM agent_tasks) "
        "ORDER BY closed_at LIMIT ?",
        (before, PORTION),
    ).fetchall()
    connection.executemany("DELETE FROM system_corrections WHERE task_id = ?", ids)
    connection.executemany("DELETE FROM agent_tasks WHERE id = ?", ids)
    return len(ids)


def prune_traces(connection: sqlite3.Connection, before: float, after: int) -> tuple[int, int]:
    """Delete one portion of detailed traces; the compact one stays on the task. Returns how many, and the last id."""
    found = connection.execute(
        f"SELECT {COLUMNS} FROM agent_tasks WHERE closed_at < ? AND pruned = 0 AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
        (before, after, PORTION),
    ).fetchall()
    for values in found:
        try:
            row = read_row(values)
        except StoreCorrupt:
            continue  # a damaged task keeps its trace until it is pruned whole
        row.pruned = 1
        connection.execute("DELETE FROM logic_trace WHERE task_id = ?", (row.id,))
        connection.execute(_PRUNED, (row.pruned, row.crc(), row.id))
    return len(found), found[-1][0] if found else after


def prune_cache(connection: sqlite3.Connection, now: float) -> list[str]:
    """Delete answers that are not fresh (`cache.is_fresh`) and outdated notes of damage; returns the keys that stay."""
    connection.execute("DELETE FROM quarantine WHERE at < ?", (now - 90 * DAY_S,))
    connection.execute(
        "DELETE FROM ai_response_cache WHERE expires_at < ? OR created_at > ?", (now, now + CLOCK_DRIFT_S)
    )
    return stored_keys(connection)


def erase_words(connection: sqlite3.Connection, tenant: str, user: str, after: int) -> tuple[int, int]:
    """Erase the words of one portion of a person's closed tasks; digests, numbers and the chain stay.

    Returns how many tasks, and the last id.
    """
    found = connection.execute(_ERASABLE, (tenant, user, after, PORTION)).fetchall()
    for values in found:
        _erase_task(connection, tenant, values)
    connection.execute("UPDATE feedback SET wrong = '', should_be = '' WHERE tenant = ? AND user = ?", (tenant, user))
    return len(found), found[-1][0] if found else after


def _erase_task(connection: sqlite3.Connection, tenant: str, values: tuple[object, ...]) -> None:
    task_id = values[0]
    connection.execute("UPDATE logic_trace SET detail = NULL WHERE task_id = ?", (task_id,))
    connection.execute("UPDATE model_calls SET note = '' WHERE task_id = ?", (task_id,))
    connection.execute("DELETE FROM system_corrections WHERE task_id = ?", (task_id,))
    connection.execute("DELETE FROM outbox WHERE task_id = ?", (task_id,))
    connection.execute("DELETE FROM ai_response_cache WHERE tenant = ? AND task_id = ?", (tenant, task_id))
    try:
        row = read_row(values)
    except StoreCorrupt:
        connection.execute(
            "UPDATE agent_tasks SET payload = x'', result = NULL, logic_trace = '[]' WHERE id = ?", (task_id,)
        )
        return
    row.payload, row.result, row.logic_trace = b"", None, without_details(row.logic_trace)
    connection.execute(_ERASED, (row.payload, row.result, row.logic_trace, row.crc(), row.id))
