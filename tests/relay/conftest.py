"""Fixtures of the relay's tests."""

import shutil
from pathlib import Path

import pytest

from tests.relay.house import make_repo

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository whose `add` subtracts."""
    return make_repo(tmp_path)
