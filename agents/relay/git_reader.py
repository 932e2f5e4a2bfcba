"""Reading a repository's commits. Nothing here can write: this is all the git a Builder has."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from agents.relay.host_git import git, text
from errors import GitFailed, UserMistake

LARGEST = 200_000
"""Bytes: a longer file is listed and never read into a prompt or a map."""


class Entry(msgspec.Struct, frozen=True):
    """A file of a commit."""

    path: str
    blob: str
    size: int


class Start(msgspec.Struct, frozen=True):
    """Where a job would begin."""

    repo: str
    commit: str
    tree: str
    branch: str
    """The branch that is checked out; empty when HEAD is detached."""


def start_of(path: Path) -> Start:
    """The repository a path lies in, and what is checked out there.

    Raises:
        UserMistake: it is no repository, or one without a commit.
    """
    if not path.is_dir():
        raise UserMistake(f"{path} is not a folder. Nothing was started.")
    try:
        repo = text(path, "rev-parse", "--show-toplevel")
    except GitFailed as error:
        raise UserMistake(f"{path} is not a git repository with a working tree. Nothing was started.") from error
    try:
        commit, tree = text(repo, "rev-parse", "HEAD^{commit}", "HEAD^{tree}").split("\n")
    except GitFailed as error:
        raise UserMistake(f"{repo} has no commit yet. Nothing was started. Commit something first.") from error
    return Start(repo, commit, tree, branch_name(repo))


def branch_name(repo: str) -> str:
    """The branch that is checked out, empty when HEAD is detached."""
    head = git(repo, "symbolic-ref", "-q", "--short", "HEAD", fine=(0, 1)).decode("utf-8", "replace")
    return head.strip()


def tree_of(repo: str, commit: str) -> str:
    """The tree of a commit."""
    return text(repo, "rev-parse", f"{commit}^{{tree}}")


@lru_cache(maxsize=64)
def common_dir(repo: str) -> Path:
    """The repository's git directory, which all its working trees share."""
    return (Path(repo) / text(repo, "rev-parse", "--git-common-dir")).resolve()


def files(repo: str, commit: str) -> list[Entry]:
    """The plain files of a commit, sorted by path; links and submodules are left out."""
    found = []
    for line in git(repo, "ls-tree", "-r", "-z", "--long", commit).split(b"\0"):
        head, tab, path = line.partition(b"\t")
        mode, kind, blob, size = (head.split() + [b""] * 4)[:4]
        if tab and kind == b"blob" and mode != b"120000":
            found.append(Entry(path.decode("utf-8", "replace"), blob.decode(), int(size)))
    return found


def contents(repo: str, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes of blobs, in one git process."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    raw = git(repo, "cat-file", "--batch", feed="\n".join(wanted).encode() + b"\n")
    found, at = {}, 0
    for blob in wanted:
        head = raw[at : raw.index(b"\n", at)]
        at += len(head) + 1
        if head.endswith(b" missing"):
            continue
        size = int(head.rsplit(b" ", 1)[1])
        found[blob] = raw[at : at + size]
        at += size + 1
    return found


def file_text(repo: str, commit: str, path: str) -> str | None:
    """A file of a commit as text; None when there is none."""
    try:
        return git(repo, "cat-file", "blob", f"{commit}:{path}").decode("utf-8", "replace")
    except GitFailed:
        return None
