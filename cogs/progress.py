"""The one progress message while an answer is made: real stages only, edited at most once a second."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from agents.contracts import Stage
from cogs import rendering, wording
from cogs.rendering import Rendered

EDIT_EVERY_S = 1.0
FIRST_EDIT_S = 0.4
"""Answers that come sooner need no progress: Discord already shows that the bot is thinking."""
LAST_EDIT_S = 10.0
GIVE_UP_S = 14 * 60
"""A reply can be edited for 15 minutes; after that the answer comes as a message of its own."""

_log = logging.getLogger(__name__)


class Progress:
    """Takes stages as they begin and shows the latest one."""

    def __init__(self, edit: Callable[[Rendered], Awaitable[object]]) -> None:
        self._edit = edit
        self._stage: Stage | None = None
        self._shown = ""
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._editing = asyncio.Lock()

    def note(self, stage: Stage) -> None:
        """A stage has begun; called by the pipeline, returns at once."""
        self._stage = stage
        self._changed.set()

    def start(self) -> None:
        """Begin to show stages; the reply has been deferred."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End all editing, so that the answer's edit is the last one.

        An edit on its way is waited for: cut off, it could still reach Discord after the answer.
        """
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._editing.acquire(), LAST_EDIT_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._editing.locked():
            self._editing.release()

    async def say(self, text: str) -> None:
        """A last word in place of an answer."""
        await self.stop()
        await self._show(text)

    async def _run(self) -> None:
        ends = time.monotonic() + GIVE_UP_S
        await asyncio.sleep(FIRST_EDIT_S)
        while time.monotonic() < ends:
            try:
                await asyncio.wait_for(self._changed.wait(), ends - time.monotonic())
            except TimeoutError:
                break
            self._changed.clear()
            if self._stage is not None:
                await self._show(wording.progress(self._stage))
            await asyncio.sleep(EDIT_EVERY_S)
        await self._show("This takes longer than Discord keeps a reply open. The answer comes as a new message.")

    async def _show(self, text: str) -> None:
        if text == self._shown:
            return
        try:
            async with self._editing:
                await self._edit(rendering.sentence(text))
            self._shown = text
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("progress was not shown: %s", error)
