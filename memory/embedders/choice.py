"""Which embedder serves: an endpoint where the operator set one, else the embedded one."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from errors import ModelError
from memory.contracts import Embedder
from memory.embedders.embedded import EmbeddedEmbedder

if TYPE_CHECKING:
    from memory.embedders.openai_compatible import OpenAICompatibleEmbedder

log = logging.getLogger("vespera.memory")

Recall = Callable[[str], Awaitable[str | None]]
Keep = Callable[[str, str], Awaitable[None]]


async def choose(
    *,
    base_url: str = "",
    model: str = "",
    api_key: str = "",
    dimension: int = 0,
    gemini_api_key: str = "",
    gemini_model: str = "",
    gemini_base_url: str = "",
    recall: Recall,
    keep: Keep,
) -> Embedder:
    """The embedder for these settings; an OpenAI-shaped server goes before Gemini.

    How long a server's vectors are is asked of it once and kept with `keep`; while that is unknown and the server does
    not answer, the embedded embedder serves, until the next start.

    Raises:
        BadConfiguration: an address that no model server can have.
    """
    if base_url and model:
        from memory.embedders.openai_compatible import OpenAICompatibleEmbedder

        known = f"embedding.dimension.{model}"
        found = dimension or int(await recall(known) or 0)
        if not found:
            found = await _asked(OpenAICompatibleEmbedder(base_url=base_url, model=model, dimension=0, api_key=api_key))
            if not found:
                return EmbeddedEmbedder()
            await keep(known, str(found))
        return OpenAICompatibleEmbedder(base_url=base_url, model=model, dimension=found, api_key=api_key)
    if gemini_api_key and gemini_model:
        from memory.embedders.gemini import BASE_URL, GeminiEmbedder

        return GeminiEmbedder(api_key=gemini_api_key, model=gemini_model, base_url=gemini_base_url or BASE_URL)
    return EmbeddedEmbedder()


async def _asked(embedder: "OpenAICompatibleEmbedder") -> int:
    try:
        return await embedder.probe()
    except ModelError as error:
        log.warning("the embedding server does not answer; the embedded one serves until the next start: %s", error)
        return 0
    finally:
        await embedder.close()
