"""What the two embedding endpoints share: batches, one deadline, bounded answers, unit vectors of the agreed length.

Errors are those of the language models (`ModelError`), so that the memory can degrade and the trace can say why.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from errors import ModelRejected, ModelTimeout, ModelUnavailable
from llm.http_errors import ServerAnswer, error_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 64
"""Texts in one request; every server takes that many."""
MAX_CHARACTERS = 8_000
"""Of a text that are sent: about 2,000 tokens, what the smaller embedding models read."""
MAX_ANSWER_BYTES = 16 * 1024 * 1024
CONNECT_S = 5.0
_LARGEST = 1e30


class Endpoint:
    """One address that turns texts into vectors by POST. Opens its connection at the first call."""

    def __init__(self, provider: str, url: str, headers: Mapping[str, str], deadline_s: float) -> None:
        self.provider, self._url, self._deadline_s = provider, url, deadline_s
        self._headers = {"Accept-Encoding": "identity", "Content-Type": "application/json", **headers}
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: Any) -> bytes:
        """The answer's body.

        Raises:
            ModelError: no connection, no answer within the deadline, a status that is not 200, or too many bytes.
        """
        try:
            async with (
                asyncio.timeout(self._deadline_s),
                self._open().post(self._url, data=msgspec.json.encode(body), allow_redirects=False) as response,
            ):
                answer = await self._bounded(response)
                if response.status != 200:
                    raise error_from(
                        self.provider, ServerAnswer(response.status, dict(response.headers), _json(answer))
                    )
                return answer
        except TimeoutError:
            raise ModelTimeout(self.provider, f"no vectors within {self._deadline_s:.3g} s") from None
        except (aiohttp.ClientError, ssl.SSLError, OSError):
            raise ModelUnavailable(self.provider, "no connection") from None

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
                auto_decompress=False,
                trust_env=True,
            )
        return self._session

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for block in response.content.iter_any():
            body += block
            if len(body) > MAX_ANSWER_BYTES:
                raise ModelUnavailable(self.provider, f"the answer is larger than {MAX_ANSWER_BYTES >> 20} MB")
        return bytes(body)


async def vectors_of(
    provider: str, texts: Sequence[str], dimension: int, ask: Callable[[list[str]], Awaitable[list[list[float]]]]
) -> "NDArray[np.float32]":
    """Unit vectors of all texts, asked for in batches. Shape ``(len(texts), dimension)``. Raises ModelError."""
    import numpy as np

    parts = [np.zeros((0, dimension), np.float32)]
    for start in range(0, len(texts), BATCH):
        batch = [_sent(text) for text in texts[start : start + BATCH]]
        parts.append(_unit_rows(provider, await ask(batch), len(batch), dimension))
    return np.concatenate(parts)


def _unit_rows(provider: str, rows: Sequence[Sequence[float]], texts: int, dimension: int) -> "NDArray[np.float32]":
    """Vectors as they came, checked and brought to length 1. Shape ``(texts, dimension)``.

    Raises:
        ModelRejected: another number of vectors, another length, or something that is no finite number.
    """
    import numpy as np

    if len(rows) != texts or any(len(row) != dimension for row in rows):
        found = sorted({len(row) for row in rows})
        raise ModelRejected(provider, f"{len(rows)} vectors of {found} numbers for {texts} texts of {dimension} each")
    vectors = np.asarray(rows, np.float64).reshape(texts, dimension)
    if texts and not (np.abs(vectors) < _LARGEST).all():  # also false for what is not a number
        raise ModelRejected(provider, "a vector holds something that is no finite number")
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    lengths[lengths == 0] = 1
    return np.asarray(vectors / lengths[:, None], np.float32)


def _sent(text: str) -> str:
    """A text as it goes out: bounded, never empty (servers refuse empty input), without lone surrogates."""
    clean = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()
    return clean if clean.strip() else "-"


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
