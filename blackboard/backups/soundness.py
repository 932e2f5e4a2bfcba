"""The rows of a blackboard against their own checks, on a connection of the calling thread."""

import re
import sqlite3
from collections.abc import Iterator

from blackboard.audit import verify_rows
from blackboard.backups.pace import Pace
from blackboard.checks import PORTION, guarded, unfit
from blackboard.keyfile import TokenBox
from blackboard.outbox import Outbox
from blackboard.rows import WITH_STEPS
from blackboard.trace import Chain
from errors import StoreCorrupt

_FROM = re.compile(r"\bFROM (\w+)")
_IDS = "SELECT id FROM agent_tasks WHERE id > ? ORDER BY id LIMIT ?"


def quick(connection: sqlite3.Connection) -> Iterator[str]:
    """What SQLite's own quick check says of the pages and their order; nothing when all is well.

    Raises:
        sqlite3.Error: not even that could be read.
    """
    for (line,) in connection.execute("PRAGMA quick_check(20)"):
        if line != "ok":
            yield str(line)


def unsound_rows(connection: sqlite3.Connection, key: bytes, pace: Pace) -> Iterator[str]:
    """Tasks with their chains, cached answers, deliveries, fights and characters that fail their check.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    chain, after = Chain(key), 0
    while ids := connection.execute(_IDS, (after, PORTION)).fetchall():
        for (task_id,) in ids:
            yield from _trace(connection, chain, task_id)
            pace.breathe()
        after = ids[-1][0]
    yield from verify_rows(connection, key)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for sql, what, sound in guarded(Outbox(TokenBox(key))):
        if not tables.intersection(_FROM.findall(sql)):
            continue  # the backup is older than this table
        last: object = 0
        while portion := connection.execute(sql, (last, PORTION)).fetchall():
            yield from (unfit(what, row) for row in portion if not sound(row))
            last = portion[-1][0]
            pace.breathe()


def _trace(connection: sqlite3.Connection, chain: Chain, task_id: int) -> Iterator[str]:
    try:
        if not chain.holds(connection.execute(WITH_STEPS, (task_id, None)).fetchall()):
            yield f"The trace of task {task_id} was altered or is incomplete."
    except StoreCorrupt as error:
        yield str(error)
