"""`./vespera backup` and `restore` as people and timers call them, with and without a running bot."""

import asyncio
import configparser
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from owner_socket import address
from owner_socket import wire as lines
from owner_socket.server import OwnerServer
from settings import HOME
from terminal.findings import Finding
from terminal.storage import folder
from tests.apps import opened
from tests.blackboard.samples import raw
from tests.storage.houses import KEY, back_up, furnished, in_thread
from tests.terminal.running import Done, environment, finish, start, vespera
from tests.terminal.test_doctor import findings
from tests.wire.conftest import addresses as addresses
from tests.wire.conftest import process
from tests.wire.conftest import wire as wire
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash


async def command(*arguments: str, data_dir: Path, **more: str) -> Done:
    return await finish(await start(*arguments, data_dir=data_dir, **more))


async def test_a_second_terminal_backs_the_running_bot_up_and_a_restore_waits_until_it_is_stopped(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    data, place = tmp_path / "data", tmp_path / "backups"
    place.mkdir()
    async with process(wire, tmp_path) as bot:
        await asyncio.wait_for(wire.ready.wait(), 10)
        await wire.interact(slash("dnd spell", name="fireball"))
        made = await command("backup", str(place), "--json", data_dir=data)
        assert made.code == 0, made.out + made.err
        assert [member["name"] for member in made.document["databases"]] == ["vespera"]
        file = made.document["file"]
        assert Path(file).parent == place
        refused = await command("restore", file, "--json", data_dir=data)
        assert (refused.code, refused.document["error"]) == (75, "StoreLocked")
        assert f"pid {bot.pid}" in refused.document["message"]
        bot.send_signal(signal.SIGTERM)
        await asyncio.wait_for(bot.communicate(), 10)
    restored = await command("restore", file, "--json", data_dir=data)
    assert restored.code == 0, restored.out
    wire.ready.clear()
    async with process(wire, tmp_path):
        await asyncio.wait_for(wire.ready.wait(), 10)
        told = await command("why", "--json", "--tenant", "guild:200", data_dir=data)
    assert told.code == 0 and told.document["chain_ok"], told.out


def test_what_a_person_reads(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "b"
    key = {"VESPERA_BACKUP_KEY": "5a" * 32}
    made = vespera("backup", str(file), data_dir=data, **key)
    assert made.code == 0 and made.out.startswith(f"written: {file} (") and "encrypted)" in made.out
    assert "read back and checked" in made.out and "5a5a" not in made.out + made.err
    checked = vespera("restore", str(file), "--check", data_dir=data, **key)
    assert checked.code == 0 and checked.out.startswith("whole:") and "nothing was changed" in checked.out
    restored = vespera("restore", str(file), data_dir=data, **key)
    assert restored.code == 0 and restored.out.startswith("restored: the state of ")
    assert "the former files lie in" in restored.out
    shown = findings(data, "--offline")
    assert shown["restore"]["ok"] and "delete it when all is well" in shown["restore"]["text"]


async def test_what_cannot_be_done_is_one_document_and_an_exit_code(tmp_path: Path) -> None:
    await furnished(tmp_path / "data", 1)
    (tmp_path / "there").write_text("something else, and long enough to be read as one")
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "sealed", key=KEY))
    for arguments, code, error in (
        (("backup", tmp_path / "nowhere" / "b"), 2, "UserMistake"),
        (("backup",), 2, "BadUsage"),
        (("restore", tmp_path / "nowhere"), 2, "UserMistake"),
        (("restore", tmp_path / "there"), 1, "StoreCorrupt"),
        (("restore", tmp_path / "sealed"), 78, "BadConfiguration"),
    ):
        done = await command(*map(str, arguments), "--json", data_dir=tmp_path / "data")
        assert (done.code, done.document["error"]) == (code, error), done.out


async def test_damaged_rows_make_the_exit_code_tell_the_timer(tmp_path: Path) -> None:
    await furnished(tmp_path / "data", 1)
    with raw(tmp_path / "data") as file:
        file.execute("UPDATE agent_tasks SET payload = x'00' WHERE id = 1")
    made = await command("backup", str(tmp_path / "b"), "--json", data_dir=tmp_path / "data")
    assert made.code == 1 and "Task 1 fails its check" in made.document["damaged"][0]


