"""A file's text as lines that keep their own endings, and what of it stands where."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from agents.relay.patches.contracts import refuse

MAX_PLACES = 200
"""Places of one text that are looked at; more is hopelessly ambiguous anyway."""


def decoded(raw: bytes, file: str) -> str:
    """A file's text. Bytes that are no UTF-8 survive unchanged.

    Raises:
        Unpatchable: the file is binary.
    """
    if b"\0" in raw:
        raise refuse("binary", file, f"{file} is a binary file.")
    return raw.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of a text made by `decoded`."""
    return text.encode("utf-8", "surrogateescape")


def spelled(text: str, level: int) -> str:
    """A line as it counts at a level of tolerance: 0 exactly, 1 without trailing blanks, 2 with any other blanks."""
    return text if level == 0 else text.rstrip() if level == 1 else " ".join(text.split())


class Source:
    """The lines of a file.

    Attributes:
        texts: lines without their endings.
        ends: the ending of each: a line feed with or without a carriage return, empty for a last line without one.
    """

    def __init__(self, text: str) -> None:
        self.mark = "\ufeff" if text.startswith("\ufeff") else ""
        whole = text.removeprefix(self.mark).split("\n")
        last = whole.pop()
        self.texts = [line.removesuffix("\r") for line in whole]
        self.ends = ["\r\n" if line.endswith("\r") else "\n" for line in whole]
        if last:
            self.texts.append(last)
            self.ends.append("")

    @cached_property
    def usual_end(self) -> str:
        """The ending that most lines have."""
        common = Counter(end for end in self.ends if end).most_common(1)
        return common[0][0] if common else "\n"

    @property
    def ends_bare(self) -> bool:
        """Whether the last line has no ending."""
        return bool(self.ends) and not self.ends[-1]

    @cached_property
    def margins(self) -> tuple[int, int]:
        """Numbers of lines that are indented with tabs and with blanks."""
        return sum(text[:1] == "\t" for text in self.texts), sum(text[:1] == " " for text in self.texts)

    @cached_property
    def step(self) -> int:
        """Blanks by which a block of this file is indented."""
        steps: Counter[int] = Counter()
        last = 0
        for text in self.texts:
            if text.strip():
                depth = len(text) - len(text.lstrip(" "))
                steps.update([depth - last] if 1 < depth - last <= 8 else [])
                last = depth
        return steps.most_common(1)[0][0] if steps else 4

    @cached_property
    def _levels(self) -> "dict[int, _Level]":
        return {}

    def level(self, level: int) -> "_Level":
        """The lines as they count at a level of tolerance."""
        if level not in self._levels:
            keys = [spelled(text, level) for text in self.texts]
            below = self.level(level - 1) if level else None
            self._levels[level] = below if below is not None and below.keys == keys else _Level(keys)
        return self._levels[level]


class _Level:
    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self._joined = "\n" + "".join(f"{key}\n" for key in keys)
        self._starts: list[int] = []
        at = 0
        for key in keys:
            self._starts.append(at)
            at += len(key) + 1

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.keys)

    def rows_of(self, wanted: Iterable[str]) -> dict[str, list[int]]:
        """Where each of these lines stands; those that stand nowhere are left out."""
        rows: dict[str, list[int]] = {key: [] for key in wanted if key in self._known}
        if rows:
            for row, key in enumerate(self.keys):
                if key in rows:
                    rows[key].append(row)
        return rows

    def places(self, wanted: list[str]) -> list[int]:
        """The rows at which these lines stand one after another; at most `MAX_PLACES`."""
        if not self._known.issuperset(wanted):
            return []
        needle = "\n" + "".join(f"{key}\n" for key in wanted)
        found: list[int] = []
        at = self._joined.find(needle)
        while at >= 0 and len(found) < MAX_PLACES:
            found.append(bisect_right(self._starts, at) - 1)
            at = self._joined.find(needle, at + 1)
        return found

    def stands_at(self, row: int, wanted: list[str]) -> bool:
        """Whether these lines stand at a row."""
        return row >= 0 and self.keys[row : row + len(wanted)] == wanted
