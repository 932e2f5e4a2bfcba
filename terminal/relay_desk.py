"""The relay for a terminal command: the running service, or this process for as long as the command takes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from agents.relay.desk import Desk, Window
from agents.relay.reading import ReadingDesk
from agents.relay.socket import RemoteDesk, desk_app, served
from errors import RelayGone, StoreLocked
from settings import Settings

PATIENCE_S = 20.0
"""How long to wait for a relay that holds its file and does not listen: it is starting or ending."""


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    """A desk. As the owner this process serves others meanwhile, and finishes what they began before it leaves.

    Raises:
        StoreError, BadConfiguration: as `RelayApp.open`.
    """
    until = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            desk = await RemoteDesk.open(settings.data_dir)
        except RelayGone:
            try:
                async with _owned(settings) as own:
                    yield own
                return
            except StoreLocked:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(0.2)
                continue
        try:
            yield desk
        finally:
            await desk.close()
        return


@contextlib.asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[Window]:
    """A desk to look at jobs: the running relay's, else its file, read alone. Raises NoJobs: no file yet."""
    desk: RemoteDesk | ReadingDesk
    try:
        desk = await RemoteDesk.open(settings.data_dir)
    except RelayGone:
        desk = await ReadingDesk.open(settings.data_dir)
    try:
        yield desk
    finally:
        await desk.close()


@contextlib.asynccontextmanager
async def _owned(settings: Settings) -> AsyncIterator[Desk]:
    from relay_app import RelayApp

    app = await RelayApp.open(settings)
    try:
        async with served(desk_app(app), settings.data_dir):
            yield app
            await app.idle()
    finally:
        await app.close()
