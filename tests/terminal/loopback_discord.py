"""A small REST server on loopback that knows one token."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

from aiohttp import web

from terminal.checks import PERMISSIONS

TOKEN = "a-token-that-is-right"
SERVERS = (("The table", PERMISSIONS | 1 << 16),)
"""A server with what the bot needs and one permission more."""


@contextmanager
def discord(*, clock_off_s: float = 0.0, flags: int = 0, servers: Sequence[tuple[str, int]] = SERVERS) -> Iterator[str]:
    """The base address of the API while the server runs, on a thread of its own."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(_application(clock_off_s, flags, servers), access_log=None, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _application(clock_off_s: float, flags: int, servers: Sequence[tuple[str, int]]) -> web.Application:
    def answer(request: web.Request, document: Any) -> web.Response:
        headers = {"Date": formatdate(time.time() + clock_off_s, usegmt=True)}
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401, headers=headers)
        return web.json_response(document, headers=headers)

    async def me(request: web.Request) -> web.Response:
        return answer(request, {"id": "1234567890", "name": "Vespera", "flags": flags})

    async def guilds(request: web.Request) -> web.Response:
        listed = enumerate(servers, 1)
        return answer(request, [{"id": str(n), "name": name, "permissions": str(bits)} for n, (name, bits) in listed])

    application = web.Application()
    application.router.add_get("/api/v10/applications/@me", me)
    application.router.add_get("/api/v10/users/@me/guilds", guilds)
    return application
