"""How much a run has written to its working tree, and whether the filesystem under it has an end of its own."""

import os
import stat
from pathlib import Path

import msgspec

_SYSTEM = ("/", "/usr", "/var", "/var/lib", "/home", "/tmp", "/root", "/dev/shm")  # noqa: S108
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_STEP = 4 * 1_024 * 1_024
"""Bytes the filesystem must have lost before the tree is walked again."""
_FEW_FILES = 256
_LEAST = 1_024
"""What any file costs at least: its entry in the folder and its place in the filesystem's tables."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 200


class Level(msgspec.Struct, frozen=True):
    """Bytes and files of a filesystem."""

    size: int
    files: int


def bounded(folder: Path) -> bool:
    """Whether the folder lies on a filesystem of its own: filling it harms nothing else. Memory does not count."""
    found = folder.stat()
    return found.st_dev not in _system_devices() and _kind(found.st_dev) not in _IN_MEMORY


def level(folder: Path) -> Level:
    """What a filesystem has left. One call to the kernel, whatever the size of the tree."""
    found = os.statvfs(folder)
    return Level(found.f_bavail * found.f_frsize, found.f_ffree)


def used_apart(folder: Path) -> Level:
    """What has been taken of a run's own filesystem; nothing while the run still stands in one of the host's."""
    if folder.stat().st_dev in _system_devices():
        return Level(0, 0)
    found = os.statvfs(folder)
    return Level((found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree)


def highest(first: Level, second: Level) -> Level:
    """The most of both: what somebody frees must not hide what a run takes."""
    return Level(max(first.size, second.size), max(first.files, second.files))


def fell(before: Level, now: Level, room: int) -> bool:
    """Whether so much was taken since that the tree should be measured; somebody else may have taken it.

    Args:
        before: The most that was left since the tree was measured.
        now: What is left.
        room: Bytes that the run had left when the tree was measured; half of it can pass unseen.
    """
    bytes_taken, files_taken = before.size - now.size, before.files - now.files
    return bytes_taken >= max(_STEP, room // 2) or files_taken >= max(_FEW_FILES, room // 2 // _LEAST)


class Tree(msgspec.Struct):
    """What a walk found. ``whole`` is False when a folder could not be looked into."""

    since_ns: int
    size: int = 0
    fresh: int = 0
    """Bytes of the files that were made or changed since then; no program can set that time (``st_ctime``)."""
    whole: bool = True


def measured(folder: Path, since_ns: int) -> Tree:
    """Bytes that the tree takes on its disk, at least 1,024 for each file. No link is followed, ever."""
    tree = Tree(since_ns)
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError:
        tree.whole = False
        return tree
    _walk(descriptor, tree, set(), _DEEPEST)
    return tree


def _walk(descriptor: int, tree: Tree, seen: set[int], depth: int) -> None:
    """Adds a folder, and closes its descriptor."""
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                _add(descriptor, entry, tree, seen, depth)
    except OSError:
        tree.whole = False
    finally:
        os.close(descriptor)


def _add(descriptor: int, entry: "os.DirEntry[str]", tree: Tree, seen: set[int], depth: int) -> None:
    try:
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            if depth == 0:
                raise OSError
            _walk(os.open(entry.name, _FOLDER, dir_fd=descriptor), tree, seen, depth - 1)
    except FileNotFoundError:
        return
    except OSError:
        tree.whole = False
        return
    if found.st_nlink == 1 or found.st_ino not in seen:
        size = max(found.st_blocks * 512, _LEAST)
        tree.size += size
        tree.fresh += size if found.st_ctime_ns >= tree.since_ns else 0
    if found.st_nlink > 1:
        seen.add(found.st_ino)


def _system_devices() -> set[int]:
    return {Path(name).stat().st_dev for name in _SYSTEM if Path(name).exists()}


def _kind(device: int) -> str:
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == number:
            return source.split()[0]
    return ""
