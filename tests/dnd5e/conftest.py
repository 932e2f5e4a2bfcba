import pytest

from truth_blocks.dnd5e import Dnd5eBlock
from truth_blocks.dnd5e.facts import Facts


@pytest.fixture(scope="session")
def block() -> Dnd5eBlock:
    return Dnd5eBlock(seeds=lambda: 42)


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()
