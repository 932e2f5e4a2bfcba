"""Every transaction of the blackboard, killed before and after its commit."""

import sqlite3
from collections import defaultdict
from pathlib import Path

from database import Blackboard
from tests.blackboard.samples import TENANT
from tests.faults.scenarios import Scenario


class StoreScenario(Scenario):
    """A life in which every transaction happens at least once."""

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing)

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing, "again")

    async def _child(self, fault: str, listing: Path | None, *more: str) -> int:
        arguments = (str(self.data), str(self.folder / "journal"), *more)
        return await self._run("tests.faults.store_child", *arguments, fault=fault, listing=listing)

    async def check(self) -> None:
        facts = self._facts()
        board = await Blackboard.open(self.data)
        try:
            damaged = [f"Task {number} fails" for number in facts["damaged"]]
            for line in await board.check():
                assert any(line.startswith(known) for known in damaged), line
            await self._tasks_hold(board, facts)
            await self._table_holds(board, facts)
            await self._guard_holds(board, facts)
            for key in facts["evicted"]:
                assert await board.cached(TENANT, key, min_confidence=0) is None
            assert not facts["state"] or await board.get_state("a") == "b"
            health = await board.health()
            assert (health.queued, health.running, health.undelivered) == (0, 0, 0)
        finally:
            await board.close()
        self._rows_hold()

    async def _tasks_hold(self, board: Blackboard, facts: dict[str, set[str]]) -> None:
        for number in map(int, facts["admitted"] | facts["finished"]):
            task = await board.task(TENANT, number)
            assert task is not None, f"task {number} was lost"
            if str(number) in facts["finished"]:
                assert task.status in {"done", "cancelled"}
            if str(number) in facts["rejected"]:
                assert task.retry_count == 1
            if str(number) in facts["erased"]:
                assert task.payload == b"" and await board.verify_chain(TENANT, number)
        assert await board.claim() == []

    async def _table_holds(self, board: Blackboard, facts: dict[str, set[str]]) -> None:
        for number, version in (map(int, fact.split()) for fact in facts["fight"]):
            fight = await board.combats.combat(TENANT, number)
            assert fight is not None and fight.version >= version
            assert fight.log == (b"[1]" if fight.version == 1 else b"[1,2]")
            sheet = await board.combats.sheet(TENANT, "ann")
            assert (sheet is not None) == (fight.version == 2), "a fight and its sheet are one commit"
        for user in facts["sheet"]:
            assert await board.combats.sheet(TENANT, user) == b"{}"

    async def _guard_holds(self, board: Blackboard, facts: dict[str, set[str]]) -> None:
        entries = await board.audit.entries(TENANT, limit=100)
        assert facts["audited"] <= {entry.detail for entry in entries}, "a row of the audit log was lost"
        standing = {grant.user for grant in await board.grants.all()}
        assert facts["granted"] - facts["revoking"] <= standing and not facts["revoked"] & standing
        told = {entry.action for entry in entries if entry.subject == "bob"}
        assert ("grant" in told) >= bool(standing), "a grant and its row in the log are one commit"
        assert ("revoke" in told) == (bool(facts["revoking"]) and "grant" in told and not standing)

    def _facts(self) -> dict[str, set[str]]:
        facts: dict[str, set[str]] = defaultdict(set)
        journal = self.folder / "journal"
        for line in journal.read_text().splitlines() if journal.exists() else ():
            what, _, which = line.partition(" ")
            facts[what].add(which)
        return facts

    def _rows_hold(self) -> None:
        file = sqlite3.connect(f"file:{self.data / 'vespera.sqlite'}?mode=ro", uri=True)
        try:
            unready = (
                "SELECT count(*) FROM outbox JOIN agent_tasks t ON t.id = task_id WHERE closed_at AND state = 'open'"
            )
            assert file.execute(unready).fetchone() == (0,)
            twice = "SELECT count(*) FROM agent_tasks GROUP BY interaction_id HAVING count(*) > 1"
            assert file.execute(twice).fetchall() == []
        finally:
            file.close()
