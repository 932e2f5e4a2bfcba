"""kill -9 at every fault point of every scenario, then a second kill while the next life recovers."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.discord.test_relay_restarts import CUT_OFF
from tests.faults.points import declared
from tests.faults.scenarios import Scenario, registered
from tests.promises import Promise
from tests.wire.test_process import KILLED_WHILE_DELIVERING

AT_ONCE = 2
PAIRED = {"store": 6, "pipeline": 2, "memory": 2, "relay": 2, "backup": 2, "restore": 2}
"""Of how many points the ordinary suite draws a second kill; a scenario that is not named here gets three."""
REPEATED = {
    "pipeline": ("draft.call.after", "critique.call.after", "reject.commit.before", "finish.commit.before"),
    "memory": ("index.built", "publish.commit.after"),
}
"""Points at which the ordinary suite kills also when they are reached again."""
KILLED = -9


async def points_of(life: object, listing: Path) -> Counter[str]:
    """The points that a life reaches, and how often."""
    assert await life(listing=listing) == 0  # type: ignore[operator]
    return Counter(listing.read_text().split() if listing.exists() else ())


def mine(kind: type[Scenario], points: Iterable[str]) -> list[str]:
    """Those at which a scenario is killed."""
    return sorted(point for point in points if point.startswith(kind.kills_at))


async def begun(kind: type[Scenario], folder: Path) -> Scenario:
    scenario = kind(folder)
    await scenario.prepare()
    return scenario


_seen: dict[str, tuple[Counter[str], Counter[str]]] = {}


async def dry_run(name: str, folder: Path) -> tuple[Counter[str], Counter[str]]:
    """The points that a first life reaches, and a second one after it; run once for all tests."""
    if name not in _seen:
        scenario = await begun(registered()[name], folder / "dry")
        first = await points_of(scenario.live, folder / "first")
        later = await points_of(scenario.recover, folder / "later")
        await scenario.check()
        _seen[name] = first, later
    return _seen[name]


async def kill_at(kind: type[Scenario], folder: Path, point: str, second: int) -> int:
    """Kill the first life at a point; recover, also with so many second kills at points drawn; how many there were."""
    scenario = await begun(kind, folder / "one")
    assert await scenario.live(point) == KILLED, f"{point} was not reached"
    forks = iter(range(10_000))
    unharmed = scenario.fork(folder / "unharmed")
    points = mine(kind, await points_of(unharmed.recover, folder / "points"))
    await held(unharmed, point)
    draw = random.Random(point)
    chosen = draw.sample(points, min(second, len(points)))
    for again in chosen:
        fork = scenario.fork(folder / f"fork {next(forks)}")
        assert await fork.recover(again) == KILLED, f"{again} was not reached after {point}"
        assert await fork.recover() == 0, f"no restart after {point} and {again}"
        await held(fork, f"{point} and {again}")
    return len(chosen)


async def held(scenario: Scenario, when: str) -> None:
    try:
        await scenario.check()
    except AssertionError as error:
        raise AssertionError(f"after a kill at {when}: {error}") from error


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", registered())
async def test_a_kill_at_every_point_and_a_second_one_at_some_break_nothing(
    tmp_path: Path, name: str, promise: Promise
) -> None:
    kind = registered()[name]
    points = mine(kind, (await dry_run(name, tmp_path))[0])
    assert points
    paired = set(random.Random(name).sample(points, min(PAIRED.get(name, 3), len(points))))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, point: str) -> int:
        async with gate:
            return await kill_at(kind, tmp_path / str(number), point, second=1 if point in paired else 0)

    async with asyncio.TaskGroup() as group:
        killing = [group.create_task(one(number, point)) for number, point in enumerate(points)]
    done = [task.result() for task in killing]
    assert sum(done) >= min(2, len(paired))
    promise("A kill -9 at any fault point loses, doubles and leaves open nothing.", count=len(points), of="points")
    promise(
        "A second kill -9 while the next process recovers breaks nothing either.", count=sum(done), of="second kills"
    )


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("name", registered())
async def test_a_kill_at_every_pair_of_points_breaks_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    kind = registered()[name]
    points = mine(kind, (await dry_run(name, tmp_path))[0])
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, point: str) -> int:
        async with gate:
            return await kill_at(kind, tmp_path / str(number), point, second=10_000)

    async with asyncio.TaskGroup() as group:
        killing = [group.create_task(one(number, point)) for number, point in enumerate(points)]
    pairs = sum(task.result() for task in killing)
    with capsys.disabled():
        print(f"\n{name}: {len(points)} points, {pairs} pairs")
    promise("A kill -9 at every pair of fault points breaks nothing.", count=pairs, of="pairs")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("occurrence", [2, 3])
@pytest.mark.parametrize("name", REPEATED)
async def test_a_point_reached_again_survives_a_kill(tmp_path: Path, name: str, occurrence: int) -> None:
    for point in REPEATED[name]:
        await kill_at(registered()[name], tmp_path / point, f"{point}:{occurrence}", second=0)


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("name", ["memory", "relay"])  # Whose lives reach the same points in the same order each time.
async def test_every_later_occurrence_of_a_point_survives_a_kill(tmp_path: Path, name: str) -> None:
    kind = registered()[name]
    counts, _ = await dry_run(name, tmp_path)
    for point in mine(kind, counts):
        for nth in range(2, counts[point] + 1):
            await kill_at(kind, tmp_path / point / str(nth), f"{point}:{nth}", second=0)


@pytest.mark.timeout(600)
async def test_no_fault_point_is_left_out(tmp_path: Path) -> None:
    reached = {*(case[0] for case in KILLED_WHILE_DELIVERING), *CUT_OFF}
    for name in registered():
        first, later = await dry_run(name, tmp_path / name)
        reached.update(first, later)
    assert declared() - reached == set(), "no scenario reaches these points"
    memory, _ = await dry_run("memory", tmp_path / "memory")
    assert declared(under="memory/") <= memory.keys(), (
        "another database has points of these names; the memory's are left out"
    )
    assert reached - declared() == set(), "these points are reached and not declared: points.py must find them"
