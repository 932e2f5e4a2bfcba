"""The memory, killed at every transaction and at every step of an index file's making."""

import asyncio
from pathlib import Path

from tests.faults.memory_child import NOW, SECRET, SHORT, Clock
from tests.faults.scenarios import Scenario
from tests.memory.facts import Facts, hold
from tests.memory.samples import EMBEDDED, everything_on_disk, opened


class MemoryScenario(Scenario):
    """A life in which every transaction happens, and every kind of file is made, at least once."""

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing)

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing, "again")

    async def _child(self, fault: str, listing: Path | None, *more: str) -> int:
        arguments = (str(self.folder / "data"), str(self.folder / "journal"), *more)
        return await self._run("tests.faults.memory_child", *arguments, fault=fault, listing=listing)

    async def check(self) -> None:
        facts = Facts()
        facts.hear(await asyncio.to_thread(self._told))
        memory = await opened(self.folder / "data", embedder=EMBEDDED, clock=Clock(NOW + 60))
        stats = await memory.stats()
        assert (stats.model, stats.coming_model, stats.unembedded) == (EMBEDDED.model, "", 0), stats
        wrong = [one for one in await memory.check() if "and is not used" not in one]
        assert not wrong, wrong
        await hold(memory, facts, self.folder.name)
        left = await asyncio.to_thread(everything_on_disk, self.folder / "data")
        ids = {one for one, text in facts.kept.items() if SECRET in text}
        assert not ids or not ids <= facts.gone or SECRET.encode() not in left, "erased words are on the disk"
        assert SHORT.encode() not in left, "words whose time is over are on the disk"

    def _told(self) -> list[str]:
        journal = self.folder / "journal"
        return journal.read_text().splitlines() if journal.exists() else []
