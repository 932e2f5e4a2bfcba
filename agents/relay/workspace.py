"""Fresh working trees for the Verifier: made for one proposal, thrown away after it, swept up after a crash."""

import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agents.relay.git_reader import common_dir
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

    def changes(self, tree: str) -> tuple[list[str], str]:
        """Files that differ between the commit and a tree, and how; the latter bounded."""
        raw = git(
            self.repo, "diff-tree", "-r", "-z", "--raw", "-p", "--no-renames", "--no-ext-diff", "--no-textconv",
            self.commit, tree,
        )  # fmt: skip
        listed, _, patch = raw.partition(b"\0\0")
        names = [name.decode("utf-8", "replace") for name in listed.split(b"\0")[1::2]]
        whole = patch.decode("utf-8", "replace")
        return names, whole if len(whole) <= DIFF_CHARACTERS else whole[:DIFF_CHARACTERS] + "\n… cut\n"

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
        notes = _notes(repo, path)
        delete(path)
        delete(notes)
        if (common_dir(repo) / "reftable").exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            git(repo, "worktree", "add", "--detach", "--force", "-q", str(path), commit)
        else:
            _lay_out(path, notes, commit)
            git(path, "read-tree", "--reset", "-u", commit, config=repo)
        return Worktree(repo, commit, path)

    def close(self, tree: Worktree) -> None:
        """Remove a working tree and git's note of it."""
        notes = _notes(tree.repo, tree.path)
        delete(tree.path)
        if notes.exists():
            delete(notes)
        else:
            self._forget(tree.repo)

    def sweep(self, repos: Sequence[str]) -> int:
        """Remove what a killed process left, and git's notes of it; returns how many trees."""
        found = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        left = [path for path in found if _OURS.fullmatch(path.name)]
        for path in left:
            delete(path)
        for repo in repos:
            with suppress(GitFailed, OSError):
                self._forget(repo)
        return len(left)

    def _forget(self, repo: str) -> None:
        """Remove git's notes of trees of ours that are gone. `git worktree prune` would take others' along: a person's
        own working tree on a disk that is not plugged in."""
        for notes in (common_dir(repo) / "worktrees").glob("*"):
            tree = Path((notes / "gitdir").read_text().strip()).parent
            if tree.parent == self._folder.resolve() and not tree.exists():
                delete(notes)


def _notes(repo: str, path: Path) -> Path:
    """Where git keeps what it knows of a working tree (gitrepository-layout(5))."""
    return common_dir(repo) / "worktrees" / f"vespera-{path.name}"


def _lay_out(path: Path, notes: Path, commit: str) -> None:
    """What `git worktree add --no-checkout` writes; three processes and 20 ms cheaper, as nothing is decided here."""
    path.mkdir(mode=0o700, parents=True)
    notes.mkdir(parents=True)
    (notes / "HEAD").write_text(f"{commit}\n")
    (notes / "commondir").write_text("../..\n")
    (notes / "gitdir").write_text(f"{path.resolve() / '.git'}\n")
    (path / ".git").write_text(f"gitdir: {notes}\n")


def delete(path: Path) -> None:
    """Remove a tree whatever its modes say: code that ran in it may have taken its own folders' rights away."""
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    for folder in [path, *(item for item in path.rglob("*") if item.is_dir() and not item.is_symlink())]:
        with suppress(OSError):
            folder.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)
