"""Restoring a backup: everything is unpacked and checked beside the data directory's files before one of them moves."""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from blackboard.backups.archive import Sink, read_archive, read_manifest
from blackboard.backups.container import damaged
from blackboard.backups.contracts import Database, Manifest, Restored
from blackboard.backups.making import schema_of
from blackboard.backups.pace import Pace
from blackboard.backups.snapshot import reading
from blackboard.backups.soundness import quick
from blackboard.backups.swap import PLAN, STAGING, Plan, everything_of, finish_swap, swap
from blackboard.failures import SQLITE_ERRORS, file_error, full, store_error
from blackboard.keyfile import KEY_BYTES
from blackboard.lock import DataLock
from blackboard.tasks import GIVEN
from errors import StoreTooNew, UserMistake

KEY_FILE = "secret.key"
UNKNOWN_GAP = 1_000
"""Task numbers skipped where the former database cannot tell how many were given."""
_LAST_NUMBER = (
    "SELECT max((SELECT coalesce(max(id), 0) FROM agent_tasks), "
    "(SELECT coalesce(max(value), 0) FROM state WHERE name = ?) + 0)"
)
_HURRY = Pace(rest=0)
"""A restore has the machine to itself."""


def restore(
    file: Path, data_dir: Path, databases: Sequence[Database], key: bytes | None, now: float, *, only_check: bool
) -> Restored:
    """Put a backup in the place of what the data directory holds; the former files are kept in a folder in it.

    With `only_check` the backup is unpacked and checked as ever, and nothing is put anywhere.

    Raises:
        UserMistake: there is no such file.
        StoreLocked: a process owns the directory.
        StoreError: the backup is damaged or too new, or the directory cannot be used.
        BadConfiguration: the key is missing or wrong.
        In all these cases nothing was changed.
    """
    began = time.monotonic()
    if file.is_dir():
        raise UserMistake(f"{file} is a folder. Name one of the backups in it. Nothing was changed.")
    if not file.is_file():
        raise UserMistake(f"There is no backup {file}. Nothing was changed.")
    try:
        with _held(data_dir, databases):
            finish_swap(data_dir)
            with _staging(data_dir) as staging:
                manifest = _staged(file, staging, databases, key)
                open_tasks, undelivered = _left_open(staging)
                replaced = ""
                if not only_check:
                    _skip_given_numbers(staging, data_dir)
                    replaced = _put_in_place(data_dir, manifest, now)
    except OSError as error:
        raise file_error(error, Path(error.filename) if isinstance(error.filename, str) else data_dir) from error
    return Restored(
        str(file),
        manifest.made_at,
        manifest.version,
        manifest.databases,
        manifest.damaged,
        replaced,
        open_tasks,
        undelivered,
        round((time.monotonic() - began) * 1_000, 1),
    )


@contextlib.contextmanager
def _held(data_dir: Path, databases: Sequence[Database]) -> Iterator[None]:
    """The lock of every database, so that no process of the house can have one open."""
    names = {database.name for database in databases} | {path.stem for path in data_dir.glob("*.sqlite")}
    locks: list[DataLock] = []
    try:
        for name in sorted(names):
            locks.append(DataLock(data_dir, name))
            _hand_over(data_dir / f"{name}.lock", data_dir)
        yield
    finally:
        for lock in locks:
            lock.release()


@contextlib.contextmanager
def _staging(data_dir: Path) -> Iterator[Path]:
    staging = data_dir / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    _hand_over(staging, data_dir)
    try:
        yield staging
    finally:
        if not (data_dir / PLAN).exists():  # else the next opening needs it
            shutil.rmtree(staging, ignore_errors=True)


