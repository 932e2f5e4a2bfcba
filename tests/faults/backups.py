"""A backup and a restore, killed at every point."""

import asyncio
import contextlib
from pathlib import Path

from blackboard.backups.making import STAGING as COPIES
from blackboard.backups.swap import PLAN, STAGING
from database import Blackboard
from tests.blackboard.samples import TENANT, finished
from tests.faults.scenarios import Scenario
from tests.storage.houses import back_up, furnished, put_back


class BackupScenario(Scenario):
    """Backups into a folder, one a life; the first by name."""

    async def prepare(self) -> None:
        await furnished(self.folder / "data", 3)
        (self.folder / "backups").mkdir()

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child("backups/named", fault, listing)

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child("backups", fault, listing)

    async def _child(self, target: str, fault: str, listing: Path | None) -> int:
        arguments = (str(self.folder / "data"), str(self.folder / target))
        return await self._run("tests.faults.backup_child", *arguments, fault=fault, listing=listing)

    async def check(self) -> None:
        await asyncio.to_thread(self._check)
        board = await Blackboard.open(self.folder / "data")
        assert await board.check() == [] and await board.task(TENANT, 1)
        await board.close()

    def _check(self) -> None:
        made = sorted((self.folder / "backups").iterdir())
        dated = [path for path in made if path.name.startswith("vespera-")]
        assert dated, "the later backup was not made"
        left = {path.name for path in made} - {path.name for path in dated}
        assert left <= {"named", ".named.part"}, left
        for path in (*dated, *(path for path in made if path.name == "named")):
            put_back(path, self.folder / "trial", only_check=True)
        assert not (self.folder / "data" / COPIES).exists()


class RestoreScenario(Scenario):
    """A backup put in place of a later state; later lives restore it again."""

    async def prepare(self) -> None:
        data = self.folder / "data"
        await furnished(data, 2)
        await asyncio.to_thread(back_up, data, self.folder / "b")
        board = await Blackboard.open(data)
        await finished(board)
        await board.close()

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        arguments = (str(self.folder / "b"), str(self.folder / "data"))
        return await self._run("tests.storage.restorer", *arguments, fault=fault, listing=listing)

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        await self._either_state()
        return await self.live(fault, listing)

    async def _either_state(self) -> None:
        """In a copy, as the next opening would find it: the later state or the restored one, whole."""
        copy = self.folder.with_name(f"{self.folder.name}-seen")
        seen = self.fork(copy)
        board = await Blackboard.open(seen.folder / "data")
        try:
            assert await board.check() == []
            assert await board.task(TENANT, 1) and await board.combats.sheet(TENANT, "ann")
        finally:
            await board.close()
            with contextlib.suppress(OSError):
                import shutil

                shutil.rmtree(copy)

    async def check(self) -> None:
        board = await Blackboard.open(self.folder / "data")
        try:
            assert await board.check() == []
            assert await board.task(TENANT, 4) is not None and await board.task(TENANT, 5) is None
        finally:
            await board.close()
        assert not (self.folder / "data" / PLAN).exists() and not (self.folder / "data" / STAGING).exists()
