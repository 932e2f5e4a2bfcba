"""A real HTTP server on loopback that embeds by OpenAI's and Gemini's protocols, well or badly."""

import json
import math
from types import TracebackType
from typing import Any, Self

from aiohttp import web

DIMENSION = 8


class EmbeddingServer:
    """``mood`` says how it answers: ``well``, or one of the ways in which such servers fail."""

    def __init__(self, mood: str = "well") -> None:
        self.mood = mood
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append((request.path, dict(request.headers), body))
        if self.mood == "rate":
            return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "7"})
        if self.mood == "down":
            return web.json_response({}, status=503)
        if self.mood == "key":
            return web.json_response({"error": {"message": "your key sk-123 is bad"}}, status=401)
        if self.mood == "redirect":
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})
        if self.mood == "garbage":
            return web.Response(text="<html>", content_type="text/html")
        if self.mood == "huge":
            return web.Response(body=b" " * (17 * 1024 * 1024))
        if self.mood == "stall":
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b'{"data": [')
            import asyncio

            await asyncio.sleep(30)
            return response
        texts = (
            [each["content"]["parts"][0]["text"] for each in body["requests"]] if "requests" in body else body["input"]
        )
        return web.Response(text=self._vectors(texts, "requests" in body), content_type="application/json")

    def _vectors(self, texts: list[str], gemini: bool) -> str:
        vectors = [[float(ord(text[at % len(text)]) % 7 + 1) for at in range(DIMENSION)] for text in texts]
        if self.mood == "short":
            vectors = [vector[:-1] for vector in vectors]
        if self.mood == "few":
            vectors = vectors[:-1]
        if self.mood == "infinite":
            vectors[0][0] = 1e39  # beyond a 32-bit number
        if gemini:
            return json.dumps({"embeddings": [{"values": vector} for vector in vectors]})
        data = [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]
        assert not any(math.isnan(value) for vector in vectors for value in vector)
        return json.dumps({"data": list(reversed(data))})
