"""What the Weaver is told from memory, and how the memory follows the blackboard.

The blackboard stays the truth: answers, corrections and what people called wrong are read from it after they were
committed and remembered once each, so a crash between the two loses nothing. A memory that fails costs an answer only
that section of its prompt, and the trace says so.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import TYPE_CHECKING

import msgspec

from agents import records
from agents.passages import LEAST_SHARE, NOTHING, Passage, Remembered, age
from blackboard.chronicle import Marks
from database import Blackboard
from errors import VesperaError
from memory.contracts import AllOf, AnyOf, Hit, Is, Query, Recalled
from memory.embedders.embedded import content_words
from truth_blocks.contracts import Topic

if TYPE_CHECKING:
    from agents.episodes import Episodes
    from memory.contracts import MemoryStats
    from memory.facade import Memory

log = logging.getLogger("vespera.memory")

RECALL_WITHIN_S = 3.0
CHARACTERS_PER_TOKEN = 3.5
MOST = 6
"""Passages in a prompt."""
LEAST_COSINE = 0.25
FOLLOW_EVERY_S = 60.0
SETTLE_S = 0.5
USEFUL = AnyOf(
    (Is("kind", ("note", "warning", "correction", "synopsis")), AllOf((Is("kind", ("answer",)), Is("trusted", (1,))))),
)
_MARKS = "memory.marks"


class Recollection:
    """Opens the memory when it is first needed; numpy is not loaded before."""

    def __init__(
        self, blackboard: Blackboard, open_memory: "Callable[[], Awaitable[Memory]]", *, exists: bool, tokens: int
    ) -> None:
        self._blackboard, self._open_memory, self._tokens = blackboard, open_memory, tokens
        self._exists = exists
        """False while nothing was ever remembered: then nothing need be opened to recall."""
        self._memory: Memory | None = None
        self._urgent = False
        self._opening, self._following = asyncio.Lock(), asyncio.Lock()
        self._wake = asyncio.Event()
        self._follower = asyncio.create_task(self._follow(), name="memory")

    async def memory(self) -> "Memory":
        """The memory, opened now if it was not. Raises StoreError."""
        async with self._opening:
            if self._memory is None:
                # Its upkeep outlives the request that opens it and must not carry that request's context.
                self._memory = await asyncio.create_task(self._opened(), context=Context())
                self._exists = True
            return self._memory

    async def _opened(self) -> "Memory":
        return await self._open_memory()

    async def stats(self) -> "MemoryStats | None":
        """Figures over all tenants; None while it is not open: nothing is opened for figures. Raises StoreError."""
        return None if self._memory is None else await self._memory.stats()

    async def retell(self, episodes: "Episodes") -> int:
        """The nightly synopses; nothing is opened where nothing was ever remembered. Raises StoreError."""
        return await episodes.retell(await self.memory()) if self._exists else 0

    async def close(self) -> None:
        """Stop following and close; what was not followed yet is at the next start."""
        self._follower.cancel()
        await asyncio.gather(self._follower, return_exceptions=True)
        async with self._opening:
            if self._memory is not None:
                await self._memory.close()

    # -- for the Weaver

    async def for_topic(self, tenant: str, topic: Topic, question: str) -> Remembered:
        """What bears on a question, within the token bound; never raises for a memory that fails."""
        if self._tokens <= 0 or not (self._exists or self._urgent):
            return NOTHING
        text = f"{topic.title} {question}"[:1_000]
        try:
            async with asyncio.timeout(RECALL_WITHIN_S):
                if self._urgent:
                    await self.caught_up()
                found = await (await self.memory()).recall(Query(tenant=tenant, text=text, where=USEFUL, k=3 * MOST))
        except (VesperaError, TimeoutError) as error:
            log.warning("nothing was recalled: %s", error)
            return Remembered(note=f"the memory did not answer ({str(error) or 'too slow'}); drafted without it")
        return self._chosen(found, content_words(text))

    def _chosen(self, found: Recalled, asked: frozenset[str]) -> Remembered:
        room = self._tokens * CHARACTERS_PER_TOKEN
        chosen: list[Passage] = []
        for hit in found.hits:
            passage = _passage(hit, asked)
            if len(chosen) == MOST or (passage.near < LEAST_SHARE and hit.cosine < LEAST_COSINE):
                continue
            if len(passage.text) + 60 <= room:
                chosen.append(passage)
                room -= len(passage.text) + 60
        return Remembered(tuple(chosen), found.plan, found.model, found.note)

    # -- following the blackboard

    def wake(self, *, urgent: bool = False) -> None:
        """Something was committed: follow soon; `urgent` also before the next draft."""
        self._urgent |= urgent
        self._wake.set()

    async def caught_up(self) -> None:
        """Follow to the end of what is committed now. Raises StoreError."""
        async with self._following:
            self._wake.clear()
            await self._catch_up()
            self._urgent = False

    async def _catch_up(self) -> None:
        marks = await self._marks()
        while True:
            portion = await self._blackboard.since(marks)
            new = records.of_portion(portion)
            if new:
                await (await self.memory()).remember(new)
            if portion.marks == marks:
                return
            marks = portion.marks
            await self._blackboard.set_state(_MARKS, msgspec.json.encode(marks).decode())

    async def _marks(self) -> Marks:
        stored = await self._blackboard.get_state(_MARKS)
        return msgspec.json.decode(stored, type=Marks) if stored else Marks()

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(FOLLOW_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(SETTLE_S)  # what comes together is remembered together
            try:
                await self.caught_up()
            except VesperaError as error:
                log.warning("the memory could not follow: %s", error)
            except Exception:
                log.exception("the memory could not follow")


def _passage(hit: Hit, asked: frozenset[str]) -> Passage:
    new = hit.record.new
    held = content_words(new.text)
    near = len(asked & held) / len(asked) if asked else 0.0
    return Passage(
        id=hit.record.id,
        kind=new.kind,
        text=new.text,
        score=round(hit.score, 4),
        age=age(time.time() - new.created_at),
        trusted=new.trusted,
        user=new.user,
        near=round(near, 2),
    )
