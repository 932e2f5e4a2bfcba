"""From patches to a plan: path policy, then git's word, then the tolerant locator; every result held in memory."""

from collections.abc import Sequence
from pathlib import Path

from agents.relay.patches.align import Budget
from agents.relay.patches.blocks import as_hunk
from agents.relay.patches.contracts import (
    FileChange,
    FilePatch,
    Method,
    Plan,
    Policy,
    Refusal,
    Unpatchable,
    refuse,
)
from agents.relay.patches.diffs import Hunk
from agents.relay.patches.patching import Patched, located, patched
from agents.relay.patches.pieces import Piece, pieces_of
from agents.relay.patches.refusals import breaks, broken, check_elided
from agents.relay.patches.source import Source, decoded, encoded
from agents.relay.patches.spelling import readings
from agents.relay.patches.tree import Tree, folded_name

_ORDER: tuple[Method, ...] = ("git", "locator", "blocks", "whole")
_LONG = 10
"""A whole file may not shrink to less than half of this many lines or more: that is an excerpt."""
_SOME = 5
"""Nor may it have nothing in common with this many lines: that is an explanation."""


def plan(root: Path, patches: Sequence[FilePatch], policy: Policy | None = None) -> Plan | Refusal:
    """Compute what a bundle does to a tree, without changing it. Never raises for anything that a patch holds.

    Args:
        root: the tree's top folder.
        patches: as `read_patches` gives them.
        policy: what is protected; `Policy()` when left out.
    """
    try:
        return _Planner(root, policy or Policy()).plan(patches)
    except Unpatchable as error:
        return error.refusal


class _Planner:
    def __init__(self, root: Path, policy: Policy) -> None:
        self.tree = Tree(root.resolve())
        self.policy = policy
        self.budget = Budget()
        self.now: dict[str, bytes | None] = {}
        self.executable: set[str] = set()
        self.method: Method = "git"
        self.tolerated: list[str] = []

    def plan(self, patches: Sequence[FilePatch]) -> Plan:
        pieces = pieces_of(patches, self.policy, self.tree)
        for piece in pieces:
            self.tree.read(piece.source)
            self.tree.read(piece.path)
        self._check_collisions(pieces)
        for piece in pieces:
            self._carry_out(piece)
        changes = [
            FileChange(path, before, after, path in self.executable)
            for path, after in sorted(self.now.items())
            if (before := self.tree.read(path)) != after
        ]
        if not changes:
            raise refuse("no-change", pieces[0].path, "The patch changes nothing.")
        for change in changes:
            _check_syntax(change)
        return Plan(self.tree.root, tuple(changes), self.method, tuple(self.tolerated))

    def _check_collisions(self, pieces: Sequence[Piece]) -> None:
        """New names may not differ by letter case only, nor may a file stand where another needs a folder."""
        known: dict[str, str] = {}
        for path in dict.fromkeys(path for piece in pieces for path in (piece.source, piece.path)):
            parts = path.split("/")
            for depth in range(1, len(parts) + 1):
                here = "/".join(parts[:depth])
                if known.setdefault(folded_name(here), here) != here:
                    raise refuse(
                        "path-case", path, f"{here} and {known[folded_name(here)]} differ only by letter case."
                    )
        paths = {piece.path for piece in pieces if not (piece.diff and piece.diff.kind == "delete")}
        for path in sorted(paths):
            if any(other.startswith(f"{path}/") for other in paths):
                raise refuse("path-conflict", path, f"{path} would be a file and a folder at once.")

    def _current(self, path: str) -> bytes | None:
        return self.now[path] if path in self.now else self.tree.read(path)

    def _carry_out(self, piece: Piece) -> None:
        if piece.whole is not None:
            self._replace(piece.path, piece.whole)
        elif piece.blocks:
            self._blocks(piece)
        else:
            self._diff(piece)

    def _uses(self, method: Method) -> None:
        self.method = max(self.method, method, key=_ORDER.index)

    def _replace(self, path: str, text: str) -> None:
        before = self._current(path)
        source = Source(decoded(before or b"", path))
        text = text.replace("\r\n", "\n")
        if not text.strip():
            raise refuse("malformed", path, f"The new {path} is empty; a deletion is written as a diff.")
        _check_whole(path, source, text.split("\n"))
        text = text if text.endswith("\n") or source.ends_bare else text + "\n"
        self.now[path] = encoded(source.mark + text.replace("\n", source.usual_end))
        self._uses("whole")

    def _blocks(self, piece: Piece) -> None:
        for block in piece.blocks:
            before = self._current(piece.path)
            check_elided(piece.path, [line for line in block.replace if line not in block.search])
            if not "".join(block.search).strip():
                if before is not None and before.strip():
                    raise refuse(
                        "file-exists", piece.path, "An empty search makes a new file, but there is one already."
                    )
                self.now[piece.path] = encoded("".join(f"{line}\n" for line in block.replace))
                continue
            if before is None:
                raise refuse("file-missing", piece.path, f"{piece.path} does not exist.")
            text = decoded(before, piece.path)
            options = list(readings([as_hunk(block)], text))
            done = located(piece.path, before, Source(text), options, self.budget)
            self.now[piece.path] = self._noted(done)
        self._uses("blocks")

    def _noted(self, done: Patched) -> bytes:
        self._uses(done.method)
        self.tolerated.extend(done.tolerated)
        return done.after

    def _diff(self, piece: Piece) -> None:
        diff = piece.diff
        assert diff is not None
        before = self._current(piece.source)
        created = diff.kind == "create" or (before is None and _only_adds(diff.hunks))
        if created:
            if before is not None and (before.strip() or diff.kind != "create"):
                raise refuse("file-exists", piece.path, f"{piece.path} exists already, but the diff makes it anew.")
            self.now[piece.path] = _created(piece.path, diff.hunks)
            self.executable.update([piece.path] if diff.executable else [])
            return
        if before is None:
            raise refuse("file-missing", piece.source, f"{piece.source} does not exist.")
        if piece.source != piece.path and self._current(piece.path) is not None:
            raise refuse("file-exists", piece.path, f"{piece.path} exists already.")
        after = self._patched(piece.source, before, diff.hunks)
        if diff.kind == "delete":
            self._delete(piece, before, after)
            return
        if diff.kind == "rename":
            self.now[piece.source] = None
        self.now[piece.path] = after
        if piece.source != piece.path and _is_executable(self.tree.root / piece.source):
            self.executable.add(piece.path)

    def _delete(self, piece: Piece, before: bytes, after: bytes) -> None:
        assert piece.diff is not None
        if piece.diff.hunks and after.strip():
            raise refuse("not-found", piece.path, f"The diff deletes {piece.path}, but more stands in it.", 1)
        if not piece.diff.hunks and before.strip() and not piece.diff.outright:
            raise refuse("malformed", piece.path, f"The diff deletes {piece.path} without saying what stands in it.")
        self.now[piece.path] = None

    def _patched(self, path: str, before: bytes, hunks: Sequence[Hunk]) -> bytes:
        changing = [hunk for hunk in hunks if any(line.mark in "+-" for line in hunk.lines)]
        for hunk in changing:
            known = {line.text.strip() for line in hunk.old}
            check_elided(
                path, [line.text for line in hunk.lines if line.mark == "+" and line.text.strip() not in known]
            )
        return self._noted(patched(path, before, changing, self.budget)) if changing else before


