import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blackboard.connections import LOG_BYTES
from database import Blackboard
from errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly, StoreTooNew
from tests.blackboard.samples import TENANT, admitted, entry, finished, new_task, raw

ROOT = Path(__file__).parents[2]


def mount(folder: Path, *options: str) -> None:
    """Mount a small file system; skips the test where that is not permitted."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a file system is not permitted here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command here")
    folder = tmp_path / "disk"
    mount(folder, "-t", "tmpfs", "-o", "size=1m", "tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_the_folder_the_file_and_the_key_are_private(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path / "new" / "data")
    folder = board.path.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert board.path.stat().st_mode & 0o077 == 0
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert len(board.key) == 32
    await board.close()


async def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    keys = set()
    for _ in range(3):
        board = await Blackboard.open(tmp_path)
        keys.add(board.key)
        await board.close()
    assert len(keys) == 1
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(StoreCorrupt, match=r"secret\.key"):
        await Blackboard.open(tmp_path)


async def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from database import Blackboard; from errors import StoreLocked\n"
        "try: asyncio.run(Blackboard.open(Path(sys.argv[1])))\n"
        "except StoreLocked as error: print(error)"
    )
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await second.communicate()
    assert f"Another vespera process (pid {os.getpid()})" in said.decode()
    with pytest.raises(StoreLocked):
        await Blackboard.open(tmp_path)
    other = await Blackboard.open(tmp_path, name="relay")
    await other.close()
    await board.close()


async def test_a_failed_opening_gives_the_folder_back(tmp_path: Path) -> None:
    (tmp_path / "vespera.sqlite").write_bytes(b"this is no database, only a text of some length" * 100)
    for _ in range(2):
        with pytest.raises(StoreCorrupt, match="Restore it from a backup"):
            await Blackboard.open(tmp_path)


async def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    with raw(tmp_path) as file:
        file.execute("CREATE TABLE agent_tasks (mine)")
    before = (tmp_path / "vespera.sqlite").read_bytes()
    with pytest.raises(StoreCorrupt, match="not a Vespera database"):
        await Blackboard.open(tmp_path)
    with raw(tmp_path) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("agent_tasks",)]
    assert len(before) == (tmp_path / "vespera.sqlite").stat().st_size


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    await (await Blackboard.open(tmp_path)).close()
    with raw(tmp_path) as file:
        file.execute("INSERT INTO migrations VALUES (99, 'later', 0)")
    with pytest.raises(StoreTooNew, match="newer version"):
        await Blackboard.open(tmp_path)


async def test_a_truncated_database_is_reported(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    for _ in range(30):
        await finished(board)
    await board.close()
    whole = board.path.read_bytes()
    board.path.write_bytes(whole[: len(whole) // 2 // 4096 * 4096])
    with pytest.raises(StoreCorrupt, match="damaged"):
        await Blackboard.open(tmp_path)


async def test_a_read_only_disk_is_named(small_disk: Path) -> None:
    board = await Blackboard.open(small_disk / "data")
    await finished(board)
    await board.close()
    mount(small_disk, "-o", "remount,ro")
    with pytest.raises(StoreReadOnly, match="Nothing was changed"):
        await Blackboard.open(small_disk / "data")


async def test_a_read_only_file_is_named(tmp_path: Path) -> None:
    await (await Blackboard.open(tmp_path)).close()
    file = tmp_path / "vespera.sqlite"
    frozen = shutil.which("chattr") and not subprocess.run(["chattr", "+i", file], capture_output=True).returncode
    if not frozen and os.geteuid() == 0:
        pytest.skip("neither file attributes nor an ordinary user are at hand here")
    file.chmod(0o400) if not frozen else None
    try:
        with pytest.raises(StoreReadOnly, match="Nothing was changed"):
            await Blackboard.open(tmp_path)
    finally:
        subprocess.run(["chattr", "-i", file], capture_output=True, check=False)


async def test_a_full_disk_rolls_back_whole_and_work_goes_on_when_there_is_room(small_disk: Path) -> None:
    board = await Blackboard.open(small_disk / "data")
    ballast = small_disk / "ballast"
    known = await finished(board)
    _, lease = await admitted(board)
    ballast.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 4096))
    with pytest.raises(StoreFull, match="Nothing was written"):
        await board.finish(lease, status="done", retry_count=0, result=b"x" * 200_000, cache=entry())
    task = await board.task(TENANT, lease.task_id)
    assert task and task.status == "running"
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    ballast.unlink()
    await board.finish(lease, status="done", retry_count=0, result=b"y" * 200_000)
    assert await board.check() == []
    assert await board.task(TENANT, known)
    await board.close()


async def test_a_disk_that_is_full_from_the_start_is_named(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * shutil.disk_usage(small_disk).free)
    with pytest.raises(StoreError, match="No space is left"):
        await Blackboard.open(small_disk / "data")


async def test_a_lost_tail_is_noticed_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board)
    await board.close()
    older = board.path.read_bytes()
    board = await Blackboard.open(tmp_path)
    for _ in range(3):
        await finished(board)
    await board.close()
    board.path.write_bytes(older)
    board = await Blackboard.open(tmp_path)
    assert "are missing" in caplog.text
    assert ["acknowledged commits were missing" in line for line in await board.check()] == [True]
    await board.close()


async def test_an_ordinary_restart_finds_nothing_lost(tmp_path: Path) -> None:
    for _ in range(3):
        board = await Blackboard.open(tmp_path)
        await finished(board)
        assert await board.check() == []
        await board.close()


async def test_a_board_can_be_closed_twice_and_then_says_that_it_is_closed(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await board.task(TENANT, 1)
    await board.close()
    await board.close()
    with pytest.raises(StoreError, match="closed"):
        await board.admit(new_task(), room=1, run_now=True)
    with pytest.raises(StoreError, match="closed"):
        await board.task(TENANT, 1)


@pytest.mark.parametrize("ending", ["await board.close()", "pass", "raise SystemExit(0)"])
async def test_the_exit_never_hangs_even_when_nobody_closes(tmp_path: Path, ending: str) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from database import Blackboard\n"
        "async def main():\n"
        "    board = await Blackboard.open(Path(sys.argv[1]))\n"
        "    await asyncio.gather(*(board.task('local', 1) for _ in range(5)))\n"
        f"    {ending}\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path), cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_the_wal_does_not_grow_without_bound(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    for _ in range(40):
        await board.set_state("big", "x" * 400_000)
    assert (await board.health()).wal_bytes < 12_000_000
    await board.close()
    assert not Path(f"{board.path}-wal").exists()
    assert sqlite3.sqlite_version_info >= (3, 35)


async def test_the_log_is_laid_out_once_and_does_not_grow(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    log = tmp_path / "vespera.sqlite-wal"
    laid_out = log.stat().st_size
    assert laid_out >= LOG_BYTES
    for _ in range(30):
        await finished(board)
    assert log.stat().st_size == laid_out
    with raw(tmp_path) as file:  # Another connection reads past no zero: it sees what was committed.
        assert file.execute("SELECT count(*) FROM agent_tasks").fetchone() == (30,)
    await board.close()
