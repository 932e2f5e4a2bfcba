"""Any order of events: nobody's task is finished twice, no more are open than there is room, no trace breaks."""

import asyncio
import tempfile
from collections.abc import Awaitable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from blackboard.contracts import Lease
from database import Blackboard
from errors import LeaseLost
from tests.blackboard.samples import ROUTED, TENANT, new_task

ROOM = 4
EVENTS = ("admit", "queue", "start", "reject", "finish", "finish", "stall", "claim", "cancel", "restart", "renew")


class World:
    """What a few workers know, right or wrong; the blackboard is to hold against them."""

    def __init__(self, folder: Path, board: Blackboard) -> None:
        self.folder, self.board = folder, board
        self.leases: list[Lease] = []
        self.queued: list[int] = []
        self.finished: list[int] = []
        self.cancelled: list[int] = []

    async def step(self, event: str, pick: int) -> None:
        await getattr(self, f"on_{event}")(pick)
        health = await self.board.health()
        assert health.queued + health.running <= ROOM

    async def on_admit(self, pick: int) -> None:
        admission = await self.board.admit(new_task(f"i{pick}"), (ROUTED,), room=ROOM, run_now=True)
        if admission and admission.lease:
            self.leases.append(admission.lease)

    async def on_queue(self, pick: int) -> None:
        admission = await self.board.admit(new_task(f"q{pick}"), room=ROOM, run_now=False)
        if admission and admission.known is None:
            self.queued.append(admission.task_id)

    async def on_start(self, pick: int) -> None:
        if self.queued:
            await self.attempt(self.started(self.queued[pick % len(self.queued)]))

    async def started(self, task_id: int) -> None:
        self.leases.append(await self.board.start(task_id))

    async def on_reject(self, pick: int) -> None:
        if self.leases:
            lease = self.leases[pick % len(self.leases)]
            await self.attempt(self.board.reject(lease, retry_count=1, attempt=2, steps=(ROUTED,)))

    async def on_finish(self, pick: int) -> None:
        if self.leases:
            lease = self.leases[pick % len(self.leases)]
            done = self.board.finish(lease, status="done", retry_count=0, result=b"%d" % lease.fence, steps=(ROUTED,))
            if await self.attempt(done):
                self.finished.append(lease.task_id)
                assert lease.fence == max(one.fence for one in self.leases if one.task_id == lease.task_id)

    async def on_stall(self, _pick: int) -> None:
        await asyncio.sleep(0.006)

    async def on_renew(self, _pick: int) -> None:
        await self.board.renew(self.leases)

    async def on_claim(self, _pick: int) -> None:
        self.leases += [one.lease for one in await self.board.claim()]

    async def on_cancel(self, pick: int) -> None:
        if await self.board.cancel(TENANT, pick, "ann", "no"):
            self.cancelled.append(pick)

    async def on_restart(self, _pick: int) -> None:
        await self.board.close()
        self.board = await Blackboard.open(self.folder, lease_s=0.005)

    @staticmethod
    async def attempt(write: Awaitable[None]) -> bool:
        try:
            await write
        except LeaseLost:
            return False
        return True


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(1, 6)), min_size=12, max_size=40))
def test_no_task_is_closed_twice_whatever_happens(events: list[tuple[str, int]]) -> None:
    asyncio.run(live(events))


async def live(events: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), await Blackboard.open(Path(folder), lease_s=0.005))
        for pick in (1, 2):
            await world.step("admit", pick)
        for event, pick in events:
            await world.step(event, pick)
        closed = world.finished + world.cancelled
        assert len(closed) == len(set(closed))
        for task_id in closed:
            task = await world.board.task(TENANT, task_id)
            assert task
            assert task.status == ("done" if task_id in world.finished else "cancelled")
        assert await world.board.check() == []
        await world.board.close()
