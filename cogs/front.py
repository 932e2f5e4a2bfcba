"""The Discord client: slash commands only, guild intent only, and what all cogs share."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, cast

import discord
from discord.ext import commands

import metrics
from agents.contracts import Role
from app import App
from cogs import admin, ask, clicks, cloud, combat, dnd, help, memory, places, relay, status, why
from cogs.boards import Boards
from cogs.delivery import Deliverer
from cogs.identify import IdentifyBudget
from cogs.relay.follow import Follower
from cogs.tree import Tree

COGS = (dnd, combat, cloud, relay, ask, memory, admin, why, status, help, clicks)
REMEMBERED = 2_000
"""Interactions remembered, so that one that Discord delivers twice is answered once."""

_log = logging.getLogger(__name__)


class Front(commands.Bot):
    """One connection to Discord over one App."""

    def __init__(self, app: App) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # there is no voice here
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            tree_cls=Tree,
        )
        self.app = app
        self.deliverer = Deliverer(self, app)
        self.boards = Boards(self, app)
        self.follower = Follower(self, app)
        self.identifies = IdentifyBudget(app.blackboard)
        self.stopping = self.connected = False
        self._owners: frozenset[int] = frozenset()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._jobs: set[asyncio.Task[Any]] = set()

    async def setup_hook(self) -> None:
        """Logged in, not yet connected: load the cogs, take up what was left open, sync commands if they changed."""
        for cog in COGS:
            await cog.setup(self)
        self._owners = _owners(self.application)
        await cast(Tree, self.tree).sync_if_changed(self.app.blackboard)
        self.job(self.deliverer.keep_working())

    async def on_connect(self) -> None:
        """READY came and named an address for resuming; behind a proxy that stays the proxy's."""
        metrics.GATEWAY.add("connected")
        self.connected = True
        if self.app.settings.discord_gateway_url:
            self.ws.gateway = self.ws.DEFAULT_GATEWAY

    async def on_resumed(self) -> None:
        """The session went on where it was."""
        metrics.GATEWAY.add("resumed")
        self.connected = True

    async def on_disconnect(self) -> None:
        """The connection is gone; the library makes another."""
        if self.connected:  # it says so again for every try that fails
            metrics.GATEWAY.add("lost")
        self.connected = False

    async def identifies_left(self) -> int:
        """Identifies left of the day's."""
        return await self.identifies.left()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Spend one identify of the day's budget, or wait until there is one again."""
        await self.identifies.spend()
        await super().before_identify_hook(shard_id, initial=initial)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected, also when the very first connection fails."""
        while not self.is_closed():
            try:
                await super().connect(reconnect=reconnect)
                return
            except AttributeError:
                # discord.py 2.7 asks the socket it never had for its session. It has logged and waited already.
                if cast(object, self.ws) is not None:
                    raise

    async def close(self) -> None:
        """Leave Discord; open tasks stay on disk for the next start."""
        await self.stop_jobs()
        await super().close()

    async def stop_jobs(self) -> None:
        """Take nothing more up and end what runs beside the handlers."""
        self.stopping = True
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def job(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run beside the handlers until done or until the bot closes; a failure is logged."""
        task = asyncio.create_task(work)
        self._jobs.add(task)
        task.add_done_callback(self._job_done)

    def _job_done(self, task: asyncio.Task[Any]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a job ended with an error", exc_info=error)

    def first_time(self, interaction: discord.Interaction[Any]) -> bool:
        """False for an interaction seen before: Discord may deliver one again when a session resumes."""
        if interaction.id in self._seen:
            _log.info("interaction %s was delivered again and is left alone", interaction.id)
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def role(self, interaction: discord.Interaction[Any]) -> Role:
        """What the person may do here: Discord's word, or a higher role that was granted; asked anew each time."""
        native = self.native_role(interaction)
        return self.app.role_of(places.tenant(interaction), str(interaction.user.id), native)

    async def door(self, interaction: discord.Interaction[Any], task_type: str, *, suggesting: bool = False) -> None:
        """Whether an interaction may go on; it is counted. Raises NotAllowed, TooFast."""
        place, user = places.tenant(interaction), str(interaction.user.id)
        await self.app.door(place, user, self.native_role(interaction), task_type, suggesting=suggesting)

    def native_role(self, interaction: discord.Interaction[Any]) -> Role:
        """What the person may do here, as Discord states it with the interaction."""
        if interaction.user.id in self._owners:
            return "owner"
        in_guild = interaction.guild_id is not None
        return "admin" if in_guild and interaction.permissions.manage_guild else "member"


def _owners(application: discord.AppInfo | None) -> frozenset[int]:
    if application is None:
        return frozenset()
    if application.team is not None:
        joined = discord.TeamMembershipState.accepted  # the invited are listed too
        return frozenset(member.id for member in application.team.members if member.membership_state is joined)
    return frozenset({application.owner.id})
