"""Rows that fail their check: noted, and taken out of the way of the work."""

import sqlite3


def quarantine_task(connection: sqlite3.Connection, task_id: int, now: float) -> None:
    """Note a damaged task and close it, so that it takes no place. It keeps failing its check: it is never served."""
    _note(connection, "agent_tasks", str(task_id), now)
    connection.execute(
        "UPDATE agent_tasks SET status = 'failed', closed_at = ? WHERE id = ? AND status IN ('queued', 'running')",
        (now, task_id),
    )
    connection.execute("UPDATE outbox SET state = 'given_up' WHERE task_id = ? AND state != 'delivered'", (task_id,))


def quarantine_entry(connection: sqlite3.Connection, tenant: str, key: str, now: float) -> None:
    """Note a damaged cache row and drop it."""
    _note(connection, "ai_response_cache", key, now)
    connection.execute("DELETE FROM ai_response_cache WHERE tenant = ? AND cache_key = ?", (tenant, key))


def quarantine_outgoing(connection: sqlite3.Connection, outgoing_id: int, now: float) -> None:
    """Note a damaged delivery and give it up; the answer itself stays readable."""
    _note(connection, "outbox", str(outgoing_id), now)
    connection.execute("UPDATE outbox SET state = 'given_up' WHERE task_id = ?", (outgoing_id,))


def _note(connection: sqlite3.Connection, kind: str, key: str, now: float) -> None:
    connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)", (kind, key, now))
