"""What is killed, and what must hold afterwards. A room with fault points of its own adds a scenario to `SCENARIOS`.

A scenario is a folder in which a process lives once and is then taken up by further lives. Every fault point that a
life reaches is a place where it is killed, alone and in pairs; see test_points.py.
"""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import ClassVar, Self

from settings import HOME

WITHIN_S = 120.0
"""A life that is not killed has ended after so long, on a busy machine too."""


class Scenario:
    """One folder on its way through lives and deaths. Subclasses say how to live, to recover, and what must hold."""

    kills_at: ClassVar[tuple[str, ...]] = ("",)
    """What the names of those points begin with at which it is killed; at the others it reaches, another scenario is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def prepare(self) -> None:
        """Lay out what the first life finds."""

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        """The first life; its exit code. `fault`: where it is killed; `listing`: where the points reached are noted."""
        raise NotImplementedError

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        """A later life on what the earlier ones left."""
        raise NotImplementedError

    async def check(self) -> None:
        """Assert what must hold after a later life that ended well."""
        raise NotImplementedError

    def fork(self, folder: Path) -> Self:
        """The same state in another folder, to be killed in another place."""
        shutil.copytree(self.folder, folder)
        return type(self)(folder)

    def _environment(self, fault: str, listing: Path | None) -> dict[str, str]:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOME), "VESPERA_FAULT": fault}
        return environment if listing is None else environment | {"VESPERA_FAULT_LIST": str(listing)}

    async def _run(self, module: str, *arguments: str, fault: str = "", listing: Path | None = None) -> int:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env=self._environment(fault, listing), cwd=HOME
        )
        try:
            return await asyncio.wait_for(child.wait(), WITHIN_S)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


def registered() -> dict[str, type[Scenario]]:
    """Every scenario by its name."""
    from tests.faults.backups import BackupScenario, RestoreScenario
    from tests.faults.memory import MemoryScenario
    from tests.faults.pipeline import PipelineScenario
    from tests.faults.relay import RelayScenario
    from tests.faults.store import StoreScenario

    return {
        "store": StoreScenario,
        "pipeline": PipelineScenario,
        "memory": MemoryScenario,
        "relay": RelayScenario,
        "backup": BackupScenario,
        "restore": RestoreScenario,
    }
