"""The doctor's look at files: .env, the data directory, its socket, the disk, SQLite."""

import contextlib
import os
import shutil
import sqlite3
import stat
import time
from pathlib import Path

from at_rest import keyring
from blackboard.audit import verify_file
from blackboard.backups.online import last_backup
from blackboard.connections import open_reader
from blackboard.keyfile import KEY_FILE, load_key
from blackboard.sealed import keys_needed
from errors import StoreError, StoreLocked, StoreSealed, VesperaError
from owner_socket import address
from terminal.findings import Finding

LEAST_FREE_MIB = 200
LATEST_FIRST_BACKUP_S = 7 * 86_400.0
"""A data directory may do without a backup for so long."""
LARGEST_LOG_MIB = 64
OLDEST_BACKUP_S = 2 * 86_400.0
SQLITE = (3, 37, 0)
"""First version with all that the schema uses (STRICT tables)."""


def env_file(path: Path) -> Finding:
    """Readable by its owner alone."""
    if not path.exists():
        return Finding(".env", True, "not there; settings come from the environment or are the defaults")
    return _private(".env", path, 0o600)


def _private(name: str, path: Path, wanted: int) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if path.stat().st_uid != os.getuid():
        return Finding(name, False, f"{path} belongs to another user", f"sudo chown {os.getuid()} {path}")
    if mode & 0o077:
        return Finding(name, False, f"{path} has mode {mode:03o}: others may read it", f"chmod {wanted:03o} {path}")
    return Finding(name, True, f"mode {mode:03o}")


def disk(data_dir: Path) -> Finding:
    """Room for the database to grow."""
    there = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free = shutil.disk_usage(there).free // 2**20
    return Finding("disk", free >= LEAST_FREE_MIB, f"{free} MiB free at {there}", "free some space")


def sqlite() -> Finding:
    """New enough for the schema. One writer and one checkpointer: the WAL-reset bug before 3.51.3 cannot occur."""
    version = sqlite3.sqlite_version_info
    return Finding("sqlite", version >= SQLITE, sqlite3.sqlite_version, "use a Python built with a newer SQLite")


def folder(data_dir: Path) -> list[Finding]:
    """The data directory and what lies in it belong to this user alone."""
    if not data_dir.exists():
        parent = next(folder for folder in data_dir.parents if folder.exists())
        fine = os.access(parent, os.W_OK)
        text = "will be made at first use" if fine else f"{data_dir} is missing and {parent} cannot be written"
        return [Finding("data", fine, text, "set VESPERA_DATA_DIR")]
    found = [_private("data", data_dir, 0o700)]
    if not os.access(data_dir, os.W_OK | os.X_OK):
        found = [Finding("data", False, f"{data_dir} cannot be written", f"chmod u+rwx {data_dir}")]
    inside = (path for path in sorted(data_dir.glob("vespera*")) if path.is_file() or path.is_socket())
    open_ones = [finding for path in inside if not (finding := _private("data", path, 0o600)).ok]
    return (
        found
        + open_ones
        + _database(data_dir / "vespera.sqlite")
        + _words(data_dir)
        + _audit(data_dir)
        + _log(data_dir)
        + _backup(data_dir)
        + _left_aside(data_dir)
    )


