"""A unified diff as models write it, read into hunks: wrong counts, missing numbers and lost prefixes are noted."""

import re
from typing import Literal

import msgspec

from agents.relay.patches.contracts import Code, refuse

Mark = Literal[" ", "-", "+", "?"]
"""Context, removed, added; `?` is a line without a prefix: context that lost its blank, or prose."""
Kind = Literal["modify", "create", "delete", "rename", "copy"]


class Line(msgspec.Struct, frozen=True):
    """One line of a hunk."""

    mark: Mark
    text: str


class Hunk(msgspec.Struct, frozen=True):
    """One hunk."""

    lines: tuple[Line, ...]
    start: int = 0
    """First line in the old file as the header states it, from 1; 0 where it states none."""
    heading: str = ""
    """What follows the second `@@`: the enclosing function, if the model copied it."""
    counted: bool = False
    """The header's counts agree with the body."""
    ends_bare_old: bool = False
    """`\\ No newline at end of file` behind an old line."""
    ends_bare_new: bool = False

    @property
    def old(self) -> list[Line]:
        """Context and removed lines."""
        return [line for line in self.lines if line.mark != "+"]


class FileDiff(msgspec.Struct, frozen=True):
    """The diff of one file. Names are raw, with whatever prefix they were written."""

    kind: Kind
    names: tuple[str, ...]
    """Every name that its headers give, without `/dev/null`."""
    old: str
    new: str
    hunks: tuple[Hunk, ...]
    executable: bool = False
    outright: bool = False
    """A deletion that need not say what it deletes: `*** Delete File`."""


