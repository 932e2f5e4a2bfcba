from pathlib import Path

from database import Blackboard
from tests.blackboard.samples import TENANT, admitted, delivery, finished, new_task, raw


async def test_an_answer_is_pending_from_its_finish_until_it_arrived(board: Blackboard) -> None:
    _, lease = await admitted(board, new_task(delivery=delivery()))
    assert await board.pending() == []
    await board.finish(lease, status="done", retry_count=0, result=b"{}")
    (outgoing,) = await board.pending()
    assert (outgoing.task.id, outgoing.task.result, outgoing.delivery.token) == (1, b"{}", "a-token-worth-hiding")
    assert (await board.health()).undelivered == 1
    await board.delivered(outgoing.id, 77)
    assert await board.pending() == []
    assert (await board.health()).undelivered == 0


async def test_a_task_without_a_delivery_has_nothing_pending(board: Blackboard) -> None:
    await finished(board)
    assert await board.pending() == []


async def test_a_failed_delivery_is_tried_again_until_given_up(board: Blackboard) -> None:
    await finished(board, new_task(delivery=delivery()))
    (outgoing,) = await board.pending()
    await board.delivery_failed(outgoing.id, "503", give_up=False)
    (outgoing,) = await board.pending()
    assert outgoing.tries == 1
    await board.delivery_failed(outgoing.id, "unknown channel", give_up=True)
    assert await board.pending() == []


async def test_the_message_of_a_task_is_remembered_for_its_own_tenant_only(board: Blackboard) -> None:
    task_id = await finished(board, new_task(delivery=delivery()))
    await board.set_message("guild:2", task_id, 66)
    await board.set_message(TENANT, task_id, 77)
    (outgoing,) = await board.pending()
    assert outgoing.delivery.message_id == 77


async def test_a_cancelled_task_sends_nothing(board: Blackboard) -> None:
    task_id, _ = await admitted(board, new_task(delivery=delivery()))
    await board.cancel(TENANT, task_id, "ann", "stop")
    assert await board.pending() == []


async def test_a_token_is_never_on_disk_in_the_clear(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board, new_task(delivery=delivery("very-secret-interaction-token")))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"very-secret" not in stored
    (outgoing,) = await board.pending()
    await board.delivered(outgoing.id, 77)
    with raw(tmp_path) as file:
        assert file.execute("SELECT token FROM outbox").fetchone() == (b"",)
    assert await board.check() == []
    await board.close()


async def test_a_damaged_delivery_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board, new_task(delivery=delivery()))
    second = await finished(board, new_task(delivery=delivery()))
    with raw(tmp_path) as file:
        file.execute("UPDATE outbox SET channel_id = channel_id + 1 WHERE task_id = 1")
    assert [one.task.id for one in await board.pending()] == [second]
    health = await board.health()
    assert (health.undelivered, health.quarantined) == (1, 1)
    await board.close()
