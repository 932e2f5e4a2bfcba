"""Power losses: the log cut at every frame, writes that were not synced dropped, a checkpoint torn."""

import random
import sqlite3
from pathlib import Path

import pytest

from database import Blackboard
from tests.blackboard.samples import TENANT
from tests.promises import Promise
from tests.storage.histories import FRAME_BYTES, HEADER_BYTES, History, lived
from tests.storage.houses import read_all
from tests.storage.test_flips import lay_out

SECTOR = 512


async def what_is_left(folder: Path) -> tuple[object, list[str]]:
    board = await Blackboard.open(folder, checkpoints=False)
    told, seen = await board.check(), await read_all(board)
    await board.close()
    return seen, told


def steps_whole(history: History, log_bytes: int) -> int:
    """The last step whose commit lies wholly in so much of the log."""
    return max(step for step, end in enumerate(history.log_bytes) if end <= max(log_bytes, history.log_bytes[0]))


async def test_a_log_cut_at_every_frame_leaves_a_committed_prefix_and_the_loss_is_told(
    tmp_path: Path, promise: Promise
) -> None:
    history = await lived(tmp_path / "life", tasks=2)
    log, last_durable = history.files["vespera.sqlite-wal"], max(n for n, yes in enumerate(history.durable) if yes)
    cuts = [0, *range(HEADER_BYTES, len(log) + 1, FRAME_BYTES)]
    cuts += [cut + FRAME_BYTES // 2 for cut in cuts[:: len(cuts) // 8]]
    reached = set()
    for cut in cuts:
        folder = lay_out(tmp_path / "cut", {**history.files, "vespera.sqlite-wal": log[:cut]})
        seen, told = await what_is_left(folder)
        step = steps_whole(history, cut)
        assert seen == history.states[step], f"cut at {cut}"
        lost = step < last_durable
        assert bool(told) is lost and all("acknowledged commits were missing" in line for line in told), (cut, told)
        reached.add(step)
    assert reached == set(range(len(history.states)))
    promise("A log cut anywhere leaves the state after a commit, and the loss is told.", count=len(cuts), of="cuts")


async def test_writes_that_were_not_synced_may_be_lost_in_any_part_and_nothing_synced_is(
    tmp_path: Path, promise: Promise
) -> None:
    history = await lived(tmp_path / "life", tasks=3)
    log, draw = history.files["vespera.sqlite-wal"], random.Random("power")
    for number in range(60):
        synced = draw.choice([step for step, durable in enumerate(history.durable) if durable])
        left = bytearray(log)
        for sector in range(history.log_bytes[synced], len(log), SECTOR):
            if draw.random() < draw.choice([0.05, 0.5, 0.95]):
                left[sector : sector + SECTOR] = bytes(len(left[sector : sector + SECTOR]))
        folder = lay_out(tmp_path / "left", {**history.files, "vespera.sqlite-wal": bytes(left)})
        seen, told = await what_is_left(folder)
        assert seen in history.states[synced:], f"loss {number} after step {synced}"
        assert all("acknowledged commits were missing" in line for line in told)
    promise("When power fails, nothing synced is lost.", count=60, of="patterns of lost sectors")


async def test_a_checkpoint_that_was_torn_is_repaired_from_the_log(tmp_path: Path) -> None:
    history = await lived(tmp_path / "life", tasks=3)
    folder = lay_out(tmp_path / "torn", history.files)
    before = history.files["vespera.sqlite"]
    file = sqlite3.connect(folder / "vespera.sqlite")
    file.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
    after = (folder / "vespera.sqlite").read_bytes()
    file.close()
    assert before != after[: len(before)]
    draw = random.Random("torn")
    for _ in range(25):
        mixed = bytearray(after[: draw.randrange(len(before), len(after) + 1)])
        for sector in range(0, len(mixed), SECTOR):
            if draw.random() < 0.5:
                mixed[sector : sector + SECTOR] = before[sector : sector + SECTOR].ljust(SECTOR, b"\0")
        lay_out(folder, {**history.files, "vespera.sqlite": bytes(mixed)})
        seen, told = await what_is_left(folder)
        assert (seen, told) == (history.states[-1], [])


async def test_a_database_that_is_still_in_its_log_alone_is_missed_when_the_log_is_deleted(tmp_path: Path) -> None:
    history = await lived(tmp_path / "life", tasks=1)
    files = {name: content for name, content in history.files.items() if not name.endswith("-wal")}
    board = await Blackboard.open(lay_out(tmp_path / "left", files))
    assert await board.task(TENANT, 1) is None
    assert ["acknowledged commits were missing" in line for line in await board.check()] == [True]
    await board.close()


@pytest.mark.parametrize("checkpoints", [True, False])
async def test_a_deleted_database_beside_its_log_is_never_mixed_with_a_new_one(
    tmp_path: Path, checkpoints: bool
) -> None:
    history = await lived(tmp_path / "life", tasks=1)
    files = {name: content for name, content in history.files.items() if name != "vespera.sqlite"}
    board = await Blackboard.open(lay_out(tmp_path / "left", files), checkpoints=checkpoints)
    assert (await read_all(board))["task 1"] in (None, history.states[-1]["task 1"])
    await board.close()
