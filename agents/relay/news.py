"""Which jobs changed since a front last asked: a cursor, kept in memory. What changed stands in the relay's file."""

import asyncio
import contextlib
import secrets

from agents.relay.desk import Changes
from agents.relay.jobs import JobView


class News:
    """Counts changes. A cursor of another process says nothing here: then anything may have changed."""

    def __init__(self) -> None:
        self._run, self._count = secrets.token_hex(4), 0
        self._changed_at: dict[int, int] = {}
        self._came = asyncio.Event()

    def note(self, view: JobView) -> None:
        """A job has changed; returns at once."""
        self._count += 1
        self._changed_at[view.id] = self._count
        self._came.set()
        self._came = asyncio.Event()

    async def since(self, cursor: str, seconds: float) -> Changes:
        """The jobs that changed since a cursor, as soon as one did, at the latest after so many seconds."""
        run, _, seen = cursor.partition(".")
        if run != self._run or not seen.isdecimal():
            return Changes(f"{self._run}.{self._count}", None)
        if self._count <= int(seen):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), seconds)
        changed = tuple(job for job, at in self._changed_at.items() if at > int(seen))
        return Changes(f"{self._run}.{self._count}", changed)
