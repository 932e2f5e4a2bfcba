"""The processes of a run, read from `/proc`: who they are, what memory they hold, which deleted files they keep."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
MARK = "VESPERA_RUN"
"""The variable by which processes of a weaker run are found again, wherever they were moved."""


class Held(NamedTuple):
    """Bytes of deleted or never named files that processes keep open, by where they lie."""

    on_disk: int
    in_memory: int


def descendants(pid: int) -> list[int]:
    """The process and all that came from it and still hang under it."""
    children: dict[int, list[int]] = {}
    for each in _all():
        with suppress(OSError, ValueError, IndexError):
            # The name in brackets may hold anything, also brackets.
            parent = int((PROC / str(each) / "stat").read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(each)
    found, open_ones = [], [pid]
    while open_ones:
        each = open_ones.pop()
        found.append(each)
        open_ones += children.get(each, [])
    return found


def marked(mark: str) -> list[int]:
    """Processes whose environment at their start carried the mark. One that began afresh without it is missed."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for each in _all():
        with suppress(OSError):
            if wanted in (PROC / str(each) / "environ").read_bytes().split(b"\0"):
                found.append(each)
    return found


def resident_kb(pids: Iterable[int]) -> int:
    """Memory of the processes together in KiB; what several share is counted once (Pss)."""
    return sum(_pss_kb(pid) for pid in pids)


def held(pids: Iterable[int], device: int) -> Held:
    """What deleted files hold.

    Args:
        pids: Whose open files are looked at.
        device: ``st_dev`` of the working tree; nameless files elsewhere are counted as memory, which they mostly are.
    """
    seen: dict[tuple[int, int], int] = {}
    for path in _open_files(pids):
        with suppress(OSError):
            found = path.stat()
            if found.st_nlink == 0:
                seen[found.st_dev, found.st_ino] = found.st_blocks * 512
    on_disk = sum(size for (where, _), size in seen.items() if where == device)
    return Held(on_disk, sum(seen.values()) - on_disk)


def _open_files(pids: Iterable[int]) -> Iterator[Path]:
    for pid in pids:
        with suppress(OSError):
            folder = PROC / str(pid) / "fd"
            yield from (folder / name for name in os.listdir(folder))  # noqa: PTH208


def _all() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208


def _pss_kb(pid: int) -> int:
    folder = PROC / str(pid)
    with suppress(OSError):
        for line in (folder / "smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    with suppress(OSError, IndexError):
        return int((folder / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_024
    return 0
