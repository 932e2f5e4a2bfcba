"""One way to the pipeline for every terminal command: as the owner of the data directory, or through its owner.

Whoever finds the directory free owns it, serves the others on its socket while it works, and hands over when it is
done. While one process starts up as the owner the others wait without loading the pipeline, so that a hundred
terminals at once stay small.
"""

import asyncio
import contextlib
import fcntl
import os
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from errors import StoreLocked
from llm.contracts import LanguageModel
from owner_socket.client import OwnerGone
from settings import Settings
from terminal.front import Front, OwnFront, RemoteFront

T = TypeVar("T")

PATIENCE_S = 180.0
"""How long to wait for an owner that holds the directory and does not listen: it is starting or finishing."""
SAY_SO_AFTER_S = 3.0
LINGER_S = 60.0
"""A finished owner takes further requests at most this long, as long as it is serving others."""
FINISH_S = 90.0
"""Then it has this long to finish what it began; what is left is kept and taken up by the next owner."""


OWNERS = 10
"""Owners that may go away under one request before it is given up."""


class Session:
    """Runs acts against whoever owns the data directory; becomes the owner when nobody does."""

    def __init__(
        self,
        settings: Settings,
        *,
        models: Sequence[LanguageModel] | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._settings, self._models, self._tell = settings, models, tell
        self._front: Front | None = None

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def do(self, act: Callable[[Front], Awaitable[T]]) -> T:
        """Run `act` on a front; again on the next one when the owner goes away under it.

        Raises:
            StoreError: the data directory cannot be used, or its owner does not answer.
            VesperaError: whatever `act` raises.
        """
        for _ in range(OWNERS):
            if self._front is None:
                self._front = await self._reach()
            try:
                return await act(self._front)
            except OwnerGone:
                await self._front.close()
                self._front = None
        raise StoreLocked(
            "The process that owns the data directory keeps hanging up. Look at its log; try again later."
        )

    async def close(self) -> None:
        """Hand over: as the owner, finish what others have asked for, then free the data directory."""
        front, self._front = self._front, None
        if isinstance(front, OwnFront):
            await front.hand_over(LINGER_S, FINISH_S, self._tell)
        elif front is not None:
            await front.close()

    async def _reach(self) -> Front:
        began = time.monotonic()
        told, pause_s = False, 0.04
        while True:
            front = await self._owner_elsewhere() or await self._as_owner(last=time.monotonic() - began > PATIENCE_S)
            if front is not None:
                return front
            if not told and time.monotonic() - began > SAY_SO_AFTER_S:
                self._tell("waiting for another vespera that is starting or finishing …")
                told = True
            pause_s = min(0.5, pause_s * 1.3)  # a hundred waiting terminals must not starve the one that starts
            await asyncio.sleep(random.uniform(0.5, 1) * pause_s)

    async def _owner_elsewhere(self) -> Front | None:
        try:
            return await RemoteFront.open(self._settings.data_dir)
        except OwnerGone:
            return None

    async def _as_owner(self, *, last: bool) -> Front | None:
        """Become the owner; None when another process owns the directory or is about to."""
        with _turn(self._settings.data_dir) as mine:
            if not mine and not last:
                return None
            try:
                return await OwnFront.open(self._settings, self._models)
            except StoreLocked:
                if last:
                    raise
                return None


@contextlib.contextmanager
def _turn(data_dir: Path) -> Iterator[bool]:
    """True for the one process that may try to become the owner now. A folder that takes no lock stops nobody."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / "start.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True  # opening the store will say what is wrong with the folder
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(lock)
