"""A client of the owner's socket. Imports nothing of the pipeline, so that waiting terminals stay small."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from agents.contracts import Answer, Request, Stage
from errors import Stopping, StoreLocked
from owner_socket import address, wire

T = TypeVar("T")

SILENT_S = 60.0
"""Six missed signs of life: the owner hangs."""


class OwnerGone(ConnectionError):
    """The owner ended before it answered; the same request may be sent again to the next one."""


class OwnerConnection:
    """One connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, data_dir: Path) -> "OwnerConnection":
        """Connect to the owner of a data directory.

        Raises:
            OwnerGone: nobody listens there.
        """
        try:
            connection = await address.connect(data_dir)
        except OSError as error:
            raise OwnerGone(str(error)) from error
        return cls(*await asyncio.open_unix_connection(sock=connection, limit=wire.MAX_REPLY_BYTES))

    async def close(self) -> None:
        """Close; safe on a broken connection."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def ask(self, verb: wire.Verb, kind: type[T]) -> T:
        """The owner's reply to any verb but a submit.

        Raises:
            VesperaError: as the owner raised it.
            OwnerGone: the connection ended first.
        """
        await self._send(verb)
        while True:
            line = await self._next()
            if isinstance(line, wire.Result):
                return msgspec.json.decode(line.result, type=kind)

    async def submit(
        self, request: Request, accepted: Callable[[int | None], None], on_stage: Callable[[Stage], None]
    ) -> Answer:
        """The answer; `accepted` hears the task's number. When cancelled, the task is cancelled at the owner too.

        Raises:
            VesperaError: as the owner raised it (Busy, UserMistake …).
            OwnerGone: the connection ended first; sending the same interaction id again is safe.
        """
        await self._send(wire.Submit(request))
        try:
            while True:
                match await self._next():
                    case wire.Accepted(task_id):
                        accepted(task_id)
                    case wire.Staged(stage):
                        on_stage(stage)
                    case wire.Answered(answer):
                        return answer
        except asyncio.CancelledError:
            await self._give_up()
            raise

    async def _give_up(self) -> None:
        with contextlib.suppress(OwnerGone, TimeoutError, StoreLocked):
            async with asyncio.timeout(5):
                await self._send(wire.Cancel())
                while not isinstance(await self._next(), wire.Answered):
                    pass

    async def _send(self, verb: wire.Verb) -> None:
        try:
            self._writer.write(wire.written(verb))
            async with asyncio.timeout(SILENT_S):
                await self._writer.drain()
        except ConnectionError as error:
            raise OwnerGone(str(error)) from error
        except TimeoutError:
            raise self._hangs() from None

    async def _next(self) -> wire.Line:
        try:
            async with asyncio.timeout(SILENT_S):
                text = await self._reader.readline()
        except ConnectionError as error:
            raise OwnerGone(str(error)) from error
        except TimeoutError:
            raise self._hangs() from None
        if not text.endswith(b"\n"):
            raise OwnerGone("the connection ended")
        line = wire.read_line(text)
        if isinstance(line, wire.Leaving):
            raise OwnerGone("the owner is leaving")
        if isinstance(line, wire.Failed):
            told = wire.raised(line)
            raise OwnerGone(str(told)) if isinstance(told, Stopping) else told
        return line

    def _hangs(self) -> StoreLocked:
        return StoreLocked(
            f"The process that owns the data directory has been silent for {SILENT_S:g} s. "
            "Nothing was lost; look at its log, or stop it and try again."
        )
