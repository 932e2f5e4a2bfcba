"""/metrics over HTTP, on the bot's own loop: one page, few askers at a time, each with a deadline."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from errors import BadConfiguration
from telemetry import lag
from telemetry.readings import Discord, read

if TYPE_CHECKING:
    from aiohttp import web

    from app import App

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Scrapes at the same time; a third is told to come back."""
WITHIN_S = 8.0
"""A scrape that takes longer is given up; Prometheus waits 10 s by default."""


@contextlib.asynccontextmanager
async def serving(app: "App", discord: Discord | None) -> AsyncIterator[int]:
    """Offer /metrics where a port is set; gives the port, 0 for none.

    Raises:
        BadConfiguration: the port cannot be opened.
    """
    address, port = app.settings.metrics_address, app.settings.metrics_port
    if not port:
        yield 0
        return
    async with listening(app, discord, address, port) as opened:
        yield opened


@contextlib.asynccontextmanager
async def listening(app: "App", discord: Discord | None, address: str, port: int) -> AsyncIterator[int]:
    """As `serving`, at a given address; port 0 takes a free one."""
    from aiohttp import web

    runner = web.AppRunner(_application(app, discord), access_log=None, shutdown_timeout=0.5, keepalive_timeout=15)
    await runner.setup()
    watching = asyncio.create_task(lag.watch(), name="loop lag")
    try:
        await web.TCPSite(runner, address, port, backlog=8).start()
        opened = int(runner.addresses[0][1])
        log.info("figures at http://%s:%d/metrics", address, opened)
        yield opened
    except OSError as error:
        raise BadConfiguration(f"VESPERA_METRICS_PORT: port {port} cannot be opened ({error.strerror}).") from error
    finally:
        watching.cancel()
        await runner.cleanup()


def _application(app: "App", discord: Discord | None) -> "web.Application":
    from aiohttp import web

    from telemetry import exposition

    places = asyncio.Semaphore(AT_ONCE)

    async def page(request: web.Request) -> web.Response:
        if places.locked():
            return web.Response(status=503, text="Others are reading the figures. Try again.\n")
        async with places:
            try:
                async with asyncio.timeout(WITHIN_S):
                    readings = await read(app, discord)
            except TimeoutError:
                return web.Response(status=503, text="The figures could not be read in time.\n")
            text = await asyncio.to_thread(exposition.exposed, exposition.now(readings))
            return web.Response(body=text, headers={"Content-Type": exposition.CONTENT_TYPE})

    application = web.Application(client_max_size=1_024)
    application.router.add_get("/metrics", page)
    return application
