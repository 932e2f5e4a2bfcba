import time
from pathlib import Path

from blackboard.contracts import Feedback
from database import Blackboard
from tests.blackboard.samples import LESSON, TENANT, admitted, delivery, finished, new_task, raw

DAY_S = 86_400


async def test_a_trace_is_pruned_before_its_task_and_the_compact_one_stays(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    task_id = await finished(board)
    now[0] += 31 * DAY_S
    young = await finished(board)
    assert await board.prune(keep_days=90, keep_trace_days=30) == 0
    task = await board.task(TENANT, task_id)
    assert task
    assert [step["event"] for step in task.logic_trace] == ["route", "pass"]
    assert await board.steps(TENANT, task_id) == []
    assert await board.verify_chain(TENANT, task_id)
    assert len(await board.steps(TENANT, young)) == 2
    assert await board.check() == []
    await board.close()


async def test_an_old_task_goes_with_all_that_hangs_on_it(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    _, lease = await admitted(board, new_task(delivery=delivery()))
    await board.reject(lease, retry_count=1, attempt=2, corrections=(LESSON,))
    await board.finish(lease, status="done", retry_count=1, result=b"{}")
    await board.feedback(TENANT, Feedback(lease.task_id, "ann", right=True))
    now[0] += 91 * DAY_S
    newest, _ = await admitted(board)
    assert await board.prune(keep_days=90, keep_trace_days=30) == 1
    await board.close()
    with raw(tmp_path) as file:
        for table in ("agent_tasks", "logic_trace", "model_calls", "outbox", "feedback", "system_corrections"):
            task = "id" if table == "agent_tasks" else "task_id"
            assert file.execute(f"SELECT count(*) FROM {table} WHERE {task} != ?", (newest,)).fetchone() == (0,), table


async def test_an_open_task_is_never_pruned(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    task_id, _ = await admitted(board)
    now[0] += 1_000 * DAY_S
    assert await board.prune(keep_days=90, keep_trace_days=30) == 0
    assert await board.task(TENANT, task_id)
    await board.close()


async def test_more_tasks_than_one_portion_are_pruned(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    for _ in range(450):
        await board.record(new_task(), "done", b"{}")
    now[0] += 40 * DAY_S
    assert await board.prune(keep_days=90, keep_trace_days=30) == 0
    assert await board.prune(keep_days=39, keep_trace_days=30) == 449
    await board.close()
