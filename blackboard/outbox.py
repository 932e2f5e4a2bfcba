"""Answers on their way to their readers. The row is written with the task and made ready with its result."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from blackboard.contracts import Delivery
from blackboard.keyfile import TokenBox
from blackboard.rows import crc

_COLUMNS = "task_id, application_id, token, token_expires_at, channel_id, ephemeral, message_id, crc"
OF_TASK = f"SELECT {_COLUMNS} FROM outbox WHERE task_id = ?"  # noqa: S608
_OF_TENANT = f"{OF_TASK} AND EXISTS (SELECT 1 FROM agent_tasks WHERE id = task_id AND tenant = ?)"  # noqa: S608
READY = f"SELECT tries, {_COLUMNS} FROM outbox WHERE state = 'ready' ORDER BY task_id LIMIT ?"  # noqa: S608
_INSERT = f"INSERT INTO outbox ({_COLUMNS}, state, tries, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')"  # noqa: S608


class Outbox:
    """Writes and reads rows of ``outbox``; tokens are sealed on the way."""

    def __init__(self, box: TokenBox) -> None:
        self._box = box

    def write(self, connection: sqlite3.Connection, task_id: int, to: Delivery, *, ready: bool) -> None:
        """Note where a task's answer must arrive."""
        values = (
            task_id,
            to.application_id,
            self._box.seal(to.token),
            float(to.token_expires_at),
            to.channel_id,
            int(to.ephemeral),
            to.message_id,
        )
        connection.execute(_INSERT, (*values, crc(values), "ready" if ready else "open"))

    def read(self, values: Sequence[Any]) -> Delivery | None:
        """A delivery as the SELECTs give it (from ``task_id`` on), or None when it fails its check."""
        if crc(values[:-1]) != values[-1]:
            return None
        _task, application, sealed, expires, channel, ephemeral, message, _crc = values
        token = self._box.open(sealed) if sealed else ""
        return None if token is None else Delivery(application, token, expires, channel, bool(ephemeral), message)


def make_ready(connection: sqlite3.Connection, task_id: int) -> None:
    """The task's answer may be sent; nothing happens for a task without a delivery."""
    connection.execute("UPDATE outbox SET state = 'ready' WHERE task_id = ? AND state = 'open'", (task_id,))


def set_message(connection: sqlite3.Connection, tenant: str, task_id: int, message_id: int) -> None:
    """Note the message that shows a task's progress, so that the answer can be edited into it."""
    found = connection.execute(_OF_TENANT, (task_id, tenant)).fetchone()
    if found is not None and crc(found[:-1]) == found[-1]:
        _rewrite(connection, (*found[:6], message_id))


def delivered(connection: sqlite3.Connection, outgoing_id: int, message_id: int | None) -> None:
    """The answer arrived; its token is erased."""
    found = connection.execute(OF_TASK, (outgoing_id,)).fetchone()
    if found is not None:
        _rewrite(connection, (*found[:2], b"", *found[3:6], message_id or found[6]))
        connection.execute("UPDATE outbox SET state = 'delivered', tries = tries + 1 WHERE task_id = ?", (outgoing_id,))


def failed(connection: sqlite3.Connection, outgoing_id: int, why: str, give_up: bool) -> None:
    """The answer did not arrive; it stays ready unless no further try makes sense."""
    state = "given_up" if give_up else "ready"
    connection.execute(
        "UPDATE outbox SET state = ?, tries = tries + 1, why = ? WHERE task_id = ? AND state = 'ready'",
        (state, why, outgoing_id),
    )


def drop(connection: sqlite3.Connection, task_id: int) -> None:
    """Nothing is to be sent for a task."""
    connection.execute("DELETE FROM outbox WHERE task_id = ?", (task_id,))


def _rewrite(connection: sqlite3.Connection, values: tuple[Any, ...]) -> None:
    connection.execute(
        "UPDATE outbox SET token = ?, message_id = ?, crc = ? WHERE task_id = ?",
        (values[2], values[6], crc(values), values[0]),
    )
