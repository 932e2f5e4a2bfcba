"""Disks that fail: EIO, failed syncs, a file system that goes read-only or full while the bot runs."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from database import Blackboard
from errors import StoreError
from settings import HOME
from tests.blackboard.samples import TENANT, admitted, finished
from tests.blackboard.test_opening import mount
from tests.promises import Promise
from tests.storage.houses import finish, read_all


async def run(*command: str) -> tuple[int, list[str]]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=HOME, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, error.decode()
    return process.returncode, out.decode().splitlines()


@pytest.mark.parametrize("what", ["", "-wal"], ids=["database", "log"])
async def test_a_failing_disk_is_told_loses_nothing_and_work_goes_on_when_it_is_back(
    tmp_path: Path, what: str, promise: Promise
) -> None:
    _, told = await run(sys.executable, "-m", "tests.storage.failing", str(tmp_path), what)
    facts = [line.split(maxsplit=2) for line in told]
    acknowledged = [int(fact[1]) for fact in facts if fact[0] == "acknowledged"]
    refused = [line for line in told if line.startswith("refused")]
    assert len(refused) == 3, told
    assert all("its disk cannot be read" in line or "disk under" in line for line in refused), refused
    assert "check []" in told and not any(line.startswith("read") for line in told)
    board = await Blackboard.open(tmp_path)
    for number in acknowledged:
        task = await board.task(TENANT, number)
        assert task is not None and task.status == "done"
    assert await board.cached(TENANT, "broken", min_confidence=0) is None
    assert await board.check() == []
    await board.close()
    promise(
        "A disk that fails is told, loses nothing acknowledged, and work goes on when it is back.",
        count=1,
        of="files that fail",
    )


def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed")
    if subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    return found


async def test_an_acknowledgement_comes_after_a_sync_of_the_log(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = (strace(), "-f", "-y", "-e", "trace=fdatasync,fsync,write", "-o", str(trace), sys.executable)
    await run(*command, "-m", "tests.storage.failing", str(tmp_path / "data"), "-wal")
    synced = acknowledgements = 0
    for line in trace.read_text("utf-8", "replace").splitlines():
        if "sync(" in line and "vespera.sqlite-wal>" in line:
            synced += 1
        elif "acknowledged" in line and "write(1<" in line:
            assert synced >= 2 or acknowledgements >= 3, "admitted and finished are two synced commits"
            acknowledgements += 1
            synced = 0
    assert acknowledgements == 5


async def test_a_sync_that_fails_acknowledges_nothing(tmp_path: Path) -> None:
    for when in range(3, 9):
        folder = tmp_path / str(when)
        inject = f"inject=fdatasync:error=EIO:when={when}+"
        command = (strace(), "-f", "-qq", "-e", "trace=fdatasync", "-e", inject, "-o", "/dev/null", sys.executable)
        process = await asyncio.create_subprocess_exec(
            *command, "-m", "tests.storage.unsynced", str(folder), cwd=HOME,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, error = await asyncio.wait_for(process.communicate(), 60)
        assert b"Traceback" not in error, error.decode()
        said = out.decode().splitlines()
        assert any(line.startswith("refused") for line in said), said
        board = await Blackboard.open(folder)
        for line in said:
            if line.startswith("acknowledged"):
                task = await board.task(TENANT, int(line.split()[1]))
                assert task is not None and task.status == "done", line
        assert await board.check() == []
        await board.close()


@pytest.fixture
def thin_disk(tmp_path: Path) -> Iterator[Path]:
    """An ext4 file system on a loop device whose own disk has no room left to give: what is synced there gets EIO."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("mount", "losetup", "mkfs.ext4"))):
        pytest.skip("needs root, mount and mkfs.ext4")
    below, folder = tmp_path / "below", tmp_path / "disk"
    mount(below, "-t", "tmpfs", "-o", "size=12m", "tmpfs")
    try:
        with (below / "image").open("wb") as image:
            image.truncate(64 * 2**20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(below / "image")], check=True, capture_output=True)
        folder.mkdir()
        options = ["-o", "loop,errors=remount-ro", str(below / "image"), str(folder)]
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
            pytest.skip("loop devices cannot be mounted here")
        yield folder
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)
    finally:
        # Lazily: the loop device lets its image go only when the last copy of the mount does.
        subprocess.run(["umount", "-l", str(below)], check=False, capture_output=True)


def repair(disk: Path) -> None:
    """Take the file system off, check it, and put it back writable.

    A sandbox that another test started meanwhile has a copy of every mount, so the file system with its error lives on
    (and would be mounted again as it is) until that sandbox ends.
    """
    image = disk.parent / "below" / "image"
    subprocess.run(["umount", str(disk)], check=True)
    patience = time.monotonic() + 60
    while subprocess.run(["losetup", "-j", str(image)], capture_output=True, check=True).stdout:
        assert time.monotonic() < patience, "the file system is still in use"
        time.sleep(0.05)
    checked = subprocess.run(["fsck.ext4", "-fy", str(image)], capture_output=True, check=False)
    assert checked.returncode <= 1, checked.stdout.decode()
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)


async def work_until_refused(board: Blackboard, seen: list[int], most: int = 400) -> str:
    for _ in range(most):
        try:
            _, lease = await admitted(board)
            await board.finish(lease, status="done", retry_count=0, result=os.urandom(20_000))
        except StoreError as error:
            return str(error)
        seen.append(lease.task_id)
    return ""


async def test_a_disk_whose_writes_fail_below_the_file_system_loses_nothing_acknowledged(thin_disk: Path) -> None:
    board = await Blackboard.open(thin_disk / "data")
    sound: list[int] = [await finished(board)]
    ballast = thin_disk.parent / "below" / "ballast"
    room = shutil.disk_usage(ballast.parent).free
    await asyncio.to_thread(ballast.write_bytes, b"x" * room)
    told = await work_until_refused(board, sound)
    assert told.endswith((".", "again."))
    assert "The disk under" in told or "cannot be opened for writing" in told, told
    with_faults = await read_all(board)
    assert with_faults["task 1"] is not None
    await board.close()
    await asyncio.to_thread(ballast.unlink)
    await asyncio.to_thread(repair, thin_disk)
    board = await Blackboard.open(thin_disk / "data")
    for number in sound:
        task = await board.task(TENANT, number)
        assert task is not None and task.status == "done", number
    assert await board.check() == []
    await board.close()


async def test_a_disk_that_turns_read_only_while_the_bot_runs_is_named_and_reads_go_on(thin_disk: Path) -> None:
    board = await Blackboard.open(thin_disk / "data")
    sound = await finished(board)
    device = thin_disk.stat().st_dev
    name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
    trigger = Path("/sys/fs/ext4") / name / "trigger_fs_error"
    if not trigger.exists():
        await board.close()
        pytest.skip("this kernel cannot be told to fail")
    await asyncio.to_thread(trigger.write_text, "storage test")
    told = await work_until_refused(board, [])
    assert told and "Nothing was" in told, told
    task = await board.task(TENANT, sound)
    assert task is not None and task.status == "done"
    await board.close()
    await asyncio.to_thread(repair, thin_disk)
    board = await Blackboard.open(thin_disk / "data")
    _, lease = await admitted(board)
    await finish(board, lease)
    assert await board.task(TENANT, sound) and await board.check() == []
    await board.close()
