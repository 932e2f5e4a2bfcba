"""The real bot against a loopback Discord, in this process or as its own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

import bot
from app import App
from cogs.front import Front
from settings import Settings
from tests.wire.fake_discord import FakeDiscord

HOME = Path(bot.__file__).parent


@pytest.fixture(autouse=True)
def addresses() -> Iterator[None]:
    """Discord's own addresses come back after a test."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    yield
    discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
async def wire() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as server:
        yield server


@contextlib.asynccontextmanager
async def connected(wire: FakeDiscord, folder: Path, **changes: Any) -> AsyncIterator[Front]:
    """A bot that is ready, in this process."""
    settings = settings_for(wire, folder, **changes)
    bot.point_at(settings)
    app = await App.open(settings)
    front = Front(app)
    running = asyncio.create_task(bot.stay_connected(front, settings.discord_token))
    ready = asyncio.create_task(wire.ready.wait())
    try:
        await asyncio.wait({running, ready}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield front
        if running.done():
            running.result()
    finally:
        ready.cancel()
        await bot._close(app, front, [running])


def settings_for(wire: FakeDiscord, folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "discord_token": "good-token",
        "discord_api_url": wire.api_url,
        "discord_gateway_url": wire.gateway_url,
        "data_dir": folder / "data",
    }
    return Settings(**(values | changes))


@contextlib.asynccontextmanager
async def process(wire: FakeDiscord, folder: Path, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python bot.py`` as its own process; killed at the end if it still runs."""
    values = {name: value for name, value in os.environ.items() if not name.startswith(("VESPERA_", "DISCORD_"))}
    values |= {
        "DISCORD_TOKEN": "good-token",
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
        "VESPERA_DATA_DIR": str(folder / "data"),
        "PYTHONUNBUFFERED": "1",
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(HOME / "bot.py"), cwd=folder, env=values | environ, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.communicate()
