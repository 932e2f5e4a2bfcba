import asyncio

import pytest

from database import Blackboard
from tests.blackboard.samples import ROUTED, TENANT, admitted, delivery, finished, new_task
from tests.promises import Promise


async def test_a_hundred_at_once_with_room_for_thirteen_admits_exactly_thirteen(
    board: Blackboard, promise: Promise
) -> None:
    asked = [board.admit(new_task(), (), room=13, run_now=False) for _ in range(100)]
    admissions = [one for one in await asyncio.gather(*asked) if one is not None]
    assert len(admissions) == 13
    assert sorted(one.place for one in admissions) == list(range(1, 14))
    assert (await board.health()).queued == 13
    promise("Of those who ask at once, exactly as many are admitted as there are places.", count=100, of="at once")


async def test_two_thousand_deliveries_of_one_interaction_make_one_task(board: Blackboard, promise: Promise) -> None:
    asked = [board.admit(new_task("one"), (ROUTED,), room=13, run_now=True) for _ in range(2_000)]
    admissions = await asyncio.gather(*asked)
    assert {one.task_id for one in admissions if one} == {1}
    assert sum(one is not None and one.lease is not None for one in admissions) == 1
    assert (await board.health()).running == 1
    promise("An interaction that is delivered again is the same task.", count=2_000, of="deliveries of one")


async def test_a_known_interaction_is_told_even_when_there_is_no_room(board: Blackboard) -> None:
    await admitted(board, new_task("one"))
    again = await board.admit(new_task("one"), room=1, run_now=True)
    assert again is not None
    assert again.known is not None
    assert again.known.status == "running"
    assert await board.admit(new_task("two"), room=1, run_now=True) is None


async def test_the_same_interaction_id_in_another_server_is_another_task(board: Blackboard) -> None:
    await admitted(board, new_task("one"))
    other = await board.admit(new_task("one", tenant="guild:2"), room=13, run_now=False)
    assert other is not None
    assert other.known is None


async def test_a_closed_task_makes_room(board: Blackboard) -> None:
    task_id, _ = await admitted(board)
    assert await board.admit(new_task(), room=1, run_now=True) is None
    assert await board.cancel(TENANT, task_id, "ann", "changed my mind")
    assert await board.admit(new_task(), room=1, run_now=True) is not None


async def test_a_running_admission_is_attempt_one_and_a_queued_one_becomes_it_when_started(board: Blackboard) -> None:
    running, _ = await admitted(board)
    queued = await board.admit(new_task(), room=13, run_now=False)
    assert queued is not None
    before = await board.task(TENANT, queued.task_id)
    lease = await board.start(queued.task_id)
    after = await board.task(TENANT, queued.task_id)
    first = await board.task(TENANT, running)
    assert before and after and first
    assert (before.status, before.attempt) == ("queued", 0)
    assert (after.status, after.attempt, lease.fence) == ("running", 1, 1)
    assert (first.status, first.attempt) == ("running", 1)


async def test_a_caller_who_goes_away_leaves_no_open_task(board: Blackboard) -> None:
    asking = asyncio.create_task(board.admit(new_task("gone", delivery=delivery()), room=13, run_now=True))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for _ in range(200):
        task = await board.last_task(TENANT)
        if task is not None and task.status == "cancelled":
            break
        await asyncio.sleep(0.01)
    health = await board.health()
    assert task is not None
    assert (health.queued, health.running, task.status) == (0, 0, "cancelled")
    assert await board.verify_chain(TENANT, task.id)


async def test_a_record_is_closed_at_once_and_a_repeated_one_is_the_same(board: Blackboard) -> None:
    first = await board.record(new_task("r"), "done", b'{"text":"17"}', (ROUTED,))
    again = await board.record(new_task("r"), "done", b'{"text":"18"}', (ROUTED,))
    task = await board.task(TENANT, first.task_id)
    assert task
    assert (first.known, again.known, again.task_id) == (None, task, first.task_id)
    assert (task.status, task.result) == ("done", b'{"text":"17"}')
    assert (await board.health()).finished_today == 1


async def test_ids_of_pruned_tasks_are_not_given_again(board: Blackboard) -> None:
    await finished(board)
    newest = await finished(board)
    assert await board.prune(keep_days=-1, keep_trace_days=-1) == 1
    assert await finished(board) == newest + 1


async def test_an_open_status_cannot_close_a_task(board: Blackboard) -> None:
    with pytest.raises(ValueError, match="does not close"):
        await board.record(new_task(), "queued", b"")
