"""What rejected drafts teach: ``system_corrections``."""

import sqlite3
from collections.abc import Iterable

from blackboard import sealed
from blackboard.contracts import Correction
from blackboard.rows import TaskRow

_NAMES = ("task_id", "tenant", "task_type", "rule_violated", "critic_feedback", "draft", "corrected_at")
_INSERT = (
    f"INSERT INTO system_corrections ({', '.join(_NAMES)}) "  # noqa: S608
    f"VALUES ({', '.join(sealed.given('system_corrections', name, at, '?1') for at, name in enumerate(_NAMES, 1))})"
)
FIELDS = sealed.columns("system_corrections", ("id", "task_id", "rule_violated", "critic_feedback", "corrected_at"))
OF_TYPE = (
    f"SELECT {FIELDS} FROM system_corrections "  # noqa: S608
    "WHERE tenant = ?1 AND (?2 IS NULL OR task_type = ?2) ORDER BY id DESC LIMIT ?3"
)
OF_TASK = (
    f"SELECT {FIELDS} FROM system_corrections "  # noqa: S608
    "WHERE tenant = ? AND task_id = ? ORDER BY id"
)


def write_corrections(
    connection: sqlite3.Connection, row: TaskRow, corrections: Iterable[Correction], now: float
) -> None:
    """Note the rules a draft broke."""
    rows = [
        (row.id, row.tenant, row.task_type, lesson.rule_violated, lesson.critic_feedback, lesson.draft, now)
        for lesson in corrections
    ]
    if rows:
        connection.executemany(_INSERT, rows)
