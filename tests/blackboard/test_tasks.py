import asyncio
from pathlib import Path

import pytest

from blackboard.contracts import Lease, Step
from database import Blackboard
from errors import LeaseLost
from tests.blackboard.samples import CALL, LESSON, ROUTED, TENANT, admitted, delivery, entry, finished, new_task


async def test_a_task_goes_from_draft_to_rejection_to_answer(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    await board.reject(
        lease, retry_count=1, attempt=2, steps=(Step("Critic", "rejected"),), corrections=(LESSON,), calls=(CALL,)
    )
    between = await board.task(TENANT, task_id)
    await board.finish(
        lease, status="done", retry_count=1, result=b"{}", steps=(Step("Critic", "pass"),), calls=(CALL,)
    )
    task = await board.task(TENANT, task_id)
    assert between and task
    assert (between.status, between.retry_count, between.attempt) == ("running", 1, 2)
    assert (task.status, task.retry_count, task.result) == ("done", 1, b"{}")
    assert [step["event"] for step in task.logic_trace] == ["route", "rejected", "pass"]
    assert await board.calls(TENANT, task_id) == [CALL, CALL]
    (lesson,) = await board.corrections(TENANT, task_type="dnd_rule")
    assert (lesson.task_id, lesson.rule_violated) == (task_id, "movement.grapple")
    assert await board.corrections(TENANT, task_type="cloud_plan") == []
    assert await board.corrections_of(TENANT, task_id) == [lesson]
    assert await board.corrections_of("guild:2", task_id) == []


async def test_a_finished_task_cannot_be_finished_again(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    await board.finish(lease, status="done", retry_count=0, result=b"first")
    with pytest.raises(LeaseLost, match="Nothing was changed"):
        await board.finish(lease, status="failed", retry_count=0, result=b"second", cache=None)
    task = await board.task(TENANT, task_id)
    assert task and task.result == b"first"


async def test_a_worker_that_stops_renewing_loses_its_task_to_another(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path, lease_s=0.02)
    task_id, stale = await admitted(board)
    await asyncio.sleep(0.04)
    (claimed,) = await board.claim()
    assert (claimed.task.id, claimed.lease.fence, claimed.task.attempt) == (task_id, 2, 2)
    for write in (board.note(stale, (ROUTED,)), board.reject(stale, retry_count=1, attempt=2)):
        with pytest.raises(LeaseLost):
            await write
    assert await board.renew([stale, claimed.lease]) == [stale]
    await board.finish(claimed.lease, status="done", retry_count=0, result=b"{}")
    assert len(await board.steps(TENANT, task_id)) == 1
    await board.close()


async def test_a_renewed_lease_is_not_claimed(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path, lease_s=0.2)
    _, lease = await admitted(board)
    for _ in range(6):
        await asyncio.sleep(0.05)
        assert await board.renew([lease]) == []
    assert await board.claim() == []
    await board.close()


async def test_open_tasks_of_an_earlier_process_are_claimed_oldest_first(tmp_path: Path) -> None:
    first = await Blackboard.open(tmp_path)
    running, old = await admitted(first, new_task(delivery=delivery("token-1")))
    queued = await first.admit(new_task(), room=13, run_now=False)
    await finished(first)
    assert await first.claim() == []
    await first.close()
    second = await Blackboard.open(tmp_path)
    claimed = await second.claim()
    assert queued
    assert [(one.task.id, one.task.status, one.task.attempt) for one in claimed] == [
        (running, "running", 2),
        (queued.task_id, "running", 1),
    ]
    assert [await second.task(TENANT, one.task.id) for one in claimed] == [one.task for one in claimed]
    assert claimed[0].delivery and claimed[0].delivery.token == "token-1"
    assert claimed[1].delivery is None
    assert await second.claim() == []
    with pytest.raises(LeaseLost):
        await second.note(old)
    await second.close()


async def test_a_cancelled_task_stops_its_worker_at_the_next_write(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    assert await board.cancel(TENANT, task_id, "ann", "too slow")
    with pytest.raises(LeaseLost):
        await board.finish(lease, status="done", retry_count=0, result=b"{}", cache=entry())
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    assert not await board.cancel(TENANT, task_id, "ann", "again")
    assert (await board.steps(TENANT, task_id))[-1].detail == {"by": "ann", "why": "too slow"}


async def test_a_cancelled_queued_task_cannot_be_started(board: Blackboard) -> None:
    queued = await board.admit(new_task(), room=13, run_now=False)
    assert queued
    await board.cancel(TENANT, queued.task_id, "ann", "never mind")
    with pytest.raises(LeaseLost):
        await board.start(queued.task_id)


async def test_a_task_of_another_tenant_reads_as_nothing(board: Blackboard) -> None:
    task_id = await finished(board, cache=entry())
    other = "guild:2"
    assert await board.task(other, task_id) is None
    assert await board.last_task(other) is None
    assert await board.steps(other, task_id) == []
    assert await board.calls(other, task_id) == []
    assert not await board.verify_chain(other, task_id)
    assert await board.cached(other, "k", min_confidence=0) is None
    assert (await board.spent(other, "ann", 0)).tenant_tokens == 0
    assert not await board.cancel(other, task_id, "eve", "not mine")


async def test_the_last_task_is_of_the_tenant_or_of_one_user(board: Blackboard) -> None:
    anns = await finished(board)
    bobs = await finished(board, new_task(user="bob"))
    last, last_of_ann, last_of_eve = (
        await board.last_task(TENANT),
        await board.last_task(TENANT, "ann"),
        await board.last_task(TENANT, "eve"),
    )
    assert last and last_of_ann
    assert (last.id, last_of_ann.id, last_of_eve) == (bobs, anns, None)


async def test_spending_is_summed_for_a_server_and_a_person(board: Blackboard) -> None:
    await finished(board)
    await finished(board, new_task(user="bob"))
    spent = await board.spent(TENANT, "ann", 0)
    assert (spent.tenant_tokens, spent.user_tokens) == (240, 120)
    assert spent.tenant_usd == pytest.approx(0.02)
    assert (await board.spent(TENANT, "ann", 4e9)).tenant_tokens == 0


async def test_a_made_up_lease_changes_nothing(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    for forged in (Lease(task_id, "someone", 1), Lease(task_id, lease.owner, 7), Lease(99, lease.owner, 1)):
        with pytest.raises(LeaseLost):
            await board.note(forged, (ROUTED,))
    assert len(await board.steps(TENANT, task_id)) == 1


async def test_state_is_kept_over_a_restart(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    assert await board.get_state("commands") is None
    await board.set_state("commands", "abc")
    await board.set_state("commands", "def")
    await board.close()
    board = await Blackboard.open(tmp_path)
    assert await board.get_state("commands") == "def"
    await board.close()
