"""What a terminal command can ask for, and its two ways: the App in this process, or its owner over the socket."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agents.contracts import Answer, Request, Stage
from agents.memory_contracts import MemoryAsk, MemoryTold
from agents.table_contracts import Play, Played
from blackboard.backups.contracts import Backup
from errors import Stopping, VesperaError
from llm.contracts import LanguageModel
from owner_socket import wire
from owner_socket.client import OwnerConnection
from settings import Settings
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from agents.health import Health
    from agents.why import Why
    from agents.work import Ticket
    from app import App
    from owner_socket.server import OwnerServer

USER = "terminal"
"""Who asks, in a terminal. The data directory belongs to one user of the machine."""


class Watcher(Protocol):
    """Whoever follows a request on its way."""

    def accepted(self, task_id: int | None) -> None:
        """The request is on disk under this number."""

    def stage(self, stage: Stage) -> None:
        """A step has begun."""


class Front(Protocol):
    """The requests of a terminal."""

    commands: tuple[Command, ...]

    async def submit(self, request: Request, watcher: Watcher) -> Answer:
        """The answer. Cancelled, it cancels the task. Raises as `App.submit` does."""
        ...

    async def play(self, play: Play) -> Played:
        """A command of the table; raises UserMistake, NotAllowed, StoreError."""
        ...

    async def memory(self, ask: MemoryAsk) -> MemoryTold:
        """Something of the memory; raises UserMistake, StoreError."""
        ...

    async def why(self, tenant: str, task_id: int | None) -> "Why":
        """The story of a task, or of the tenant's last one; raises UserMistake when there is none."""
        ...

    async def status(self, tenant: str) -> "Health":
        """How the owner is doing."""
        ...

    async def help(self, command: str | None) -> str:
        """Help on one command or all; raises UserMistake for an unknown one."""
        ...

    async def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Completions of an option's value."""
        ...

    async def backup(self, target: Path) -> Backup:
        """Back the data directory up; raises as `App.backup`."""
        ...

    async def listen(self) -> None:
        """As the owner, serve other processes from now on."""
        ...

    async def close(self) -> None:
        """Let go at once."""
        ...


class RemoteFront:
    """The owner is another process."""

    def __init__(self, owner: OwnerConnection, commands: tuple[Command, ...]) -> None:
        self._owner, self.commands = owner, commands

    @classmethod
    async def open(cls, data_dir: Path) -> "RemoteFront":
        """Connect; raises OwnerGone when nobody listens."""
        owner = await OwnerConnection.open(data_dir)
        try:
            return cls(owner, await owner.ask(wire.AskCommands(), tuple[Command, ...]))
        except BaseException:
            await owner.close()
            raise

    async def submit(self, request: Request, watcher: Watcher) -> Answer:
        """Over the socket; the same interaction id makes a repeated one the same task."""
        return await self._owner.submit(request, watcher.accepted, watcher.stage)

    async def play(self, play: Play) -> Played:
        """Over the socket."""
        return await self._owner.ask(wire.PlayTable(play), Played)

    async def memory(self, ask: MemoryAsk) -> MemoryTold:
        """Over the socket."""
        return await self._owner.ask(wire.AskMemory(ask), MemoryTold)

    async def why(self, tenant: str, task_id: int | None) -> "Why":
        """Over the socket."""
        from agents.why import Why

        return await self._owner.ask(wire.AskWhy(tenant, task_id), Why)

    async def status(self, tenant: str) -> "Health":
        """Over the socket."""
        from agents.health import Health

        return await self._owner.ask(wire.AskStatus(tenant), Health)

    async def help(self, command: str | None) -> str:
        """Over the socket."""
        return await self._owner.ask(wire.AskHelp(command), str)

    async def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Over the socket."""
        return await self._owner.ask(wire.Suggest(task_type, option, prefix, chosen), list[str])

    async def backup(self, target: Path) -> Backup:
        """Over the socket: the owner writes it."""
        return await self._owner.ask(wire.MakeBackup(str(target)), Backup)

    async def listen(self) -> None:
        """Nothing: the owner listens."""

    async def close(self) -> None:
        """Hang up."""
        await self._owner.close()


class OwnFront:
    """This process owns the data directory and serves the others meanwhile."""

    def __init__(self, app: "App", server: "OwnerServer") -> None:
        self._app, self._server = app, server
        self._taken_up: list[Ticket] | None = None
        self._listening = False
        self.commands = app.commands

    @classmethod
    async def open(cls, settings: Settings, models: Sequence[LanguageModel] | None = None) -> "OwnFront":
        """Open the App; it listens from its first request on.

        Raises:
            StoreError, BadConfiguration: as `App.open`.
        """
        from app import App
        from owner_socket.server import OwnerServer

        app = await App.open(settings, models=models)
        return cls(app, OwnerServer(app))

    async def submit(self, request: Request, watcher: Watcher) -> Answer:
        """Through the App; the first request also takes up what an earlier process left open."""
        if self._taken_up is None:
            self._taken_up = await self._app.resume()
        ticket = await self._app.submit(request, on_stage=watcher.stage)
        watcher.accepted(ticket.task_id)
        try:
            if ticket.answer is None:
                await self.listen()  # only now: a crowd must not take all places before the one that serves it
            return await ticket.wait()
        except asyncio.CancelledError:
            if ticket.task_id is not None:
                with contextlib.suppress(VesperaError):
                    await self._app.cancel(request.tenant, ticket.task_id, user=request.user, role="owner")
            raise

    async def play(self, play: Play) -> Played:
        """Through the App."""
        return await self._app.play(play)

    async def memory(self, ask: MemoryAsk) -> MemoryTold:
        """Through the App."""
        return await self._app.memory(ask)

    async def why(self, tenant: str, task_id: int | None) -> "Why":
        """From the blackboard."""
        return await self._app.why(tenant, task_id, user=None, role="owner")

    async def status(self, tenant: str) -> "Health":
        """From the App."""
        return await self._app.status(tenant, "owner")

    async def help(self, command: str | None) -> str:
        """From the App."""
        return self._app.help(command, "owner")

    async def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """From memory."""
        return await self._app.suggest(task_type, option, prefix, chosen)

    async def backup(self, target: Path) -> Backup:
        """Through the App; others are served meanwhile."""
        await self.listen()
        return await self._app.backup(target)

    async def listen(self) -> None:
        """Serve other processes from now on."""
        if not self._listening:
            self._listening = True
            await self._server.start()

    async def hand_over(self, linger_s: float, finish_s: float, tell: Callable[[str], None]) -> None:
        """Serve others until none is left or `linger_s` is over, finish within `finish_s` (seconds), then let go."""
        try:
            if self._server.serving or self._unfinished():
                tell("finishing what else was asked …")
                await asyncio.gather(self._server.quiet(linger_s), self._finish_taken_up(linger_s))
            await self._server.leave(finish_s)
        finally:
            with contextlib.suppress(Stopping):
                await self._app.close()

    def _unfinished(self) -> "list[Ticket]":
        return [ticket for ticket in self._taken_up or () if ticket.answer is None]

    async def _finish_taken_up(self, seconds: float) -> None:
        """Leaving at once would cost each of them an attempt; what takes longer stays resumable."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(ticket.wait() for ticket in self._unfinished()), return_exceptions=True)

    async def close(self) -> None:
        """Let go at once; open tasks stay on disk."""
        await self._server.leave(0)
        await self._app.close()
