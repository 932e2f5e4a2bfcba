"""A test says what it proves: ``promise("Nothing acknowledged is lost.", count=300, of="kills")`` as its last line.

What was said goes with the test's report; when all tests pass, `./vespera test` writes docs/reliability.md from it.
"""

import json
from typing import Protocol

import pytest


class Promise(Protocol):
    """Says, after everything was asserted, what the test has proved and by how much."""

    def __call__(self, text: str, figure: str = "", *, count: int = 0, of: str = "") -> None:
        """Note a promise kept.

        Args:
            text: The promise, a literal sentence: the page is held against the source.
            figure: What was measured, in words that the next run will repeat; round what varies.
            count: How many of what was tried; added up over the cases of a test.
            of: What is counted.
        """
        ...


@pytest.fixture
def promise(request: pytest.FixtureRequest) -> Promise:
    """Notes what a test proves."""

    def note(text: str, figure: str = "", *, count: int = 0, of: str = "") -> None:
        kept = {"text": text, "figure": figure, "count": count, "of": of}
        request.node.user_properties.append(("promise", json.dumps(kept)))

    return note
