"""Giving space back, and taking erased text out of the write-ahead log too."""

import sqlite3
from pathlib import Path

from blackboard.connections import lay_out_log
from errors import StoreLocked

PAGES = 2_000
"""Free pages given back in one transaction."""


def scrub(connection: sqlite3.Connection, path: Path) -> None:
    """Return free pages to the disk, then work the log into the database and begin it anew with zeros.

    Erased rows were overwritten in the database (secure_delete), but the log still holds the pages of before.

    Raises:
        StoreLocked: a reader kept the log busy; nothing is lost, try later.
    """
    while int(connection.execute("PRAGMA freelist_count").fetchone()[0]):
        connection.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreLocked(f"The log of {path} is still being read. What was erased leaves it a little later.")
    connection.execute("UPDATE commits SET n = n + 1")
    lay_out_log(path)
