"""Looks at a run twenty times a second for what the kernel does not bound here, and says which limit was passed."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from agents.relay.sandbox import disk, processes
from agents.relay.sandbox.cgroups import Group
from agents.relay.sandbox.contracts import Ended, Limits

EVERY_S = 0.05
_FEW, _HELD_EVERY = 16, 4
"""Where no group counts memory, open files are gone through at each look, with more processes at each fourth."""
_OWN_PROCESSES = 2
_TICK_NS = 20_000_000
_MIB = 1_024 * 1_024


class Watch(msgspec.Struct, kw_only=True):
    """One run's watch. ``look`` touches `/proc` and the disk: call it off the event loop."""

    limits: Limits
    workspace: Path
    group: Group | None = None
    members: Callable[[], list[int]]
    memory_disks: Callable[[], list[Path]] = list
    """Where the run's own disks in memory can be seen from here."""
    peak_kb: int = 0
    _looks: int = 0
    _size_before: int | None = None
    _room: int = 0
    _began_ns: int = 0
    _began_monotonic_ns: int = 0
    _level: disk.Level = disk.Level(0, 0)
    _first_level: disk.Level = disk.Level(0, 0)
    _device: int = 0

    def begin(self) -> None:
        """Note how full the disk is, before the run starts. The tree is walked only once something was written."""
        self._device = self.workspace.stat().st_dev
        # Files carry the time of the last tick of the kernel's clock, which is a little behind.
        self._began_ns, self._began_monotonic_ns = time.time_ns() - _TICK_NS, time.monotonic_ns()
        self._level = self._first_level = disk.level(self.workspace)

    def look(self) -> Ended | None:
        """The limit that was passed, or None."""
        self._looks += 1
        if self.group is not None:
            self.peak_kb = max(self.peak_kb, self.group.peak_kb())
            passed: Ended | None = "memory" if self.group.ran_out_of_memory() else None
        else:
            passed = self._memory()
        return passed or ("disk" if self._disk_passed() else None)

    def _memory(self) -> Ended | None:
        """Without a group: what the processes hold, and now and then what lies in memory without belonging to one."""
        members = self.members()
        # Inside a user namespace RLIMIT_NPROC counts the run alone, but never binds a process that is root outside.
        if len(members) > self.limits.processes + _OWN_PROCESSES:
            return "killed"
        used_kb = processes.resident_kb(members) + self._on_memory_disks_kb()
        if len(members) <= _FEW or self._looks % _HELD_EVERY == 0:
            used_kb += processes.held(members, self._device).in_memory // 1_024
        self.peak_kb = max(self.peak_kb, used_kb)
        return "memory" if used_kb > self.limits.memory_mb * 1_024 else None

    def _on_memory_disks_kb(self) -> int:
        """Each file takes at least a kilobyte of the kernel's own."""
        total = 0
        for folder in self.memory_disks():
            try:
                found = disk.used_apart(folder)
            except OSError:
                continue
            total += found.size // 1_024 + found.files
        return total

    def _disk_passed(self) -> bool:
        now = disk.level(self.workspace)
        if not disk.fell(self._level, now, self._room):
            self._level = disk.highest(self._level, now)
            return False
        self._level = now
        tree = disk.measured(self.workspace, self._began_ns)
        taken = self._first_level.size - now.size
        if self._size_before is None:
            self._size_before = tree.size - max(taken, 0)
        # Two bounds from above, each wrong at times: what others write raises the one, `chmod -R` the other.
        grown = min(tree.size - self._size_before, tree.fresh if self._clock_is_steady() else tree.size)
        if not tree.whole:
            grown = max(grown, taken)
        grown += processes.held(self.members(), self._device).on_disk
        self._room = self.limits.workspace_mb * _MIB - grown
        return self._room < 0

    def _clock_is_steady(self) -> bool:
        """Whether the wall clock was not set back meanwhile, which would make new files look old."""
        return time.time_ns() - self._began_ns > time.monotonic_ns() - self._began_monotonic_ns
