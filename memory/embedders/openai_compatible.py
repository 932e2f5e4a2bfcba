"""Embeddings of any server that speaks OpenAI's protocol: LM Studio, Ollama, llama.cpp, vLLM, OpenAI."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from errors import ModelUnavailable
from llm.addresses import chat_completions_url, checked_base_url
from memory.embedders.endpoint import Endpoint, vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Reply(msgspec.Struct):
    data: list[_Vector]


class OpenAICompatibleEmbedder:
    """One embedding model of one server. ``dimension`` is what the model gives; `probe` finds it out."""

    provider = "openai_compatible"

    def __init__(
        self, *, base_url: str, model: str, dimension: int, api_key: str | None = None, deadline_s: float = 20.0
    ) -> None:
        self.model, self.dimension = f"{self.provider}/{model}/{dimension}", dimension
        self._name = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._endpoint = Endpoint(self.provider, embeddings_url(base_url), headers, deadline_s)

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder`; one request for 64 texts. Raises ModelError."""
        return await vectors_of(self.provider, texts, self.dimension, self._rows)

    async def probe(self) -> int:
        """How many numbers the model gives a text; one request. Raises ModelError."""
        rows = await self._rows(["length"])
        return len(rows[0]) if rows else 0

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._endpoint.close()

    async def _rows(self, texts: list[str]) -> list[list[float]]:
        body = await self._endpoint.post({"model": self._name, "input": texts, "encoding_format": "float"})
        try:
            reply = msgspec.json.decode(body, type=_Reply)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ModelUnavailable(self.provider, "the answer is not a list of embeddings") from None
        return [vector.embedding for vector in sorted(reply.data, key=lambda vector: vector.index)]


def embeddings_url(base_url: str) -> str:
    """The endpoint under a base URL with or without ``/v1`` at its end. Raises BadConfiguration."""
    chat = chat_completions_url(checked_base_url("OPENAI_COMPATIBLE_BASE_URL", base_url))
    return chat.removesuffix("/chat/completions") + "/embeddings"
