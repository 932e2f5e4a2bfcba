import pytest

from truth_blocks.dnd5e.facts import Facts


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()
