"""The notebook of one check: findings so far, and how many settings could be decided."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from truth_blocks.terraform.findings import Finding, Severity, nearest


class Placed(Protocol):
    """Anything with a position."""

    @property
    def line(self) -> int:
        """1-based."""
        ...

    @property
    def column(self) -> int:
        """1-based, in characters."""
        ...


MAX_OF_EACH = 500
"""Findings kept of each severity: more than anyone reads, and a hostile file must not fill the memory."""

MAX_SUGGESTIONS = 60
"""A search for the nearest name takes up to 8 ms: beyond these a file is not mistyped but hostile."""
MAX_MESSAGE = 400
"""Longest sentence (characters): names in a hostile file may be endless."""


class Strange(NamedTuple):
    """A name that the schema of ``provider`` does not know, and where it stands."""

    provider: str
    file: str
    at: Placed
    name: str


class Survey:
    """Collects findings for the file at hand; ``checkable`` settings the facts decide, ``wrong`` ones they refute."""

    def __init__(self, quiet: bool = False) -> None:
        self.file = ""
        self.blame: Counter[str] = Counter()
        """Errors that rest on a provider's schema, by provider."""
        self.strange: list[Strange] = []
        """Names that a provider's schema does not know."""
        self._quiet = quiet
        self.findings: list[Finding] = []
        self._suggested = 0
        self._kept: Counter[Severity] = Counter()
        self.checkable = 0
        self.wrong = 0
        self.generation: dict[str, str] = {}
        self.citations: set[str] = set()

    def error(self, code: str, at: Placed, message: str, expected: str = "", suggestion: str = "") -> None:
        """Something the facts contradict."""
        self.wrong += 1
        self.checkable += 1
        self._add("error", code, at, message, expected, suggestion)

    def warning(self, code: str, at: Placed, message: str, expected: str = "", suggestion: str = "") -> None:
        """Valid, and likely not meant: an insecure default."""
        self._add("warning", code, at, message, expected, suggestion)

    def unverifiable(self, code: str, at: Placed, message: str) -> None:
        """What the facts cannot decide."""
        self._add("unverifiable", code, at, message, "", "")

    def nearest(self, name: str, valid: Iterable[str], cutoff: float = 0.72) -> str:
        """The nearest valid name, for the first `MAX_SUGGESTIONS` mistakes; after that ``""``."""
        if self._quiet:
            return ""
        self._suggested += 1
        return nearest(name, valid, cutoff) if self._suggested <= MAX_SUGGESTIONS else ""

    def held(self) -> None:
        """One setting was decided and is right."""
        self.checkable += 1

    def _add(self, severity: Severity, code: str, at: Placed, message: str, expected: str, suggestion: str) -> None:
        self._kept[severity] += 1
        if self._kept[severity] > MAX_OF_EACH:
            return
        found = Finding(code, severity, self.file, at.line, at.column, message[:MAX_MESSAGE], expected, suggestion)
        self.findings.append(found)
