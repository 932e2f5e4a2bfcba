"""A process that works through every kind of transaction and notes what was acknowledged, until it is killed.

    python -m tests.faults.store_child FOLDER JOURNAL [again]

One acknowledged fact a line. With ``again`` it takes up what an earlier one left, finishes it and delivers.
"""

import asyncio
import contextlib
import sqlite3
import sys
from pathlib import Path

from blackboard.audit import NewEntry
from blackboard.contracts import Feedback
from blackboard.grants import Grant
from database import Blackboard
from errors import StoreCorrupt
from tests.blackboard.samples import CALL, LESSON, ROUTED, TENANT, delivery, entry, new_task


class Life:
    """One process at work on a board."""

    def __init__(self, board: Blackboard, journal: Path) -> None:
        self.board, self.journal = board, journal

    def tell(self, *fact: object) -> None:
        with self.journal.open("a") as file:
            file.write(" ".join(map(str, fact)) + "\n")

    async def one_task(self, number: int) -> None:
        board = self.board
        admission = await board.admit(
            new_task(f"i{number}", delivery=delivery()), (ROUTED,), room=13, run_now=number % 2 == 0
        )
        assert admission is not None
        task_id = admission.task_id
        self.tell("admitted", task_id)
        lease = admission.lease or await board.start(task_id)
        await board.set_message(TENANT, task_id, 1000 + task_id)
        await board.note(lease, (ROUTED,), (CALL,))
        await board.reject(lease, retry_count=1, attempt=2, steps=(ROUTED,), corrections=(LESSON,), calls=(CALL,))
        self.tell("rejected", task_id)
        await board.renew([lease])
        kept = entry(f"k{number}", lasts_s=9e6)
        await board.finish(
            lease, status="done", retry_count=1, result=b"{}", steps=(ROUTED,), calls=(CALL,), cache=kept
        )
        self.tell("finished", task_id)
        await self.deliver()
        await board.feedback(TENANT, Feedback(task_id, "ann", right=False, wrong="no"))
        self.tell("evicted", f"k{number}")

    async def deliver(self) -> None:
        for outgoing in await self.board.pending():
            await self.board.delivery_failed(outgoing.id, "Discord is away", give_up=False)
            await self.board.delivered(outgoing.id, 77)
            self.tell("delivered", outgoing.id)

    async def closed_tasks(self) -> None:
        recorded = await self.board.record(new_task("r"), "done", b"{}", (ROUTED,))
        self.tell("finished", recorded.task_id)
        doomed = await self.board.admit(new_task("c"), room=13, run_now=False)
        assert doomed is not None
        self.tell("admitted", doomed.task_id)
        await self.board.cancel(TENANT, doomed.task_id, "ann", "no")
        self.tell("finished", doomed.task_id)
        await self.board.evict(TENANT, "nothing")
        await self.board.set_state("a", "b")
        self.tell("state", "b")

    async def evicted(self) -> None:
        """A tenant's whole cache."""
        admission = await self.board.admit(new_task("v"), (ROUTED,), room=13, run_now=True)
        assert admission is not None and admission.lease is not None
        self.tell("admitted", admission.task_id)
        kept = entry("kv", lasts_s=9e6)
        await self.board.finish(admission.lease, status="done", retry_count=0, result=b"{}", cache=kept)
        self.tell("finished", admission.task_id)
        await self.board.evict_all(TENANT)
        self.tell("evicted", "kv")

    async def the_table(self) -> None:
        combats = self.board.combats
        number = await combats.begin(TENANT, "c", b"[1]")
        self.tell("fight", number, 1)
        fight = await combats.combat(TENANT, number)
        assert fight is not None
        await combats.save(fight, b"[1,2]", sheets={"ann": b"{}"})
        self.tell("fight", number, 2)
        await combats.note(TENANT, number, narrated=1)
        await combats.put_sheet(TENANT, "bob", b"{}")
        self.tell("sheet", "bob")
        await combats.set_edition(TENANT, "5.1")

    async def the_guard(self) -> None:
        for number in range(3):
            await self.board.audit.record(NewEntry(TENANT, "refused", "ann", "", f"refusal {number}"))
            self.tell("audited", f"refusal {number}")
        grant = await self.board.grants.put(Grant(TENANT, "bob", "allow", "role:relay", "ann"), "")
        self.tell("granted", "bob")
        self.tell("revoking", "bob")
        await self.board.grants.remove([grant], "ann", "")
        self.tell("revoked", "bob")

    async def forgetting(self) -> None:
        recorded = await self.board.record(new_task("e", user="eve"), "done", b"{}", (ROUTED,))
        self.tell("finished", recorded.task_id)
        await self.board.erase_user(TENANT, "eve")
        self.tell("erased", recorded.task_id)
        await self.board.prune(keep_days=90, keep_trace_days=30)

    async def damage(self) -> None:
        recorded = await self.board.record(new_task("d"), "done", b"{}", (ROUTED,))
        self.tell("damaged", recorded.task_id)
        with contextlib.closing(sqlite3.connect(self.board.path, isolation_level=None)) as file:
            file.execute("UPDATE agent_tasks SET payload = x'00' WHERE id = ?", (recorded.task_id,))
        with contextlib.suppress(StoreCorrupt):
            await self.board.task(TENANT, recorded.task_id)


async def first(life: Life) -> None:
    for number in range(2):
        await life.one_task(number)
    await life.closed_tasks()
    await life.evicted()
    await life.the_table()
    await life.the_guard()
    await life.forgetting()
    await life.damage()


async def again(life: Life) -> None:
    for one in await life.board.claim():
        await life.board.finish(one.lease, status="done", retry_count=one.task.retry_count, result=b"{}")
        life.tell("finished", one.task.id)
    await life.deliver()


async def main(folder: Path, journal: Path, later: bool) -> None:
    board = await Blackboard.open(folder)
    await (again if later else first)(Life(board, journal))
    await board.claim()
    await board.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] == ["again"]))
