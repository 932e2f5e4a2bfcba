"""SIGKILL at random moments, again and again on one data directory under load."""

import asyncio
import random
import sqlite3
import sys
from pathlib import Path

import pytest

from settings import HOME
from tests.faults.pipeline import Author, PipelineScenario
from tests.promises import Promise
from tests.scripted_model import ScriptedModel

EARLY_S = 1.4
"""Seconds after its start at which a process is killed at the latest, when it may not even be open yet."""
LATER_S = 1.0
"""Seconds after its first question was accepted at which it is killed at the latest."""
WITHIN_S = 120.0
"""On the slowest machine a process has accepted a question, or taken up what was open, after so long."""
A_LIFE = 10_000
"""Questions that one life cannot ask, so that numbers are never used twice."""


class Hunt:
    """One data directory, lived in by one process after the other."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.scenario = PipelineScenario(folder, Author(pause_s=0.01))
        self._draw = random.Random(seed)
        self._lives = 0

    async def kill(self, model: ScriptedModel) -> None:
        """A life that is killed somewhere between its first import and its hundredth question.

        Every other one is killed after its first question, however long a busy machine takes to get there.
        """
        before = await asyncio.to_thread(self._accepted)
        child = await self._start(model, self._lives * A_LIFE)
        try:
            if self._lives % 2:
                await self._at_work(child, before)
                await asyncio.sleep(self._draw.random() * LATER_S)
            else:
                await asyncio.sleep(0.2 + self._draw.random() * (EARLY_S - 0.2))
        finally:
            self._lives += 1
            if child.returncode is None:
                child.kill()
            ended = await child.wait()
        assert ended == -9, "it ended by itself"

    async def _at_work(self, child: asyncio.subprocess.Process, before: int) -> None:
        """Wait until a life has a question accepted."""
        async with asyncio.timeout(WITHIN_S):
            while await asyncio.to_thread(self._accepted) <= before:
                assert child.returncode is None, "it ended by itself"
                await asyncio.sleep(0.02)

    def _accepted(self) -> int:
        journal = self.scenario.folder / "journal"
        return journal.read_bytes().count(b"accepted ") if journal.exists() else 0

    async def recover(self, model: ScriptedModel) -> None:
        """A life that ends well, and what must hold then."""
        child = await self._start(model, -1)
        try:
            assert await asyncio.wait_for(child.wait(), WITHIN_S) == 0
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        await self.scenario.check()

    def tasks(self) -> int:
        """How many tasks there are."""
        file = sqlite3.connect(f"file:{self.scenario.folder / 'data' / 'vespera.sqlite'}?mode=ro", uri=True)
        try:
            return int(file.execute("SELECT count(*) FROM agent_tasks").fetchone()[0])
        finally:
            file.close()

    async def _start(self, model: ScriptedModel, first: int) -> asyncio.subprocess.Process:
        data, journal = self.scenario.folder / "data", self.scenario.folder / "journal"
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.loaded", str(data), model.url, str(journal), str(first), cwd=HOME
        )


async def hunt(folder: Path, seed: str, kills: int, check_every: int) -> int:
    hunted = Hunt(folder, seed)
    async with ScriptedModel(hunted.scenario.author) as model:
        for number in range(1, kills + 1):
            await hunted.kill(model)
            if number % check_every == 0 or number == kills:
                await hunted.recover(model)
    return await asyncio.to_thread(hunted.tasks)


@pytest.mark.timeout(600)
async def test_kills_at_random_moments_break_nothing(tmp_path: Path, promise: Promise) -> None:
    assert await hunt(tmp_path, "short", kills=6, check_every=3) >= 3, "three lives had a question accepted"
    promise("Kills at random moments under load lose nothing that was acknowledged.", count=6, of="kills")


@pytest.mark.slow
@pytest.mark.timeout(7_200)
async def test_a_thousand_kills_at_random_moments_break_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    tasks = await asyncio.gather(*(hunt(tmp_path / seed, seed, kills=500, check_every=25) for seed in ("one", "two")))
    with capsys.disabled():
        print(f"\n1,000 kills, {sum(tasks)} tasks, none lost, doubled or left open")
    promise("A thousand kills at random moments lose nothing that was acknowledged.", count=1_000, of="kills")
