"""`./vespera doctor`: each thing wrong is one line with its fix."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from blackboard.contracts import NewTask
from database import Blackboard
from owner_socket import address
from settings import Settings
from telemetry import otel
from terminal import rooms
from terminal.checks import NEEDED, PERMISSIONS
from tests.terminal.loopback_discord import TOKEN, discord
from tests.terminal.running import vespera


def findings(folder: Path, *arguments: str, **environment: str) -> dict[str, dict[str, Any]]:
    done = vespera("doctor", "--json", *arguments, data_dir=folder, **environment)
    assert done.code == (0 if done.document["ok"] else 1)
    return {finding["name"]: finding for finding in done.document["findings"]}


def test_a_sound_installation_is_all_ticks(tmp_path: Path) -> None:
    assert vespera("ask", "/dnd rule prone", data_dir=tmp_path / "data").code == 0
    with discord() as url:
        found = findings(tmp_path / "data", DISCORD_TOKEN=TOKEN, DISCORD_API_URL=url)
    wrong = {name: finding for name, finding in found.items() if not finding["ok"]}
    assert not wrong
    assert {"python", "packages", "token", "clock", "models", "memory", "disk", "sqlite", "data", "database"} <= set(
        found
    )


def test_a_missing_token_names_setup_and_a_wrong_one_too(tmp_path: Path) -> None:
    done = vespera("doctor", "--offline", data_dir=tmp_path)
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("✗")]
    assert line.startswith("✗ token")
    assert line.endswith("→ ./vespera setup")
    with discord() as url:
        found = findings(tmp_path, DISCORD_TOKEN="wrong", DISCORD_API_URL=url)
    assert not found["token"]["ok"]


def test_a_wrong_clock_is_found(tmp_path: Path) -> None:
    with discord(clock_off_s=-300) as url:
        found = findings(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API_URL=url)
    assert not found["clock"]["ok"]
    assert "ahead" in found["clock"]["text"]


def test_open_permissions_are_named_with_the_command_that_mends_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert vespera("ask", "/dnd rule prone", data_dir=data).code == 0
    data.chmod(0o755)
    (data / "vespera.sqlite").chmod(0o644)
    found = vespera("doctor", "--offline", "--json", data_dir=data).document["findings"]
    fixes = [finding["fix"] for finding in found if finding["name"] == "data" and not finding["ok"]]
    assert fixes == [f"chmod 700 {data}", f"chmod 600 {data / 'vespera.sqlite'}"]


def test_a_damaged_database_and_a_wrong_setting_are_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "vespera.sqlite").write_bytes(b"not a database" * 100)
    (tmp_path / "vespera.sqlite").chmod(0o600)
    found = findings(tmp_path, "--offline", VESPERA_RUNNING="0")
    assert not found["database"]["ok"]
    assert "VESPERA_RUNNING" in found["settings"]["text"]


def test_a_socket_left_behind_is_no_owner_and_a_dumb_one_is_told(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / address.NAME))
    left.close()
    assert "did not clean up" in findings(tmp_path, "--offline")["owner"]["text"]


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    done = vespera("doctor", "--json", data_dir=tmp_path, DISCORD_TOKEN="hush-hush-token", DISCORD_API_URL=nowhere)
    assert "hush-hush-token" not in json.dumps(done.document) + done.err


def test_a_missing_permission_is_named_with_its_server_and_the_link_that_grants_it(tmp_path: Path) -> None:
    servers = (("Shop", PERMISSIONS - NEEDED["Attach Files"]), ("Fine", PERMISSIONS), ("Ours", 1 << 3))
    with discord(servers=servers, flags=1 << 19) as url:
        found = findings(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API_URL=url)
    assert not found["rights"]["ok"]
    assert found["rights"]["text"] == 'missing: Attach Files in "Shop"'
    assert f"permissions={PERMISSIONS}" in found["rights"]["fix"]
    assert found["intents"]["text"].endswith("switched on all the same: message content")
    with discord(servers=()) as url:
        assert "in no server" in findings(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API_URL=url)["rights"]["text"]


def test_a_damaged_memory_is_found_by_a_quick_look(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert vespera("memory", "add", "The bridge is down.", data_dir=data).code == 0
    assert findings(data, "--offline")["memories"]["text"].startswith("1 records")
    with (data / "memory.sqlite").open("r+b") as file:
        file.seek(8_192)
        file.write(b"\xff" * 16_384)
    assert not findings(data, "--offline")["memories"]["ok"]


def test_jobs_that_wait_for_a_relay_are_told_with_how_to_start_it(tmp_path: Path) -> None:
    asyncio.run(_with_a_job(tmp_path))
    found = findings(tmp_path, "--offline")
    assert found["relay"]["text"] == "jobs: 1 queued; no relay is running"
    assert "relay serve" in found["relay"]["fix"]


async def _with_a_job(data_dir: Path) -> None:
    board = await Blackboard.open(data_dir, name="relay")
    try:
        await board.relay.admit(NewTask("local", "me", "relay.job", b"{}"), "/repo", b"{}", ())
    finally:
        await board.close()


def test_the_sandbox_is_really_started_and_what_it_lacks_is_told(tmp_path: Path) -> None:
    told = findings(tmp_path, "--offline")["sandbox"]
    assert told["ok"]
    assert "bubblewrap" in told["text"].lower()
    without = findings(tmp_path, "--offline", PATH="/nonexistent", VESPERA_RELAY_REPOSITORIES="/repo")["sandbox"]
    assert not without["ok"] and "not installed" in without["text"]


def test_the_limit_of_a_container_is_read_in_both_versions(tmp_path: Path) -> None:
    assert rooms.container_limit(tmp_path) is None
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert rooms.container_limit(tmp_path) is None
    (tmp_path / "memory.max").write_text("471859200\n")
    assert rooms.container_limit(tmp_path) == 450 * 2**20
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory" / "memory.limit_in_bytes").unlink()
    assert rooms.container_limit(tmp_path) is None


def test_figures_that_others_may_read_and_spans_that_cannot_leave_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = findings(tmp_path, "--offline", VESPERA_METRICS_PORT="9464", VESPERA_METRICS_ADDRESS="0.0.0.0")  # noqa: S104
    assert "whoever reaches that address" in found["metrics"]["text"]
    monkeypatch.setattr(otel, "find_spec", lambda name: None)
    (missing,) = rooms.figures(Settings(otel_url="http://127.0.0.1:4318"))
    assert not missing.ok and "requirements-otel.txt" in missing.fix
    assert "metrics" not in findings(tmp_path, "--offline")
