"""The high-water mark: the number of the last durable commit, kept in a file of its own.

A database that lost its tail (a deleted ``-wal`` file, an older copy put in its place) is whole by every check SQLite
has. The mark tells: it holds a higher number than the database does.
"""

import logging
import os
import sqlite3
import struct
import zlib
from pathlib import Path

from blackboard.failures import file_error

_SHAPE = struct.Struct("<8sQI")
log = logging.getLogger(__name__)


class CommitMark:
    """The mark of one database; a mark that belongs to another database, or is torn, is ignored."""

    def __init__(self, path: Path, store: bytes) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise file_error(error, path) from error
        self._path, self._store = path, store

    @classmethod
    def of(cls, connection: sqlite3.Connection, path: Path) -> "CommitMark":
        """Open the mark beside a database, and write to the log when the database is behind it."""
        store, number = connection.execute("SELECT store, n FROM commits").fetchone()
        mark = cls(path, store)
        lost = mark.read() - number
        if lost > 0:
            log.error("the last %d commits of %s are missing: it is older than its mark", lost, path.stem)
            connection.execute("UPDATE commits SET n = n + ?", (lost,))
            connection.execute(
                "INSERT OR REPLACE INTO state VALUES ('lost_commits', "
                "coalesce((SELECT value FROM state WHERE name = 'lost_commits'), 0) + ?)",
                (lost,),
            )
        return mark

    def read(self) -> int:
        """The number of the last durable commit, 0 when there is no usable mark."""
        raw = os.pread(self._file, _SHAPE.size, 0)
        if len(raw) != _SHAPE.size:
            return 0
        store, number, crc = _SHAPE.unpack(raw)
        return int(number) if store == self._store and crc == zlib.crc32(raw[:16]) else 0

    def write(self, number: int) -> None:
        """Note that commit `number` is on disk. Not synced: a mark that is too old only notices less."""
        body = self._store + number.to_bytes(8, "little")
        try:
            os.pwrite(self._file, body + zlib.crc32(body).to_bytes(4, "little"), 0)
        except OSError as error:
            log.warning("the mark %s could not be written: %s", self._path, error.strerror)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
