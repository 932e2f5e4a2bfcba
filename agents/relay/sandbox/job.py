"""One run as it was asked for, held against what may be asked."""

import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from agents.relay.sandbox import toolchains
from agents.relay.sandbox.contracts import Limits
from errors import UserMistake


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A checked request: every path is absolute, resolved and there."""

    command: tuple[str, ...]
    workspace: Path
    limits: Limits
    environment: dict[str, str]
    read_only: tuple[Path, ...]
    git_dir: Path | None
    """The repository's common git directory."""


def checked(
    command: Sequence[str],
    workspace: Path,
    limits: Limits,
    environment: Mapping[str, str],
    read_only: Sequence[Path],
    git_dir: Path | None,
    private: Sequence[Path],
) -> Job:
    """The job, or the reason why it cannot be one. Touches the disk: call it off the event loop.

    Args:
        command: Program and arguments.
        workspace: The working tree.
        limits: What it may use.
        environment: Variables added to the usual ones.
        read_only: Tools outside `/usr`.
        git_dir: The repository's common git directory.
        private: Folders of which nothing is shown but the workspace: Vespera's data directory.

    Raises:
        UserMistake: an empty command, a folder that is none, a `.git` that is a link, a path that may not be shown.
    """
    if not command or not command[0]:
        raise UserMistake("A step has no command. Nothing was run; mend it in relay.toml.")
    names = [*command, *environment, *environment.values()]
    if any("\0" in text for text in names) or any("=" in name or not name for name in environment):
        raise UserMistake("A command or a variable's name holds a character that none can hold. Nothing was run.")
    root = _folder(workspace)
    _no_link(root / ".git")
    return Job(
        command=tuple(command),
        workspace=root,
        limits=limits,
        environment=dict(environment),
        read_only=toolchains.shown(read_only, root, private),
        git_dir=_folder(git_dir) if git_dir else None,
    )


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise UserMistake(f"There is no folder {path}. Nothing was run.")
    return path.resolve(strict=True)


def _no_link(path: Path) -> None:
    """A link in place of `.git` would let a run choose what is mounted over it."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise UserMistake(f"{path} is a symbolic link; a working tree has a file or a folder there. Nothing was run.")
