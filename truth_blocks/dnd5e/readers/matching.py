"""Regular expressions by their text, compiled once: the readings have more of them than the standard cache holds."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

compiled = lru_cache(maxsize=16_384)(re.compile)


def search(pattern: str, text: str) -> re.Match[str] | None:
    """Where a pattern is found first."""
    return compiled(pattern).search(text)


def match(pattern: str, text: str) -> re.Match[str] | None:
    """The match at the start of a text."""
    return compiled(pattern).match(text)


def finditer(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """All matches."""
    return compiled(pattern).finditer(text)


def findall(pattern: str, text: str) -> list[Any]:
    """All matches as text, or as tuples of their groups."""
    return compiled(pattern).findall(text)


def sub(pattern: str, new: str | Callable[[re.Match[str]], str], text: str) -> str:
    """The text with every match replaced."""
    return compiled(pattern).sub(new, text)


def split(pattern: str, text: str) -> list[str]:
    """The parts between the matches."""
    return compiled(pattern).split(text)
