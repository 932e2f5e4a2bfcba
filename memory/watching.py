"""Agents talk through the memory: who watches gets each new record that matches, after its commit, without polling."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from memory.contracts import Record, Subscription
from memory.filters import matches

QUEUE = 128
"""Records held for one watcher; when it falls further behind, it reads the rest from the truth, in order."""
WATCHERS = 1_000


class Watch:
    """One watcher: an asynchronous iterator over its records, by number."""

    def __init__(
        self,
        subscription: Subscription,
        last: int,
        fetch: Callable[[Subscription, int], Awaitable[Sequence[Record]]],
        ended: Callable[["Watch"], None],
    ) -> None:
        self.subscription = subscription
        self._last, self._fetch, self._ended = last, fetch, ended
        self._ready: deque[Record] = deque()
        self._news = asyncio.Event()
        self._behind = subscription.after is not None
        self._closed = False
        if self._behind:
            self._news.set()

    def offer(self, records: Sequence[Record]) -> None:
        """Committed records of the watcher's tenant."""
        for record in records:
            if record.id > self._last and matches(record.new, self.subscription.where):
                if self._behind or len(self._ready) >= QUEUE:
                    self._behind = True
                else:
                    self._ready.append(record)
                self._news.set()

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> Record:
        while True:
            if self._ready:
                record = self._ready.popleft()
                if record.id > self._last:
                    self._last = record.id
                    return record
                continue
            if self._closed:
                raise StopAsyncIteration
            if self._behind:
                await self._catch_up()
                continue
            self._news.clear()
            await self._news.wait()

    async def _catch_up(self) -> None:
        """The queue was full, or the watcher begins in the past: read on where it stands."""
        self._behind = False
        missed = await self._fetch(self.subscription, self._last)
        if missed:
            self._ready = deque(missed)
            self._behind = True

    async def aclose(self) -> None:
        """Watch no longer."""
        self.close()

    def close(self) -> None:
        """End the iteration once what is ready was taken."""
        if not self._closed:
            self._closed = True
            self._news.set()
            self._ended(self)
