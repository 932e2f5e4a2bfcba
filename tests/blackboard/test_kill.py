"""``kill -9`` before and after every commit: what was acknowledged is there, nothing is half-written."""

import asyncio
import os
import signal
import sys
from collections import defaultdict
from pathlib import Path

from database import Blackboard
from tests.blackboard.samples import TENANT, raw

ROOT = Path(__file__).parents[2]
AT_ONCE = 2


async def run_victim(folder: Path, **environment: str) -> tuple[int, dict[str, set[str]]]:
    """Run the victim; returns its exit code and what it said was acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.blackboard.victim",
        str(folder),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    facts: dict[str, set[str]] = defaultdict(set)
    for line in said.decode().splitlines():
        what, _, which = line.partition(" ")
        facts[what].add(which)
    return process.returncode or 0, facts


async def fault_points(folder: Path) -> list[str]:
    listing = folder / "points"
    code, _ = await run_victim(folder / "listed", VESPERA_FAULT_LIST=str(listing))
    assert code == 0
    return sorted(set(listing.read_text().split()))


async def hold_invariants(folder: Path, facts: dict[str, set[str]], point: str) -> None:
    board = await Blackboard.open(folder)
    assert await board.check() == [], point
    for task_id in map(int, facts["admitted"]):
        task = await board.task(TENANT, task_id)
        assert task is not None, point
        if str(task_id) in facts["finished"]:
            assert task.status in {"done", "cancelled"}, point
        if str(task_id) in facts["rejected"]:
            assert task.retry_count == 1, point
    for key in facts["evicted"]:
        assert await board.cached(TENANT, key, min_confidence=0) is None, point
    await finish_what_is_open(board, facts, point)
    await board.close()
    with raw(folder) as file:
        unready = "SELECT count(*) FROM outbox JOIN agent_tasks t ON t.id = task_id WHERE closed_at AND state = 'open'"
        assert file.execute(unready).fetchone() == (0,), point
        twice = "SELECT count(*) FROM agent_tasks GROUP BY interaction_id HAVING count(*) > 1"
        assert file.execute(twice).fetchall() == [], point


async def finish_what_is_open(board: Blackboard, facts: dict[str, set[str]], point: str) -> None:
    claimed = await board.claim()
    assert not {str(one.task.id) for one in claimed} & facts["finished"], point
    for one in claimed:
        await board.finish(one.lease, status="done", retry_count=one.task.retry_count, result=b"{}")
    pending = {str(outgoing.task.id) for outgoing in await board.pending()}
    assert not pending & facts["delivered"], point
    assert {str(one.task.id) for one in claimed if one.delivery} <= pending, point
    health = await board.health()
    assert (health.queued, health.running, health.quarantined) == (0, 0, 0), point


async def test_a_kill_at_any_commit_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    points = await fault_points(tmp_path)
    kinds = {point.split(".")[0] for point in points}
    assert {"admit", "start", "reject", "finish", "record", "delivered", "cancel", "note", "renew", "claim"} <= kinds
    gate = asyncio.Semaphore(AT_ONCE)

    async def kill_at(point: str) -> None:
        async with gate:
            folder = tmp_path / point
            code, facts = await run_victim(folder, VESPERA_FAULT=point)
            assert code == -signal.SIGKILL, point
            await hold_invariants(folder, facts, point)

    await asyncio.gather(*map(kill_at, points))


async def test_kills_in_the_middle_of_a_life_lose_nothing_either(tmp_path: Path) -> None:
    for point in ("finish.commit.before:2", "admit.commit.after:3", "reject.commit.after:2"):
        folder = tmp_path / point
        code, facts = await run_victim(folder, VESPERA_FAULT=point)
        assert code == -signal.SIGKILL
        assert facts["finished"]
        await hold_invariants(folder, facts, point)
