"""What bubblewrap tells about a run on its status descriptor, and the first process inside, held for sure."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from typing import Any

from agents.relay.sandbox.processes import PROC

_KNOWN_WITHIN_S = 5.0
_GONE_WITHIN_S = 30.0


class Status:
    """Reads the documents bubblewrap writes: one when the namespaces are made, one when the command has ended."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._text = b""
        self._told = asyncio.Event()
        self._process: int | None = None
        self._holding: asyncio.Task[int | None] | None = None
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    @property
    def ended_by_itself(self) -> bool:
        """Whether the command was started and has ended; False when bubblewrap could not make the sandbox."""
        self._read()
        return any("exit-code" in document for document in self._documents())

    @property
    def first_pid(self) -> int | None:
        """The first process inside, by its number on the host, once it is there."""
        return next((document["child-pid"] for document in self._documents() if "child-pid" in document), None)

    async def hold_first(self) -> None:
        """Take hold of the first process inside, unless bubblewrap has given up or says nothing for some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_KNOWN_WITHIN_S):
                await self._told.wait()
        if self._holding is None:
            self._holding = asyncio.create_task(asyncio.to_thread(self._hold))
        # Shielded: a descriptor that was opened for a caller who went away would never be closed.
        self._process = await asyncio.shield(self._holding)

    async def kill_first(self) -> bool:
        """End the first process inside and wait: the kernel ends all others of its namespace before it.

        Returns:
            False when it is still there after half a minute, which only a stuck disk can bring about.
        """
        if self._process is None:
            return True
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process, gone.set)
        try:
            async with asyncio.timeout(_GONE_WITHIN_S):
                await gone.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._process)
        return True

    def close(self) -> None:
        """Let go of the descriptors."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._process is not None:
            os.close(self._process)
            self._process = None

    def _read(self) -> None:
        try:
            piece = os.read(self._descriptor, 65_536)
        except BlockingIOError:
            return
        self._text += piece
        if not piece:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        if not piece or self.first_pid is not None:
            self._told.set()

    def _hold(self) -> int | None:
        """A number may be another process's by now: it is ours when its pid namespace is the one that was told."""
        for document in self._documents():
            pid = document.get("child-pid", 0)
            with suppress(OSError):
                process = os.pidfd_open(pid)
                if (PROC / str(pid) / "ns" / "pid").stat().st_ino == document["pid-namespace"]:
                    return process
                os.close(process)
        return None

    def _documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._text.split(b"\n")[:-1] if line.strip()]