async def test_the_doctor_tells_how_old_the_last_backup_is(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def found(name: str = "backup") -> Finding | None:
        return next((each for each in await in_thread(lambda: folder(data)) if each.name == name), None)

    assert await found() is None
    await furnished(data, 1)
    fix = f"./vespera backup {data / 'backups'}, or its timer: docs/backup.md"
    assert await found() == Finding("backup", True, "none was made yet", fix)
    with raw(data) as file:
        file.execute("UPDATE migrations SET at = at - 8 * 86400")
    assert await found() == Finding("backup", False, "none was made yet", fix)
    for age_days, damaged, told in (
        (-1, 0, "the last is 0 h old: /elsewhere"),  # the clock was set back
        (1, 0, "the last is 24 h old: /elsewhere"),
        (3, 0, "the last is 3 days old: /elsewhere"),
        (1, 2, "the last is 24 h old: /elsewhere; 2 rows in it fail their check"),
    ):
        noted = {"made_at": time.time() - age_days * 86_400, "file": "/elsewhere", "bytes": 1, "damaged": damaged}
        with raw(data) as file:
            file.execute("INSERT OR REPLACE INTO state VALUES ('last_backup', ?)", (json.dumps(noted),))
        backup = await found()
        assert backup is not None and (backup.ok, backup.text) == (age_days < 2 and not damaged, told)
    with (data / "vespera.sqlite-wal").open("wb") as log:
        log.truncate(65 * 2**20)
    grown = await found("log")
    assert grown is not None and not grown.ok and "Litestream" in grown.fix


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((HOME / "systemd" / name).read_text("utf-8"))
    return read


def test_the_units_fit_together() -> None:
    service, bot, timer = unit("vespera-backup.service"), unit("vespera.service"), unit("vespera-backup.timer")
    assert service["Service"]["User"] == bot["Service"]["User"]
    assert service["Service"]["StateDirectory"].split()[0] == bot["Service"]["StateDirectory"]
    assert service["Service"]["ExecStart"].endswith("cli.py backup %S/vespera/backups")
    assert service["Service"]["Type"] == "oneshot" and timer["Timer"]["Persistent"] == "true"


async def test_the_owner_tells_a_waiting_terminal_that_it_is_still_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "ALIVE_EVERY_S", 0.002)
    await furnished(tmp_path / "data", 60)
    async with opened(tmp_path / "data") as app:
        served = OwnerServer(app)
        await served.start()
        reader, writer = await asyncio.open_unix_connection(sock=await address.connect(tmp_path / "data"))
        writer.write(lines.written(lines.MakeBackup(str(tmp_path / "b"))))
        said = [lines.read_line(await reader.readline())]
        while isinstance(said[-1], lines.Alive):
            said.append(lines.read_line(await reader.readline()))
        writer.close()
        await served.leave(1)
    assert len(said) > 1
    assert isinstance(said[-1], lines.Result) and (tmp_path / "b").exists()


async def test_a_bot_that_is_stopped_in_the_middle_of_a_backup_ends_in_time_and_leaves_nothing(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    script = (
        "import asyncio, os, sys; from pathlib import Path; from database import Blackboard\n"
        "async def main():\n"
        "    board = await Blackboard.open(Path(sys.argv[1]))\n"
        "    for n in range(40): await board.set_state(f's{n}', os.urandom(500_000).hex())\n"
        "    await board.close()\n"
        "asyncio.run(main())\n"
    )
    filling = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(data), cwd=HOME, env={**os.environ, **environment(data)}
    )
    assert await filling.wait() == 0
    async with process(wire, tmp_path) as bot:
        await asyncio.wait_for(wire.ready.wait(), 10)
        backing_up = await start("backup", str(tmp_path / "b"), data_dir=data)
        async with asyncio.timeout(10):
            while not (data / "backup.tmp").exists():
                await asyncio.sleep(0.01)
        bot.send_signal(signal.SIGTERM)
        await asyncio.wait_for(bot.communicate(), 10)
    assert bot.returncode == 0
    done = await finish(backing_up)
    # The bot gave it up; the terminal found nobody owning the directory any more and made it itself, or was told.
    assert done.code in (0, 1) and (done.code == 0) == (tmp_path / "b").exists(), done.err
    assert not list(tmp_path.glob(".b.part")) and not (data / "backup.tmp").exists()
