"""Groq, through its SDK, which is imported at the first call (13 MB) and never retries on its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from errors import ModelError, ModelFormatRefused, ModelRejected, ModelUnavailable
from llm.addresses import checked_base_url, without_suffix
from llm.contracts import ModelCall, ModelReply
from llm.http_errors import error_from
from llm.limits import Patience
from llm.manner import Manner
from llm.prices import FREE, Price
from llm.reply import Author, Piece, reply_from
from llm.sdk_http import AnswerTooLarge, open_http, server_answer, transport_error

if TYPE_CHECKING:
    import groq

BASE_URL = "https://api.groq.com"
PATIENCE = Patience(first_s=15.0)


class GroqModel:
    """One model at Groq."""

    provider = "groq"

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str = BASE_URL,
        price: Price = FREE,
        patience: Patience = PATIENCE,
    ) -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = without_suffix(checked_base_url("GROQ_BASE_URL", base_url), "/v1", "/openai")
        self._author = Author(self.provider, model, price)
        self._patience = patience
        # Groq reports the tokens of a stream unasked and knows no stream_options.
        self._manner = Manner(usage=False)
        self._client: groq.AsyncGroq | None = None
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"GroqModel({self.model!r})"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """One HTTP request within ``deadline_s`` seconds; see `LanguageModel`."""
        return await reply_from(self._pieces(call), call, self._author, self._patience, deadline_s)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _opened(self) -> "groq.AsyncGroq":
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._open)
                except ImportError:
                    raise ModelRejected(self.provider, "the package groq is not installed") from None
            return self._client

    def _open(self) -> "groq.AsyncGroq":
        import groq

        client = groq.AsyncGroq(
            api_key=self._api_key, base_url=self._base_url, max_retries=0, http_client=open_http(self._patience)
        )
        _ = client.chat.completions  # imports the rest of the SDK, here in the thread
        return client

    async def _pieces(self, call: ModelCall) -> AsyncGenerator[Piece, None]:
        client = await self._opened()
        import groq
        import httpx

        manner = self._manner
        try:
            async with aclosing(_completion(client, manner.request(self.model, call))) as pieces:
                async for piece in pieces:
                    yield piece
        except groq.APIStatusError as error:
            raise self._refusal(error, manner) from None
        except groq.APIConnectionError as error:
            raise transport_error(self.provider, error.__cause__, self._patience) from None
        except groq.APIError:
            raise ModelUnavailable(self.provider, "the server failed while it answered") from None
        except (httpx.HTTPError, AnswerTooLarge, ValueError, TypeError, AttributeError) as error:
            raise transport_error(self.provider, error, self._patience) from None

    def _refusal(self, error: "groq.APIStatusError", manner: Manner) -> ModelError:
        answer = server_answer(error.response)
        if better := manner.after_refusal(answer):
            self._manner = better
            return ModelFormatRefused(self.provider, f"refused the form of the request (HTTP {answer.status})")
        return error_from(self.provider, answer)


async def _completion(client: "groq.AsyncGroq", request: dict[str, Any]) -> AsyncGenerator[Piece, None]:
    completion: Any = await client.chat.completions.create(**request)
    if not request["stream"]:
        yield _piece(completion, getattr(completion.choices[0], "message", None))
        return
    async with completion:
        async for chunk in completion:
            yield _piece(chunk, chunk.choices[0].delta if chunk.choices else None)


def _piece(part: Any, message: Any) -> Piece:
    """A chunk or a whole completion; the SDK builds its objects unvalidated, so anything may be missing."""
    finish = part.choices[0].finish_reason if part.choices else None
    usage = getattr(part, "usage", None) or getattr(getattr(part, "x_groq", None), "usage", None)
    return Piece(
        getattr(message, "content", None) or "",
        finish,
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
    )
