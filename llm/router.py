"""Which model answers: order by task type, fail-over, and the one retry policy of the house."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from llm.attempts import Attempts, Line
from llm.breaker import Breaker
from llm.contracts import CallRecord, LanguageModel, ModelCall, ModelReply
from llm.failures import models_unavailable
from llm.offline import OFFLINE

PATIENT_WAIT_S = 2.0
"""A server that wants so short a pause gets it; for a longer one the next provider is asked first."""
FIRST_SHARE = 0.6
"""Of the remaining time, while another provider is still to be tried."""
FORM_CALLS = 3
"""Further calls for servers that refuse the form of a request; each is refused once per process."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Router:
    """Asks models in the order of the route until one answers.

    ``routes`` maps a task type, or a dotted prefix of it, or ``*``, to providers in order; providers not named follow
    as they were given. The embedded ``offline`` model answers only where no remote model is configured, where a route
    names it, or where ``only`` asks for it. ``deadline_s`` bounds one `complete` as a whole, ``retries`` the repeated
    calls in it, ``max_calls`` all its HTTP calls together (default: one per model, the retries, and three for servers
    that refuse the form of a request).
    """

    def __init__(
        self,
        models: Sequence[LanguageModel],
        routes: Mapping[str, Sequence[str]] | None = None,
        *,
        deadline_s: float = 45.0,
        retries: int = 2,
        max_calls: int | None = None,
        breaker_failures: int = 3,
        breaker_rest_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._lines = {
            model.provider: Line(model, Breaker(breaker_failures, breaker_rest_s, clock)) for model in models
        }
        if len(self._lines) != len(models):
            raise ValueError("two models of one provider")
        self._routes = dict(routes or {})
        self._deadline_s, self._retries = deadline_s, retries
        self._max_calls = len(models) + retries + FORM_CALLS if max_calls is None else max_calls
        self._clock, self._sleep, self._now = clock, sleep, now

    @property
    def configured(self) -> bool:
        """Whether any remote model is there; without one there is no second opinion."""
        return any(provider != OFFLINE for provider in self._lines)

    def providers(self, task_type: str) -> list[str]:
        """Providers in the order in which they are asked for a draft of this task type."""
        return [line.model.provider for line in self._candidates(task_type, "draft", None, None)]

    async def complete(
        self,
        call: ModelCall,
        *,
        on_call: Callable[[CallRecord], None],
        avoid: str | None = None,
        only: str | None = None,
    ) -> ModelReply:
        """The first reply a model gives. ``on_call`` gets every call as it ends, before this returns.

        ``avoid`` is the author's provider when a second opinion is wanted: it is asked last. ``only`` names the one
        provider to ask (``offline`` for the rules data alone).

        Raises:
            ModelsUnavailable: no model replied within the deadline; the text is what the person reads.
        """
        attempts = Attempts(
            call,
            on_call=on_call,
            deadline_at=self._clock() + self._deadline_s,
            retries=self._retries,
            max_calls=self._max_calls,
            clock=self._clock,
        )
        candidates = self._candidates(call.task_type, call.purpose, avoid, only)
        reply = await self._first_round(attempts, candidates) or await self._retry(attempts, candidates)
        if reply is None:
            raise models_unavailable(list(attempts.errors.values()), self._now())
        return reply

    def states(self) -> list[tuple[str, str, str]]:
        """Provider, model and ``ready`` or ``resting`` (its breaker is open), for `/status`."""
        return [
            (line.model.provider, line.model.model, "ready" if line.breaker.state == "closed" else "resting")
            for line in self._lines.values()
        ]

    async def close(self) -> None:
        """Close every model's connections."""
        for line in self._lines.values():
            await line.model.close()

    async def _first_round(self, attempts: Attempts, candidates: list[Line]) -> ModelReply | None:
        for place, line in enumerate(candidates):
            share = FIRST_SHARE if place + 1 < len(candidates) else 1.0
            if reply := await attempts.ask(line, share):
                return reply
            wait_s = attempts.wait_before_retry(line)
            short = wait_s is not None and line.quiet_until > self._clock() and wait_s <= PATIENT_WAIT_S
            if wait_s is not None and short and (reply := await self._again(attempts, line, wait_s)):
                return reply
        return None

    async def _retry(self, attempts: Attempts, candidates: list[Line]) -> ModelReply | None:
        while True:
            waits = [
                (wait, place)
                for place, line in enumerate(candidates)
                if (wait := attempts.wait_before_retry(line)) is not None
            ]
            if not waits:
                return None
            wait_s, place = min(waits)
            if reply := await self._again(attempts, candidates[place], wait_s):
                return reply

    async def _again(self, attempts: Attempts, line: Line, wait_s: float) -> ModelReply | None:
        attempts.count_retry()
        await self._sleep(wait_s)
        return await attempts.ask(line)

    def _candidates(self, task_type: str, purpose: str, avoid: str | None, only: str | None) -> list[Line]:
        if only is not None:
            return [self._lines[only]] if only in self._lines else []
        route = self._route(task_type)
        named = [provider for provider in route if provider in self._lines]
        rest = [provider for provider in self._lines if provider not in named]
        order = [
            provider
            for provider in named + rest
            if provider != OFFLINE or (purpose == "draft" and (OFFLINE in route or not self.configured))
        ]
        order.sort(key=lambda provider: provider == avoid)
        return [self._lines[provider] for provider in order]

    def _route(self, task_type: str) -> Sequence[str]:
        key = task_type
        while key:
            if key in self._routes:
                return self._routes[key]
            key = key.rpartition(".")[0]
        return self._routes.get("*", ())
