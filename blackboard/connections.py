"""Opening the database: the one connection that writes, and a few that read."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite

from blackboard import sealed
from blackboard.failures import SQLITE_ERRORS, read_only, store_error
from blackboard.mark import CommitMark
from blackboard.migrations import migrate
from errors import StoreError

PAGE_BYTES = 2_048
"""A task touches some twenty pages; each goes to the log whole, with a checksum."""
LOG_PAGES = 2_000
"""Pages in the write-ahead log before it is worked into the database and begun anew."""
LOG_BYTES = (LOG_PAGES + 100) * (PAGE_BYTES + 24)
"""4.1 MiB: pages with their headers, and room for the commit that makes the log full."""
OTHERS_CHECKPOINT_S = 5.0
"""How long another program may hold the write lock while it works the log in; what Litestream asks its users for."""
READERS = 2
"""Read connections; each costs a thread and up to 512 KiB of page cache."""

# A flipped byte may leave text that is not UTF-8. It must reach the CRC check of its row, not fail the whole query.
_text = partial(str, encoding="utf-8", errors="replace")


def open_writer(
    path: Path,
    migrate: Callable[[sqlite3.Connection, Path], None] = migrate,
    page_bytes: int = PAGE_BYTES,
    pragmas: Sequence[str] = (),
    *,
    checkpoints: bool = True,
) -> tuple[sqlite3.Connection, CommitMark]:
    """Open, migrate and prove writable the database at `path`, in the calling thread.

    `pragmas` are run before the house's own: some (auto_vacuum) count only before the first table is made. Without
    `checkpoints` its log is left to another program: not worked into the database, not laid out.

    Raises:
        StoreError: it is locked, read-only, full, corrupt or too new; nothing was changed.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=1.0 if checkpoints else OTHERS_CHECKPOINT_S, cached_statements=128
        )
        connection.text_factory = _text
        sealed.install(connection)
        _configure(connection, page_bytes, pragmas, checkpoints)
        migrate(connection, path)
        sealed.note_key(connection, path)
        mark = CommitMark.of(connection, path.with_suffix(".mark"))
        # A read-only file is opened without complaint; only a write tells.
        connection.execute("UPDATE commits SET n = n + 1")
        if path.stat().st_size <= page_bytes:
            # A database that is in its log alone would, without it, be taken for a new one: no mark could tell.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if checkpoints:
            lay_out_log(path)
        path.chmod(0o600)
    except SQLITE_ERRORS as error:
        _close(connection)
        raise store_error(error, path) from error
    except OSError as error:
        _close(connection)
        raise read_only(path) from error
    except StoreError:
        _close(connection)
        raise
    return connection, mark


def open_reader(path: Path, cache_kib: int = 512) -> sqlite3.Connection:
    """A read-only connection for the calling thread alone.

    Raises:
        StoreError: the file cannot be opened, or its words not be read.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=1.0)
        connection.text_factory = _text
        sealed.install(connection)
        sealed.require_keys(connection, path)
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
    except sqlite3.Error as error:
        _close(connection)
        raise store_error(error, path) from error
    except StoreError:
        _close(connection)
        raise
    return connection


def lay_out_log(path: Path) -> None:
    """Fill the write-ahead log up to its full length with zeros; called by the one thread that writes it.

    SQLite takes zeros for the end of the log and writes over them, so that a commit need not sync a new length of the
    file as well: a synced commit of a dozen pages takes 60 to 90 µs CPU and 170 µs in place of 130 and 280 (ext4).
    In portions of a page, else the kernel keeps the file in folios of up to 2 MB and writes whole ones.
    """
    log, disk = Path(f"{path}-wal"), os.statvfs(path)
    if disk.f_bavail * disk.f_frsize < 16 * LOG_BYTES:
        return
    with log.open("ab", buffering=0) as file:
        for _ in range(file.tell(), LOG_BYTES, 4_096):
            file.write(bytes(4_096))
        os.fsync(file.fileno())


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _configure(connection: sqlite3.Connection, page_bytes: int, pragmas: Sequence[str], checkpoints: bool) -> None:
    for pragma in (
        f"page_size = {page_bytes}",
        *pragmas,
        "journal_mode = WAL",
        "mmap_size = 0",
        "foreign_keys = ON",
        "secure_delete = ON",  # erased words are overwritten; Debian builds SQLite so, others do not
        "cache_size = -256",  # KiB; a task touches twenty pages: -2000 took 1.7 MiB more and saved no CPU
        f"wal_autocheckpoint = {LOG_PAGES * PAGE_BYTES // page_bytes if checkpoints else 0}",
        "journal_size_limit = 8388608",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


class Readers:
    """A small pool of read-only aiosqlite connections, opened when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: asyncio.LifoQueue[aiosqlite.Connection | None] = asyncio.LifoQueue()
        self._open: list[aiosqlite.Connection] = []
        self._closed = False
        for _ in range(READERS):
            self._free.put_nowait(None)

    async def rows(self, sql: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one SELECT.

        Raises:
            StoreError: the database could not be read.
        """
        connection = await self._free.get()
        try:
            if connection is None:
                connection = await self._connect()
            return list(await connection.execute_fetchall(sql, arguments))  # type: ignore[arg-type]
        except SQLITE_ERRORS as error:
            raise store_error(error, self._path) from error
        except ValueError as error:  # aiosqlite's word for a closed connection
            raise StoreError("The blackboard is closed.") from error
        finally:
            self._free.put_nowait(connection)

    async def _connect(self) -> aiosqlite.Connection:
        if self._closed:
            raise StoreError("The blackboard is closed.")
        address = f"file:{quote(str(self._path))}?mode=ro"
        connection = aiosqlite.connect(address, uri=True, isolation_level=None, timeout=1.0)
        # aiosqlite's threads are not daemons: one left open by a crash would hold the exit for ever.
        connection._thread.daemon = True
        await connection
        connection._conn.text_factory = _text
        try:
            # Both in the connection's own thread; another process's file may need a key that this one lacks.
            await connection._execute(sealed.install, connection._conn)  # type: ignore[no-untyped-call]
            await connection._execute(sealed.require_keys, connection._conn, self._path)  # type: ignore[no-untyped-call]
        except BaseException:
            await connection.close()
            raise
        self._open.append(connection)
        await connection.execute_fetchall("PRAGMA cache_size = -512")
        return connection

    async def close(self) -> None:
        """Close every connection and end its thread."""
        self._closed = True
        while self._open:
            await self._open.pop().close()
