"""The one thread on which the memory's indexes work, so that the event loop never waits for numpy or a file."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from errors import StoreError

T = TypeVar("T")
_Errand = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any], bool]


class MemoryThread:
    """Runs steps one after another; indexes therefore need no locks.

    A long step (a rebuild) calls `breathe` between its portions: short steps that wait are then run in between, so that
    a question never waits for a whole rebuild. Steps marked `long` wait for the one that is running.
    """

    def __init__(self) -> None:
        self._errands: SimpleQueue[_Errand | None] = SimpleQueue()
        self._held: list[_Errand | None] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    async def call(self, step: Callable[[], T], *, long: bool = False) -> T:
        """Run a step and return its result; its exception is raised here. Not run when the caller went away before."""
        return await self.post(step, long=long)

    def post(self, step: Callable[[], T], *, long: bool = False) -> "asyncio.Future[T]":
        """Let a step run after those that wait already; what to await for its result."""
        if self._closed:
            raise StoreError("The memory is closed. Nothing was changed.")
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="memory", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._errands.put((loop, done, step, long))
        return done

    def breathe(self) -> None:
        """Run the short steps that wait; called by a long one, in this thread, where no state is half-changed."""
        with contextlib.suppress(Empty):
            while True:
                errand = self._errands.get_nowait()
                if errand is None or errand[3]:
                    self._held.append(errand)
                else:
                    self._run(errand)

    async def close(self) -> None:
        """Finish the steps that wait and end the thread. May be called twice."""
        self._closed = True
        if self._thread is not None:
            self._errands.put(None)
            thread, self._thread = self._thread, None
            await asyncio.to_thread(thread.join)

    def _work(self) -> None:
        while (errand := self._held.pop(0) if self._held else self._errands.get()) is not None:
            self._run(errand)

    @staticmethod
    def _run(errand: _Errand) -> None:
        loop, done, step, _ = errand
        if done.cancelled():
            return
        outcome, error = None, None
        try:
            outcome = step()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # The loop was closed while the step ran.
            loop.call_soon_threadsafe(_resolve, done, outcome, error)


def _resolve(done: "asyncio.Future[Any]", outcome: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(outcome)
    else:
        done.set_exception(error)
