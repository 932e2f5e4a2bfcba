"""Embeddings of the Gemini API, by its plain REST call: the SDK would add 26 MB for one POST."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from errors import ModelUnavailable
from llm.addresses import checked_base_url, without_suffix
from memory.embedders.endpoint import Endpoint, vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BASE_URL = "https://generativelanguage.googleapis.com"
DEFAULT_MODEL = "gemini-embedding-001"
DIMENSION = 768
"""Asked for with ``outputDimensionality``; the model can give 768, 1,536 or 3,072."""


class _Values(msgspec.Struct):
    values: list[float]


class _Reply(msgspec.Struct):
    embeddings: list[_Values]


class GeminiEmbedder:
    """One embedding model of the Gemini API, by ``batchEmbedContents``."""

    provider = "gemini"

    def __init__(
        self,
        *,
        api_key: str,
        model: str = DEFAULT_MODEL,
        base_url: str = BASE_URL,
        dimension: int = DIMENSION,
        deadline_s: float = 20.0,
    ) -> None:
        self.model, self.dimension = f"{self.provider}/{model}/{dimension}", dimension
        self._name = f"models/{model}"
        base = without_suffix(checked_base_url("GEMINI_BASE_URL", base_url), "/v1beta", "/v1")
        url = f"{base}/v1beta/{self._name}:batchEmbedContents"
        # The key goes in a header: an address ends up in the logs of proxies.
        self._endpoint = Endpoint(self.provider, url, {"x-goog-api-key": api_key}, deadline_s)

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder`; one request for 64 texts. Raises ModelError."""
        return await vectors_of(self.provider, texts, self.dimension, self._rows)

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._endpoint.close()

    async def _rows(self, texts: list[str]) -> list[list[float]]:
        body = await self._endpoint.post({"requests": [self._request(text) for text in texts]})
        try:
            reply = msgspec.json.decode(body, type=_Reply)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ModelUnavailable(self.provider, "the answer is not a list of embeddings") from None
        return [embedding.values for embedding in reply.embeddings]

    def _request(self, text: str) -> dict[str, object]:
        return {
            "model": self._name,
            "content": {"parts": [{"text": text}]},
            "outputDimensionality": self.dimension,
        }
