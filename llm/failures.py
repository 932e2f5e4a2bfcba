"""The sentence a person reads when no model answered, and the reasons in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from errors import ModelError, ModelRateLimited, ModelsUnavailable, ModelTimeout
from llm.offline import OFFLINE

_NAMES = {"groq": "Groq", "gemini": "Gemini", "openai_compatible": "the OpenAI-compatible server", OFFLINE: "the rules"}


def models_unavailable(causes: Sequence[ModelError], now: datetime) -> ModelsUnavailable:
    """The error for a request that no model answered; ``now`` is aware and turns waits into times of day."""
    if not causes:
        return ModelsUnavailable((), "No language model is configured for this. Nothing was sent anywhere.")
    who = _listed([_NAMES.get(cause.provider, cause.provider) for cause in causes])
    why = "; ".join(reason(cause, now) for cause in causes)
    return ModelsUnavailable(tuple(causes), f"{who[0].upper()}{who[1:]} did not answer ({why}).")


def reason(error: ModelError, now: datetime) -> str:
    """Why one model did not answer: ``timeout``, ``rate limit until 14:07 UTC``, ``no connection``."""
    if isinstance(error, ModelTimeout):
        return "timeout"
    if isinstance(error, ModelRateLimited):
        if error.retry_after_s is None:
            return "rate limit"
        again = (now + timedelta(seconds=error.retry_after_s)).astimezone(UTC)
        if again.second or again.microsecond:
            again += timedelta(minutes=1)
        return f"rate limit until {again:%H:%M} UTC"
    return message_of(error)


def message_of(error: ModelError) -> str:
    """The error's text without the provider in front."""
    return str(error).removeprefix(f"{error.provider}: ")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
