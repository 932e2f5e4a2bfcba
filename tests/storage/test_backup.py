"""`./vespera backup`: made in use, whole, checked, and never in the way of anybody."""

import asyncio
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from blackboard.backups import names
from blackboard.backups.archive import read_manifest
from blackboard.backups.making import STAGING, make_backup
from blackboard.backups.online import STATE, Backups
from blackboard.backups.pace import Pace
from database import Blackboard
from errors import BadConfiguration, Stopping, StoreCorrupt, StoreError, StoreFull, StoreLocked, UserMistake
from settings import Settings, load_settings
from tests.blackboard.samples import TENANT, admitted, finished, raw
from tests.blackboard.test_opening import small_disk as small_disk
from tests.promises import Promise
from tests.storage.houses import (
    KEY,
    back_up,
    contents,
    finish,
    furnish,
    furnished,
    in_thread,
    order,
    put_back,
    read_all,
)  # fmt: skip


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
async def test_what_is_restored_is_what_was_backed_up(tmp_path: Path, key: bytes | None, promise: Promise) -> None:
    board = await Blackboard.open(tmp_path / "data")
    await furnish(board)
    made = await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b", key=key))
    before, secret = await read_all(board), board.key
    await board.close()
    assert (made.encrypted, made.damaged) == (key is not None, ())
    assert [member.name for member in made.databases] == ["vespera"]
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert not (tmp_path / "data" / STAGING).exists()
    done = await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new", key=key))
    assert (done.open_tasks, done.undelivered, done.replaced) == (2, 8, "")
    board = await Blackboard.open(tmp_path / "new")
    assert board.key == secret
    assert await read_all(board) == before
    assert await board.check() == []
    await board.close()
    promise("What is restored is what was backed up.", count=1, of="ways: plain, encrypted")


async def test_an_encrypted_backup_shows_nothing_and_asks_for_its_own_key(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    plain = await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "plain"))
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b", key=KEY))
    assert b"vespera" in (tmp_path / "plain").read_bytes() and plain.databases[0].sha256
    assert b"vespera" not in (tmp_path / "b").read_bytes()
    with pytest.raises(BadConfiguration, match="Set VESPERA_BACKUP_KEY"):
        await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new"))
    with pytest.raises(BadConfiguration, match="another key"):
        await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new", key=bytes(32)))


def test_the_key_of_backups_must_be_one() -> None:
    assert load_settings({"VESPERA_BACKUP_KEY": "ab" * 32}, None).secrets == ("ab" * 32,)
    with pytest.raises(BadConfiguration, match="64 hexadecimal digits") as told:
        load_settings({"VESPERA_BACKUP_KEY": "a password"}, None)
    assert "a password" not in str(told.value)


async def test_a_backup_under_steady_work_ends_and_holds_all_that_was_acknowledged_before(
    tmp_path: Path, promise: Promise
) -> None:
    board = await Blackboard.open(tmp_path / "data")
    await furnish(board, 300)
    before = [await finished(board) for _ in range(5)]
    done, slowest = asyncio.Event(), 0.0

    async def work() -> None:
        nonlocal slowest
        loop = asyncio.get_running_loop()
        while not done.is_set():
            began = loop.time()
            _, lease = await admitted(board)
            await finish(board, lease)
            slowest = max(slowest, loop.time() - began)
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    backups = Backups(board, lambda: order(tmp_path / "data"))
    async with asyncio.timeout(30):
        made = await backups.make(tmp_path / "b")
    during = (await board.last_task(TENANT)).id  # type: ignore[union-attr]
    done.set()
    await working
    assert during > before[-1] + 3, "nothing was written meanwhile: the test proves nothing"
    assert slowest < 1.0
    assert f'"file":"{made.file}"' in (await board.get_state(STATE) or "")
    await board.close()
    await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new"))
    restored = await Blackboard.open(tmp_path / "new")
    assert all([await restored.task(TENANT, number) for number in before])
    assert await restored.check() == []
    await restored.close()
    promise("A backup made while the bot works holds everything acknowledged before it.", "under steady work")


async def test_a_second_backup_waits_its_turn_and_a_closing_owner_gives_the_first_up(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path / "data")
    await furnish(board, 100)
    backups = Backups(board, lambda: order(tmp_path / "data"))
    first = asyncio.create_task(backups.make(tmp_path / "b"))
    await asyncio.sleep(0)
    with pytest.raises(StoreLocked, match="under way already"):
        await backups.make(tmp_path / "c")
    backups.stop()
    with pytest.raises(Stopping):
        await first
    with pytest.raises(Stopping):
        await backups.make(tmp_path / "d")
    await board.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert not (tmp_path / "data" / STAGING).exists()


async def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    (tmp_path / "b").write_text("mine")
    with pytest.raises(UserMistake, match="exists already"):
        await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    with pytest.raises(UserMistake, match="no folder"):
        await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "nowhere" / "b"))
    with pytest.raises(UserMistake, match="taken for a database"):
        await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "data" / "b.sqlite"))
    assert (tmp_path / "b").read_text() == "mine"


