"""kill -9 at every transition of the relay: after a restart no checkpoint is lost or doubled, and the ledger is the same."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from agents.relay.jobs import Checkpoint, JobView
from settings import HOME
from tests.promises import Promise
from tests.relay import house
from tests.relay.house import CRITIC, PASS, answer, git
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

FILES = {
    "one.txt": "value 0\nend\n",
    "two.txt": "value 0\nend\n",
    "tests/check.sh": "grep -q 13 one.txt two.txt && { echo 'error: thirteen'; exit 1; }; exit 0\n",
    "relay.toml": 'test = "sh tests/check.sh"\n',
}


class Author:
    """Sets what the goal names; the first try of the first goal is wrong. Answers by the prompt alone, so that a prompt
    asked twice is answered twice the same."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        if CRITIC in request.text:
            return Reply(text=PASS)
        name = "one" if "Your goal now: set one" in request.text else "two"
        again = "was refuted" in request.text
        self.calls[f"{name} {again}"] += 1
        value = 13 if name == "one" and not again else 1
        diff = f"--- a/{name}.txt\n+++ b/{name}.txt\n@@ -1,2 +1,2 @@\n-value 0\n+value {value}\n end\n"
        return Reply(text=answer({"file": f"{name}.txt", "diff": diff}))


async def run_child(folder: Path, url: str, fault: str = "", listing: Path | None = None) -> int:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOME), "VESPERA_FAULT": fault}
    if listing is not None:
        environment["VESPERA_FAULT_LIST"] = str(listing)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.relay.child", str(folder / "data"), url, str(folder / "repo"),
        env=environment, cwd=HOME,
    )  # fmt: skip
    return await asyncio.wait_for(child.wait(), 60)


async def end_of(folder: Path) -> tuple[JobView, list[Checkpoint], str, bool]:
    async with house.opened(house.settings_for(folder, None)) as app:
        (view,) = await app.jobs("local")
        ledger = await app.ledger("local", view.id)
        found = await app.verify("local", view.id)
        chains = [await app.blackboard.verify_chain("local", task) for task in range(1, view.state.sprint + 1)]
        assert [row.number for row in ledger.rows] == list(range(1, len(ledger.rows) + 1))
        assert not await app.blackboard.check()
        return view, await app.checkpoints("local", view.id), ledger.digest, found.ok and all(chains)


async def lived(folder: Path, point: str) -> tuple[str, Author]:
    """A job whose process is killed at a point and started again; the ledger's digest at the end."""
    await asyncio.to_thread(house.make_repo, folder, FILES)
    author = Author()
    async with ScriptedModel(author) as model:
        if point:
            assert await run_child(folder, model.url, point) == -9, f"{point} was not reached"
        assert await run_child(folder, model.url) == 0, f"no restart after {point}"
    view, checkpoints, digest, holds = await end_of(folder)
    repo = folder / "repo"
    assert view.state.status == "done", (point, view.state.reason)
    commits = (await asyncio.to_thread(git, repo, "rev-list", "main..vespera/r1")).split()
    assert [each.commit for each in reversed(checkpoints)] == commits, point
    assert len(commits) == 2, f"{point}: a checkpoint was lost or doubled"
    assert holds, point
    assert (await asyncio.to_thread(git, repo, "worktree", "list")).count("\n") == 0, point
    assert not list((folder / "data" / "relay").iterdir()), point
    return digest, author


async def points_reached(folder: Path) -> list[str]:
    await asyncio.to_thread(house.make_repo, folder, FILES)
    listing = folder / "points"
    async with ScriptedModel(Author()) as model:
        assert await run_child(folder, model.url, listing=listing) == 0
    return listing.read_text().split()


async def test_every_transition_survives_a_kill_and_gives_the_same_ledger(tmp_path: Path, promise: Promise) -> None:
    (tmp_path / "dry").mkdir()
    reached = await points_reached(tmp_path / "dry")
    points = sorted({point for point in reached if "quarantine" not in point})
    assert len(points) >= 18, points
    await alike(tmp_path, ["", *points])
    promise(
        "A coding job that is killed at any transition ends with the same ledger.", count=len(points), of="transitions"
    )


@pytest.mark.slow
async def test_every_later_occurrence_of_a_transition_survives_a_kill(tmp_path: Path) -> None:
    (tmp_path / "dry").mkdir()
    counts = Counter(await points_reached(tmp_path / "dry"))
    await alike(tmp_path, [f"{point}:{nth}" for point, count in sorted(counts.items()) for nth in range(2, count + 1)])


async def alike(folder: Path, points: list[str]) -> None:
    two = asyncio.Semaphore(2)

    async def one(number: int, point: str) -> tuple[str, str, Author]:
        place = folder / str(number)
        place.mkdir()
        async with two:
            return point, *(await lived(place, point))

    ends = await asyncio.gather(*(one(number, point) for number, point in enumerate(points)))
    assert len({digest for _, digest, _ in ends}) == 1, {point: digest for point, digest, _ in ends}
    for point, _, author in ends:
        assert sum(author.calls.values()) <= 4, f"{point}: more than one call was repeated: {author.calls}"
