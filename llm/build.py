"""The models an operator has configured, from explicit values; nothing here reads the environment."""

from collections.abc import Mapping, Sequence

from errors import BadConfiguration
from llm import gemini, groq
from llm.contracts import LanguageModel
from llm.prices import Price, price_of

DEFAULT_GROQ_MODEL = "openai/gpt-oss-120b"
"""Of Groq's models, one that takes a strict JSON schema."""
PROVIDERS = ("gemini", "groq", "offline", "openai_compatible")
"""Whom a route may name, configured or not."""
DEFAULT_GEMINI_MODEL = "gemini-2.5-flash"


def build_models(
    *,
    groq_api_key: str | None = None,
    groq_model: str | None = None,
    groq_base_url: str | None = None,
    gemini_api_key: str | None = None,
    gemini_model: str | None = None,
    gemini_base_url: str | None = None,
    openai_compatible_base_url: str | None = None,
    openai_compatible_api_key: str | None = None,
    openai_compatible_model: str | None = None,
    prices: Mapping[str, Price] | None = None,
) -> list[LanguageModel]:
    """One model for each provider that is configured, Groq first; no SDK is imported and nothing connects.

    Raises:
        BadConfiguration: an address that no model server can have, a key with characters that no key has, or an
            OpenAI-compatible server without a model name.
    """
    models: list[LanguageModel] = []
    if groq_api_key:
        name = groq_model or DEFAULT_GROQ_MODEL
        models.append(
            groq.GroqModel(
                api_key=_checked_key("GROQ_API_KEY", groq_api_key),
                model=name,
                base_url=groq_base_url or groq.BASE_URL,
                price=price_of(name, prices),
            )
        )
    if gemini_api_key:
        name = gemini_model or DEFAULT_GEMINI_MODEL
        models.append(
            gemini.GeminiModel(
                api_key=_checked_key("GEMINI_API_KEY", gemini_api_key),
                model=name,
                base_url=gemini_base_url or gemini.BASE_URL,
                price=price_of(name, prices),
            )
        )
    if openai_compatible_base_url:
        if not openai_compatible_model:
            raise BadConfiguration("OPENAI_COMPATIBLE_BASE_URL is set, but OPENAI_COMPATIBLE_MODEL is not.")
        from llm.openai_compatible import OpenAICompatibleModel  # aiohttp: 0.1 s and 10 MB that a terminal can spare

        models.append(
            OpenAICompatibleModel(
                base_url=openai_compatible_base_url,
                model=openai_compatible_model,
                api_key=_checked_key("OPENAI_COMPATIBLE_API_KEY", openai_compatible_api_key or ""),
                price=price_of(openai_compatible_model, prices),
            )
        )
    return models


def _checked_key(setting: str, key: str) -> str:
    """The key as it may stand in an HTTP header; a pasted quote or line break would fail at every call instead."""
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadConfiguration(
            f"{setting} holds a character that no key has. Paste it again, without quotes or spaces."
        )
    return key


def read_routes(text: str, models: Sequence[LanguageModel]) -> dict[str, list[str]]:
    """``cloud=gemini,groq; dnd=groq`` as a mapping. Raises BadConfiguration for a provider that does not exist."""
    known = {*PROVIDERS, *(model.provider for model in models)}
    pairs = [entry.partition("=") for entry in text.split(";") if entry.strip()]
    routes = {task.strip(): [name.strip() for name in names.split(",") if name.strip()] for task, _, names in pairs}
    for task, names in routes.items():
        if unknown := [name for name in names if name not in known]:
            raise BadConfiguration(
                f'VESPERA_MODEL_ROUTES sends {task} to "{unknown[0]}". Known are {", ".join(sorted(known))}.'
            )
        if not names:
            raise BadConfiguration(
                f'VESPERA_MODEL_ROUTES names no provider in "{task}". Write it as cloud=gemini,groq.'
            )
    return routes
