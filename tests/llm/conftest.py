"""Fixtures of this room: a model of each protocol, a house of providers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from llm.contracts import LanguageModel
from tests.llm.house import House, MakeModel, model_at


@pytest.fixture(params=["groq", "gemini", "openai_compatible"])
def protocol(request: pytest.FixtureRequest) -> str:
    """Each of the three protocols in turn."""
    return str(request.param)


@pytest.fixture
async def make(protocol: str) -> AsyncIterator[MakeModel]:
    """Makes models of the protocol and closes them after the test."""
    made: list[LanguageModel] = []

    def at(url: str) -> LanguageModel:
        made.append(model_at(protocol, url))
        return made[-1]

    yield at
    for model in made:
        await model.close()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An empty house."""
    async with AsyncExitStack() as stack:
        yield House(stack)
