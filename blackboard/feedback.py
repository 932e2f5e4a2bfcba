"""What people say of answers. *Wrong* takes the answer out of the cache in the same transaction."""

import sqlite3

from blackboard import sealed
from blackboard.cache import evict_entry
from blackboard.contracts import Feedback
from errors import UserMistake

COLUMNS = sealed.columns("feedback", ("task_id", "user", "right", "wrong", "should_be", "at"))
_ROW = "?1 || ' ' || ?2"
_WRITE = (
    "INSERT OR REPLACE INTO feedback (task_id, user, tenant, right, wrong, should_be, at) VALUES (?1, ?2, ?3, ?4, "  # noqa: S608
    f"{sealed.given('feedback', 'wrong', 5, _ROW)}, {sealed.given('feedback', 'should_be', 6, _ROW)}, ?7)"
)
OF_TASK = f"SELECT {COLUMNS} FROM feedback WHERE task_id = ? AND tenant = ? ORDER BY at"  # noqa: S608
WRONG = f"SELECT {COLUMNS} FROM feedback WHERE tenant = ? AND right = 0 ORDER BY at DESC LIMIT ?"  # noqa: S608

OF_USER = f"SELECT {COLUMNS} FROM feedback WHERE tenant = ? AND user = ? ORDER BY at"  # noqa: S608


def write_feedback(connection: sqlite3.Connection, tenant: str, said: Feedback, now: float) -> str | None:
    """Store what a person said; returns the cache key that was evicted.

    Raises:
        UserMistake: the tenant has no such task.
    """
    found = connection.execute(
        "SELECT cache_key FROM agent_tasks WHERE id = ? AND tenant = ?", (said.task_id, tenant)
    ).fetchone()
    if found is None:
        raise UserMistake(f"Task {said.task_id} is not known here. Nothing was recorded.")
    connection.execute(
        _WRITE, (said.task_id, said.user, tenant, said.right, said.wrong, said.should_be, said.at or now)
    )
    key: str | None = found[0]
    if said.right or key is None:
        return None
    evict_entry(connection, tenant, key)
    return key


def read_feedback(values: tuple[int, str, int, str, str, float]) -> Feedback:
    """A row as the SELECTs give it."""
    task_id, user, right, wrong, should_be, at = values
    return Feedback(task_id, user, bool(right), wrong, should_be, at)
