"""The rows of a memory against their own checks, on a connection of the calling thread: for backups."""

import sqlite3
from collections.abc import Iterator

from blackboard.backups.pace import Pace
from memory.rows import COLUMNS, read_record, vector_crc

PORTION = 200
_RECORDS = f"SELECT {COLUMNS} FROM records WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
_VECTORS = "SELECT key, crc, bf16 FROM vectors WHERE key > ? ORDER BY key LIMIT ?"


def unsound_rows(connection: sqlite3.Connection, _key: bytes, pace: Pace) -> Iterator[str]:
    """Records and vectors that fail their check.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    last = -1
    while rows := connection.execute(_RECORDS, (last, PORTION)).fetchall():
        yield from (f"Record {row[0]} fails its check and is not used." for row in rows if read_record(row) is None)
        last = rows[-1][0]
        pace.breathe()
    last = -1
    while rows := connection.execute(_VECTORS, (last, PORTION)).fetchall():
        for key, crc, bf16 in rows:
            if not isinstance(bf16, bytes) or vector_crc(key, bf16) != crc:
                yield f"The vector of record {key & 0xFFFFFFFF} fails its check and is made anew."
        last = rows[-1][0]
        pace.breathe()