def _database(path: Path) -> list[Finding]:
    if not path.exists():
        return []
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
        try:
            (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        word = str(error)
    size = path.stat().st_size / 2**20
    return [Finding("database", word == "ok", f"{size:.1f} MiB, {word}", "keep a copy of the folder, restore a backup")]


def _words(data_dir: Path) -> list[Finding]:
    """Whether people's words are sealed, and whether this installation has the keys for it."""
    wrong: list[str] = []
    needed: set[str] = set()
    for path in sorted(data_dir.glob("*.sqlite")):
        try:
            with contextlib.closing(open_reader(path)) as connection:
                needed |= keys_needed(connection)
        except StoreSealed as error:
            wrong.append(str(error))
        except StoreError:
            continue  # `_database` says what is wrong with it.
    if wrong:
        return [Finding("words", False, " ".join(wrong), "set it for bot, relay and terminal: docs/security.md")]
    current = {keyring().current.hex()} - {""}
    if needed - current:
        return [Finding("words", False, "some still lie under a key that is being replaced", "./vespera rotate-key")]
    return [Finding("words", True, "encrypted on disk" if current else "not encrypted on disk: VESPERA_AT_REST_KEY")]


def _audit(data_dir: Path) -> list[Finding]:
    """The audit logs of bot and relay: every row as it was written."""
    logs = [path for path in (data_dir / "vespera.sqlite", data_dir / "relay.sqlite") if path.exists()]
    if not logs or not (data_dir / KEY_FILE).exists():
        return []
    wrong: list[str] = []
    for path in logs:
        try:
            connection = open_reader(path)
            try:
                wrong += [f"{path.name}: {sentence}" for sentence in verify_file(connection, load_key(data_dir))]
            finally:
                connection.close()
        except StoreSealed:
            return []  # `_words` says so.
        except StoreError as error:
            wrong.append(str(error))
    fix = "somebody wrote into the file: find out who may, keep a copy, restore a backup"
    return [Finding("audit", not wrong, " ".join(wrong) or "the log is whole", fix)]


def _log(data_dir: Path) -> list[Finding]:
    """A log that nobody works into its database grows without end."""
    sizes = {log.name: log.stat().st_size // 2**20 for log in sorted(data_dir.glob("*.sqlite-wal"))}
    fix = "with VESPERA_LITESTREAM=on: is Litestream running? Else restart the bot"
    return [
        Finding("log", False, f"{name} has {mib} MiB: nobody works it into the database", fix)
        for name, mib in sizes.items()
        if mib >= LARGEST_LOG_MIB
    ]


def _backup(data_dir: Path) -> list[Finding]:
    """How old the last backup is, and whether all in it was sound."""
    told, began_at = last_backup(data_dir / "vespera.sqlite")
    fix = f"./vespera backup {data_dir / 'backups'}, or its timer: docs/backup.md"
    if told is None:
        young = began_at is None or time.time() - began_at < LATEST_FIRST_BACKUP_S
        return [] if began_at is None else [Finding("backup", young, "none was made yet", fix)]
    hours = max(0.0, time.time() - told.made_at) / 3_600
    age = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
    text = f"the last is {age} old: {told.file}"
    if told.damaged:
        return [Finding("backup", False, f"{text}; {told.damaged} rows in it fail their check", "docs/backup.md")]
    return [Finding("backup", hours * 3_600 <= OLDEST_BACKUP_S, text, fix)]


def _left_aside(data_dir: Path) -> list[Finding]:
    """What a restore replaced holds words that people may have asked to forget."""
    return [
        Finding("restore", True, f"the files before a restore lie in {folder}; delete it when all is well")
        for folder in sorted(data_dir.glob("replaced-*"))
    ]


async def owner(data_dir: Path) -> list[Finding]:
    """Who owns the data directory, and whether it answers."""
    from owner_socket import wire
    from owner_socket.client import OwnerConnection, OwnerGone

    if not (data_dir / address.NAME).exists():
        return [Finding("owner", True, "no process owns the data directory now")]
    try:
        connection = await OwnerConnection.open(data_dir)
    except OwnerGone:
        return [Finding("owner", True, "no process owns the data directory now (the last one did not clean up)")]
    try:
        await connection.ask(wire.AskCommands(), list[object])
    except (OwnerGone, StoreLocked, VesperaError) as error:
        return [Finding("owner", False, f"the owning process does not answer: {error}", "look at its log, restart it")]
    finally:
        await connection.close()
    return [Finding("owner", True, "a running process owns the data directory and answers")]
