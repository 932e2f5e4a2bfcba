from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database import Blackboard


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Blackboard]:
    opened = await Blackboard.open(tmp_path / "data")
    yield opened
    await opened.close()
