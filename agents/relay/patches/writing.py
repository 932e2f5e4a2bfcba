"""Writes a plan: everything aside first, then renames; whatever goes wrong is undone."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import PurePosixPath

from agents.relay.patches.contracts import Applied, Code, FileChange, Plan, Refusal
from agents.relay.patches.tree import opened

ASIDE = ".vespera-patch-"
"""How files written aside begin; after a crash they may be left over, and a reset of the tree takes them away."""


class _Undone(Exception):
    def __init__(self, code: Code, path: str, why: str) -> None:
        super().__init__(why)
        self.code, self.path = code, path


def apply(plan: Plan) -> Applied | Refusal:
    """Put a plan on disk, all of it or nothing.

    Each file is replaced by a rename, so no reader sees half of one; existing files keep their mode. A crash between
    two renames leaves a tree that is neither: the caller resets it. A file that is no longer what the plan was made
    from ends it before anything is changed.
    """
    writer = _Writer(plan)
    try:
        writer.prepare()
        writer.commit()
    except (_Undone, OSError) as error:
        undone = writer.undo()
        if isinstance(error, _Undone):
            return Refusal(error.code, error.path, 0, f"{error} Nothing was changed.")
        what = "Nothing was changed." if undone else "Not everything could be undone: reset the tree."
        return Refusal("write-failed", writer.at, 0, f"{writer.at} cannot be written: {error.strerror}. {what}")
    except BaseException:
        writer.undo()
        raise
    writer.finish()
    return Applied(
        plan.method,
        tuple(change.path for change in plan.changes),
        tuple(change.path for change in plan.changes if change.before is None),
        tuple(change.path for change in plan.changes if change.after is None),
        plan.tolerated,
    )


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.at = ""
        self._token = secrets.token_hex(6)
        self._number = {change.path: number for number, change in enumerate(plan.changes)}
        self._folders: list[str] = []
        self._aside: set[str] = set()
        self._kept: set[str] = set()
        self._done: list[FileChange] = []

    def prepare(self) -> None:
        """Hold each file against the plan, then write every new text aside and keep a second name of every old one."""
        for change in self.plan.changes:
            self.at = change.path
            self._hold_against_plan(change)
        for change in self.plan.changes:
            self.at = change.path
            if change.after is not None:
                self._make_folders(change.path)
                self._write_aside(change, change.after)
            if change.before is not None:
                self._keep(change.path, change.before)

    def commit(self) -> None:
        """The renames, files that go first: a folder may come where a file was."""
        for change in sorted(self.plan.changes, key=lambda change: change.after is not None):
            self.at = change.path
            with opened(self.plan.root, change.path) as (folder, name):
                if change.after is None:
                    os.unlink(name, dir_fd=folder)
                else:
                    os.rename(self._new(change.path), name, src_dir_fd=folder, dst_dir_fd=folder)
                    self._aside.discard(change.path)
            self._done.append(change)

    def undo(self) -> bool:
        """Back to what was; False when some step of it failed."""
        whole = True
        for change in reversed(self._done):
            try:
                with opened(self.plan.root, change.path) as (folder, name):
                    if change.before is None:
                        os.unlink(name, dir_fd=folder)
                    else:
                        os.rename(self._old(change.path), name, src_dir_fd=folder, dst_dir_fd=folder)
                        self._kept.discard(change.path)
            except OSError:
                whole = False
        self._drop_leftovers()
        for folder_path in reversed(self._folders):
            with suppress(OSError):
                (self.plan.root / folder_path).rmdir()
        return whole

    def finish(self) -> None:
        """Drop the second names, and folders that deletions left empty."""
        self._drop_leftovers()
        for change in self.plan.changes:
            if change.after is None:
                for parent in list(PurePosixPath(change.path).parents)[:-1]:
                    try:
                        (self.plan.root / parent).rmdir()
                    except OSError:
                        break

    def _hold_against_plan(self, change: FileChange) -> None:
        try:
            with opened(self.plan.root, change.path) as (folder, name):
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(descriptor, "rb") as file:
                    now: bytes | None = file.read()
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise _Undone("tree-changed", change.path, f"{change.path} changed meanwhile: {error.strerror}.") from None
        if now != change.before:
            raise _Undone("tree-changed", change.path, f"{change.path} changed since the patch was planned.")

    def _make_folders(self, path: str) -> None:
        for parent in reversed(list(PurePosixPath(path).parents)[:-1]):
            with opened(self.plan.root, str(parent)) as (folder, name), suppress(FileExistsError):
                os.mkdir(name, dir_fd=folder)
                self._folders.append(str(parent))

    def _write_aside(self, change: FileChange, text: bytes) -> None:
        with opened(self.plan.root, change.path) as (folder, name):
            mode = None
            if change.before is not None:
                mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
            self._aside.add(change.path)
            _write(folder, self._new(change.path), text, mode, 0o777 if change.executable else 0o666)

    def _keep(self, path: str, text: bytes) -> None:
        """A second name for a file as it is; a copy where the file system has no second names."""
        with opened(self.plan.root, path) as (folder, name):
            self._kept.add(path)
            try:
                os.link(name, self._old(path), src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
            except OSError:
                mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
                _write(folder, self._old(path), text, mode, 0o600)

    def _drop_leftovers(self) -> None:
        for paths, named in ((self._aside, self._new), (self._kept, self._old)):
            for path in sorted(paths):
                with suppress(OSError), opened(self.plan.root, path) as (folder, _):
                    os.unlink(named(path), dir_fd=folder)
            paths.clear()

    def _new(self, path: str) -> str:
        return f"{ASIDE}{self._token}-{self._number[path]}.new"

    def _old(self, path: str) -> str:
        return f"{ASIDE}{self._token}-{self._number[path]}.old"


def _write(folder: int, name: str, text: bytes, mode: int | None, new_mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, new_mode, dir_fd=folder), "wb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
