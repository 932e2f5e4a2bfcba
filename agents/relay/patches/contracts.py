"""What a patch is, what may be touched, and what came of it.

`read_patches` turns a reply into `FilePatch`es, `plan` computes every result in memory or says why not, `apply` writes
a plan, all of it or nothing. None of the three raises for anything a model wrote: what cannot be done is a `Refusal`.
"""

from pathlib import Path
from typing import Literal

import msgspec

MAX_BUNDLE_BYTES = 256_000
"""Largest reply read (bytes of UTF-8); a sprint's patch is a few kB."""
MAX_FILES = 100
MAX_HUNKS = 500
"""Hunks or search/replace blocks over the whole bundle."""
MAX_FILE_BYTES = 2_000_000
"""Largest file that is patched (bytes)."""

DEFAULT_PROTECTED = ("tests/**",)
"""What a repository that says nothing protects."""

Method = Literal["git", "locator", "blocks", "whole"]
"""How a bundle was applied; of several, the one that took most liberty (the last in this order)."""

Code = Literal[
    "empty", "malformed", "too-large", "no-file-name", "name-mismatch", "elided", "binary", "mode-change",
    "path-absolute", "path-traversal", "path-name", "path-git", "path-forbidden", "path-protected", "path-symlink",
    "path-submodule", "path-case", "path-conflict",
    "file-missing", "file-exists", "file-unreadable", "not-found", "ambiguous", "no-change", "syntax",
    "tree-changed", "write-failed",
]  # fmt: skip
"""Why a bundle was refused; docs/patches.md explains each. Stable: programs depend on them."""


class FilePatch(msgspec.Struct, frozen=True):
    """One file's patch as a model wrote it: a unified diff, search/replace blocks, or the whole new text."""

    file: str
    """Path from the repository's root, as the model named it; empty when only the diff's own headers say it."""
    diff: str


class Policy(msgspec.Struct, frozen=True):
    """What a bundle may touch, beyond what no bundle ever may (`.git`, `.env`, workflows and the like)."""

    protected: tuple[str, ...] = DEFAULT_PROTECTED
    """Globs from the root: `*` stays within a folder, `**` crosses folders, `docs/` means all below."""
    allow: tuple[str, ...] = ()
    """Globs that lift a protection for this job. They lift nothing else."""


class Refusal(msgspec.Struct, frozen=True):
    """Why nothing was changed."""

    code: Code
    file: str
    line: int
    """Line (from 1) of the file that comes nearest to the miss, 0 where no line is meant."""
    message: str
    """A sentence fit to be shown to a person, and to the model that wrote the patch."""
    nearest: str = ""
    """The real lines nearest the miss, numbered, at most 40; empty where there are none."""


class FileChange(msgspec.Struct, frozen=True):
    """One file before and after, computed and not yet written."""

    path: str
    before: bytes | None
    """None where the file is new."""
    after: bytes | None
    """None where the file is deleted."""
    executable: bool = False
    """For a new file; an existing one keeps its mode."""


class Plan(msgspec.Struct, frozen=True):
    """Every result of a bundle, computed in memory; nothing is written yet."""

    root: Path
    changes: tuple[FileChange, ...]
    """Sorted by path; each path once. A rename is one file gone and one come."""
    method: Method
    tolerated: tuple[str, ...] = ()
    """What was forgiven, a sentence each: ``src/a.py:40 found in spite of other whitespace``."""


class Applied(msgspec.Struct, frozen=True):
    """A plan that is on disk."""

    method: Method
    files: tuple[str, ...]
    """All paths touched, sorted."""
    created: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()


class Unpatchable(Exception):
    """Ends the planning of a bundle; `plan` turns it into its refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refuse(code: Code, file: str, message: str, line: int = 0, nearest: str = "") -> Unpatchable:
    """The exception that carries a refusal."""
    return Unpatchable(Refusal(code, file, line, message, nearest))
