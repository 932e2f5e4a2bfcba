"""Copies of databases in use: SQLite's online backup from a read transaction, so that no writer ever has to wait.

The read transaction matters: a backup whose source changes under it begins anew, and under steady work it would never
end. Held open, it pins the state of one moment; meanwhile the log is not begun anew and grows by what is written.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from blackboard import sealed
from blackboard.backups.pace import Pace
from blackboard.failures import SQLITE_ERRORS, store_error

PAGES = 64
"""Pages copied between two breaths."""


@contextlib.contextmanager
def snapshots(paths: Iterable[Path]) -> Iterator[dict[Path, sqlite3.Connection]]:
    """Connections that see their databases as they are now, until the end of the block.

    Raises:
        StoreError: one cannot be read.
    """
    with contextlib.ExitStack() as stack:
        pinned = {}
        for path in paths:
            try:
                connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
                stack.callback(connection.close)
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except SQLITE_ERRORS as error:
                raise store_error(error, path) from error
            pinned[path] = connection
        yield pinned


def copy(source: sqlite3.Connection, to: Path, pace: Pace) -> None:
    """Copy a pinned database into a new file, portion by portion.

    Raises:
        sqlite3.Error: it cannot be read or written. Stopping: see `Pace`.
    """
    to.unlink(missing_ok=True)
    to.touch(0o600)
    target = sqlite3.connect(to, isolation_level=None)
    try:
        target.execute("PRAGMA synchronous = OFF")  # a copy that a crash leaves behind is thrown away
        source.backup(target, pages=PAGES, progress=lambda *_: pace.breathe())
    finally:
        target.close()


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy that nobody writes to; makes no file beside it."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    sealed.install(connection)
    try:
        sealed.require_keys(connection, path)
        yield connection
    finally:
        connection.close()
