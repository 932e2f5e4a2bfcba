"""A control group per run: the kernel itself holds the memory and the number of all its processes together.

Version 2 where the service's own subtree was delegated to it (`Delegate=memory pids` in the unit), version 1 where its
folders can be written. Source: Linux ``Documentation/admin-guide/cgroup-v2.rst`` and ``cgroup-v1/``.
"""

import itertools
import os
import re
from contextlib import suppress
from pathlib import Path

import msgspec

from agents.relay.sandbox.contracts import Limits

_PREFIX = "vespera-run-"
_OURS = "vespera-main"
"""Where this process moves: in version 2 a group with limits for its children holds no process itself."""
_OWN_PROCESSES = 2
"""Bubblewrap outside and inside, which are in the group too."""
_MOUNTS = Path("/proc/self/mountinfo")
_count = itertools.count(1)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where groups can be made. ``folders``: one for version 2, that of memory and that of pids for version 1."""

    version: int
    folders: tuple[Path, ...]

    def make(self, limits: Limits) -> "Group":
        """A new empty group with these limits.

        Raises:
            OSError: the kernel did not take them; nothing is left behind.
        """
        name = f"{_PREFIX}{os.getpid()}-{next(_count)}"
        group = Group(version=self.version, folders=tuple(dict.fromkeys(folder / name for folder in self.folders)))
        try:
            for folder in group.folders:
                folder.mkdir()
            group.limit(limits)
        except OSError:
            group.remove()
            raise
        return group

    def sweep(self) -> None:
        """Remove what a process that was killed has left."""
        for folder in self.folders:
            for left in folder.glob(f"{_PREFIX}*"):
                pid = left.name.removeprefix(_PREFIX).partition("-")[0]
                if not Path("/proc", pid).exists():
                    Group(version=self.version, folders=(left,)).kill()
                    with suppress(OSError):
                        left.rmdir()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The group of one run."""

    version: int
    folders: tuple[Path, ...]

    def limit(self, limits: Limits) -> None:
        """Set memory (swap included) and number of processes."""
        size = str(limits.memory_mb * 1_024 * 1_024)
        memory, pids = self.folders[0], self.folders[-1]
        if self.version == 2:
            _write(memory / "memory.max", size)
            _write_where_there(memory / "memory.swap.max", "0")
            _write_where_there(memory / "memory.oom.group", "1")
        else:
            _write(memory / "memory.limit_in_bytes", size)
            _write_where_there(memory / "memory.memsw.limit_in_bytes", size)
        _write(pids / "pids.max", str(limits.processes + _OWN_PROCESSES))

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of the group for its memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        found = re.search(r"^oom_kill (\d+)", _read(self.folders[0] / name), re.MULTILINE)
        return found is not None and int(found[1]) > 0

    def peak_kb(self) -> int:
        """The most memory it held at a time, in KiB; 0 where the kernel does not say (version 2 before Linux 5.19)."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        text = _read(self.folders[0] / name).strip()
        return int(text) // 1_024 if text.isdigit() else 0

    def members(self) -> list[int]:
        """Ids of the processes in it."""
        return [int(line) for line in _read(self.folders[-1] / "cgroup.procs").split()]

    def kill(self) -> None:
        """End everything in it."""
        with suppress(OSError):
            _write(self.folders[0] / "cgroup.kill", "1")
            return
        for pid in self.members():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, 9)

    def remove(self) -> bool:
        """Take the group away; False while something still runs in it."""
        gone = True
        for folder in self.folders:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                gone = False
        return gone


def find() -> Place | None:
    """Where groups can be made here; None where this process may not. Moves it within its own delegated group."""
    own = dict(_own_groups())
    for place in (_version_2(own), _version_1(own)):
        if place is not None and _usable(place):
            place.sweep()
            return place
    return None


def _own_groups() -> list[tuple[str, str]]:
    """Path of this process's group by controller; version 2 under the empty name."""
    found = []
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        found += [(name, path) for name in controllers.split(",")]
    return found


def _version_2(own: dict[str, str]) -> Place | None:
    root = _mounted("cgroup2", None)
    if root is None or "" not in own:
        return None
    base = root / own[""].lstrip("/")
    if base.name == _OURS:
        base = base.parent
    if not {"memory", "pids"} <= set(_read(base / "cgroup.controllers").split()) or not _delegated(base):
        return None
    try:
        (base / _OURS).mkdir(exist_ok=True)
        for pid in _read(base / "cgroup.procs").split():
            _write(base / _OURS / "cgroup.procs", pid)
        _write(base / "cgroup.subtree_control", "+memory +pids")
    except OSError:
        return None
    return Place(version=2, folders=(base,))


def _delegated(folder: Path) -> bool:
    """systemd marks what it has given away; everything else is its own (systemd's CGROUP_DELEGATION.md)."""
    if not os.access(folder / "cgroup.procs", os.W_OK):
        return False
    for name in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            return os.getxattr(folder, name) == b"1"
    return False


def _version_1(own: dict[str, str]) -> Place | None:
    folders = []
    for controller in ("memory", "pids"):
        root = _mounted("cgroup", controller)
        if root is None or controller not in own:
            return None
        folders.append(root / own[controller].lstrip("/"))
    return Place(version=1, folders=tuple(folders))


def _mounted(kind: str, controller: str | None) -> Path | None:
    """Where a hierarchy is mounted (``proc_pid_mountinfo(5)``)."""
    for line in _read(_MOUNTS).splitlines():
        mount, _, source = line.partition(" - ")
        fields = source.split()
        if fields[0] == kind and (controller is None or controller in fields[2].split(",")):
            return Path(mount.split()[4])
    return None


def _usable(place: Place) -> bool:
    """Whether a group can really be made and limited: a folder that looks writable may not be."""
    try:
        return place.make(Limits()).remove()
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    # Not write_text: that would make a plain file where there is no such control.
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def _write_where_there(path: Path, text: str) -> None:
    with suppress(OSError):
        _write(path, text)
