"""The folder of index files: written aside, synced, renamed, and only then named by a row in SQLite."""

import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from blackboard.failures import file_error

T = TypeVar("T")
log = logging.getLogger(__name__)


def make_folder(folder: Path) -> None:
    """Make the folder of index files when it is not there. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error, folder) from error


def write_aside(folder: Path, name: str, write: Callable[[Path], T]) -> T:
    """Let `write` make a synced file, then give it its `name`; no file of that name exists when it fails.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    aside = folder / f"{name}.new"
    try:
        made = write(aside)
        aside.chmod(0o600)
        aside.replace(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise file_error(error, folder / name) from error
    finally:
        aside.unlink(missing_ok=True)
    return made


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Delete a file that counts no more; one that cannot be deleted is left for the next opening."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be deleted: %s", path, error.strerror)


def remove_others(folder: Path, names: Iterable[str]) -> int:
    """Delete what a crash left: every file in the folder that no row names. Returns how many."""
    keep, gone = set(names), 0
    for path in folder.iterdir():
        if path.name not in keep and path.is_file():
            remove(path)
            gone += 1
    return gone
