"""Models of all three protocols, pointed at a scripted server."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from llm.contracts import CallRecord, LanguageModel, ModelCall
from llm.gemini import GeminiModel
from llm.groq import GroqModel
from llm.limits import Patience
from llm.openai_compatible import OpenAICompatibleModel
from llm.prices import Price

KEY = "gsk-secret-0123456789abcdef"
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
PRICE = Price(1.0, 2.0)
QUICK = Patience(connect_s=0.5, first_s=5.0, gap_s=0.3)

MakeModel = Callable[[str], LanguageModel]


def a_call(purpose: str = "draft", task_type: str = "dnd.rule", subject: object = None) -> ModelCall:
    """A question as the Weaver asks it."""
    return ModelCall(
        purpose="critique" if purpose == "critique" else "draft",
        task_type=task_type,
        system="You are the Silent Architect. Answer in JSON.",
        user="What does grappled do? My-private-question.",
        schema_name="rule",
        schema=SCHEMA,
        subject=subject,
    )


def model_at(protocol: str, url: str, patience: Patience = QUICK) -> LanguageModel:
    """A model of that protocol with a base URL."""
    if protocol == "groq":
        return GroqModel(api_key=KEY, model="llama-test", base_url=url, price=PRICE, patience=patience)
    if protocol == "gemini":
        return GeminiModel(api_key=KEY, model="gemini-test", base_url=url, price=PRICE, patience=patience)
    return OpenAICompatibleModel(api_key=KEY, model="local-test", base_url=url, price=PRICE, patience=patience)


@pytest.fixture(autouse=True)
def no_blocking() -> Iterator[BlockBuster]:
    """Code of ours that blocks the event loop fails the test."""
    with blockbuster_ctx("llm") as blocker:
        yield blocker


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


class Records(list[CallRecord]):
    """Call records as the router reports them."""

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Provider and outcome of each call."""
        return [(record.provider, record.outcome) for record in self]
