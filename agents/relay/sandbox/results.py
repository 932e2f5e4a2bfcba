"""Reads a file that a run has written, on the host, where a link in it would lead anywhere."""

import os
import stat
from pathlib import Path, PurePosixPath

from errors import UserMistake

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read(workspace: Path, name: str, most_bytes: int = 4 * 1_024 * 1_024) -> bytes:
    """The content of a plain file under the working tree; no part of its path may be a link. Touches the disk.

    Args:
        workspace: The working tree, by its path on the host.
        name: The file's path within it.
        most_bytes: A larger file is refused.

    Raises:
        UserMistake: it is missing, no plain file, reached through a link, outside, or too large.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise UserMistake(f'"{name}" is not a path within the working tree.')
    folder = os.open(workspace, _FOLDER)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _content(os.open(parts[-1], _FILE, dir_fd=folder), name, most_bytes)
    except OSError as error:
        raise UserMistake(f'"{name}" is no readable plain file of the working tree: {error.strerror}.') from error
    finally:
        os.close(folder)


def _content(descriptor: int, name: str, most_bytes: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UserMistake(f'"{name}" is no plain file.')
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise UserMistake(f'"{name}" is larger than {most_bytes:,} bytes and is not read.')
    return content
