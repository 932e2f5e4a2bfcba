"""`./vespera relay serve`: the relay as a service, at work until it is told to stop."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import allocator
import logs
from agents.relay.http_roles import roles_app
from agents.relay.socket import desk_app, served
from errors import BadConfiguration
from sealing import seal
from settings import Settings
from terminal import exits, start

if TYPE_CHECKING:
    from relay_app import RelayApp

log = logging.getLogger("vespera.relay")


def serve() -> int:
    """Run the service; the exit code."""
    seal()
    allocator.keep_small()
    settings = start.settings()
    logs.start_logging(settings.log_level, settings.secrets)
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    from relay_app import RelayApp

    app = await RelayApp.open(settings)
    try:
        async with served(desk_app(app), settings.data_dir), _roles(app):
            _say_how(app)
            await app.work()
            await _told_to_stop()
            log.info("stopping; jobs under way go on at the next start")
    finally:
        await app.close()
    return exits.FINE


@contextlib.asynccontextmanager
async def _roles(app: "RelayApp") -> AsyncIterator[None]:
    """The three verbs on loopback, where a port is set."""
    port = app.settings.relay_port
    if not port:
        yield
        return
    from aiohttp import web

    runner = web.AppRunner(
        roles_app(app.builder, app.verifier, app, app.settings.relay_token), access_log=None, shutdown_timeout=5.0
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        log.info("the three roles listen on http://127.0.0.1:%d", port)
        yield
    except OSError as error:
        raise BadConfiguration(f"VESPERA_RELAY_PORT: port {port} cannot be opened ({error.strerror}).") from error
    finally:
        await runner.cleanup()


def _say_how(app: "RelayApp") -> None:
    if app.sandbox is None:
        log.warning("%s No job can be begun.", app.why_no_sandbox)
        return
    log.info("the relay is ready; sandbox: %s", app.sandbox.probe.version or app.sandbox.probe.mode)
    for lack in app.sandbox.probe.lacks:
        log.warning("not stopped here: %s", lack)


async def _told_to_stop() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
