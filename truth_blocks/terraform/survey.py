"""The notebook of one check: findings so far, and how many settings could be decided."""

from typing import Protocol

from truth_blocks.terraform.findings import Finding, Severity


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


class Survey:
    """Collects findings for the file at hand; ``checkable`` settings the facts decide, ``wrong`` ones they refute."""

    def __init__(self) -> None:
        self.file = ""
        self.findings: list[Finding] = []
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

    def held(self) -> None:
        """One setting was decided and is right."""
        self.checkable += 1

    def _add(self, severity: Severity, code: str, at: Placed, message: str, expected: str, suggestion: str) -> None:
        found = Finding(code, severity, self.file, at.line, at.column, message, expected, suggestion)
        self.findings.append(found)
