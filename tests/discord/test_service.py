import asyncio
import configparser
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agents.contracts import Stage
from cogs import progress, service
from cogs.rendering import Rendered
from tests.discord.conftest import raw

UNIT = Path(service.__file__).parent.parent / "systemd" / "vespera.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_units_exposure_is_at_most_one_and_a_half() -> None:
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)], capture_output=True, text=True
    )
    found = re.search(r"Overall exposure level for vespera.service: ([\d.]+)", ran.stdout)
    assert found is not None, ran.stderr
    assert float(found[1]) <= 1.5


def test_the_unit_says_what_the_bot_relies_on() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT.read_text())
    service_part = unit["Service"]
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert service_part["Type"] == "notify"
    assert service_part["RestartPreventExitStatus"] == "78"
    assert (service_part["MemoryHigh"], service_part["MemoryMax"]) == ("350M", "450M")
    assert service_part["ExecStart"].endswith(".venv/bin/python bot.py")
    assert "LoadCredential" in service_part
    assert "RestartSteps" not in service_part


async def test_the_watchdog_is_not_fed_while_the_database_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import socket

    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    answering = True

    async def check() -> None:
        if not answering:
            await asyncio.sleep(60)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address)
        line.setblocking(False)
        feeding = asyncio.create_task(service.feed_watchdog(check, 0.15))
        assert await asyncio.get_running_loop().sock_recv(line, 50) == b"WATCHDOG=1"
        answering = False
        await asyncio.sleep(0.3)
        while True:
            try:
                line.recv(50)
            except BlockingIOError:
                break
        await asyncio.sleep(0.3)
        with pytest.raises(BlockingIOError):
            line.recv(50)
        feeding.cancel()


def test_outside_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert not service.notify("READY=1")
    assert service.watchdog_s() is None


async def test_progress_is_edited_at_most_once_a_second_and_shows_the_latest_stage() -> None:
    edits: list[tuple[float, str]] = []
    clock = asyncio.get_running_loop().time

    async def edit(message: Rendered) -> None:
        edits.append((clock(), str(raw(message))))

    shown = progress.Progress(edit)
    shown.start()
    for attempt in range(1, 14):
        shown.note(Stage("checking", attempt, 99))
        await asyncio.sleep(0.15)
    await shown.stop()
    assert 1 <= len(edits) <= 2
    assert all(later - earlier >= 0.95 for (earlier, _), (later, _) in itertools.pairwise(edits))
    assert "attempt 10 of 99" in edits[-1][1]


async def test_after_fourteen_minutes_the_progress_says_that_a_new_message_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "GIVE_UP_S", 0.5)
    edits: list[str] = []

    async def edit(message: Rendered) -> None:
        edits.append(str(raw(message)))

    shown = progress.Progress(edit)
    shown.start()
    await asyncio.sleep(0.7)
    await shown.stop()
    assert "as a new message" in edits[-1]