_HUNK = re.compile(
    r"@@+(?: *-? *(?P<start>\d+)(?:,(?P<olds>\d+))?)?(?: +\+ *(?P<new>\d+)(?:,(?P<news>\d+))?)?(?P<rest>.*)"
)
_MODES = {"120000": "path-symlink", "160000": "path-submodule"}
_STAMP = re.compile(r"\t.*$|\s+\((?:original|old|new|modified|updated|before|after|current)\)$|\s+$", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", '"': '"', "\\": "\\"}
_V4A = re.compile(r"\*\*\* (?P<what>Update|Add|Delete) File: *(?P<name>.+)")
_ENDS = ("diff --git ", "Index: ", "*** ", "GIT binary patch", "Binary files ")
NOTHING = "/dev/null"


def starts_file(lines: list[str], at: int) -> bool:
    """Whether a file's headers begin at this line, outside of a hunk."""
    line = lines[at]
    if line.startswith("diff --git ") or _V4A.match(line):
        return True
    return line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def read_diff(text: str) -> FileDiff:
    """Read the diff of one file; the text holds no more than one.

    Raises:
        Unpatchable: binary, a change of mode, a link, a submodule, or no diff at all.
    """
    return _Reader(text.removesuffix("\n").split("\n")).read()


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.names: list[str] = []
        self.kind: Kind = "modify"
        self.old = self.new = ""
        self.executable = self.outright = False
        self.hunks: list[Hunk] = []

    def read(self) -> FileDiff:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.startswith("@@"):
                self._hunk(line)
            elif self._is_bodily(line) and (self.old or self.new) and not self.hunks:
                self.at -= 1
                self._hunk("@@ @@")
            else:
                self._header(line)
                self.at += 1
        if not self.hunks and self._is_all_body():
            self.at = -1
            self._hunk("@@ @@")
        names = tuple(dict.fromkeys(name for name in (*self.names, self.old, self.new) if name and name != NOTHING))
        old = self.old if self.old != NOTHING else ""
        new = self.new if self.new != NOTHING else ""
        return FileDiff(self.kind, names, old or new, new or old, tuple(self.hunks), self.executable, self.outright)

    def _is_bodily(self, line: str) -> bool:
        return line[:1] in (" ", "+", "-") and not line.startswith(("--- ", "+++ ", "-- "))

    def _is_all_body(self) -> bool:
        """A body without any header: every line has a prefix and something changes."""
        lines = [line for line in self.lines if line]
        return not self.names and all(line[0] in " +-" for line in lines) and any(line[0] in "+-" for line in lines)

    def _header(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if found := _V4A.match(line):
            self.kind = {"Update": "modify", "Add": "create", "Delete": "delete"}[found["what"]]  # type: ignore[assignment]
            self.outright = found["what"] == "Delete"
            self.old = self.new = found["name"].strip()
        elif line.startswith("diff --git "):
            self.names.extend(git_names(line.removeprefix("diff --git ")))
        elif word == "---" and not self.hunks and starts_file(self.lines, self.at):
            self.old = clean_name(rest)
            self._from_nothing(self.old, "create")
        elif word == "+++" and not self.hunks:
            self.new = clean_name(rest)
            self._from_nothing(self.new, "delete")
        elif line.startswith(("GIT binary patch", "Binary files ")):
            raise refuse("binary", self._name(), "Binary patches are refused.")
        else:
            self._extended(line)

    def _from_nothing(self, name: str, kind: Kind) -> None:
        if name == NOTHING:
            self.kind = kind

    def _extended(self, line: str) -> None:
        if found := re.match(r"(rename|copy) (from|to) (.+)", line):
            self.kind = "rename" if found[1] == "rename" else "copy"
            name = clean_name(found[3])
            self.names.append(name)
            if found[2] == "from":
                self.old = self.old or name
            else:
                self.new = self.new or name
        elif found := re.match(r"(old mode|new mode|new file mode|deleted file mode) +(\d+)", line):
            self._mode(found[1], found[2])
        elif (found := re.match(r"index \w+\.\.\w+ +(\d+)", line)) and found[1] in _MODES:
            self._mode("index", found[1])

    def _mode(self, what: str, mode: str) -> None:
        code: Code = _MODES.get(mode, "mode-change")  # type: ignore[assignment]
        if code != "mode-change" or what in ("old mode", "new mode") or mode not in ("100644", "100755"):
            raise refuse(code, self._name(), "Changes of mode, symbolic links and submodules are refused.")
        if what == "new file mode":
            self.kind, self.executable = "create", mode == "100755"
        elif what == "deleted file mode":
            self.kind = "delete"

    def _name(self) -> str:
        return next((name for name in (self.new, self.old, *self.names) if name and name != NOTHING), "")

    def _hunk(self, header: str) -> None:
        found = _HUNK.match(header)
        assert found is not None
        self.at += 1
        wanted = (_count(found["olds"], found["start"]), _count(found["news"], found["new"]))
        lines, bare_old, bare_new = self._body(wanted)
        olds = sum(line.mark != "+" for line in lines)
        news = sum(line.mark != "-" for line in lines)
        counted = wanted == (olds, news) and all(line.mark != "?" for line in lines)
        self.hunks.append(
            Hunk(tuple(lines), int((found["start"] or "0")[:9]), _heading(found["rest"]), counted, bare_old, bare_new)
        )

    def _body(self, wanted: tuple[int, int]) -> tuple[list[Line], bool, bool]:
        lines: list[Line] = []
        olds = news = 0
        bare_old = bare_new = False
        while self.at < len(self.lines):
            line = self.lines[self.at]
            full = (olds, news) == wanted
            if self._ends_hunk(line, full):
                break
            self.at += 1
            if line.startswith("\\"):
                last = lines[-1].mark if lines else " "
                bare_old, bare_new = bare_old or last != "+", bare_new or last != "-"
                continue
            mark: Mark = line[0] if line[:1] in (" ", "-", "+") else " " if not line.strip() else "?"  # type: ignore[assignment]
            if full and (not line or mark == "?"):  # blank lines and prose behind a hunk that is complete
                break
            lines.append(Line(mark, line if mark == "?" else line[1:]))
            olds += mark != "+"
            news += mark != "-"
        while lines and (olds, news) != wanted and lines[-1] == Line(" ", "") and not self.lines[self.at - 1]:
            lines.pop()
            self.at -= 1
            olds, news = olds - 1, news - 1
        self._skip_prose()
        return lines, bare_old, bare_new

    def _ends_hunk(self, line: str, full: bool) -> bool:
        if line.startswith("@@") or line.startswith(_ENDS):
            return True
        if not (
            line.startswith("--- ") and self.at + 1 < len(self.lines) and self.lines[self.at + 1].startswith("+++ ")
        ):
            return False
        return full or self.lines[self.at + 2 : self.at + 3] == [] or self.lines[self.at + 2].startswith("@@")

    def _skip_prose(self) -> None:
        while self.at < len(self.lines) and not self.lines[self.at].startswith(("@@", "--- ", *_ENDS)):
            self.at += 1


def _count(number: str | None, start: str | None) -> int:
    """A count that is left out is 1 where the line number stands, and unknown (-1) where it does not."""
    if number is not None:
        return int(number[:9])
    return 1 if start is not None else -1


def _heading(rest: str) -> str:
    text = rest.strip()
    for junk in ("-,+", "...", "…", "-", "+"):
        text = text.removeprefix(junk).lstrip()
    before, mark, after = text.partition("@@")
    return (after if mark and not before.strip(" -+,.0123456789") else before).strip() or ""


def git_names(rest: str) -> list[str]:
    """The two names of a `diff --git` line."""
    if quoted := re.fullmatch(r'("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)', rest.strip()):
        return [clean_name(quoted[1]), clean_name(quoted[2])]
    words = rest.strip().split(" ")
    half = len(words) // 2
    return [clean_name(" ".join(words[:half])), clean_name(" ".join(words[half:]))]


def clean_name(name: str) -> str:
    """A name from a header without its time stamp and quotes."""
    name = _STAMP.sub("", name.strip(" "))
    if len(name) > 1 and name[0] == name[-1] == '"':
        raw = _ESCAPE.sub(lambda found: _unescaped(found[1]), name[1:-1])
        return raw.encode("latin-1", "replace").decode("utf-8", "replace") if name.isascii() else raw
    return name.strip("`")


def _unescaped(what: str) -> str:
    return chr(int(what, 8) & 255) if what.isdigit() and len(what) == 3 else _LETTERS.get(what, what)
