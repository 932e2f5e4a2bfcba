"""A server in simcord's Discord, the real bot, and a real relay process that the bot talks to over its socket."""

import asyncio
import contextlib
import contextvars
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simcord
from simcord._runtime import _BOT_SCOPE

from agents.relay.jobs import OPEN, JobView
from agents.relay.socket import RemoteDesk
from app import App
from cogs.front import Front
from errors import RelayGone
from settings import HOME, Settings
from tests.discord.conftest import labels, shown, text, walk
from tests.relay import house
from tests.scripted_model import ScriptedModel


class BesideFront(Front):
    """The bot, whose own tasks run outside simcord's bookkeeping: it would wait for a follower that never ends."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.follower.pace_s = 0.1

    def job(self, work: Coroutine[Any, Any, Any]) -> None:
        outside = contextvars.copy_context()
        outside.run(_BOT_SCOPE.set, None)
        outside.run(super().job, work)


class RelayProcess:
    """`./vespera relay serve` over a data directory."""

    def __init__(self, data_dir: Path, server: ScriptedModel, **environment: str) -> None:
        self._environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "VESPERA_DATA_DIR": str(data_dir),
            "OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "scripted", **environment,
        }  # fmt: skip
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Run until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "cli.py", "relay", "serve", cwd=HOME, env=self._environment,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(30):
            while True:
                assert self._process.returncode is None, "the relay ended at once"
                with contextlib.suppress(RelayGone):
                    await (await RemoteDesk.open(self._data_dir)).close()
                    return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL."""
        await self._end(lambda process: process.kill())

    def freeze(self, *, thaw: bool = False) -> None:
        """SIGSTOP: it is there and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT if thaw else signal.SIGSTOP)

    async def stop(self) -> None:
        """SIGTERM, as systemd does."""
        await self._end(lambda process: process.terminate())

    async def _end(self, how: Callable[[asyncio.subprocess.Process], None]) -> None:
        if self._process is not None and self._process.returncode is None:
            how(self._process)
            await asyncio.wait_for(self._process.wait(), 20)
        self._process = None


@dataclass
class Bench:
    """People, a channel, the bot and the relay. Mira has the allowed role, Torv has none, Ada is an admin."""

    folder: Path
    settings: Settings
    relay: RelayProcess
    server: ScriptedModel
    repo: Path
    app: App
    front: Front
    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    mira: simcord.MemberActor
    torv: simcord.MemberActor
    ada: simcord.MemberActor
    role: simcord.RoleHandle
    owner: simcord.MemberActor
    owner_user: simcord.UserHandle

    async def start(self, by: simcord.MemberActor | None = None, **options: Any) -> int:
        """`/relay start`; the job's number."""
        given = {"repo": "repo", "goal": "make add add", **options}
        board = shown(await (by or self.mira).slash(self.channel, "relay start", **given))
        assert "**r" in text(board), text(board)
        return int(text(board).split("**r", 1)[1].split("*", 1)[0])

    async def view(self, job: int) -> JobView:
        """The job as it stands on disk."""
        look = await self.app.relay.following.look(job, 1_000_000, 0)
        assert look is not None
        return look.view

    async def at_work(self, job: int, requests: int = 1) -> None:
        """Until the model was asked so often."""

        async def asked() -> bool:
            return len(self.server.requests) >= requests

        await self.until(asked)

    async def ended(self, job: int, seconds: float = 40) -> JobView:
        """The job once it is no longer open and Discord was told all of it."""
        await self.until(lambda: self._ended(job), seconds)
        return await self.view(job)

    async def _ended(self, job: int) -> bool:
        return (await self.view(job)).state.status not in OPEN and await self.told(job)

    async def told(self, job: int) -> bool:
        """Whether Discord was told all that happened, and nobody is at it."""
        following, follower = self.app.relay.following, self.front.follower
        idle = job not in follower._going and job not in follower._woken
        return idle and job not in await following.behind()

    async def until(self, holds: Callable[[], Coroutine[Any, Any, bool]], seconds: float = 20) -> None:
        """Wait for something."""
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(0.05)

    def board(self) -> Any:
        """The first message of the channel."""
        return self.channel.history()[0]

    def thread(self) -> simcord.ChannelHandle:
        """The one thread."""
        (thread,) = self.channel.threads
        return thread

    def sprints(self, place: simcord.ChannelHandle | None = None) -> list[Any]:
        """The messages of a thread that tell of what happened."""
        return [message for message in (place or self.thread()).history() if _mark(message)]

    async def ada_deletes(self, message: Any) -> None:
        """A moderator deletes a message."""
        await self.ada.delete(message)

    async def restart_bot(self) -> None:
        """Another process of the bot over the same data."""
        await self.front.stop_jobs()
        await self.app.close()
        self.app = await App.open(self.settings)
        self.front = BesideFront(self.app)
        owners = frozenset({self.owner.id})
        await self.env.restart_bot(self.front)
        self.front._owners = owners


def enabled(message: Any) -> list[str]:
    """The labels of the buttons that can be pressed."""
    buttons = [item for item in walk(message.components) if item.get("type") == 2]
    return [item["label"] for item in buttons if not item.get("disabled")]


def _mark(message: Any) -> int:
    return max((getattr(part, "id", 0) or 0) for part in message.components) // 1_000_000 if message.components else 0


@contextlib.asynccontextmanager
async def bench(
    folder: Path, script: Any, *, files: Any = house.FILES, allowed: bool = True, **environment: str
) -> AsyncIterator[Bench]:
    """Everything started; `add` subtracts in the repository."""
    repo = await asyncio.to_thread(house.make_repo, folder, files)
    async with ScriptedModel(script) as server:
        settings = house.settings_for(folder, server)
        app = await App.open(settings)
        front: Front = BesideFront(app)
        env = simcord.Env(front)
        relay = RelayProcess(settings.data_dir, server, **environment)
        made = _seated(folder, settings, relay, server, repo, app, front, env)
        try:
            await env.start()
            await relay.start()
            seated = made()
            if allowed:
                await seated.owner.slash(seated.channel, "relay repos", add=str(repo))
                await seated.ada.slash(seated.channel, "relay allow", role=f"<@&{seated.role.id}>")
            yield seated
            app, front = seated.app, seated.front
        finally:
            await front.stop_jobs()
            await env.shutdown()
            await app.close()
            await relay.kill()
        env.raise_errors()


def _seated(folder: Path, settings: Settings, relay: RelayProcess, server: ScriptedModel, repo: Path, app: App,
            front: Front, env: simcord.Env) -> Callable[[], Bench]:  # fmt: skip
    def seat() -> Bench:
        import discord

        guild = env.create_guild()
        channel = guild.create_text_channel("work")
        admins = guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True, manage_messages=True))
        role = guild.create_role("relay")
        mira = guild.add_member(env.create_user("mira"), roles=[role])
        torv = guild.add_member(env.create_user("torv"))
        ada = guild.add_member(env.create_user("ada"), roles=[admins])
        owner = env.create_user("owner")
        front._owners = frozenset({owner.id})
        seated = guild.add_member(owner)
        return Bench(
            folder, settings, relay, server, repo, app, front, env, guild, channel, mira, torv, ada, role, seated, owner
        )

    return seat


__all__ = ["Bench", "RelayProcess", "bench", "enabled", "labels", "shown", "text"]