def _check_whole(path: str, source: Source, lines: Sequence[str]) -> None:
    """Refuse what is no whole file: lines that stand for others, an excerpt, an explanation."""
    known = {text.strip() for text in source.texts if text.strip()}
    check_elided(path, [line for line in lines if line.strip() not in known])
    if len(source.texts) >= _LONG and len(lines) * 2 < len(source.texts):
        short = f"The new {path} has {len(lines)} lines where the file has {len(source.texts)}: an excerpt?"
        raise refuse("elided", path, f"{short} Whole files have to be whole.")
    if len(known) >= _SOME and known.isdisjoint(line.strip() for line in lines):
        raise refuse("malformed", path, f"The new {path} has no line in common with the file: is it its text at all?")


def _is_executable(path: Path) -> bool:
    """Whether a file may be run by its owner."""
    return bool(path.lstat().st_mode & 0o100)


def _only_adds(hunks: Sequence[Hunk]) -> bool:
    return bool(hunks) and all(line.mark == "+" or not line.text.strip() for hunk in hunks for line in hunk.lines)


def _created(path: str, hunks: Sequence[Hunk]) -> bytes:
    lines = [line for hunk in hunks for line in hunk.lines]
    if any(line.mark == "-" or (line.mark in " ?" and line.text.strip()) for line in lines):
        raise refuse("malformed", path, f"The diff makes {path} anew, but not all of its lines are added ones.")
    check_elided(path, [line.text for line in lines])
    while lines and lines[-1].mark != "+":
        lines.pop()
    bare = bool(hunks) and hunks[-1].ends_bare_new
    return encoded("\n".join(line.text.rstrip("\r") for line in lines) + ("\n" if lines and not bare else ""))


def _check_syntax(change: FileChange) -> None:
    if change.after is not None and (fault := breaks(change.path, change.before, change.after)):
        raise broken(change.path, fault, change.after)
