"""Any server that speaks OpenAI's chat completions: LM Studio, OpenAI, Anthropic's endpoint, Ollama, llama.cpp, vLLM.

A lean client over aiohttp, which discord.py has loaded anyway: the openai SDK adds 28 MB, this adds nothing.
"""

import ssl
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import msgspec

from errors import ModelError, ModelFormatRefused, ModelUnavailable
from llm.addresses import chat_completions_url, checked_base_url
from llm.contracts import ModelCall, ModelReply
from llm.http_errors import ServerAnswer, error_from
from llm.limits import MAX_WIRE_BYTES, Patience
from llm.manner import Manner
from llm.openai_wire import completion_from
from llm.prices import FREE, Price
from llm.reply import Author, Piece, reply_from

FIRST_MANNER = Manner()
LOCAL_PATIENCE = Patience(first_s=120.0, gap_s=20.0)
"""A local server on a CPU reads a long prompt for a minute before its first word."""


class OpenAICompatibleModel:
    """One model of one OpenAI-shaped server. ``api_key`` is optional: local servers need none."""

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str | None = None,
        price: Price = FREE,
        patience: Patience = LOCAL_PATIENCE,
        provider: str = "openai_compatible",
        manner: Manner = FIRST_MANNER,
    ) -> None:
        self.provider, self.model = provider, model
        self._url = chat_completions_url(checked_base_url("OPENAI_COMPATIBLE_BASE_URL", base_url))
        self._headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._author = Author(provider, model, price)
        self._patience = patience
        self._manner = manner
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"OpenAICompatibleModel({self.model!r})"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """One HTTP request within ``deadline_s`` seconds; see `LanguageModel`."""
        return await reply_from(self._pieces(call), call, self._author, self._patience, deadline_s)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _pieces(self, call: ModelCall) -> AsyncGenerator[Piece, None]:
        manner = self._manner
        body = msgspec.json.encode(manner.request(self.model, call))
        try:
            async with self._open().post(self._url, data=body, allow_redirects=False) as response:
                if response.status != 200:
                    raise await self._refusal(response, manner)
                if response.content_type == "text/event-stream":
                    async for piece in self._streamed(response):
                        yield piece
                else:
                    yield self._piece(await _bounded_body(response, self.provider))
        except (aiohttp.ClientError, OSError) as error:
            raise self._connection_error(error) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, connect=self._patience.connect_s),
                auto_decompress=False,
                trust_env=True,
            )
        return self._session

    async def _streamed(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Piece, None]:
        async for line in _lines(response, self.provider):
            if not line.startswith(b"data:"):
                continue
            event = line.removeprefix(b"data:").strip()
            if event == b"[DONE]":
                return
            yield self._piece(event)

    def _piece(self, body: bytes) -> Piece:
        try:
            completion = completion_from(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ModelUnavailable(self.provider, "the answer is not a chat completion") from None
        if completion.error:
            raise ModelUnavailable(self.provider, "the server failed while it answered")
        return completion.piece()

    async def _refusal(self, response: aiohttp.ClientResponse, manner: Manner) -> ModelError:
        body = await _bounded_body(response, self.provider)
        answer = ServerAnswer(response.status, dict(response.headers), _json_or_none(body))
        if better := manner.after_refusal(answer):
            self._manner = better
            return ModelFormatRefused(self.provider, f"refused the form of the request (HTTP {answer.status})")
        return error_from(self.provider, answer)

    def _connection_error(self, error: Exception) -> ModelUnavailable:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return ModelUnavailable(self.provider, f"no connection within {self._patience.connect_s:.3g} s")
        if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
            return ModelUnavailable(self.provider, "its TLS certificate was not accepted")
        if isinstance(error, aiohttp.ClientConnectorError):
            return ModelUnavailable(self.provider, "no connection")
        return ModelUnavailable(self.provider, "the connection dropped")


async def _lines(response: aiohttp.ClientResponse, provider: str) -> AsyncGenerator[bytes, None]:
    """Lines of the body, the last one also when it has no end; the whole bounded."""
    received, rest = 0, bytearray()
    async for block in response.content.iter_any():
        received += len(block)
        if received > MAX_WIRE_BYTES:
            raise _too_large(provider)
        rest += block
        if b"\n" in block:
            *lines, tail = bytes(rest).split(b"\n")
            rest = bytearray(tail)
            for line in lines:
                yield line
    if rest:
        yield bytes(rest)


async def _bounded_body(response: aiohttp.ClientResponse, provider: str) -> bytes:
    body = bytearray()
    async for block in response.content.iter_any():
        body += block
        if len(body) > MAX_WIRE_BYTES:
            raise _too_large(provider)
    return bytes(body)


def _too_large(provider: str) -> ModelUnavailable:
    return ModelUnavailable(provider, f"the answer is larger than {MAX_WIRE_BYTES // 1024} kB")


def _json_or_none(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
