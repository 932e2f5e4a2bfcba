"""Discord's REST API and gateway on loopback, for the real bot.

    async with FakeDiscord() as discord:
        … start the bot with DISCORD_API_URL=discord.api_url, DISCORD_GATEWAY_URL=discord.gateway_url …
        reply = await discord.interact(slash("dnd spell", name="fireball"))

It keeps Discord's rules where the bot depends on them: one callback per interaction (then 40060), no edit before it,
expired tokens (50027), nonces that are enforced. `faults` are taken in order by the calls they match. As a program,
for measuring an idle bot:  python -m tests.wire.fake_discord --port 8080
"""

import argparse
import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.wire import payloads
from tests.wire.records import EPHEMERAL, Call, Fault, Reply, error, json_answer, read


class FakeDiscord:
    """A server for one bot."""

    def __init__(self, port: int = 0, heartbeat_ms: int = 41_250) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.replies: dict[str, Reply] = {}
        self.channel_messages: list[dict[str, Any]] = []
        self.expired: set[str] = set()
        self.application = payloads.application()
        self.identifies = self.resumes = 0
        self.refuse_resume = False
        self.acknowledges = True
        """Whether heartbeats are answered."""
        self.refuse_identify = 0
        """A close code in answer to IDENTIFY."""
        self.resume_url = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.ready = asyncio.Event()
        self._changed = asyncio.Condition()
        self._port, self._heartbeat_ms = port, heartbeat_ms
        self._seq = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=30_000_000)
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        for socket in self.sockets:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """For DISCORD_API_URL."""
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        """For DISCORD_GATEWAY_URL."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    # -- what a test does

    async def send(self, interaction: dict[str, Any]) -> Reply:
        """Deliver an interaction over the gateway; returns at once."""
        reply = self.replies.setdefault(interaction["token"], Reply())
        await self.dispatch("INTERACTION_CREATE", interaction)
        return reply

    async def interact(self, interaction: dict[str, Any], within_s: float = 10.0) -> Reply:
        """Deliver an interaction and wait for its last word: a message with a status line, a sentence, a modal."""
        reply = await self.send(interaction)
        await self.until(lambda: reply.kind in {4, 8, 9} or bool(reply.edits and "task" in reply.text), within_s)
        return reply

    async def until(self, true: Any, within_s: float = 10.0) -> None:
        """Wait for something that calls change."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(true)

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send one event to the bot."""
        self._seq += 1
        await self._to_bot({"op": 0, "t": event, "s": self._seq, "d": data})

    async def ask_to_reconnect(self) -> None:
        """Op 7."""
        await self._to_bot({"op": 7, "d": None})

    async def invalidate(self, resumable: bool) -> None:
        """Op 9."""
        await self._to_bot({"op": 9, "d": resumable})

    async def drop(self, code: int = 4000) -> None:
        """Close the socket."""
        await self.sockets[-1].close(code=code)

    def called(self, method: str, pattern: str) -> list[Call]:
        """Calls so far that match."""
        return [call for call in self.calls if call.method == method and re.search(pattern, call.path)]

    # -- the gateway

    async def _to_bot(self, frame: dict[str, Any]) -> None:
        await self.sockets[-1].send_str(json.dumps(frame))

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_str(json.dumps({"op": 10, "d": {"heartbeat_interval": self._heartbeat_ms}}))
        async for frame in socket:
            if frame.type == WSMsgType.TEXT:
                await self._from_bot(socket, json.loads(frame.data))
        return socket

    async def _from_bot(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["op"] == 1:
            if self.acknowledges:
                await socket.send_str(json.dumps({"op": 11}))
        elif frame["op"] == 2:
            self.identifies += 1
            if self.refuse_identify:
                await socket.close(code=self.refuse_identify)
                return
            await self.dispatch(
                "READY", payloads.ready(f"session-{self.identifies}", self.resume_url or self.gateway_url)
            )
            await self.dispatch("GUILD_CREATE", payloads.guild())
            self.ready.set()
        elif frame["op"] == 6:
            self.resumes += 1
            if self.refuse_resume:
                await self.invalidate(resumable=False)
            else:
                await self.dispatch("RESUMED", {})
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # -- REST

    async def _rest(self, request: web.Request) -> web.Response:
        call = await read(request)
        self.calls.append(call)
        fault = next(
            (item for item in self.faults if item.method == call.method and re.search(item.path, call.path)), None
        )
        if fault is not None:
            self.faults.remove(fault)
        if fault is None or fault.after_effect:
            response = self._act(call, request)
        if fault is not None:
            response = json_answer(fault.body, fault.status, fault.headers)
        await self._tell()
        return response

    def _act(self, call: Call, request: web.Request) -> web.Response:
        parts = call.path.split("/")
        match (call.method, *parts):
            case ("GET", "users", "@me"):
                if request.headers.get("Authorization") != "Bot good-token":
                    return error(401, 0, "401: Unauthorized")
                return json_answer(payloads.user(payloads.BOT, "vespera", True))
            case ("GET", "oauth2", "applications", "@me") | ("GET", "applications", "@me"):
                return json_answer(self.application)
            case ("PUT", "applications", _, "commands"):
                return json_answer(
                    [{"description": "", **item, "id": str(index), "application_id": parts[1], "version": "1"}
                     for index, item in enumerate(call.body)]
                )  # fmt: skip
            case ("POST", "interactions", _, token, "callback"):
                return self._callback(token, call.body)
            case ("PATCH", "webhooks", _, token, "messages", "@original"):
                return self._edit(token, call.body)
            case ("POST", "channels", _, "messages"):
                return self._post(call.body)
        return error(404, 0, f"no such route: {call.method} {call.path}")

    def _callback(self, token: str, body: dict[str, Any]) -> web.Response:
        reply = self.replies.setdefault(token, Reply())
        if token in self.expired:
            return error(404, 10062, "Unknown interaction")
        if reply.kind:
            return error(400, 40060, "Interaction has already been acknowledged.")
        reply.kind, reply.data = body["type"], body.get("data") or {}
        reply.ephemeral = bool(int(reply.data.get("flags") or 0) & EPHEMERAL)
        resource: dict[str, Any] = {"type": reply.kind}
        if reply.kind in {4, 5}:
            reply.message = payloads.message(payloads.snowflake(), reply.data, EPHEMERAL if reply.ephemeral else 0)
            resource["message"] = reply.message
        return json_answer({"interaction": {"id": "1", "type": 2, "token": token}, "resource": resource})

    def _edit(self, token: str, body: dict[str, Any]) -> web.Response:
        reply = self.replies.get(token)
        if token in self.expired:
            return error(401, 50027, "Invalid Webhook Token")
        if reply is None or reply.message is None:
            return error(404, 10015, "Unknown Webhook")
        reply.message = payloads.message(int(reply.message["id"]), body, EPHEMERAL if reply.ephemeral else 0)
        reply.edits.append(body)
        return json_answer(reply.message)

    def _post(self, body: dict[str, Any]) -> web.Response:
        nonce = body.get("nonce")
        for earlier in self.channel_messages:
            if nonce is not None and body.get("enforce_nonce") and earlier.get("nonce") == nonce:
                return json_answer(earlier)
        posted = payloads.message(payloads.snowflake(), body) | {"nonce": nonce}
        self.channel_messages.append(posted)
        return json_answer(posted)


@contextlib.asynccontextmanager
async def served(port: int) -> AsyncIterator[FakeDiscord]:
    """A server on a port, for the program."""
    async with FakeDiscord(port) as server:
        yield server


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    async with served(parser.parse_args().port) as server:
        print(f"DISCORD_TOKEN=good-token DISCORD_API_URL={server.api_url} DISCORD_GATEWAY_URL={server.gateway_url}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
