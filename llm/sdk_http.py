"""The HTTP client handed to the SDKs: bounded answers, a short connect timeout, no redirects.

httpx is imported when the first SDK is, never before.
"""

import ssl
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from errors import ModelUnavailable
from llm.http_errors import ServerAnswer
from llm.limits import MAX_WIRE_BYTES, Patience

if TYPE_CHECKING:
    import httpx


class AnswerTooLarge(Exception):
    """More bytes than any reply needs; the connection is closed without reading the rest."""


def open_http(patience: Patience) -> "httpx.AsyncClient":
    """An httpx client for an SDK. Reads certificate files and imports httpx: call it off the event loop."""
    import httpx

    class Bounded(httpx.AsyncByteStream):
        """A body of at most `MAX_WIRE_BYTES`."""

        def __init__(self, inner: httpx.AsyncByteStream) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            received = 0
            async for block in self._inner:
                received += len(block)
                if received > MAX_WIRE_BYTES:
                    await self._inner.aclose()
                    raise AnswerTooLarge
                yield block

        async def aclose(self) -> None:
            await self._inner.aclose()

    async def bound(response: httpx.Response) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = Bounded(response.stream)

    async def be_patient(request: httpx.Request) -> None:
        # The SDKs set a timeout of their own per request; stalls and deadlines are watched by `llm.reply`.
        request.extensions["timeout"] = {"connect": patience.connect_s, "read": None, "write": 10.0, "pool": 5.0}

    return httpx.AsyncClient(
        headers={"Accept-Encoding": "identity"},
        verify=ssl.create_default_context(),
        follow_redirects=False,
        event_hooks={"request": [be_patient], "response": [bound]},
    )


def transport_error(provider: str, error: BaseException | None, patience: Patience) -> ModelUnavailable:
    """What an exception of httpx, or of an SDK around one, means."""
    import httpx

    if isinstance(error, AnswerTooLarge):
        return ModelUnavailable(provider, f"the answer is larger than {MAX_WIRE_BYTES // 1024} kB")
    if isinstance(error, httpx.ConnectTimeout):
        return ModelUnavailable(provider, f"no connection within {patience.connect_s:.3g} s")
    if isinstance(error, httpx.ConnectError):
        return ModelUnavailable(provider, "no connection")
    if isinstance(error, httpx.HTTPError):
        return ModelUnavailable(provider, "the connection dropped")
    return ModelUnavailable(provider, "the answer is not a reply of this protocol")


def server_answer(response: "httpx.Response") -> ServerAnswer:
    """An error response whose body has been read."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    return ServerAnswer(response.status_code, dict(response.headers), body)
