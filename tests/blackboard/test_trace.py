import asyncio
from pathlib import Path

import pytest

from blackboard.contracts import Step
from database import Blackboard
from tests.blackboard.samples import ROUTED, TENANT, admitted, finished, raw


async def test_steps_come_back_in_order_with_what_they_said(board: Blackboard) -> None:
    task_id = await finished(board)
    steps = await board.steps(TENANT, task_id)
    assert [(step.seq, step.agent, step.event) for step in steps] == [(0, "Arbiter", "route"), (1, "Critic", "pass")]
    assert steps[0].detail == {"why": "not cached"}
    assert await board.verify_chain(TENANT, task_id)


async def test_the_compact_trace_keeps_what_is_short(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    await board.note(lease, (Step("Weaver", "draft", {"draft": "x" * 500, "tokens": 148, "model": "llama"}),))
    task = await board.task(TENANT, task_id)
    assert task
    assert task.logic_trace[1]["detail"] == {"tokens": 148, "model": "llama"}


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE logic_trace SET event = 'passed' WHERE seq = 1",
        "UPDATE logic_trace SET detail = '{}' WHERE seq = 0",
        "UPDATE logic_trace SET at = at + 1 WHERE seq = 0",
        "UPDATE logic_trace SET detail_hash = zeroblob(16) WHERE seq = 0",
        "DELETE FROM logic_trace WHERE seq = 1",
        "DELETE FROM logic_trace WHERE seq = 0",
        "DELETE FROM logic_trace",
        "UPDATE logic_trace SET seq = 5 WHERE seq = 1",
    ],
)
async def test_a_trace_that_was_tampered_with_does_not_verify(tmp_path: Path, tampering: str) -> None:
    board = await Blackboard.open(tmp_path)
    task_id = await finished(board)
    with raw(tmp_path) as file:
        assert file.execute(tampering).rowcount > 0
    assert not await board.verify_chain(TENANT, task_id)
    assert await board.check() == [f"The trace of task {task_id} was altered or is incomplete."]
    await board.close()


async def test_a_step_moved_to_another_task_does_not_verify(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    first, second = await finished(board), await finished(board)
    with raw(tmp_path) as file:
        file.execute("DELETE FROM logic_trace WHERE task_id = ?", (second,))
        file.execute("UPDATE logic_trace SET task_id = ? WHERE task_id = ?", (second, first))
    assert not await board.verify_chain(TENANT, second)
    await board.close()


async def test_a_person_s_words_are_erased_and_the_chain_still_verifies(board: Blackboard) -> None:
    task_id = await finished(board)
    open_task, _ = await admitted(board)
    digests = [step.digest for step in await board.steps(TENANT, task_id)]
    assert await board.erase_user(TENANT, "bob") == 0
    assert await board.erase_user(TENANT, "ann") == 1
    steps = await board.steps(TENANT, task_id)
    task, still_open = await board.task(TENANT, task_id), await board.task(TENANT, open_task)
    assert [(step.detail, step.digest) for step in steps] == [(None, digest) for digest in digests]
    assert await board.verify_chain(TENANT, task_id)
    assert task and still_open
    assert (task.payload, task.result) == (b"", None)
    assert not any("detail" in step for step in task.logic_trace)
    assert still_open.payload


async def test_erased_words_are_gone_from_the_file(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    _, lease = await admitted(board)
    await board.finish(
        lease, status="done", retry_count=0, result=b"{}", steps=(Step("Weaver", "draft", {"said": "Xanadu"}),)
    )
    await board.erase_user(TENANT, "ann")
    await board.close()
    assert b"Xanadu" not in b"".join(path.read_bytes() for path in tmp_path.glob("vespera.sqlite*"))


async def test_a_detail_that_is_not_json_fails_its_own_write_only(board: Blackboard) -> None:
    task_id, lease = await admitted(board)
    with pytest.raises(TypeError):
        await board.note(lease, (ROUTED, Step("Weaver", "draft", {"what": object()})))
    assert len(await board.steps(TENANT, task_id)) == 1
    assert await board.verify_chain(TENANT, task_id)


async def test_a_trace_verifies_while_its_task_goes_on(board: Blackboard) -> None:
    task_id, lease = await admitted(board)

    async def go_on() -> None:
        for _ in range(60):
            await board.note(lease, (ROUTED, ROUTED))

    going = asyncio.create_task(go_on())
    while not going.done():
        assert await board.verify_chain(TENANT, task_id)
        assert await board.check() == []
    await going
