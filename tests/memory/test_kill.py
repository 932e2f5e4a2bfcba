"""``kill -9`` anywhere: what was acknowledged is there, it always opens. For kills at each point see tests/faults/."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from settings import HOME
from tests.memory.facts import Facts, hold
from tests.memory.samples import opened
from tests.promises import Promise

ANYWHERE = 12
"""Kills at random moments in the ordinary suite; `-m slow` makes a thousand."""


async def live(folder: Path, seed: str, facts: Facts, kill_after: float | None = None, opening: bool = True) -> int:
    """One life of the victim; returns how it ended. `kill_after`: seconds from its start, or from when it had opened."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.memory.victim", str(folder), seed,
        cwd=HOME, env=os.environ, stdout=asyncio.subprocess.PIPE,
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


async def test_kills_at_random_moments_on_the_same_files_lose_nothing(tmp_path: Path, promise: Promise) -> None:
    await die_often(tmp_path, ANYWHERE)
    promise("Kills at random moments lose nothing that was remembered.", count=ANYWHERE, of="lives")


@pytest.mark.slow
@pytest.mark.timeout(7_200)
async def test_a_thousand_kills_lose_nothing(tmp_path: Path, promise: Promise) -> None:
    for round_ in range(40):
        await die_often(tmp_path / str(round_), 25, seed=round_)
    promise("A thousand kills lose nothing that was remembered.", count=1_000, of="lives")


async def die_often(folder: Path, times: int, seed: int = 0) -> None:
    facts, chance, killed = Facts(), random.Random(seed), 0
    for life in range(times):
        opening = chance.random() < 0.2
        ended = await live(folder, f"{seed}.{life}", facts, chance.uniform(0.01, 1.2), opening)
        assert ended in (0, -signal.SIGKILL), f"life {life} ended with {ended}"
        killed += ended != 0
        if life % 5 == 4 or life == times - 1:
            await hold(await opened(folder), facts, f"seed {seed}, life {life}")
    assert killed and facts.opened
