"""From patches to a plan: path policy, then git's word, then the tolerant locator; every result held in memory."""

import re
from collections.abc import Sequence
from pathlib import Path

from agents.relay.patches import git
from agents.relay.patches.align import Budget
from agents.relay.patches.blanks import foreign
from agents.relay.patches.blocks import as_hunk
from agents.relay.patches.compose import Unclear, compose
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
from agents.relay.patches.locate import Found, Lost, keys_of, locate
from agents.relay.patches.nearest import excerpt, nearest_row
from agents.relay.patches.pieces import Piece, pieces_of
from agents.relay.patches.source import Source, decoded, encoded
from agents.relay.patches.spelling import Hunks, readings
from agents.relay.patches.syntax import fault
from agents.relay.patches.tree import Tree, folded_name

_ORDER: tuple[Method, ...] = ("git", "locator", "blocks", "whole")
_COMMENT = r"(?:#|//|/\*|--|<!--|;|\{/\*)"
_LEFT_OUT = r"(?:the )?(?:rest|remaining|existing|unchanged"
_ELIDED = re.compile(
    rf"^\s*{_COMMENT}?\s*(?:\.{{3}}|…)\s*\(?{_LEFT_OUT}|other|same|previous|keep)\b"
    rf"|^\s*{_COMMENT}\s*\(?{_LEFT_OUT})\b.{{0,60}}(?:unchanged|same|here|as before|remains?|\.{{3}}|…).{{0,20}}$",
    re.IGNORECASE,
)
"""A line that stands for code which its author left out."""
_MUCH_SHORTER = 4
_LONG = 40
"""A whole file may not shrink to less than a quarter of this many lines or more: that is an excerpt."""


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
        for path in {path for piece in pieces for path in (piece.source, piece.path)}:
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
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if _ELIDED.search(line):
                raise refuse("elided", path, f"Line {number} of the new {path} stands for code that was left out.")
        if not text.strip():
            raise refuse("malformed", path, f"The new {path} is empty; a deletion is written as a diff.")
        if before is not None:
            source = Source(decoded(before, path))
            if len(source.texts) >= _LONG and len(lines) * _MUCH_SHORTER < len(source.texts):
                short = f"The new {path} has {len(lines)} lines where the file has {len(source.texts)}: an excerpt?"
                raise refuse("elided", path, f"{short} Whole files have to be whole.")
            text = text.replace("\r\n", "\n")
            text = text if text.endswith("\n") or source.ends_bare else text + "\n"
            text = source.mark + text.replace("\n", source.usual_end)
        elif not text.endswith("\n"):
            text += "\n"
        self.now[path] = encoded(text)
        self._uses("whole")

    def _blocks(self, piece: Piece) -> None:
        for block in piece.blocks:
            before = self._current(piece.path)
            if not "".join(block.search).strip():
                if before is not None and before.strip():
                    raise refuse(
                        "file-exists", piece.path, "An empty search makes a new file, but there is one already."
                    )
                self.now[piece.path] = encoded("".join(f"{line}\n" for line in block.replace))
                continue
            if before is None:
                raise refuse("file-missing", piece.path, f"{piece.path} does not exist.")
            _check_elided(piece.path, block.replace)
            source = Source(decoded(before, piece.path))
            options = list(readings([as_hunk(block)], decoded(before, piece.path)))
            self.now[piece.path] = self._located(piece.path, before, source, options)
        self._uses("blocks")

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
        if piece.source != piece.path and os_executable(self.tree.root / piece.source):
            self.executable.add(piece.path)

    def _delete(self, piece: Piece, before: bytes, after: bytes) -> None:
        assert piece.diff is not None
        if piece.diff.hunks and after.strip():
            raise refuse("not-found", piece.path, f"The diff deletes {piece.path}, but more stands in it.", 1)
        if not piece.diff.hunks and before.strip() and "File:" not in piece.diff.names:
            raise refuse("malformed", piece.path, f"The diff deletes {piece.path} without saying what stands in it.")
        self.now[piece.path] = None

    def _patched(self, path: str, before: bytes, hunks: Sequence[Hunk]) -> bytes:
        changing = [hunk for hunk in hunks if any(line.mark in "+-" for line in hunk.lines)]
        if not changing:
            return before
        for hunk in changing:
            _check_elided(path, [line.text for line in hunk.lines if line.mark == "+"])
        text = decoded(before, path)
        source, options = Source(text), list(readings(changing, text))
        plain = options[0] == tuple(changing) and not foreign(source, changing)
        if plain and git.well_formed(changing) and _certain(source, changing):
            after = git.applied(before, changing)
            if after is not None and not _breaks(path, before, after):
                return after
        return self._located(path, before, source, options)

    def _located(self, path: str, before: bytes, source: Source, options: Sequence[Hunks]) -> bytes:
        """By the locator, in the first reading of the hunks that has a place for each and a result that parses."""
        self._uses("locator")
        trouble: Unpatchable | None = None
        for reading, budget in [*((each, None) for each in options), *((each, self.budget) for each in options)]:
            try:
                found = self._found(path, source, reading, budget)
                after = encoded(compose(source, found))
            except Unclear as error:
                trouble = trouble or _unclear(path, source, error)
                continue
            except Unpatchable as error:
                trouble = error if budget and reading is options[0] else trouble or error
                continue
            broken = _breaks(path, before, after)
            if broken is None:
                self._note(path, found)
                return after
            trouble = trouble or _broken(path, broken, after)
        assert trouble is not None
        raise trouble

    def _found(self, path: str, source: Source, hunks: Sequence[Hunk], budget: Budget | None) -> list[Found]:
        found = locate(source, hunks, budget)
        if isinstance(found, Lost):
            raise _lost(path, source, found)
        return found

    def _note(self, path: str, found: Sequence[Found]) -> None:
        for each in found:
            if each.how:
                row = next((row for row in each.rows if row is not None), 0)
                self.tolerated.append(f"{path}:{row + 1} found in spite of {each.how}")


