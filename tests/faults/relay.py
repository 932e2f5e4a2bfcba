"""The relay, killed at every transition: no checkpoint is lost or doubled, and the ledger is the same in the end."""

import asyncio
import copy
import shutil
from collections import Counter
from pathlib import Path
from typing import ClassVar, Self

from agents.relay.jobs import Checkpoint
from relay_app import RelayApp
from tests.faults.relay_child import JOB
from tests.faults.scenarios import Scenario
from tests.relay import house
from tests.relay.house import CRITIC, PASS, answer, git
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

NAMES = ("one", "two")
FILES = {
    **{f"{name}.txt": "value 0\nend\n" for name in NAMES},
    "tests/check.sh": "grep -q 13 *.txt && { echo 'error: thirteen'; exit 1; }; exit 0\n",
    "relay.toml": 'test = "sh tests/check.sh"\n',
}
SPRINTS = 4
"""Proposals that are needed: each goal's first one is refuted; the second passes, or is the first again."""


class Author:
    """Sets what the goal names; wrong are the first try of the first goal and all of the second. Answers by the prompt
    alone, so that a prompt asked twice is answered twice the same."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        if CRITIC in request.text:
            return Reply(text=PASS)
        name = next(name for name in NAMES if f"Your goal now: set {name}" in request.text)
        again = "was refuted" in request.text
        self.calls[f"{name} {again}"] += 1
        value = 13 if name == "two" or not again else 1
        diff = f"--- a/{name}.txt\n+++ b/{name}.txt\n@@ -1,2 +1,2 @@\n-value 0\n+value {value}\n end\n"
        return Reply(text=answer({"file": f"{name}.txt", "diff": diff}))


class RelayScenario(Scenario):
    """A job and every decision about it; later lives take it up. Memory and blackboard are killed elsewhere."""

    kills_at = ("relay",)
    ledgers: ClassVar[set[str]] = set()
    """How those that were checked ended: all alike."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.author, self.kills = Author(), 0
        self._saved: Path | None = None

    async def prepare(self) -> None:
        await asyncio.to_thread(house.make_repo, self.folder, FILES)

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        arguments = [str(self.folder / name) for name in ("repo", "journal")]
        self.kills += bool(fault)
        async with ScriptedModel(self.author) as model:
            data = str(self.folder / "data")
            return await self._run(
                "tests.faults.relay_child", data, model.url, *arguments, fault=fault, listing=listing
            )

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        return await self.live(fault, listing)

    def fork(self, folder: Path) -> Self:
        """The same state in the same folder, whose path the jobs name; one fork is done with before the next is made."""
        if self._saved is None:
            self._saved = shutil.copytree(self.folder, folder)
        else:
            shutil.rmtree(self.folder)
            shutil.copytree(self._saved, self.folder)
        forked = type(self)(self.folder)
        forked.author, forked.kills = copy.deepcopy(self.author), self.kills
        return forked

    async def check(self) -> None:
        async with house.opened(house.settings_for(self.folder, None)) as app:
            kept, undone = await self._job(app)
            assert not await app.blackboard.check()
        assert (kept.undone, undone.undone) == (False, True)
        await asyncio.to_thread(self._repository_holds, kept.commit, undone.commit)
        assert sum(self.author.calls.values()) <= SPRINTS + self.kills, f"repeated calls: {self.author.calls}"

    async def _job(self, app: RelayApp) -> list[Checkpoint]:
        """Its checkpoints in their order, when it and all its sprints hold."""
        view = await app.job("local", JOB)
        assert view.state.status == "failed", view.state.reason
        ledger = await app.ledger("local", JOB)
        assert [row.number for row in ledger.rows] == list(range(1, SPRINTS + 1))
        self.ledgers.add(ledger.digest)
        assert len(self.ledgers) == 1, "the ledger is another one"
        found = await app.verify("local", JOB)
        assert found.ok, found
        for task in range(JOB, view.state.sprint + 1):
            assert await app.blackboard.verify_chain("local", task)
        return sorted(await app.checkpoints("local", JOB), key=lambda each: each.number)

    def _repository_holds(self, kept: str, undone: str) -> None:
        """The person's branch has both checkpoints, the job's the one that was not rolled back; no tree is left."""
        repo = self.folder / "repo"
        assert git(repo, "rev-list", "--reverse", "main").split()[1:] == [kept, undone]
        assert git(repo, "rev-parse", f"vespera/r{JOB}") == kept
        assert git(repo, "worktree", "list").count("\n") == 0
        assert not list((self.folder / "data" / "relay").iterdir())
