"""`./vespera doctor`: each thing wrong is one line with its fix."""

import json
import socket
from pathlib import Path
from typing import Any

from owner_socket import address
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
