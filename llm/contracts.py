"""What a language model is to the rest of the house."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from blackboard.contracts import CallRecord, Purpose

__all__ = ["CallRecord", "LanguageModel", "ModelCall", "ModelReply", "Purpose"]


class ModelCall(msgspec.Struct, frozen=True):
    """One question to a model. ``schema`` (JSON schema) asks for structured output of that shape; empty: for text."""

    purpose: Purpose
    task_type: str
    system: str
    user: str
    schema_name: str
    schema: Mapping[str, Any]
    max_tokens: int = 2_048
    temperature: float = 0.2
    patience_s: float = 0.0
    """Seconds of silence allowed before the first word, where that is more than the provider's usual patience."""
    subject: Any = None
    """For the embedded offline model only: the resolved topic and the critic's findings; never sent anywhere."""


class ModelReply(msgspec.Struct, frozen=True):
    """A complete reply. ``cost_usd`` is 0 for local models and where no price is known."""

    text: str
    provider: str
    model: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    duration_ms: float
    note: str = ""
    """What a reader of the trace should know, e.g. that the reply was cut at its token limit; usually empty."""


class LanguageModel(Protocol):
    """One provider with one model. Raises a `ModelError` subclass, never the SDK's own."""

    provider: str
    model: str

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """One call, one HTTP request, no retries inside; cancelled cleanly at the deadline (seconds)."""
        ...

    async def close(self) -> None:
        """Close connections; safe to call twice and on a model never used."""
        ...
