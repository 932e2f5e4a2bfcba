"""The tree a bundle is for, read without following a single link; and the part of the path policy that needs it."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.relay.patches.contracts import MAX_FILE_BYTES, refuse
from agents.relay.patches.git import git

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Tree:
    """A folder, looked at once: what was read stays as it was for this object's life."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._names: dict[str, dict[str, str]] = {}
        self._read: dict[str, bytes | None] = {}
        self._special: dict[str, str] | None = None

    def exists(self, path: str) -> bool:
        """Whether something by exactly this name is there; links do not count."""
        try:
            with opened(self.root, path) as (folder, name):
                return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none.

        Raises:
            Unpatchable: a link or a submodule on the way, a name that differs from an existing one by letter case
                only, something that is no ordinary file, or a file that is too large or cannot be read.
        """
        if path not in self._read:
            self._check(path)
            self._read[path] = self._bytes(path)
        return self._read[path]

    def _check(self, path: str) -> None:
        parts = path.split("/")
        for depth, part in enumerate(parts):
            above, here = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
            self._check_index(here, path)
            known = self._listing(above)
            if part not in known.values():
                if folded_name(part) in known:
                    raise refuse("path-case", path, f"{path} differs only by letter case from one that exists.")
                return
            self._check_kind(here, path, last=depth == len(parts) - 1)

    def _check_index(self, here: str, path: str) -> None:
        kind = self._special_entries().get(here)
        if kind == "160000":
            raise refuse("path-submodule", path, f"{here} is a submodule; its files belong to another repository.")
        if kind == "120000":
            raise refuse("path-symlink", path, f"{here} is a symbolic link.")

    def _check_kind(self, here: str, path: str, *, last: bool) -> None:
        mode = os.lstat(self.root / here).st_mode
        if stat.S_ISLNK(mode):
            raise refuse("path-symlink", path, f"{here} is a symbolic link.")
        if stat.S_ISDIR(mode) == last:
            raise refuse("path-conflict", path, f"{here} is {'a folder' if last else 'no folder'}.")
        if last and not stat.S_ISREG(mode):
            raise refuse("file-unreadable", path, f"{here} is no ordinary file.")
        if not last and os.path.lexists(self.root / here / ".git"):
            raise refuse("path-submodule", path, f"{here} is a repository of its own.")

    def _listing(self, folder: str) -> dict[str, str]:
        """Names in a folder by their folded form; nothing for a folder that is not there."""
        if folder not in self._names:
            try:
                with opened(self.root, f"{folder}/x" if folder else "x") as (descriptor, _):
                    names = os.listdir(descriptor)  # noqa: PTH208 (a descriptor has no path)
            except OSError:
                names = []
            self._names[folder] = {folded_name(name): name for name in sorted(names)} | {f"\0{n}": n for n in names}
        return self._names[folder]

    def _special_entries(self) -> dict[str, str]:
        """Submodules and links that git has on record, also where the tree shows an ordinary file or nothing."""
        if self._special is None:
            done = git("-c", "safe.directory=*", "ls-files", "-s", "-z", folder=self.root)
            entries = done.stdout.split(b"\0") if done is not None and done.returncode == 0 else []
            self._special = {
                os.fsdecode(entry.partition(b"\t")[2]): entry[:6].decode()
                for entry in entries
                if entry.startswith((b"160000", b"120000"))
            }
        return self._special

    def _bytes(self, path: str) -> bytes | None:
        try:
            with opened(self.root, path) as (folder, name):
                descriptor = os.open(name, _FILE, dir_fd=folder)
                with os.fdopen(descriptor, "rb") as file:
                    raw = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise refuse("file-unreadable", path, f"{path} cannot be read: {error.strerror}.") from None
        if len(raw) > MAX_FILE_BYTES:
            raise refuse("too-large", path, f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
        return raw


@contextmanager
def opened(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """The folder that holds a path, reached step by step without following links, and the name in it.

    Raises:
        OSError: a step is missing, no folder, or a link.
    """
    *folders, name = path.split("/")
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            following = os.open(folder, _FOLDER, dir_fd=current)
            os.close(current)
            current = following
        yield current, name
    finally:
        os.close(current)


def folded_name(name: str) -> str:
    """A name as file systems that ignore letter case compare it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
