"""Turns what SQLite and the file system say into the store's own errors, as sentences for people."""

import errno
import sqlite3
from pathlib import Path

from errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NO_WRITE = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_SHORT = {sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a call of SQLite may raise. Of a damaged schema it tells in bytes of that schema, which may not be UTF-8."""


def store_error(error: Exception, path: Path) -> StoreError:
    """The store's error for one of `SQLITE_ERRORS` on the database at `path`."""
    if isinstance(error, UnicodeDecodeError):
        return corrupt(path, "its schema holds bytes that are no text")
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return full(path)
    if code in _SHORT or code & 0xFF in _CORRUPT:
        # SQLite gives this code for a disk that cannot be read too.
        return corrupt(path, f"{error}; or its disk cannot be read, of which the system's log would tell")
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"The disk under {path} failed ({error}). Nothing was changed. Look at the system's log (dmesg) and at the "
            "disk's health; take a backup elsewhere as soon as it works."
        )
    if code & 0xFF in _READ_ONLY:
        return read_only(path)
    if code & 0xFF in _LOCKED:
        return StoreLocked(
            f"Another program is writing to {path}. Nothing was changed. Close that program, then try again."
        )
    return StoreError(f"The database {path} could not be used ({error}). Nothing was changed. Try again.")


def file_error(error: OSError, path: Path) -> StoreError:
    """The store's error for a failed file operation at `path`."""
    if error.errno in _NO_SPACE:
        return full(path)
    if error.errno in _NO_WRITE:
        return read_only(path)
    return StoreError(f"{path} cannot be used ({error.strerror}). Nothing was changed.")


def full(path: Path) -> StoreFull:
    """No space is left for the file at `path`."""
    return StoreFull(f"No space is left for {path}. Nothing was written. Free some space, then try again.")


def read_only(path: Path) -> StoreReadOnly:
    """The file at `path`, or its folder, cannot be written."""
    return StoreReadOnly(
        f"{path} cannot be opened for writing. Nothing was changed. Check the owner and mode of the file and its "
        "folder, and whether the disk is mounted read-only."
    )


def corrupt(path: Path, what: str) -> StoreCorrupt:
    """The file at `path` is damaged; `what` says how."""
    return StoreCorrupt(f"{path} is damaged: {what}. Nothing was changed. Restore it from a backup.")
