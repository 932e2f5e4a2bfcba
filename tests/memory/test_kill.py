"""``kill -9`` at every commit, in the middle of publishing, and anywhere: what was acknowledged is there, it always opens."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from memory.contracts import Is
from memory.truth import Truth
from settings import HOME
from tests.memory.samples import TENANT, found, opened

ANYWHERE = 12
"""Kills at random moments in the ordinary suite; `-m slow` makes a thousand."""


class Facts:
    """What lives said before they were killed."""

    def __init__(self) -> None:
        self.kept: dict[int, str] = {}
        self.gone: set[int] = set()
        self.unsure: set[int] = set()
        self.opened = 0

    def hear(self, lines: Iterable[str]) -> None:
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


async def live(
    folder: Path, seed: str, facts: Facts, kill_after: float | None = None, opening: bool = True, **environment: str
) -> int:
    """One life of the victim; returns how it ended. `kill_after`: seconds from its start, or from when it had opened."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.memory.victim", str(folder), seed,
        cwd=HOME, env=os.environ | environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    said = b"" if opening else await child.stdout.readline()
    reading = asyncio.ensure_future(child.stdout.read())
    if kill_after is not None:
        await asyncio.wait([reading], timeout=kill_after)
        if not reading.done():
            child.send_signal(signal.SIGKILL)
    whole, _, _ = (said + await reading).decode().rpartition("\n")
    facts.hear(whole.splitlines())
    return await child.wait()


async def hold(folder: Path, facts: Facts, when: str) -> None:
    """Nothing acknowledged is lost, nothing erased comes back, the indexes say what the truth says."""
    memory = await opened(folder)
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
        assert one in await found(memory, record.new.text, k=5, where=Is("task_id", (record.new.task_id,))), when
    planner = engine.tiers
    assert len(planner) == len(there), when
    await memory.close()
    files = await asyncio.to_thread(lambda: {path.name for path in (folder / "memory.index").iterdir()})
    assert files == await asyncio.to_thread(published, folder), when


def published(folder: Path) -> set[str]:
    truth = Truth(folder / "memory.sqlite")
    names = {row.name for row in truth.published()}
    truth.close()
    return names


async def test_a_kill_at_any_commit_or_publication_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    listing = tmp_path / "points"
    facts = Facts()
    assert await live(tmp_path / "listed", "0", facts, VESPERA_FAULT_LIST=str(listing)) == 0
    await hold(tmp_path / "listed", facts, "unharmed")
    points = sorted(set(listing.read_text().split()))
    assert {"remember", "forget", "publish", "changes"} <= {point.split(".")[0] for point in points}
    assert {"index.built", "index.swapped"} <= set(points)
    for place, point in enumerate(points):
        folder, facts = tmp_path / point, Facts()
        ended = await live(folder, str(place), facts, VESPERA_FAULT=f"{point}:{1 + place % 3}")
        if ended == 0:
            ended = await live(folder, f"{place}b", facts, VESPERA_FAULT=point)
        assert ended == -signal.SIGKILL, point
        await hold(folder, facts, point)


async def test_kills_at_random_moments_on_the_same_files_lose_nothing(tmp_path: Path) -> None:
    await die_often(tmp_path, ANYWHERE)


@pytest.mark.slow
@pytest.mark.timeout(7_200)
async def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    for round_ in range(40):
        await die_often(tmp_path / str(round_), 25, seed=round_)


async def die_often(folder: Path, times: int, seed: int = 0) -> None:
    facts, chance, killed = Facts(), random.Random(seed), 0
    for life in range(times):
        opening = chance.random() < 0.2
        ended = await live(folder, f"{seed}.{life}", facts, chance.uniform(0.01, 1.2), opening)
        assert ended in (0, -signal.SIGKILL), f"life {life} ended with {ended}"
        killed += ended != 0
        if life % 5 == 4 or life == times - 1:
            await hold(folder, facts, f"seed {seed}, life {life}")
    assert killed and facts.opened
