"""Follows the relay's jobs and sees each one shown: woken by the relay, paced, and taken up again after any restart."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import aiohttp
import discord

from agents.relay.jobs import OPEN, JobView
from agents.relay.shown import Shown
from app import App
from cogs import replies
from cogs.relay.posting import Later, Poster
from errors import RelayGone, VesperaError

if TYPE_CHECKING:
    from cogs.front import Front

PACE_S = 1.25
"""A job's messages are sent and edited at most once in this time: Discord takes five calls to a route in 5 s."""
GATHER_S = 0.2
"""Changes are gathered for so long before the relay is asked again."""
AWAY_S = 2.0
"""Between two looks for a relay that is away."""
LONGEST_PAUSE_S = 60.0

_GONE = (VesperaError, aiohttp.ClientError, OSError)

_log = logging.getLogger(__name__)


class Follower:
    """One for the bot. What it knows can be lost: the job stands in the relay's file, what was shown in ours."""

    def __init__(self, front: "Front", app: App) -> None:
        self._front, self._app = front, app
        self.away, self.pace_s = False, PACE_S
        self._poster = Poster(front, app)
        self._woken: set[int] = set()
        self._signal = asyncio.Event()
        self._going: set[int] = set()
        self._open: set[int] = set()
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._beginning, self._following = 0, False
        self._begun = asyncio.Event()
        self._begun.set()

    async def take_up(self) -> None:
        """Follow the relay when any job is Discord's; a bot without jobs spends nothing on it."""
        if await self._app.relay.following.any_job():
            self._follow()

    def wake(self, job: int) -> None:
        """Something happened to a job: show it. Returns at once."""
        self._woken.add(job)
        self._signal.set()
        self._follow()

    def _follow(self) -> None:
        if not self._following:
            self._following = True
            self._front.job(self._keep_following())

    def lock(self, job: int) -> asyncio.Lock:
        """Held by whoever changes where a job is shown."""
        return self._locks.setdefault(job, asyncio.Lock())

    @contextlib.contextmanager
    def beginning(self) -> Iterator[None]:
        """A job is being started whose number is not known yet: nobody else may choose the place where it is shown."""
        self._beginning += 1
        self._begun.clear()
        try:
            yield
        finally:
            self._beginning -= 1
            if not self._beginning:
                self._begun.set()

    async def open(self, interaction: "discord.Interaction[Front]", view: JobView) -> None:
        """Show a new job: its board is the reply, its thread opens from it. The caller holds the lock."""
        following = self._app.relay.following
        if await following.shown(view.id) is not None:
            return  # the same interaction, delivered twice
        in_thread = interaction.guild_id is None or isinstance(interaction.channel, discord.Thread)
        shown = Shown(tenant=view.tenant, channel=interaction.channel_id or 0, threadless=in_thread)
        await following.note(view.id, shown)
        if await replies.send(interaction, self._poster.board(view, ()), ephemeral=False):
            with contextlib.suppress(*_GONE, discord.HTTPException):
                shown.board = (await interaction.original_response()).id
                shown.board_in = shown.channel
                await following.note(view.id, shown)
                await self._poster.open_thread(view, shown)
        await following.note(view.id, shown)

    async def _keep_following(self) -> None:
        """Listen to the relay and show what happens, until cancelled."""
        await asyncio.gather(self._listen(), self._dispatch())

    async def _listen(self) -> None:
        caught_up = False
        while True:
            try:
                if not caught_up:  # once: while the relay is away nothing more happens
                    await self._catch_up()
                    caught_up = True
                await self._hear()
            except RelayGone as error:
                _log.debug("the relay is away: %s", error)
            except _GONE as error:
                _log.warning("the relay cannot be followed: %s", error)
            except Exception:
                _log.exception("following the relay failed; it begins anew")
            self._say_away(True)
            await asyncio.sleep(AWAY_S)

    async def _hear(self) -> None:
        office, cursor = self._app.relay, ""
        async with office.listening() as desk:
            self._say_away(False)
            while True:  # the first answer says that anything may have changed
                found = await office.changes(desk, cursor)
                cursor = found.cursor
                if found.jobs is None:
                    await self._catch_up()
                for job in found.jobs or ():
                    self.wake(job)
                await asyncio.sleep(GATHER_S)

    async def _catch_up(self) -> None:
        for job in await self._app.relay.following.behind():
            self.wake(job)

    def _say_away(self, away: bool) -> None:
        if away != self.away:
            self.away = away
            for job in self._open:
                self.wake(job)

    async def _dispatch(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._signal.wait()
                self._signal.clear()
                for job in self._woken - self._going:
                    self._going.add(job)
                    task = asyncio.create_task(self._keep_showing(job), name=f"show-r{job}")
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_showing(self, job: int) -> None:
        """Show a job until nothing more is to be told; one round in `pace_s`, longer pauses while Discord is away."""
        pause = self.pace_s
        try:
            while job in self._woken:
                self._woken.discard(job)
                ends = time.monotonic() + pause
                try:
                    if await self._round(job):
                        self._woken.add(job)
                    pause = self.pace_s
                except Later as error:
                    _log.info("r%s is shown later: %s", job, error)
                    self._woken.add(job)
                    pause = min(pause * 2, LONGEST_PAUSE_S)
                except VesperaError as error:
                    _log.warning("r%s could not be shown: %s", job, error)
                await asyncio.sleep(max(0.0, ends - time.monotonic()))
        except Exception:
            _log.exception("r%s could not be shown", job)
        finally:
            self._going.discard(job)
            if job in self._woken:
                self._signal.set()

    async def _round(self, job: int) -> bool:
        """One message at most, then the board and the progress. True when more waits to be told."""
        following = self._app.relay.following
        shown = await following.shown(job)
        if shown is None:
            await self._begun.wait()
        async with self.lock(job):
            shown = await following.shown(job)
            look = await following.look(job, shown.cursor if shown else 0, shown.rows if shown else 0)
            if look is None:
                return False
            if shown is None:  # the bot died between the job's beginning and its first message
                shown = Shown(tenant=look.view.tenant, channel=look.channel)
                await following.note(job, shown)
            (self._open.add if look.view.state.status in OPEN else self._open.discard)(job)
            if not shown.board:
                await self._poster.refresh(look, shown, away=self.away)
            more = await self._poster.tell(look, shown)
            await self._poster.refresh(look, shown, away=self.away)
            return more
