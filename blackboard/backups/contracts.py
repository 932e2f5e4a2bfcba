"""What a backup holds and what is told of it. Times are Unix seconds, sizes bytes."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from blackboard.backups.pace import Pace

Unsound = Callable[[sqlite3.Connection, bytes, Pace], Iterator[str]]
"""Reads a whole database with the directory's secret; yields a sentence for each row that fails its check."""


class Database(NamedTuple):
    """One database that the house keeps in a data directory as ``NAME.sqlite``."""

    name: str
    application_id: int
    """What must stand in the file's header."""
    migrations: int
    """How many migrations this version knows: a backup with more of them is too new."""
    unsound: Unsound


class Member(msgspec.Struct, frozen=True):
    """A database in a backup. ``schema`` counts its migrations."""

    name: str
    bytes: int
    sha256: str
    schema: int


class Manifest(msgspec.Struct, frozen=True):
    """What stands first in a backup. ``key`` is the data directory's ``secret.key``; ``damaged`` a sentence each."""

    version: str
    made_at: float
    databases: tuple[Member, ...]
    key: bytes
    damaged: tuple[str, ...] = ()
    format: int = 1


class Backup(msgspec.Struct, frozen=True):
    """What `./vespera backup` tells."""

    file: str
    bytes: int
    made_at: float
    encrypted: bool
    databases: tuple[Member, ...]
    damaged: tuple[str, ...]
    """Rows that failed their check when they were copied; they are in the backup as they are, and never served."""
    removed: tuple[str, ...]
    """Older backups that were deleted."""
    elapsed_ms: float


class Restored(msgspec.Struct, frozen=True):
    """What `./vespera restore` tells. ``replaced`` is where the former files lie, empty when there were none."""

    file: str
    made_at: float
    version: str
    databases: tuple[Member, ...]
    damaged: tuple[str, ...]
    replaced: str
    open_tasks: int
    undelivered: int
    elapsed_ms: float