def _staged(file: Path, staging: Path, databases: Sequence[Database], key: bytes | None) -> Manifest:
    """Unpack a backup and check all that it holds.

    Raises:
        StoreError, BadConfiguration, OSError: see `restore`.
    """
    expected = read_manifest(file, key)
    for member in expected.databases:
        if Path(member.name).name != member.name or member.name.startswith("."):
            raise damaged(file, "a database in it has a name that is none")
    if shutil.disk_usage(staging).free < sum(member.bytes for member in expected.databases) * 1.05:
        raise full(staging)
    with contextlib.ExitStack() as stack:

        def sink_of(name: str) -> Sink:
            out: BinaryIO = stack.enter_context(_new(staging / f"{name}.sqlite").open("wb"))
            return out.write

        manifest = read_archive(file, key, sink_of, _HURRY)
    known = {database.name: database for database in databases}
    for member in manifest.databases:
        _check(file, staging / f"{member.name}.sqlite", known.get(member.name), manifest)
    if len(manifest.key) != KEY_BYTES:
        raise damaged(file, "it holds no key of the data directory")
    _new(staging / KEY_FILE).write_bytes(manifest.key)
    for path in staging.iterdir():
        _on_disk(path)
        _hand_over(path, staging)
    return manifest


def _new(path: Path) -> Path:
    path.touch(0o600, exist_ok=False)
    return path


def _check(file: Path, copy: Path, database: Database | None, manifest: Manifest) -> None:
    """Its pages are whole, it is what its name says and readable by this version, its rows are as the manifest says."""
    try:
        with reading(copy) as connection:
            for line in quick(connection):
                raise damaged(file, f"{copy.name}: {line}")
            if database is None:
                return
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application != database.application_id:
                raise damaged(file, f"{copy.name} in it is another program's")
            if (schema := schema_of(connection)) > database.migrations:
                raise StoreTooNew(
                    f"{copy.name} in {file} was written by a newer version of Vespera (schema {schema}; this version "
                    f"knows {database.migrations}). Nothing was changed. Install that version."
                )
            for line in database.unsound(connection, manifest.key, _HURRY):
                if line not in manifest.damaged:
                    raise damaged(file, line)
    except SQLITE_ERRORS as error:
        raise store_error(error, copy) from error


def _left_open(staging: Path) -> tuple[int, int]:
    """Tasks that go on, and answers that are still to be sent, once the bot starts."""
    counts = (0, 0)
    for path in staging.glob("*.sqlite"):
        with reading(path) as connection, contextlib.suppress(*SQLITE_ERRORS):  # another kind of database
            (tasks,) = connection.execute("SELECT count(*) FROM agent_tasks WHERE closed_at IS NULL").fetchone()
            (ready,) = connection.execute("SELECT count(*) FROM outbox WHERE state = 'ready'").fetchone()
            counts = (counts[0] + tasks, counts[1] + ready)
    return counts


def _skip_given_numbers(staging: Path, data_dir: Path) -> None:
    """Tasks admitted after the backup stand on buttons with their numbers: no other task may be given one of them."""
    for path in staging.glob("*.sqlite"):
        last = _last_number(path)
        if last is None:
            continue
        given = _last_number(data_dir / path.name) or last + UNKNOWN_GAP
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # leaves no file beside it
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (GIVEN, str(max(given, last))))
        _on_disk(path)


def _last_number(path: Path) -> int | None:
    """The highest number that a database has given to a task; None where that cannot be told."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            return int(connection.execute(_LAST_NUMBER, (GIVEN,)).fetchone()[0])
    except SQLITE_ERRORS:
        return None


def _put_in_place(data_dir: Path, manifest: Manifest, now: float) -> str:
    names = {path.stem for path in data_dir.glob("*.sqlite")} | {member.name for member in manifest.databases}
    away = everything_of(data_dir, sorted(names))
    if (data_dir / KEY_FILE).exists():
        away.append(KEY_FILE)
    place = (*(f"{member.name}.sqlite" for member in manifest.databases), KEY_FILE)
    aside = data_dir / time.strftime("replaced-%Y%m%dT%H%M%SZ", time.gmtime(now))
    for number in range(2, 1_000):
        if not aside.exists():
            break
        aside = data_dir / f"{aside.name.partition('.')[0]}.{number}"
    swap(data_dir, Plan(aside.name, tuple(away), place))
    if not away:
        return ""
    _hand_over(aside, data_dir)
    return str(aside)


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hand_over(path: Path, data_dir: Path) -> None:
    """What root restores for a service must belong to the service's user."""
    owner = data_dir.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
