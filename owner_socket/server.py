"""The owner's side: serves the App to other processes of the same user.

Every wait has a deadline and every line a bound, so that a silent, slow or hostile client costs one connection and
nothing else. Whoever connects is the owner of the bot: the socket belongs to one user and is checked again here.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from agents.contracts import Request, Stage
from errors import UserMistake, VesperaError
from owner_socket import address, wire

if TYPE_CHECKING:
    from agents.work import Ticket
    from app import App

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECTIONS = 256
"""Most connections at once; the next one is told that the server is busy."""
_UNREAD_STAGES = 64 * 2**10
"""With this many bytes unread, further stages are dropped for that client."""


class Patience(NamedTuple):
    """How long a client may keep the owner waiting, in seconds."""

    first_line_s: float = 10.0
    """A new connection must say something within this time."""
    idle_s: float = 60.0
    """A connection between two requests (a console) is closed after this time; its client connects anew."""
    write_s: float = 30.0
    """A client must take what it is told within this time."""


PATIENCE = Patience()


class OwnerServer:
    """Serves one App on its data directory's socket."""

    def __init__(self, app: "App", patience: Patience = PATIENCE) -> None:
        self._app, self._patience = app, patience
        self._data_dir: Path = app.settings.data_dir
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._leaving = False

    @property
    def serving(self) -> int:
        """How many requests of other processes are under way."""
        return sum(connection.working for connection in self._connections)

    async def start(self) -> None:
        """Begin to listen. The App must own the data directory."""
        listening = await asyncio.to_thread(address.listen, self._data_dir)
        self._server = await asyncio.start_unix_server(
            self._connected, sock=listening, limit=wire.MAX_REQUEST_BYTES, backlog=512
        )

    async def quiet(self, deadline_s: float) -> None:
        """Wait until no request of another process is under way, at most `deadline_s` seconds; newcomers are served."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                while working := [connection.idle.wait() for connection in self._connections if connection.working]:
                    await asyncio.gather(*working)

    async def leave(self, deadline_s: float) -> None:
        """Take nobody new, tell the idle to go, finish what is under way within `deadline_s` seconds, close."""
        self._leaving = True
        if self._server is not None:
            await asyncio.to_thread((self._data_dir / address.NAME).unlink, missing_ok=True)
            self._server.close()
        for connection in self._connections:
            connection.leave()
        if self._connections:
            await asyncio.wait([connection.ended for connection in self._connections], timeout=deadline_s)
        for connection in list(self._connections):
            connection.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self._app, self._patience, reader, writer)
        if self._leaving or not address.same_user(_socket_of(writer)):
            writer.close()
            return
        if len(self._connections) >= CONNECTIONS:
            settings = self._app.settings
            connection.write(wire.too_many(settings.running, settings.waiting))
            writer.close()
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)


def _socket_of(writer: asyncio.StreamWriter) -> socket.socket:
    connection: socket.socket = writer.get_extra_info("socket")
    return connection


class _Connection:
    """One client. ``ended`` resolves when it is gone."""

    def __init__(
        self, app: "App", patience: Patience, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._app, self._patience, self._reader, self._writer = app, patience, reader, writer
        writer.transport.set_write_buffer_limits(high=0)  # drain() then means that all was taken
        self._leaving = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def working(self) -> bool:
        """True while a request is under way."""
        return not self.idle.is_set()

    def write(self, line: wire.Line) -> None:
        """Queue one line."""
        if not self._writer.is_closing():
            self._writer.write(wire.written(line))

    def leave(self) -> None:
        """End this connection once nothing is under way on it."""
        self._leaving.set()

    def abort(self) -> None:
        """End it now."""
        self._writer.transport.abort()

    async def serve(self) -> None:
        """Answer verb after verb until the client goes, says something unreadable, or the owner leaves."""
        wait_s = self._patience.first_line_s
        try:
            while (line := await self._next_line(wait_s)) and await self._answer(line):
                wait_s = self._patience.idle_s
            if self._leaving.is_set():
                self.write(wire.Leaving())
            await self._drain()
        except (ConnectionError, TimeoutError):
            self.abort()
        finally:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self.ended.set_result(None)

    async def _next_line(self, patience_s: float) -> bytes:
        """The next line; empty when the client went, took too long, sent too much, or the owner leaves."""
        if self._leaving.is_set():
            return b""
        line = asyncio.ensure_future(self._reader.readline())
        leaving = asyncio.ensure_future(self._leaving.wait())
        try:
            done, _ = await asyncio.wait({line, leaving}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            return line.result() if line in done else b""
        except ValueError:
            self.write(wire.failed(UserMistake(f"A request may have {wire.MAX_REQUEST_BYTES} bytes at most.")))
            return b""
        finally:
            line.cancel()
            leaving.cancel()

    async def _answer(self, line: bytes) -> bool:
        """Answer one line; False when the client should be let go."""
        self.idle.clear()
        try:
            readable = await self._attempt(line)
            await self._drain()
            return readable
        finally:
            self.idle.set()

    async def _attempt(self, line: bytes) -> bool:
        try:
            verb = wire.read_verb(line)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            self.write(wire.failed(UserMistake(f"That line is not part of the protocol: {error}")))
            return False
        try:
            await self._do(verb)
        except VesperaError as error:
            self.write(wire.failed(error))
        except Exception:
            log.exception("a request over the owner socket failed")
            self.write(wire.failed(VesperaError("The owning process failed on this request; its log says why.")))
        return True

    async def _do(self, verb: wire.Verb) -> None:
        app = self._app
        match verb:
            case wire.Submit(request):
                await self._submit(msgspec.structs.replace(request, role="owner"))
            case wire.PlayTable(play):
                asked = msgspec.structs.replace(play.request, role="owner")
                self._result(await app.play(msgspec.structs.replace(play, request=asked)))
            case wire.AskMemory(ask):
                self._result(await app.memory(ask))
            case wire.AskCommands():
                self._result(app.commands)
            case wire.AskWhy(tenant, task_id):
                self._result(await app.why(tenant, task_id, user=None, role="owner"))
            case wire.AskStatus(tenant):
                self._result(await app.status(tenant, "owner"))
            case wire.AskHelp(command):
                self._result(app.help(command, "owner"))
            case wire.Suggest(task_type, option, prefix, chosen):
                self._result(await app.suggest(task_type, option, prefix, chosen))
            case wire.MakeBackup(path):
                self._result(await self._patiently(app.backup(Path(path))))
            case wire.Cancel():
                raise UserMistake("Nothing is under way on this connection.")

    async def _patiently(self, work: Awaitable[T]) -> T:
        """The result of work that may take minutes; the client hears meanwhile that it goes on."""
        working = asyncio.ensure_future(work)
        while not working.done():
            done, _ = await asyncio.wait({working}, timeout=wire.ALIVE_EVERY_S)
            if not done:
                self.write(wire.Alive())
        return working.result()

    def _result(self, value: object) -> None:
        self.write(wire.Result(msgspec.Raw(msgspec.json.encode(value))))

    async def _submit(self, request: Request) -> None:
        ticket = await self._app.submit(request, on_stage=self._stage)
        self.write(wire.Accepted(ticket.task_id))
        answering = asyncio.ensure_future(ticket.wait())
        hearing = {asyncio.ensure_future(self._reader.readline())}
        try:
            while not answering.done():
                done, _ = await asyncio.wait(
                    {answering, *hearing}, timeout=wire.ALIVE_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    self.write(wire.Alive())
                elif answering not in done:
                    line = hearing.pop().result()
                    if not line:
                        return  # the client is gone; the task is on disk and goes on
                    await self._cancel(line, request, ticket)
            self.write(wire.Answered(answering.result()))
        finally:
            for waiting in (answering, *hearing):
                waiting.cancel()

    async def _cancel(self, line: bytes, request: Request, ticket: "Ticket") -> None:
        if not isinstance(wire.read_verb(line), wire.Cancel):
            raise UserMistake("Only a cancellation may follow a request that is under way.")
        if ticket.task_id is not None:
            await self._app.cancel(request.tenant, ticket.task_id, user=request.user, role="owner")

    def _stage(self, stage: Stage) -> None:
        if self._writer.transport.get_write_buffer_size() < _UNREAD_STAGES:
            self.write(wire.Staged(stage))

    async def _drain(self) -> None:
        async with asyncio.timeout(self._patience.write_s):
            await self._writer.drain()
