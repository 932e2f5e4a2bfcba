"""The Discord bot: builds the App, loads the cogs, connects, and stops cleanly on SIGTERM.

Exit codes: 0 stopped as asked, 1 failed (worth a restart), 78 configuration (a restart cannot mend it).
"""

import asyncio
import contextlib
import logging
import signal
import sys

import aiohttp
import discord
import yarl

import allocator
import logs
from app import App
from cogs import service
from cogs.front import Front
from errors import BadConfiguration, VesperaError
from owner_socket.server import OwnerServer
from sealing import seal
from settings import Settings, load_settings
from telemetry.offering import offered

EXIT_FAILED = 1
EXIT_CONFIGURATION = 78
TERMINALS_LEAVE_WITHIN_S = 0.5
STORE_CLOSES_WITHIN_S = 3.5
LAST_WORDS_WITHIN_S = 1.5
DISCORD_CLOSES_WITHIN_S = 2.5
LONGEST_PAUSE_S = 300.0
NIGHTLY_EVERY_S = 24 * 3600.0
FIRST_NIGHTLY_S = 600.0
BAD_TOKEN = "Discord does not accept DISCORD_TOKEN. Copy the token anew from the application's Bot page."  # noqa: S105
CLOSED_FOR_GOOD = {
    4004: BAD_TOKEN,
    4013: "Discord does not accept the intents asked for.",
    4014: "Discord does not grant the intents asked for.",
}
"""Gateway close codes that a restart cannot mend."""

_log = logging.getLogger("vespera.bot")


def main() -> int:
    """Run until told to stop; returns the exit code."""
    seal()
    allocator.keep_small()
    try:
        settings = load_settings()
        if not settings.discord_token:
            raise BadConfiguration("DISCORD_TOKEN is not set. Run ./vespera setup, or write it into .env.")
        logs.start_logging(settings.log_level, settings.secrets)
        if settings.log_level.upper() == "DEBUG":
            logging.getLogger("discord").setLevel("INFO")  # its debug lines hold interaction tokens
        asyncio.run(serve(settings))
    except BadConfiguration as error:
        print(f"Vespera cannot start: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_CONFIGURATION
    except VesperaError as error:
        print(f"Vespera stopped: {logs.redact(str(error))}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    except Exception:
        _log.exception("Vespera stopped because of a fault")
        return EXIT_FAILED
    return 0


async def serve(settings: Settings) -> None:
    """Open the App, serve Discord and the terminals of this machine, close.

    Raises:
        BadConfiguration: the token or a setting is wrong. StoreError: the data directory cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    point_at(settings)
    app = await App.open(settings)
    front, terminals = Front(app), OwnerServer(app)
    await terminals.start()
    tasks = [asyncio.create_task(_nightly(app), name="nightly")]
    if (period := service.watchdog_s()) is not None:
        check = app.blackboard.health
        tasks.append(asyncio.create_task(service.feed_watchdog(check, period), name="watchdog"))
    service.notify("READY=1\nSTATUS=Connecting to Discord")
    running = asyncio.create_task(stay_connected(front, settings.discord_token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    figures = contextlib.AsyncExitStack()
    try:
        await figures.enter_async_context(offered(app, front))
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        service.notify("STOPPING=1")
        await figures.aclose()
        await terminals.leave(TERMINALS_LEAVE_WITHIN_S)
        await _close(app, front, [*tasks, stopping, running])


def point_at(settings: Settings) -> None:
    """Use the proxy in front of Discord, when one is set."""
    if settings.discord_api_url:
        discord.http.Route.BASE = settings.discord_api_url.rstrip("/")
    if settings.discord_gateway_url:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)


async def stay_connected(front: Front, token: str) -> None:
    """Log in, trying again while Discord cannot be reached, then stay connected.

    Raises:
        BadConfiguration: Discord refuses the token or the intents.
    """
    pause = 1.0
    while not await _logged_in(front, token):
        _log.warning("Discord could not be reached; next try in %.0f s", pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
    try:
        await front.connect()
    except discord.PrivilegedIntentsRequired:
        raise BadConfiguration(CLOSED_FOR_GOOD[4014]) from None
    except discord.ConnectionClosed as closed:
        if closed.code in CLOSED_FOR_GOOD:
            raise BadConfiguration(CLOSED_FOR_GOOD[closed.code]) from None
        raise VesperaError(f"Discord closed the connection for good (code {closed.code}).") from closed


async def _logged_in(front: Front, token: str) -> bool:
    try:
        await front.login(token)
    except discord.LoginFailure:
        raise BadConfiguration(BAD_TOKEN) from None
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.warning("log-in failed: %s", error)
        await front.http.close()
        front.http.connector = discord.utils.MISSING  # closed with the session; the next log-in makes its own
        return False
    return True


async def _nightly(app: App) -> None:
    """Drop what is old and retell what is older, some minutes after the start and then once a day."""
    await asyncio.sleep(FIRST_NIGHTLY_S)
    while True:
        try:
            await app.nightly()
        except VesperaError:
            _log.exception("the nightly work failed")
        await asyncio.sleep(NIGHTLY_EVERY_S)


async def _close(app: App, front: Front, tasks: "list[asyncio.Task[None] | asyncio.Task[bool]]") -> None:
    """Within 10 s: no more work taken, open tasks left resumable, Discord told, everything shut."""
    front.stopping = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STORE_CLOSES_WITHIN_S):
            await front.stop_jobs()
            await app.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_WORDS_WITHIN_S):
            await front.deliverer.settled()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCORD_CLOSES_WITHIN_S):
            await front.close()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=0.5)


if __name__ == "__main__":
    sys.exit(main())
