"""Fresh working trees for the Verifier: made for one proposal, thrown away after it, swept up after a crash."""

import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agents.relay.host_git import git, text
from errors import GitFailed

_OURS = re.compile(r"r\d+-\d+")
"""Names of our working trees; whatever else lies in the folder is left alone."""
DIFF_CHARACTERS = 60_000


class Worktree:
    """A detached working tree of one commit. Can build a tree object; has no branch and makes no commit."""

    def __init__(self, repo: str, commit: str, path: Path) -> None:
        self.repo, self.commit, self.path = repo, commit, path

    def stage(self, files: Sequence[str]) -> str:
        """Put these files (and no others, ignored ones too) into the index; the resulting tree."""
        if files:
            names = "\0".join(files).encode() + b"\0"
            git(self.path, "update-index", "--add", "--remove", "-z", "--stdin", feed=names, config=self.repo)
        return text(self.path, "write-tree", config=self.repo)

    def diff(self, tree: str) -> str:
        """What a tree changes against the commit, bounded."""
        raw = git(self.repo, "diff-tree", "-p", "-M", "--no-ext-diff", "--no-textconv", self.commit, tree)
        whole = raw.decode("utf-8", "replace")
        return whole if len(whole) <= DIFF_CHARACTERS else whole[:DIFF_CHARACTERS] + "\n… cut\n"

    def names(self, tree: str) -> list[str]:
        """Files that differ between the commit and a tree."""
        raw = git(self.repo, "diff-tree", "-r", "--name-only", "-z", "--no-renames", self.commit, tree)
        return [name.decode("utf-8", "replace") for name in raw.split(b"\0") if name]

    def changed_since(self, tree: str) -> list[str]:
        """Tracked files that differ on disk from a tree: what a run has altered."""
        raw = git(self.path, "diff-index", "--name-only", "-z", "--no-ext-diff", tree, config=self.repo)
        return [name.decode("utf-8", "replace") for name in raw.split(b"\0") if name]


class Workspaces:
    """The folder in which working trees come and go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, repo: str, commit: str, name: str) -> Worktree:
        """A working tree of `commit`; `close` it. Raises GitFailed."""
        path = self._folder / name
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            delete(path)
        git(repo, "worktree", "add", "--detach", "--force", "-q", str(path), commit)
        return Worktree(repo, commit, path)

    def close(self, tree: Worktree) -> None:
        """Remove a working tree and git's note of it."""
        delete(tree.path)
        with suppress(GitFailed):
            git(tree.repo, "worktree", "prune", "--expire=now")

    def sweep(self, repos: Sequence[str]) -> int:
        """Remove what a killed process left, and git's notes of it; returns how many trees."""
        found = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        left = [path for path in found if _OURS.fullmatch(path.name)]
        for path in left:
            delete(path)
        for repo in repos:
            with suppress(GitFailed):
                git(repo, "worktree", "prune", "--expire=now")
        return len(left)


def delete(path: Path) -> None:
    """Remove a tree whatever its modes say: code that ran in it may have taken its own folders' rights away."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    for folder in [path, *(item for item in path.rglob("*") if item.is_dir() and not item.is_symlink())]:
        with suppress(OSError):
            folder.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)
