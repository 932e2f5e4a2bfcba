"""What was committed since a mark, over all tenants: for the memory, which follows the blackboard.

Marks are numbers of rows, not moments, so that a clock set back hides nothing. A task still open holds the mark before
it; what lies behind it is then told again, and whoever follows must take the same row twice without harm.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from blackboard import corrections, feedback
from blackboard.connections import Readers
from blackboard.contracts import OPEN, Feedback, StoredCorrection, Task
from blackboard.feedback import read_feedback
from blackboard.rows import COLUMNS, read_row
from errors import StoreCorrupt

PORTION = 200
AGAIN_S = 86_400.0
"""What people said is told again for a day: a later word replaces the row, which has no number of its own."""
_TASKS = f"SELECT {COLUMNS} FROM agent_tasks WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
_FOR_ONE = "SELECT task_id FROM outbox WHERE ephemeral = 1 AND task_id > ? AND task_id <= ?"
_LESSONS = (
    f"SELECT {corrections.FIELDS}, tenant, task_type, "  # noqa: S608
    "EXISTS (SELECT 1 FROM outbox WHERE outbox.task_id = system_corrections.task_id AND ephemeral = 1) "
    "FROM system_corrections WHERE id > ? ORDER BY id LIMIT ?"
)
_WRONG = (
    f"SELECT {feedback.COLUMNS}, tenant FROM feedback WHERE at >= ? AND right = 0 "  # noqa: S608
    "ORDER BY at, task_id, user LIMIT ?"
)


class Marks(msgspec.Struct, frozen=True):
    """How far it was followed: the last task, the last correction, and when (Unix seconds) something was said last."""

    task: int = 0
    lesson: int = 0
    said: float = 0.0


class Lesson(msgspec.Struct, frozen=True):
    """A correction and whose it is."""

    tenant: str
    task_type: str
    correction: StoredCorrection


class Portion(msgspec.Struct, frozen=True):
    """Closed tasks with an answer, what rejected drafts taught, what people called wrong (with the tenant)."""

    tasks: tuple[Task, ...]
    lessons: tuple[Lesson, ...]
    wrong: tuple[tuple[str, Feedback], ...]
    marks: Marks
    """Where the next portion begins."""


async def since(readers: Readers, marks: Marks) -> Portion:
    """The next portion; empty and with the same marks when there is nothing new.

    Damaged tasks are left out, and what is for one person alone: a server's memory is open to all its members.
    """
    rows = await readers.rows(_TASKS, (marks.task, PORTION))
    hidden = {task for (task,) in await readers.rows(_FOR_ONE, (marks.task, rows[-1][0]))} if rows else set()
    lessons = await readers.rows(_LESSONS, (marks.lesson, PORTION))
    wrong = await readers.rows(_WRONG, (marks.said - AGAIN_S, 10 * PORTION))
    tasks = [task for values in rows if (task := _sound(values)) is not None]
    held = min((task.id for task in tasks if task.status in OPEN), default=None)
    return Portion(
        tasks=tuple(
            task for task in tasks if task.status == "done" and task.result is not None and task.id not in hidden
        ),
        lessons=tuple(Lesson(row[5], row[6], StoredCorrection(*row[:5])) for row in lessons if not row[7]),
        wrong=tuple((row[6], read_feedback(row[:6])) for row in wrong),
        marks=Marks(
            (rows[-1][0] if rows else marks.task) if held is None else held - 1,
            lessons[-1][0] if lessons else marks.lesson,
            max(wrong[-1][5], marks.said) if wrong else marks.said,
        ),
    )


def _sound(values: Sequence[Any]) -> Task | None:
    try:
        return read_row(values).task()
    except StoreCorrupt:
        return None
