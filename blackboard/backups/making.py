"""Making a backup: copy every database in use, check the copies, pack them, read the file back, put it in its place."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

import faults
from blackboard.backups import names
from blackboard.backups.archive import PORTION_BYTES, read_archive, write_archive
from blackboard.backups.contracts import Backup, Database, Manifest, Member
from blackboard.backups.pace import Pace
from blackboard.backups.snapshot import copy, reading, snapshots
from blackboard.backups.soundness import quick
from blackboard.failures import SQLITE_ERRORS, corrupt, file_error, full, store_error
from blackboard.keyfile import load_key
from errors import UserMistake

STAGING = "backup.tmp"
"""Folder in the data directory that holds the copies while a backup is made."""


class Order(msgspec.Struct, frozen=True):
    """What is to be backed up, and how."""

    data_dir: Path
    databases: Sequence[Database]
    key: bytes | None
    """Encrypts the backup; None leaves it readable."""
    version: str
    keep_days: float
    """In a folder, dated backups older than this are deleted after a sound one; 0 keeps all."""


def make_backup(order: Order, target: Path, now: float, pace: Pace) -> Backup:
    """Write a backup to `target`: a file that does not exist yet, or a folder, which gets a dated one.

    For the process that owns the data directory, in a thread of its own; takes minutes for a large one.

    Raises:
        UserMistake: `target` exists, or its folder does not.
        StoreError: something cannot be read or written, or a database is damaged; no file was left behind.
        Stopping: see `Pace`.
    """
    began = time.monotonic()
    try:
        folder, file = _place(order, target, now)
    except OSError as error:
        raise file_error(error, target) from error
    manifest = _written(order, file, now, pace)
    removed = []
    if folder and not manifest.damaged:
        removed = names.remove_old(target, order.keep_days, now, spare=file)
    return Backup(
        str(file),
        file.stat().st_size,
        now,
        order.key is not None,
        manifest.databases,
        manifest.damaged,
        tuple(str(path) for path in removed),
        round((time.monotonic() - began) * 1_000, 1),
    )


def _place(order: Order, target: Path, now: float) -> tuple[bool, Path]:
    """Whether the target is a folder, and the file to be written."""
    folder = target.is_dir()
    file = names.free(target, now) if folder else target
    if not file.parent.is_dir():
        raise UserMistake(f"There is no folder {file.parent}. Nothing was written.")
    if file.exists():
        raise UserMistake(f"{file} exists already and was left as it is. Choose another name.")
    if file.suffix == ".sqlite" and file.parent.samefile(order.data_dir):
        raise UserMistake(f"{file} would be taken for a database of the data directory. Choose another name.")
    return folder, file


def _written(order: Order, file: Path, now: float, pace: Pace) -> Manifest:
    part = names.part_of(file)
    staging = order.data_dir / STAGING
    try:
        with _emptied(staging), _gone_unless_published(part):
            _need_room(order, file)
            manifest, copies = _copied(order, staging, now, pace)
            write_archive(part, manifest, copies, order.key, pace)
            read_archive(part, order.key, lambda _: len, pace)
            faults.point("backup.publish.before")
            _publish(part, file)
            faults.point("backup.publish.after")
    except SQLITE_ERRORS as error:
        raise store_error(error, staging) from error
    except FileExistsError:
        raise UserMistake(f"{file} was made by somebody else meanwhile and was left as it is.") from None
    except OSError as error:
        named = Path(error.filename) if isinstance(error.filename, str) else file
        raise file_error(error, file if named == part else named) from error
    return manifest


@contextlib.contextmanager
def _emptied(staging: Path) -> Iterator[None]:
    """A folder for the copies, without what a killed backup left there; gone at the end."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextlib.contextmanager
def _gone_unless_published(part: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _need_room(order: Order, file: Path) -> None:
    """Refuse before hours of work what cannot fit: the copies beside the databases, at least half of that as a file."""
    size = sum(path.stat().st_size for path in _paths(order.data_dir))
    same = order.data_dir.stat().st_dev == file.parent.stat().st_dev
    if shutil.disk_usage(order.data_dir).free < size * (1.5 if same else 1.0):
        raise full(order.data_dir / STAGING)


def _paths(data_dir: Path) -> list[Path]:
    """Every database in the data directory, whether the house knows it or not."""
    return sorted(data_dir.glob("*.sqlite"))


def _copied(order: Order, staging: Path, now: float, pace: Pace) -> tuple[Manifest, dict[str, Path]]:
    """Copies of all databases as they were at one moment, checked."""
    key = load_key(order.data_dir)
    known = {database.name: database for database in order.databases}
    members, found, copies = [], [], {}
    with snapshots(_paths(order.data_dir)) as pinned:
        for path, source in pinned.items():
            copies[path.stem] = staging / path.name
            copy(source, copies[path.stem], pace)
    for name, path in copies.items():
        schema, wrong = _checked(path, known.get(name), key, pace)
        found += wrong
        members.append(Member(name, path.stat().st_size, _sha256(path, pace), schema))
    return Manifest(order.version, now, tuple(members), key, tuple(found)), copies


def _checked(path: Path, database: Database | None, key: bytes, pace: Pace) -> tuple[int, list[str]]:
    """How many migrations a copy has seen, and which of its rows fail their check.

    Raises:
        StoreCorrupt: its pages are damaged: such a copy is no backup.
    """
    with reading(path) as connection:
        for line in quick(connection):
            raise corrupt(path.with_name(path.name), line)
        return schema_of(connection), list(database.unsound(connection, key, pace)) if database else []


def schema_of(connection: sqlite3.Connection) -> int:
    """How many migrations a database has seen; 0 for one that knows none."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").fetchone() is None:
        return 0
    ((number,),) = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchall()
    return int(number)


def _sha256(path: Path, pace: Pace) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PORTION_BYTES):
            digest.update(part)
            pace.breathe()
    return digest.hexdigest()


def _publish(part: Path, file: Path) -> None:
    """Put the finished file in its place; an existing one is never replaced."""
    try:
        file.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        part.rename(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