async def test_a_folder_gets_dated_backups_and_loses_old_ones_and_nothing_else(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    folder = tmp_path / "backups"
    folder.mkdir()
    day = 86_400.0
    for at in (day, 100 * day, 105 * day):
        names.dated(folder, at).write_text("an earlier one")
    (folder / "notes.txt").write_text("mine")
    (folder / ".vespera-20200101T000000Z.backup.part").write_text("a killed one")
    made = await in_thread(lambda: back_up(tmp_path / "data", folder, at=110 * day, keep_days=7))
    assert [Path(path).name for path in made.removed] == [names.dated(folder, at).name for at in (day, 100 * day)]
    left = {path.name for path in folder.iterdir()}
    assert left == {"notes.txt", names.dated(folder, 105 * day).name, Path(made.file).name}
    kept = await in_thread(lambda: back_up(tmp_path / "data", folder, at=400 * day, keep_days=0))
    assert kept.removed == ()


async def test_rows_that_fail_their_check_are_named_and_keep_the_older_backups_alive(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    with raw(tmp_path / "data") as file:
        file.execute("UPDATE agent_tasks SET payload = x'00' WHERE id = 3")
        file.execute("UPDATE characters SET sheet = x'00'")
        file.execute("UPDATE combats SET id = 9 WHERE id = 2")
        file.execute("DELETE FROM logic_trace WHERE task_id = 4 AND seq = 1")
    names.dated(tmp_path, 86_400).write_text("an earlier one")
    made = await in_thread(lambda: back_up(tmp_path / "data", tmp_path))
    assert [line.partition(" fails")[0].partition(" was")[0] for line in made.damaged] == [
        "Task 3", "The trace of task 4", "Fight 9", "Character guild:1 ann"
    ]  # fmt: skip
    assert made.removed == ()
    done = await in_thread(lambda: put_back(Path(made.file), tmp_path / "new"))
    assert done.damaged == made.damaged


async def test_damaged_pages_make_no_backup(tmp_path: Path) -> None:
    await furnished(tmp_path / "data", 40)
    path = tmp_path / "data" / "vespera.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + bytes(4096) + whole[12288:])
    with pytest.raises(StoreCorrupt, match="damaged"):
        await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    assert not (tmp_path / "b").exists() and not list(tmp_path.glob(".*part"))


async def test_every_database_of_the_folder_is_backed_up_known_or_not(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    relay = await Blackboard.open(tmp_path / "data", name="relay")
    await furnish(relay, 3)
    other = sqlite3.connect(tmp_path / "data" / "later.sqlite")
    other.execute("CREATE TABLE t (x)")
    other.execute("INSERT INTO t VALUES (42)")
    other.commit()
    other.close()
    made = await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    await relay.close()
    assert [member.name for member in made.databases] == ["later", "relay", "vespera"]
    assert made.bytes < sum(member.bytes for member in made.databases)
    await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new"))
    assert sqlite3.connect(tmp_path / "new" / "later.sqlite").execute("SELECT x FROM t").fetchall() == [(42,)]
    relay = await Blackboard.open(tmp_path / "new", name="relay")
    assert await relay.check() == [] and len(await relay.claim()) == 2
    await relay.close()


async def test_a_disk_without_room_is_told_before_anything_is_written(small_disk: Path) -> None:
    await furnished(small_disk / "data")
    before = contents(small_disk / "data")
    (small_disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 50_000))
    with pytest.raises(StoreFull, match="No space is left"):
        await in_thread(lambda: back_up(small_disk / "data", small_disk / "b"))
    assert contents(small_disk / "data") == before and not (small_disk / "b").exists()


async def test_a_disk_that_fills_up_on_the_way_leaves_nothing_behind(tmp_path: Path, small_disk: Path) -> None:
    board = await Blackboard.open(tmp_path / "data")
    await furnish(board)
    noise = await asyncio.to_thread(Path("/dev/urandom").open, "rb")
    await board.set_state("noise", (await asyncio.to_thread(noise.read, 1_200_000)).hex())
    noise.close()
    await board.close()
    with pytest.raises(StoreFull):
        await in_thread(lambda: back_up(tmp_path / "data", small_disk / "b"))
    assert list(small_disk.iterdir()) == []
    assert not (tmp_path / "data" / STAGING).exists()


async def test_a_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    with pytest.raises(StoreError, match="proc"):
        await in_thread(lambda: back_up(tmp_path / "data", Path("/proc/vespera.backup")))


async def test_the_manifest_says_what_is_inside(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    made = await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b", at=1_000.0, key=KEY))
    manifest = await in_thread(lambda: read_manifest(tmp_path / "b", KEY))
    assert (manifest.version, manifest.made_at, manifest.databases) == ("0.1.0", 1_000.0, made.databases)
    assert manifest.key == (tmp_path / "data" / "secret.key").read_bytes()


async def test_a_paced_backup_rests_as_long_as_it_works() -> None:
    pace, loop = Pace(rest=1.0), asyncio.get_running_loop()

    def work() -> float:
        began = loop.time()
        for _ in range(5):
            until = loop.time() + 0.02
            while loop.time() < until:
                pass
            pace.breathe()
        return loop.time() - began

    assert await in_thread(work) >= 0.19


def test_settings_that_name_no_such_thing_are_refused() -> None:
    with pytest.raises(BadConfiguration, match="VESPERA_LITESTREAM must be off or on"):
        load_settings({"VESPERA_LITESTREAM": "maybe"}, None)
    assert Settings().litestream == "off"


async def test_a_stopped_order_raises_at_once(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    pace = Pace()
    pace.stop()
    with pytest.raises(Stopping, match="Nothing of it was kept"):
        await in_thread(lambda: make_backup(order(tmp_path / "data"), tmp_path / "b", 1.0, pace))