def os_executable(path: Path) -> bool:
    """Whether a file may be run by its owner."""
    return bool(path.lstat().st_mode & 0o100)


def _only_adds(hunks: Sequence[Hunk]) -> bool:
    return bool(hunks) and all(line.mark == "+" or not line.text.strip() for hunk in hunks for line in hunk.lines)


def _created(path: str, hunks: Sequence[Hunk]) -> bytes:
    lines = [line for hunk in hunks for line in hunk.lines]
    if any(line.mark == "-" or (line.mark in " ?" and line.text.strip()) for line in lines):
        raise refuse("malformed", path, f"The diff makes {path} anew, but not all of its lines are added ones.")
    _check_elided(path, [line.text for line in lines])
    while lines and lines[-1].mark != "+":
        lines.pop()
    bare = bool(hunks) and hunks[-1].ends_bare_new
    return encoded("\n".join(line.text.rstrip("\r") for line in lines) + ("\n" if lines and not bare else ""))


def _check_elided(path: str, lines: Sequence[str]) -> None:
    for line in lines:
        if _ELIDED.search(line):
            shown = line.strip()[:60]
            raise refuse("elided", path, f'The added line "{shown}" stands for code that was left out.')


def _certain(source: Source, hunks: Sequence[Hunk]) -> bool:
    """Whether each hunk stands where its header says, or in one place only: else git would take the nearest."""
    level = source.level(0)
    for hunk in hunks:
        keys = keys_of(hunk.old, 0)
        if keys and not level.stands_at(hunk.start - 1, keys) and len(level.places(keys)) != 1:
            return False
    return True


def _breaks(path: str, before: bytes | None, after: bytes) -> tuple[int, str] | None:
    """The fault of a result that does not parse, unless what was there did not either."""
    broken = fault(path, after)
    return broken if broken and (before is None or fault(path, before) is None) else None


def _check_syntax(change: FileChange) -> None:
    if change.after is not None and (broken := _breaks(change.path, change.before, change.after)):
        raise _broken(change.path, broken, change.after)


def _broken(path: str, broken: tuple[int, str], after: bytes) -> Unpatchable:
    line, why = broken
    shown = excerpt(Source(decoded(after, path)), [max(0, line - 1)], 1) if line else ""
    return refuse("syntax", path, f"With this patch {path} would no longer parse: {why}.", line, shown)


def _unclear(path: str, source: Source, error: Unclear) -> Unpatchable:
    shown = excerpt(source, [error.row], 12)
    return refuse("ambiguous", path, f"The patch of {path} can be read in two ways: {error}.", error.row + 1, shown)


def _lost(path: str, source: Source, lost: Lost) -> Unpatchable:
    height = len(lost.hunk.old)
    if len(lost.places) == 1:
        row = lost.places[0]
        message = f"Lines are missing around an addition to {path}, so that its place is not certain. Copy the context."
        return refuse("ambiguous", path, message, row + 1, excerpt(source, [row], height))
    if lost.places:
        where = ", ".join(str(row + 1) for row in lost.places[:8]) + (" …" if len(lost.places) > 8 else "")
        message = f"A hunk of {path} fits in more than one place (lines {where}). Give it more context."
        return refuse("ambiguous", path, message, lost.places[0] + 1, excerpt(source, list(lost.places[:3]), height))
    if not lost.hunk.old:
        return refuse("not-found", path, f"A hunk of {path} has no context lines, so it has no place.", lost.hunk.start)
    row = nearest_row(source, lost.hunk)
    message = f"The lines that a hunk of {path} removes or stands between are not in the file like this."
    return refuse("not-found", path, message, row + 1, excerpt(source, [row], height))
