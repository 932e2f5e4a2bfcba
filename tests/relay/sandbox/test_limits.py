"""Bombs: each is stopped at its limit, nothing of it is left, and the machine does not notice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from agents.relay.sandbox.contracts import KEPT_HEAD, KEPT_TAIL, Limits, Outcome
from agents.relay.sandbox.sandbox import Sandbox
from tests.needs import needs_bubblewrap
from tests.promises import Promise
from tests.relay.sandbox import bombs
from tests.relay.sandbox.bombs import SMALL
from tests.relay.sandbox.conftest import PYTHON, left_running

MARK = f"# {os.getpid()}"
"""Tells this test's processes from those of another run of the same tests beside it."""


async def throw(sandbox: Sandbox, workspace: Path, program: str, limits: Limits = SMALL) -> Outcome:
    tools = [PYTHON, Path(sys.prefix)]
    marked = f"{program}\n{MARK}"
    return await sandbox.run([sys.executable, "-u", "-c", marked], workspace, limits=limits, read_only=tools)


def changed(**limits: float) -> Limits:
    import msgspec

    return msgspec.structs.replace(SMALL, **limits)


async def test_a_fork_bomb_meets_its_limit(sandbox: Sandbox, workspace: Path, promise: Promise) -> None:
    outcome = await throw(sandbox, workspace, bombs.FORKS)
    if outcome.ended == "exit":
        assert 15 <= int(outcome.output.split()[1]) <= SMALL.processes
    else:
        assert outcome.ended == "killed"
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_a_fork_bomb_without_end_is_ended_with_all_its_children(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await throw(sandbox, workspace, bombs.FORKS_WITHOUT_END, changed(wall_s=1.0))
    assert outcome.ended in {"timeout", "killed"}
    assert outcome.exit_code is None
    assert not left_running(MARK)


@pytest.mark.parametrize("name", ["ONE_PROCESS", "MANY_PROCESSES", "SHARED_MEMORY", "NAMELESS_FILES"])
async def test_a_memory_bomb_is_ended(sandbox: Sandbox, workspace: Path, name: str, promise: Promise) -> None:
    outcome = await throw(sandbox, workspace, getattr(bombs, name))
    assert "ESCAPED" not in outcome.output
    assert outcome.ended == "memory" or "MemoryError" in outcome.output
    assert outcome.max_rss_kb < 1.5 * SMALL.memory_mb * 1_024
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_one_file_cannot_grow_beyond_its_limit(sandbox: Sandbox, workspace: Path, promise: Promise) -> None:
    outcome = await throw(sandbox, workspace, bombs.ONE_FILE)
    assert outcome.output == f"error 27 {8 << 20}\n"
    assert (workspace / "big").stat().st_size == 8 << 20
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


@pytest.mark.parametrize("name", ["MANY_FILES", "SMALL_FILES", "DELETED_FILES", "HIDDEN_FILES"])
async def test_a_tree_cannot_grow_beyond_its_limit(
    sandbox: Sandbox, workspace: Path, name: str, promise: Promise
) -> None:
    outcome = await throw(sandbox, workspace, getattr(bombs, name))
    assert (outcome.ended, outcome.exit_code) == ("disk", None)
    assert "ESCAPED" not in outcome.output
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_the_disks_in_memory_have_an_end_and_are_the_only_ones(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await throw(sandbox, workspace, bombs.TMP)
    assert outcome.output.count("error 28") == 2
    assert outcome.output.split()[-1] in {"15", "16"}
    assert outcome.ended == "exit"


async def test_an_endless_loop_ends_with_its_wall_clock(sandbox: Sandbox, workspace: Path, promise: Promise) -> None:
    outcome = await throw(sandbox, workspace, bombs.WAITS, changed(wall_s=0.5))
    assert (outcome.ended, outcome.exit_code) == ("timeout", None)
    assert 0.5 <= outcome.seconds < 2
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_an_endless_loop_ends_with_its_cpu_time(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await throw(sandbox, workspace, bombs.LOOP, changed(cpu_s=1))
    assert outcome.ended == "timeout"
    assert outcome.seconds < 10


async def test_endless_output_is_ended_and_only_its_ends_are_kept(
    sandbox: Sandbox, workspace: Path, promise: Promise
) -> None:
    outcome = await throw(sandbox, workspace, bombs.OUTPUT)
    assert (outcome.ended, outcome.exit_code) == ("output", None)
    assert outcome.output.startswith("the beginning\nyyy")
    assert "bytes left out]\n" in outcome.output
    assert len(outcome.output) < KEPT_HEAD + KEPT_TAIL + 100
    assert outcome.seconds < 5
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_a_daemon_is_gone_with_the_run(sandbox: Sandbox, workspace: Path, promise: Promise) -> None:
    outcome = await throw(sandbox, workspace, bombs.DAEMON + "")
    assert (outcome.ended, outcome.exit_code) == ("exit", 0)
    await assert_still(workspace)
    assert not left_running(MARK)
    promise("What takes processes, memory, disk, time or output without end is ended.", count=1, of="kinds of bombs")


async def test_a_daemon_that_keeps_the_pipe_is_gone_with_the_run(sandbox: Sandbox, workspace: Path) -> None:
    outcome = await throw(sandbox, workspace, bombs.DAEMON.replace("os.closerange(0, 3)", ""))
    assert outcome.ended == "exit"
    assert outcome.seconds < 2
    await assert_still(workspace)


async def test_a_cancelled_run_leaves_nothing_behind(sandbox: Sandbox, workspace: Path) -> None:
    running = asyncio.create_task(throw(sandbox, workspace, bombs.BEATS))
    await until(lambda: (workspace / "beats").exists())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await assert_still(workspace)


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.003, 0.006, 0.01, 0.02])
async def test_a_run_cancelled_while_it_starts_leaves_nothing_behind(
    sandbox: Sandbox, workspace: Path, after_s: float
) -> None:
    running = asyncio.create_task(throw(sandbox, workspace, bombs.BEATS))
    await asyncio.sleep(after_s)
    running.cancel()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await assert_still(workspace)
    assert not left_running(MARK)
    assert not await groups_left()


async def test_many_runs_and_cancellations_leave_no_descriptor_no_group_and_no_child(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    dice = random.Random(7)
    programs = ["true", "sleep 1", "yes", "exit 3", "(setsid sleep 50 &)", "kill -9 $$"]
    before = len(list(Path("/proc/self/fd").iterdir()))

    async def one(tree: Path) -> None:
        tree.mkdir()
        limits = changed(wall_s=dice.uniform(0.01, 0.4), output_kb=64)
        running = asyncio.create_task(sandbox.run(["sh", "-c", dice.choice(programs)], tree, limits=limits))
        if dice.random() < 0.5:
            await asyncio.sleep(dice.uniform(0, 0.05))
            running.cancel()
            await asyncio.sleep(0)
            running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    for number in range(6):
        await asyncio.gather(*(one(tmp_path / f"{number}-{place}") for place in range(6)))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert not await groups_left()
    assert not Path(f"/proc/self/task/{os.getpid()}/children").read_text()


DRIVER = """
import asyncio, sys
from pathlib import Path
from agents.relay.sandbox.sandbox import Sandbox
async def main():
    sandbox = await Sandbox.open()
    await sandbox.run([sys.executable, "-c", sys.argv[2]], Path(sys.argv[1]),
                      read_only=[Path(sys.base_prefix), Path(sys.prefix)])
asyncio.run(main())
"""


@needs_bubblewrap
async def test_a_killed_relay_takes_its_runs_with_it(workspace: Path) -> None:
    from settings import HOME

    relay = subprocess.Popen([sys.executable, "-c", DRIVER, str(workspace), bombs.BEATS], cwd=HOME)
    await until(lambda: (workspace / "beats").exists())
    relay.send_signal(signal.SIGKILL)
    relay.wait()
    await asyncio.sleep(0.3)
    await assert_still(workspace)
    await Sandbox.open()  # Sweeps the group that the killed relay could not take away.
    assert not await groups_left()


async def test_runs_side_by_side_do_not_see_each_other(sandbox: Sandbox, tmp_path: Path) -> None:
    trees = [tmp_path / str(number) for number in range(4)]
    for tree in trees:
        tree.mkdir()
    program = "import os; open('/tmp/mine', 'x'); print(len([p for p in os.listdir('/proc') if p.isdigit()]))"
    outcomes = await asyncio.gather(*(throw(sandbox, tree, program) for tree in trees))
    assert [outcome.exit_code for outcome in outcomes] == [0] * 4
    assert {int(outcome.output) for outcome in outcomes} <= {2, 3}
    assert not await groups_left()


@pytest.fixture(scope="module")
def as_nobody(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Every bomb thrown by an ordinary user, who can make no control group here."""
    import tempfile

    import msgspec

    from settings import HOME

    if not Path("/usr/bin/python3").exists():
        pytest.skip("needs /usr/bin/python3: an ordinary user cannot read this test's interpreter")
    names = [
        "FORKS", "ONE_PROCESS", "MANY_PROCESSES", "SHARED_MEMORY", "NAMELESS_FILES", "ONE_FILE", "MANY_FILES",
        "SMALL_FILES", "DELETED_FILES", "HIDDEN_FILES", "TMP", "WALLS", "LOOP", "OUTPUT", "DAEMON",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        inner = Path(folder, "trees")
        inner.mkdir()
        ran = subprocess.run(
            [sys.executable, "-m", "tests.relay.sandbox.as_nobody", str(inner), *names],
            cwd=HOME, capture_output=True, text=True, timeout=110,
        )  # fmt: skip
        if "bubblewrap" in ran.stderr.lower() and "Refused" in ran.stderr:
            pytest.skip(f"an ordinary user cannot use bubblewrap here: {ran.stderr.strip()[-200:]}")
        assert ran.returncode == 0, ran.stderr
        found = msgspec.json.decode(ran.stdout)
    found.pop("probe")
    return {name: msgspec.convert(outcome, Outcome) for name, outcome in found.items()}


def test_for_an_ordinary_user_the_walls_are_the_same(as_nobody: dict[str, Outcome]) -> None:
    assert "ESCAPED" not in as_nobody["WALLS"].output
    assert as_nobody["WALLS"].output.count("held") == 10


def test_an_ordinary_user_is_protected_from_forks(as_nobody: dict[str, Outcome]) -> None:
    assert 15 <= int(as_nobody["FORKS"].output.split()[1]) <= SMALL.processes


@pytest.mark.parametrize("name", ["ONE_PROCESS", "MANY_PROCESSES", "SHARED_MEMORY", "NAMELESS_FILES"])
def test_an_ordinary_user_is_protected_from_memory_bombs(as_nobody: dict[str, Outcome], name: str) -> None:
    assert as_nobody[name].ended == "memory" or "MemoryError" in as_nobody[name].output
    assert "ESCAPED" not in as_nobody[name].output


@pytest.mark.parametrize("name", ["MANY_FILES", "SMALL_FILES", "DELETED_FILES", "HIDDEN_FILES"])
def test_an_ordinary_user_is_protected_from_disk_bombs(as_nobody: dict[str, Outcome], name: str) -> None:
    assert as_nobody[name].ended == "disk"


def test_an_ordinary_user_is_protected_from_what_does_not_end(as_nobody: dict[str, Outcome]) -> None:
    assert as_nobody["LOOP"].ended == "timeout"
    assert as_nobody["OUTPUT"].ended == "output"
    assert as_nobody["DAEMON"].ended == "exit"
    assert as_nobody["ONE_FILE"].output == f"error 27 {8 << 20}\n"
    assert as_nobody["TMP"].output.count("error 28") == 2
    assert not left_running(MARK)


async def assert_still(workspace: Path) -> None:
    """Nothing writes to the tree any more."""
    beats = workspace / "beats"
    before = beats.stat().st_size if beats.exists() else 0
    await asyncio.sleep(0.15)
    assert (beats.stat().st_size if beats.exists() else 0) == before


async def until(there: object, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not there():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.01)


async def groups_left() -> list[Path]:
    """Control groups that runs of this process, or of one that is gone, have left."""
    from agents.relay.sandbox import cgroups

    place = await asyncio.to_thread(cgroups.find)
    found = [left for folder in (place.folders if place else ()) for left in folder.glob("vespera-run-*")]
    owners = [left.name.split("-")[2] for left in found]
    return [left for left, owner in zip(found, owners, strict=True) if owner == str(os.getpid()) or not there(owner)]


def there(pid: str) -> bool:
    return Path("/proc", pid).exists()
