"""What rejected drafts teach: ``system_corrections``."""

import sqlite3
from collections.abc import Iterable

from blackboard.contracts import Correction
from blackboard.rows import TaskRow

_INSERT = (
    "INSERT INTO system_corrections (task_id, tenant, task_type, rule_violated, critic_feedback, draft, corrected_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
OF_TYPE = (
    "SELECT id, task_id, rule_violated, critic_feedback, corrected_at FROM system_corrections "
    "WHERE tenant = ?1 AND (?2 IS NULL OR task_type = ?2) ORDER BY id DESC LIMIT ?3"
)
OF_TASK = (
    "SELECT id, task_id, rule_violated, critic_feedback, corrected_at FROM system_corrections "
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
