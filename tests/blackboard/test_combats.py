"""Fights and characters on the blackboard."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from database import Blackboard
from errors import StoreCorrupt, UserMistake
from tests.blackboard.samples import TENANT, raw

ROOT = Path(__file__).parents[2]


async def test_a_channel_has_one_open_fight_and_channels_do_not_mix(board: Blackboard) -> None:
    first = await board.combats.begin(TENANT, "a", b"log")
    with pytest.raises(UserMistake, match="already"):
        await board.combats.begin(TENANT, "a", b"log")
    other = await board.combats.begin(TENANT, "b", b"other")
    found = await board.combats.open_in(TENANT, "a")
    assert found is not None
    assert (found.id, found.log, found.version) == (first, b"log", 1)
    assert await board.combats.combat("guild:2", other) is None


async def test_of_two_writers_on_one_version_one_is_told(board: Blackboard) -> None:
    await board.combats.begin(TENANT, "a", b"0")
    read = await board.combats.open_in(TENANT, "a")
    assert read is not None
    both = await asyncio.gather(board.combats.save(read, b"1"), board.combats.save(read, b"2"), return_exceptions=True)
    assert [type(outcome) for outcome in both].count(UserMistake) == 1
    now = await board.combats.open_in(TENANT, "a")
    assert now is not None
    assert (now.version, now.log) == (2, b"1" if both[0] is None else b"2")


async def test_an_ended_fight_leaves_room_and_writes_the_sheets_with_it(board: Blackboard) -> None:
    await board.combats.begin(TENANT, "a", b"0")
    read = await board.combats.open_in(TENANT, "a")
    assert read is not None
    await board.combats.save(read, b"1", ended=True, sheets={"mira": b"sheet"})
    assert await board.combats.open_in(TENANT, "a") is None
    assert await board.combats.sheet(TENANT, "mira") == b"sheet"
    with pytest.raises(UserMistake):
        await board.combats.save(read, b"2")
    await board.combats.begin(TENANT, "a", b"0")


async def test_a_damaged_fight_or_character_is_not_served_and_the_check_names_it(
    board: Blackboard, tmp_path: Path
) -> None:
    await board.combats.begin(TENANT, "a", b"log")
    await board.combats.put_sheet(TENANT, "mira", b"sheet")
    assert await board.check() == []
    with raw(tmp_path / "data") as file:
        file.execute("UPDATE combats SET log = x'00'")
        file.execute("UPDATE characters SET sheet = x'00'")
    with pytest.raises(StoreCorrupt):
        await board.combats.open_in(TENANT, "a")
    with pytest.raises(StoreCorrupt):
        await board.combats.sheet(TENANT, "mira")
    assert any("Fight 1" in line for line in await board.check())


async def test_erasing_a_person_takes_the_character_and_ended_fights(board: Blackboard) -> None:
    log = b'{"entries":[{"order":{"user":"mira"}}]}'
    await board.combats.begin(TENANT, "a", log)
    read = await board.combats.open_in(TENANT, "a")
    assert read is not None
    await board.combats.save(read, log, ended=True, sheets={"mira": b"sheet"})
    await board.erase_user(TENANT, "mira")
    assert await board.combats.sheet(TENANT, "mira") is None
    assert await board.combats.combat(TENANT, read.id) is None


async def test_old_ended_fights_are_pruned_and_open_ones_never(board: Blackboard) -> None:
    await board.combats.begin(TENANT, "a", b"0")
    read = await board.combats.open_in(TENANT, "a")
    assert read is not None
    await board.combats.save(read, b"1", ended=True)
    await board.combats.begin(TENANT, "a", b"2")
    await board.prune(keep_days=-1, keep_trace_days=30)
    assert await board.combats.combat(TENANT, read.id) is None
    assert await board.combats.open_in(TENANT, "a") is not None


VICTIM = """
import asyncio, os, signal, sys
from pathlib import Path
from database import Blackboard

async def main():
    board = await Blackboard.open(Path(sys.argv[1]))
    await board.combats.begin("local", "local", b"0")
    for n in range(1, 10**6):
        read = await board.combats.open_in("local", "local")
        await board.combats.save(read, str(n).encode())
        print(n, flush=True)
        if n == 25:
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_kill_keeps_every_command_that_was_shown(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(tmp_path), cwd=ROOT, env=os.environ, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    board = await Blackboard.open(tmp_path)
    try:
        found = await board.combats.open_in("local", "local")
        assert found is not None
        assert found.log == said.split()[-1] == b"25"
        assert await board.check() == []
    finally:
        await board.close()
