"""Models of all three protocols, and a house of scripted providers on a clock of its own."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from llm.contracts import CallRecord, LanguageModel, ModelCall
from llm.gemini import GeminiModel
from llm.groq import GroqModel
from llm.limits import Patience
from llm.openai_compatible import OpenAICompatibleModel
from llm.prices import Price
from llm.router import Router
from tests.scripted_model import ScriptedModel, Step

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


NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


class Records(list[CallRecord]):
    """Call records as the router reports them."""

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Provider and outcome of each call."""
        return [(record.provider, record.outcome) for record in self]


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.now += seconds


class House:
    """Providers served by scripted servers of the OpenAI-compatible protocol, which needs no SDK."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.clock = Clock()
        self.records = Records()
        self.servers: dict[str, ScriptedModel] = {}
        self._models: list[OpenAICompatibleModel] = []

    async def add(self, provider: str, *steps: Step) -> None:
        """A provider with its script."""
        server = await self._stack.enter_async_context(ScriptedModel(steps))
        self.servers[provider] = server
        self.add_at(provider, server.url)

    def add_at(self, provider: str, url: str) -> None:
        """A provider at an address of its own."""
        self._models.append(OpenAICompatibleModel(base_url=url, model="m", provider=provider, patience=QUICK))

    def router(self, **options: Any) -> Router:
        """A router over them on the test's clock."""
        return self.real_router(clock=self.clock, sleep=self.clock.sleep, now=lambda: NOON, **options)

    def real_router(self, *more: LanguageModel, **options: Any) -> Router:
        """A router over them on the real clock."""
        router = Router([*more, *self._models], **options)
        self._stack.push_async_callback(router.close)
        return router

    def requests(self, provider: str) -> int:
        """How many HTTP requests it got."""
        return len(self.servers[provider].requests)
