"""What a process said before it was killed, and how a memory is held against it."""

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path

from memory.contracts import Is, Query
from memory.facade import Memory
from memory.truth import Truth
from tests.memory.samples import TENANT


class Facts:
    """What lives said before they were killed."""

    def __init__(self) -> None:
        self.kept: dict[int, str] = {}
        self.gone: set[int] = set()
        self.unsure: set[int] = set()
        self.opened = 0

    def hear(self, lines: Iterable[str]) -> None:
        """Take in lines: ``kept ID TEXT``, ``going ID…``, ``gone ID…``, ``erasing USER``, ``erased USER``, ``open``."""
        erasing: set[int] = set()
        for line in lines:
            what, _, rest = line.partition(" ")
            match what:
                case "open":
                    self.opened += 1
                case "kept":
                    number, _, text = rest.partition(" ")
                    self.kept[int(number)] = text
                case "going":
                    self.unsure |= set(map(int, rest.split()))
                case "gone":
                    self.gone |= set(map(int, rest.split()))
                case "erasing":
                    erasing = self._of(rest)
                    self.unsure |= erasing
                case "erased":
                    self.gone |= erasing

    def _of(self, user: str) -> set[int]:
        return {one for one, text in self.kept.items() if f"u{int(text.split()[3]) % 3}" == user}


async def hold(memory: Memory, facts: Facts, when: str) -> None:
    """Nothing acknowledged is lost, nothing erased comes back, the indexes say what the truth says. Closes the memory."""
    folder = memory._parts.path.parent
    assert not [wrong for wrong in await memory.check() if "acknowledged" in wrong or "damaged" in wrong], when
    engine = memory._parts.engine
    there = await memory._parts.thread.call(lambda: set(engine.bitmaps.everything))
    assert facts.kept.keys() - facts.unsure <= there, when
    assert not facts.gone & there, when
    assert not [wrong for wrong in await memory.check() if "reindex" in wrong], when
    sure = sorted(facts.kept.keys() & there)
    for one in random.Random(when).sample(sure, min(10, len(sure))):
        record = await memory.record(TENANT, one)
        assert record is not None and record.new.text == facts.kept[one], when
        asked = Query(tenant=TENANT, text=record.new.text, where=Is("task_id", (record.new.task_id,)), k=5)
        recalled = await memory.recall(asked)
        inside = f"{recalled.plan}; {recalled.note}; words up to {engine.words.followed}; {engine.tiers.holds(one)}"
        assert one in [hit.record.id for hit in recalled.hits], f"{when}: record {one}: {inside}"
    assert len(engine.tiers) == len(there), when
    await memory.close()
    files = await asyncio.to_thread(lambda: {path.name for path in (folder / "memory.index").iterdir()})
    assert files == await asyncio.to_thread(published, folder), when


def published(folder: Path) -> set[str]:
    """Names of the index files that count."""
    truth = Truth(folder / "memory.sqlite")
    try:
        return {row.name for row in truth.published()}
    finally:
        truth.close()
