"""Fixtures of the relay's tests."""

from pathlib import Path

import pytest

from tests.relay.house import make_repo


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository whose `add` subtracts."""
    return make_repo(tmp_path)
