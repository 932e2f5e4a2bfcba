import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from blackboard.mark import CommitMark
from database import Blackboard
from errors import StoreCorrupt
from tests.blackboard.samples import TENANT, admitted, delivery, finished, new_task, raw


@pytest.mark.parametrize(
    "flip",
    [
        "result = replace(result, 'yes', 'yas')",
        "tenant = 'guild:1', user = 'eve'",
        "payload = x'80' || payload",
        "retry_count = retry_count + 1",
        "logic_trace = CAST(x'5bff5d' AS TEXT)",
        "task_type = 'dnd_rulf'",
        "attempt = 2",
        "updated_at = updated_at + 1",
        "crc = crc + 1",
    ],
)
async def test_a_flip_in_a_task_is_told_and_the_task_is_never_served(tmp_path: Path, flip: str) -> None:
    board = await Blackboard.open(tmp_path)
    task_id, sound = await finished(board), await finished(board)
    with raw(tmp_path) as file:
        file.execute(f"UPDATE agent_tasks SET {flip} WHERE id = ?", (task_id,))
    with pytest.raises(StoreCorrupt, match=f"Task {task_id} fails its check"):
        await board.task(TENANT, task_id)
    assert not await board.verify_chain(TENANT, task_id)
    assert await board.task(TENANT, sound)
    assert len(await board.check()) == 1
    assert (await board.health()).quarantined == 1
    await board.close()


async def test_an_open_task_that_is_damaged_gives_its_place_back_and_is_not_resumed(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await admitted(board, new_task(delivery=delivery()))
    sound, _ = await admitted(board)
    await board.close()
    with raw(tmp_path) as file:
        file.execute("UPDATE agent_tasks SET payload = x'00' WHERE id = 1")
    board = await Blackboard.open(tmp_path)
    assert [one.task.id for one in await board.claim()] == [sound]
    assert await board.claim() == []
    health = await board.health()
    assert (health.running, health.quarantined) == (1, 1)
    assert await board.pending() == []
    await board.close()


async def test_a_worker_cannot_write_to_a_task_that_is_damaged(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    _, lease = await admitted(board)
    with raw(tmp_path) as file:
        file.execute("UPDATE agent_tasks SET payload = x'00'")
    with pytest.raises(StoreCorrupt):
        await board.finish(lease, status="done", retry_count=0, result=b"{}")
    await board.close()


async def test_flipped_bytes_of_the_file_never_come_back_as_another_answer(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    ids = [await finished(board) for _ in range(20)]
    whole = {task_id: await board.task(TENANT, task_id) for task_id in ids}
    await board.close()
    sound = board.path.read_bytes()
    for place in range(4096, len(sound), len(sound) // 25):
        board.path.write_bytes(sound[:place] + bytes([sound[place] ^ 0x10]) + sound[place + 1 :])
        await read_all(tmp_path, whole)


async def read_all(folder: Path, whole: Mapping[int, object]) -> None:
    """Each task reads as it was written, as missing, or as damaged."""
    try:
        board = await Blackboard.open(folder)
    except StoreCorrupt:
        return
    for task_id, written in whole.items():
        try:
            assert await board.task(TENANT, task_id) in (written, None)
        except StoreCorrupt:
            continue
    await board.close()
    for left in folder.glob("vespera.sqlite-*"):
        left.unlink()


def test_a_torn_mark_or_one_of_another_database_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "vespera.mark"
    mark = CommitMark(path, b"store--1")
    assert mark.read() == 0
    mark.write(41)
    assert mark.read() == 41
    assert CommitMark(path, b"store--2").read() == 0
    body = struct.pack("<8sQ", b"store--1", 2**40)
    path.write_bytes(body + struct.pack("<I", zlib.crc32(body) ^ 1))
    assert mark.read() == 0
    mark.close()
