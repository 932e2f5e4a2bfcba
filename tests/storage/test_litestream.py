"""The setting for Litestream: another program works the log in, and holds the write lock now and then."""

import asyncio
import sqlite3
import sys
from pathlib import Path

from blackboard.connections import LOG_BYTES, LOG_PAGES, PAGE_BYTES
from database import Blackboard
from tests.apps import opened
from tests.blackboard.samples import TENANT, finished
from tests.promises import Promise

ANOTHER_PROGRAM = """
import sqlite3, sys, time
file = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
reading = sqlite3.connect(sys.argv[1], isolation_level=None)
print("here", flush=True)
for _ in range(6):
    file.execute("BEGIN IMMEDIATE")
    time.sleep(1.2 if _ == 2 else 0.01)
    file.execute("ROLLBACK")
    print(*file.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone(), flush=True)
    time.sleep(0.1)
"""


def log(folder: Path) -> Path:
    return folder / "vespera.sqlite-wal"


async def test_with_the_setting_the_log_is_neither_laid_out_nor_worked_in(tmp_path: Path) -> None:
    async with opened(tmp_path, litestream="on") as app:
        laid_out = log(tmp_path).stat().st_size
        assert laid_out < LOG_BYTES / 10
        before = (tmp_path / "vespera.sqlite").read_bytes()
        for _ in range(30):
            await app.blackboard.set_state("big", "x" * 400_000)
        assert log(tmp_path).stat().st_size > 2 * LOG_PAGES * PAGE_BYTES
        assert (tmp_path / "vespera.sqlite").read_bytes() == before


async def test_another_program_works_the_log_in_while_the_bot_works(tmp_path: Path, promise: Promise) -> None:
    board = await Blackboard.open(tmp_path, checkpoints=False)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ANOTHER_PROGRAM, str(board.path), stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await asyncio.wait_for(other.stdout.readline(), 20) == b"here\n"
    numbers = []
    while other.returncode is None:
        numbers.append(await finished(board))
        await asyncio.sleep(0.005)
    said = (await other.stdout.read()).decode().split("\n")
    assert any(line.split()[0] == "0" and int(line.split()[2]) > 0 for line in said if line), said
    assert await board.check() == []
    assert all([await board.task(TENANT, number) for number in numbers])
    await board.close()
    with sqlite3.connect(tmp_path / "vespera.sqlite") as file:
        assert file.execute("SELECT count(*) FROM agent_tasks").fetchone() == (len(numbers),)
    promise("A replicating program may work the log in while the bot works.", "nothing lost or damaged")
