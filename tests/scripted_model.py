"""A real HTTP server on loopback that plays language models by a script.

It speaks OpenAI's chat completions (``/v1/chat/completions``, at ``/openai/v1/…`` for Groq), Gemini's
``generateContent`` and ``streamGenerateContent``, streamed or not as asked.

    async with ScriptedModel([RateLimited(1), Reply('{"answer": 1}')]) as server:
        model = OpenAICompatibleModel(base_url=server.url, model="any")

Each request takes the next step whose ``when`` occurs in its body (empty: always); the last such step repeats. A
script may also be a callable from the request to a step. As a program, for tests in other processes:

    python -m tests.scripted_model --port 8123 --script steps.json

where the file holds a list like ``[{"step": "ratelimited", "retry_after": 1}, {"step": "reply", "text": "{}"}]``.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from tests.scripted_steps import (
    Body10MB,
    DroppedStream,
    MalformedJson,
    RateLimited,
    RefuseFormat,
    Reply,
    Script,
    ServerError,
    Stall,
    Status,
    Step,
    TruncatedJson,
    WrongSchema,
)
from tests.scripted_wire import Received, error, events, whole

__all__ = [
    "Body10MB",
    "DroppedStream",
    "MalformedJson",
    "RateLimited",
    "Received",
    "RefuseFormat",
    "Reply",
    "Script",
    "ScriptedModel",
    "ServerError",
    "Stall",
    "Status",
    "Step",
    "TruncatedJson",
    "WrongSchema",
]


class ScriptedModel:
    """The server. ``requests`` holds what came in; with ``hold`` nothing is answered before so many have arrived."""

    def __init__(self, script: Script, *, hold: int = 0, port: int = 0) -> None:
        self._script = script if callable(script) else list(script)
        self._used: set[int] = set()
        self._hold, self._port = hold, port
        self._all_here = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.requests: list[Received] = []

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Base URL for all three protocols."""
        return f"http://127.0.0.1:{self._port}"

    async def _answer(self, raw: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in raw.headers.items()}
        request = Received(raw.path, headers, await raw.json())
        self.requests.append(request)
        if len(self.requests) >= self._hold:
            self._all_here.set()
        try:
            await self._all_here.wait()
            return await self._play(await self._next_step(request), request, raw)
        except (asyncio.CancelledError, ConnectionError):
            request.closed_early = True
            raise

    async def _next_step(self, request: Received) -> Step:
        if callable(self._script):
            step = self._script(request)
            return await step if isinstance(step, Awaitable) else step
        matching = [place for place, step in enumerate(self._script) if step.when in request.text]
        if not matching:
            return Status(message="The script has no step for this request.", code="no_step")
        place = next((place for place in matching if place not in self._used), matching[-1])
        self._used.add(place)
        return self._script[place]

    async def _play(self, step: Step, request: Received, raw: web.Request) -> web.StreamResponse:
        match step:
            case Reply():
                await asyncio.sleep(step.pause_s)
                return await _reply(request, raw, step)
            case MalformedJson() | WrongSchema():
                return await _reply(request, raw, Reply(step.text))
            case TruncatedJson():
                return await _reply(request, raw, Reply(step.text, finish="length"))
            case Body10MB():
                return await _reply(request, raw, Reply("x" * step.size, piece=65_536))
            case Stall():
                return await _stall(request, raw, step)
            case DroppedStream():
                return await _drop(request, raw, step)
            case RefuseFormat():
                refused = _refused(request, step.refuses)
                if refused:
                    return _error(request, 400, f"'{refused}' is not supported by this model.", "invalid_request_error")
                return await _reply(request, raw, Reply(step.text))
            case RateLimited():
                return _rate_limited(request, step)
            case ServerError():
                return _error(request, step.status, "Traceback of the server, prompt included.", "server_error")
            case Status():
                return _error(request, step.status, step.message, step.code)


async def _reply(request: Received, raw: web.Request, reply: Reply) -> web.StreamResponse:
    if not request.streamed:
        body = whole(request, reply.text, reply.finish, reply.usage)
        return await _send(
            request, raw, "application/json", [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
        )
    parts = list(events(request, reply.text, reply.finish, reply.usage, reply.piece))
    return await _send(request, raw, "text/event-stream", parts)


async def _stall(request: Received, raw: web.Request, step: Stall) -> web.StreamResponse:
    if step.after < 0 or not request.streamed:
        await asyncio.sleep(step.seconds)
        return await _reply(request, raw, Reply(step.text))
    parts = list(events(request, step.text, "stop", True, 24))
    return await _send(request, raw, "text/event-stream", parts, pause_at=step.after, pause_s=step.seconds)


async def _drop(request: Received, raw: web.Request, step: DroppedStream) -> web.StreamResponse:
    if request.streamed:
        parts = list(events(request, step.text, None, True, 8))[: step.after]
        return await _send(request, raw, "text/event-stream", parts, abrupt=step.abrupt)
    body = whole(request, step.text, None, True)
    parts = [body[: len(body) // 2]] if step.abrupt else [body]
    return await _send(request, raw, "application/json", parts, abrupt=step.abrupt)


async def _send(
    request: Received,
    raw: web.Request,
    kind: str,
    parts: list[bytes],
    *,
    abrupt: bool = False,
    pause_at: int = -1,
    pause_s: float = 0.0,
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(raw)
    for number, part in enumerate(parts):
        if number == pause_at:
            await asyncio.sleep(pause_s)
        await response.write(part)
        request.sent += len(part)
    if abrupt and raw.transport is not None:
        raw.transport.close()
        return response
    await response.write_eof()
    return response


def _refused(request: Received, refuses: tuple[str, ...]) -> str:
    config = request.body.get("generationConfig") or {}
    asked = (request.body.get("response_format") or {}).get("type", "")
    if request.gemini and config.get("responseMimeType"):
        asked = "json_schema" if config.get("responseJsonSchema") else "json_object"
    if asked in refuses:
        return f"response_format {asked}"
    return next((key for key in refuses if request.body.get(key) not in (None, False)), "")


def _rate_limited(request: Received, step: RateLimited) -> web.Response:
    response = _error(request, 429, "Rate limit reached.", "rate_limit_exceeded", step.in_body_s)
    if step.retry_after is not None:
        response.headers["Retry-After"] = str(step.retry_after)
    return response


def _error(request: Received, status: int, message: str, code: str, in_body_s: float | None = None) -> web.Response:
    body = error(request, status, message, code, in_body_s)
    return web.Response(status=status, body=body, content_type="application/json")


async def _serve(port: int, script: Path) -> None:
    steps = msgspec.json.decode(script.read_bytes(), type=list[Step])
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with ScriptedModel(steps, port=port) as server:
        print(server.url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="A scripted model server on loopback.")
    arguments.add_argument("--port", type=int, default=0, help="0 picks a free one; the base URL is printed")
    arguments.add_argument("--script", type=Path, required=True, help="JSON list of steps")
    chosen = arguments.parse_args()
    asyncio.run(_serve(chosen.port, chosen.script))
