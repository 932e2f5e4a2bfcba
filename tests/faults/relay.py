"""The relay, killed at every transition: no checkpoint is lost or doubled, and the ledgers are the same in the end."""

import asyncio
import copy
import shutil
from collections import Counter
from pathlib import Path
from typing import ClassVar, Self

from agents.relay.jobs import Checkpoint
from relay_app import RelayApp
from tests.faults.relay_child import DECIDED, PROVED
from tests.faults.scenarios import Scenario
from tests.relay import house
from tests.relay.house import CRITIC, PASS, answer, git
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

NAMES = ("one", "two", "three", "four")
FILES = {
    **{f"{name}.txt": "value 0\nend\n" for name in NAMES},
    "tests/check.sh": "grep -q 13 *.txt && { echo 'error: thirteen'; exit 1; }; exit 0\n",
    "relay.toml": 'test = "sh tests/check.sh"\n',
}
SPRINTS = 5
"""Proposals that are needed: one refuted, one for each goal that passes, one that a person keeps."""


class Author:
    """Sets what the goal names; wrong are the first try of the first goal and each of the last. Answers by the prompt
    alone, so that a prompt asked twice is answered twice the same."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        if CRITIC in request.text:
            return Reply(text=PASS)
        name = next(name for name in NAMES if f"Your goal now: set {name}" in request.text)
        again = "was refuted" in request.text
        self.calls[f"{name} {again}"] += 1
        value = 13 if (name == "one" and not again) or name == "four" else 1
        diff = f"--- a/{name}.txt\n+++ b/{name}.txt\n@@ -1,2 +1,2 @@\n-value 0\n+value {value}\n end\n"
        return Reply(text=answer({"file": f"{name}.txt", "diff": diff}))


class RelayScenario(Scenario):
    """Two jobs and every decision about them; later lives take them up. Memory and blackboard are killed elsewhere."""

    kills_at = ("relay",)
    ledgers: ClassVar[dict[int, str]] = {}
    """What the first one that was checked ended with; all others must end alike."""

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
            proved = await self._job(app, PROVED, "done")
            decided = await self._job(app, DECIDED, "failed")
            assert not await app.blackboard.check()
        assert [each.undone for each in proved] == [False, False], "a checkpoint was lost or doubled"
        assert [each.undone for each in decided] == [False, True], "a checkpoint was lost or doubled"
        await asyncio.to_thread(self._repository_holds, proved, decided)
        assert sum(self.author.calls.values()) <= SPRINTS + self.kills, f"repeated calls: {self.author.calls}"

    async def _job(self, app: RelayApp, job: int, status: str) -> list[Checkpoint]:
        """Its checkpoints in their order, when it and all its sprints hold."""
        view = await app.job("local", job)
        assert view.state.status == status, view.state.reason
        ledger = await app.ledger("local", job)
        assert [row.number for row in ledger.rows] == list(range(1, len(ledger.rows) + 1))
        assert self.ledgers.setdefault(job, ledger.digest) == ledger.digest, f"r{job} has another ledger"
        found = await app.verify("local", job)
        assert found.ok, found
        for task in range(job, view.state.sprint + 1):
            assert await app.blackboard.verify_chain("local", task)
        return sorted(await app.checkpoints("local", job), key=lambda each: each.number)

    def _repository_holds(self, proved: list[Checkpoint], decided: list[Checkpoint]) -> None:
        repo = self.folder / "repo"
        commits = git(repo, "rev-list", "--reverse", f"vespera/r{DECIDED}").split()[1:]
        assert [each.commit for each in (*proved, decided[0])] == commits
        assert git(repo, "rev-parse", "main") == git(repo, "rev-parse", f"vespera/r{PROVED}") == commits[1]
        assert git(repo, "worktree", "list").count("\n") == 0
        assert not list((self.folder / "data" / "relay").iterdir())
