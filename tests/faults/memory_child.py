"""A process that works a memory in every way and notes what was acknowledged, until it is killed.

    python -m tests.faults.memory_child FOLDER JOURNAL [again]

Its lines are those of `tests.memory.facts.Facts`. The first life ends with another model taking over; with ``again``
that model is asked for at once, and everything that is due is done.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ModelUnavailable
from memory import planner, upkeep, words
from memory.contracts import Embedder, NewRecord
from memory.facade import Memory
from tests.memory.samples import EMBEDDED, TENANT, change, many, note, opened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OLD = 1e9
"""When the records of the historical tier were made."""
NOW = 1_700_000_000.0
SECRET, SHORT = "xylograph", "swordfish"
"""Words of a person who is erased, and of a record whose time is over."""


class Letters:
    """An embedder by the letters of a text; ``down`` says whether it fails as an endpoint does."""

    model, dimension = "letters-1", 26

    def __init__(self) -> None:
        self.down = False

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Shape ``(len(texts), 26)``."""
        if self.down:
            raise ModelUnavailable("letters", "they are away")
        import numpy as np

        counts = np.array([[text.lower().count(chr(97 + at)) for at in range(26)] for text in texts], np.float32)
        unit: NDArray[np.float32] = counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)
        return unit

    async def close(self) -> None:
        """Nothing is open."""


class Clock:
    """Unix seconds that pass when told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Life:
    """One process at work on a memory."""

    def __init__(self, memory: Memory, journal: Path) -> None:
        self.memory, self._journal = memory, journal

    def tell(self, *fact: object) -> None:
        descriptor = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, " ".join(map(str, fact)).encode() + b"\n")
        os.close(descriptor)

    async def keep(self, records: Sequence[NewRecord]) -> tuple[int, ...]:
        ids = await self.memory.remember(records)
        for one, record in zip(ids, records, strict=True):
            self.tell("kept", one, record.text)
        return ids

    async def published_files(self) -> None:
        """Records enough for every kind of file, the old ones on the historical tier."""
        await self.keep(many(60))
        await self.memory._upkeep.round()
        await self.memory._upkeep.round()
        parts = self.memory._parts
        kinds = {row.what for row in await parts.thread.call(parts.engine.truth.published)}
        assert kinds == {"project", "historical", "filters", "words"}, kinds

    async def vectors_that_come_later(self, letters: Letters) -> None:
        letters.down = True
        await self.keep([note(f"Late entry {number}.", created_at=NOW, task_id="late") for number in range(3)])
        letters.down = False
        await self.memory._upkeep.round()

    async def forgetting(self, clock: Clock) -> None:
        secret = [note(f"My {SECRET} {n}.", user="eve", created_at=NOW, task_id="secret") for n in range(30)]
        ids = await self.keep(secret)
        (short,) = await self.keep([note(f"The password is {SHORT}.", expires_at=clock.now + 10)])
        self.tell("going", short)  # Killed from here on, a later life finds its time over.
        await self.memory._upkeep.round()
        clock.now += 10
        await self.memory._upkeep.round()
        self.tell("gone", short)
        await self.forget(7, 8)
        self.tell("going", *ids)
        assert await self.memory.erase_user(TENANT, "eve") == len(ids)
        self.tell("gone", *ids)

    async def forget(self, *ids: int) -> None:
        self.tell("going", *ids)
        await self.memory.forget(TENANT, ids=ids, admin=True)
        self.tell("gone", *ids)

    async def damage(self, folder: Path) -> None:
        """A record that fails its check is put aside, a vector that does is made anew."""
        (bad,) = await self.keep([note("This one is damaged.", user="dan", created_at=NOW)])
        self.tell("going", bad)
        change(folder, "UPDATE records SET priority = 7 WHERE id = ?", (bad,))
        assert await self.memory.record(TENANT, bad) is None
        change(folder, "UPDATE vectors SET crc = crc + 1 WHERE key = (SELECT key FROM vectors LIMIT 1 OFFSET 3)")
        assert [wrong for wrong in await self.memory.check() if "The vector of record" in wrong]
        await self.memory._upkeep.round()
        assert await self.memory.erase_user(TENANT, "dan") == 1
        self.tell("gone", bad)


def shrink() -> None:
    """Make every file due after a few records, so that a short life publishes them all."""
    planner.HOT, planner.HOT_KEPT, planner.OLD_ROWS, words.LATE, upkeep.LATE_ROWS = 40, 10, 20, 20, 20


async def first(folder: Path, journal: Path) -> None:
    letters, clock = Letters(), Clock(NOW)
    memory = await opened(folder, embedder=letters, clock=clock)
    life = Life(memory, journal)
    await life.published_files()
    await life.vectors_that_come_later(letters)
    await life.forgetting(clock)
    await life.damage(folder)
    await memory.close()
    memory = await opened(folder, embedder=EMBEDDED, earlier=[letters], clock=clock)
    await memory._upkeep.round()
    await Life(memory, journal).forget(9)
    await memory.close()


async def again(folder: Path, journal: Path) -> None:
    """What is due, until nothing is."""
    earlier: list[Embedder] = [Letters()]
    memory = await opened(folder, embedder=EMBEDDED, earlier=earlier, clock=Clock(NOW + 60))
    life = Life(memory, journal)
    await life.keep([note("A later life was here.", created_at=NOW, task_id="later", once="later")])
    await memory.check()  # Finds damage that was not yet noted, so that the rounds put it aside.
    await memory._upkeep.round()
    await memory._upkeep.round()
    await memory.compact()
    await memory.close()


if __name__ == "__main__":
    shrink()
    work = again if sys.argv[3:] == ["again"] else first
    asyncio.run(work(Path(sys.argv[1]), Path(sys.argv[2])))
