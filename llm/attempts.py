"""The HTTP calls made for one request: each counted, recorded and bounded."""

import time
from collections.abc import Callable
from typing import Literal

import msgspec

import metrics
from errors import (
    ModelError,
    ModelFormatRefused,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from llm.breaker import Breaker
from llm.contracts import CallRecord, LanguageModel, ModelCall, ModelReply
from llm.failures import message_of
from redaction import without_secrets

Outcome = Literal["ok", "timeout", "rate_limited", "unavailable", "rejected", "skipped"]

BACKOFF_S = 0.5
"""Before a retry when the server did not say how long; doubled for each further one."""
LEAST_CALL_S = 0.05
"""With less time than this left, no call is begun."""


WAKE_LATE_S = 0.01
"""Timers may fire a hair early; a server's pause is kept in full."""


class Line(msgspec.Struct):
    """A model with what is known about its health; lives as long as the router."""

    model: LanguageModel
    breaker: Breaker
    quiet_until: float = 0.0
    """The router's clock, seconds: the server asked not to be called before."""


class Attempts:
    """One request's calls. ``errors`` holds the last error of each provider, in the order they were tried."""

    def __init__(
        self,
        call: ModelCall,
        *,
        on_call: Callable[[CallRecord], None],
        deadline_at: float,
        retries: int,
        max_calls: int,
        clock: Callable[[], float],
    ) -> None:
        self._call, self._on_call, self._clock = call, on_call, clock
        self._deadline_at, self._calls_left = deadline_at, max_calls
        self._retried = 0
        self.retries_left = retries
        self.errors: dict[str, ModelError] = {}

    @property
    def remaining_s(self) -> float:
        """Seconds until the request's deadline."""
        return self._deadline_at - self._clock()

    @property
    def may_call(self) -> bool:
        """Whether the ceiling and the deadline allow another call."""
        return self._calls_left > 0 and self.remaining_s > LEAST_CALL_S

    async def ask(self, line: Line, share: float = 1.0) -> ModelReply | None:
        """Call a model, at once again if it refused the form of the request; None when it gave no reply.

        ``share`` is how much of the remaining time this model may take.
        """
        while self.may_call:
            quiet_s = line.quiet_until - self._clock()
            if quiet_s > 0:
                self._skip(line, ModelRateLimited(line.model.provider, "rate limit", quiet_s))
                return None
            if not line.breaker.allow():
                note = f"left alone for {line.breaker.rests_for_s:.0f} s after repeated failures"
                self._skip(line, ModelUnavailable(line.model.provider, note))
                return None
            try:
                return await self._once(line, self.remaining_s * share)
            except ModelFormatRefused as error:
                self._failed(line, error)
            except ModelError as error:
                self._failed(line, error)
                return None
        return None

    def wait_before_retry(self, line: Line) -> float | None:
        """Seconds to wait before asking this model again; None when there is no point or no time."""
        error = self.errors.get(line.model.provider)
        if self.retries_left <= 0 or not self.may_call or error is None:
            return None
        if isinstance(error, ModelRejected) and not isinstance(error, ModelFormatRefused):
            return None
        wait = max(0.0, line.quiet_until - self._clock(), line.breaker.rests_for_s)
        if wait > 0.0:
            wait += WAKE_LATE_S
        elif isinstance(error, (ModelRateLimited, ModelUnavailable)):
            wait = BACKOFF_S * 2**self._retried
        return wait if wait + LEAST_CALL_S < self.remaining_s else None

    def count_retry(self) -> None:
        """Take one from the retries of this request."""
        self.retries_left -= 1
        self._retried += 1
        metrics.RETRIES.add()

    async def _once(self, line: Line, deadline_s: float) -> ModelReply:
        self._calls_left -= 1
        began = time.monotonic()
        try:
            reply = await line.model.complete(self._call, deadline_s)
        except ModelError as error:
            self._record(line, _outcome(error), message_of(error), (time.monotonic() - began) * 1_000)
            raise
        # A server that gives back what it was sent must not bring the key into an answer.
        reply = msgspec.structs.replace(reply, text=without_secrets(reply.text))
        line.breaker.succeeded()
        self._told(
            CallRecord(
                provider=reply.provider,
                model=reply.model,
                purpose=self._call.purpose,
                outcome="ok",
                tokens_in=reply.tokens_in,
                tokens_out=reply.tokens_out,
                cost_usd=reply.cost_usd,
                duration_ms=reply.duration_ms,
                note=reply.note,
            )
        )
        return reply

    def _failed(self, line: Line, error: ModelError) -> None:
        self.errors[error.provider] = error
        if isinstance(error, ModelRejected):
            # The server lives: this request or the key is wrong, which leaving it alone for a while cannot mend.
            line.breaker.succeeded()
        elif isinstance(error, ModelRateLimited):
            line.breaker.succeeded()
            line.quiet_until = self._clock() + (error.retry_after_s or 0.0)
        else:
            line.breaker.failed()

    def _skip(self, line: Line, error: ModelError) -> None:
        self.errors[line.model.provider] = error
        self._record(line, "skipped", message_of(error), 0.0)

    def _record(self, line: Line, outcome: Outcome, note: str, duration_ms: float) -> None:
        record = CallRecord(
            line.model.provider, line.model.model, self._call.purpose, outcome, duration_ms=duration_ms, note=note
        )
        self._told(record)

    def _told(self, record: CallRecord) -> None:
        call = metrics.Call(
            record.provider, record.model, record.purpose, record.outcome, record.tokens_in, record.tokens_out,
            record.duration_ms / 1_000,
        )  # fmt: skip
        metrics.called(call, record.cost_usd)
        self._on_call(record)


def _outcome(error: ModelError) -> Outcome:
    match error:
        case ModelTimeout():
            return "timeout"
        case ModelRateLimited():
            return "rate_limited"
        case ModelRejected():
            return "rejected"
        case _:
            return "unavailable"
