"""A run made ready: the command line, what it inherits, and the files it reads while it starts."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agents.relay.sandbox.contracts import Limits

_INTO_GROUP = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 97; shift; done; shift; exec "$@"'
"""Moves the shell into each control group and becomes the program there: nothing it starts is ever outside."""
GROUP_FAILED = 97
_MIB = 1_024 * 1_024


class Launch(msgspec.Struct, kw_only=True):
    """What is started. ``inherited`` descriptors are ours to close once it runs."""

    argv: list[str]
    environment: dict[str, str]
    folder: Path
    inherited: list[int] = []
    status: int | None = None
    """Where bubblewrap tells the first process's id and how the command ended; None in the weaker mode."""
    mark: str = ""
    """By which the weaker mode finds its processes."""
    own_folder: Path | None = None
    """The weaker mode's folder for temporary files, removed afterwards."""

    def close(self) -> None:
        """Close our copies of what the child inherited."""
        while self.inherited:
            os.close(self.inherited.pop())


def in_groups(groups: Sequence[Path], argv: Sequence[str]) -> list[str]:
    """The command line that enters control groups first."""
    if not groups:
        return list(argv)
    return ["/bin/sh", "-c", _INTO_GROUP, "sh", *(str(group) for group in groups), "--", *argv]


def limited(prlimit: str, limits: Limits, command: Sequence[str]) -> list[str]:
    """The command line that sets resource limits, which can then only be lowered, and becomes the command.

    The number of processes is not among them: outside a user namespace it counts all processes of the user.
    """
    options = [
        f"--cpu={limits.cpu_s}:{limits.cpu_s + 1}",
        f"--fsize={limits.file_mb * _MIB}",
        f"--nofile={limits.open_files}",
        # One and not none: a host that pipes core dumps into a program ignores 0 and honours 1 (fs/coredump.c).
        "--core=1",
        # Twice the limit: stacks of threads are reserved and not used. What is used, the group or the watch counts.
        f"--data={2 * limits.memory_mb * _MIB}",
        "--memlock=65536",
        "--msgqueue=819200",
    ]
    return [prlimit, *options, "--", *command]


def counted(prlimit: str, limits: Limits, command: Sequence[str]) -> list[str]:
    """The command line that bounds the number of processes, for inside a user namespace of its own."""
    return [prlimit, f"--nproc={limits.processes}", "--", *command]


def as_file(text: bytes) -> int:
    """A descriptor from which a child reads the text from its beginning."""
    descriptor = os.memfd_create("vespera")
    os.write(descriptor, text)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
