"""What the critic found: one structure, one order, and the nearest valid name."""

import difflib
from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "unverifiable"]


class Finding(msgspec.Struct, frozen=True):
    """One finding, as ``./vespera check terraform --json`` prints it."""

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    message: str
    expected: str = ""
    suggestion: str = ""

    @property
    def location(self) -> str:
        """``main.tf:14:3``."""
        return f"{self.file}:{self.line}:{self.column}"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, then position; the same finding twice is one."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda found: (found.file, found.line, found.column, found.code, found.message))


def nearest(name: str, valid: Iterable[str], cutoff: float = 0.72) -> str:
    """The valid name a person most likely meant, or ``""`` when none is close."""
    lowered = name.lower()
    if len(lowered) > 100:
        return ""
    near = [each for each in valid if abs(len(each) - len(lowered)) <= max(3, len(lowered) // 3)]
    matches = difflib.get_close_matches(lowered, near, n=1, cutoff=cutoff)
    return matches[0] if matches else ""


def did_you_mean(suggestion: str) -> str:
    """The tail of a message: `` — did you mean `acl`?`` or nothing."""
    return f" — did you mean `{suggestion}`?" if suggestion else ""
