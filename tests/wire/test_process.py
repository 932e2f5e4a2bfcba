"""``python bot.py`` as its own process."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.apps import PASS
from tests.promises import Promise
from tests.scripted_model import Reply, ScriptedModel
from tests.wire.conftest import HOME, process
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash
from tests.wire.records import Fault


def question() -> dict[str, Any]:
    return slash("ask", question="what is the best tavern name")


def model(pause_s: float) -> ScriptedModel:
    answer = '{"answer": "The Gilded Griffin."}'
    return ScriptedModel([Reply(text=PASS, when="You are the Deep Critic"), Reply(text=answer, pause_s=pause_s)])


def pointing_at(server: ScriptedModel) -> dict[str, str]:
    return {"OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "scripted"}


async def stderr(child: asyncio.subprocess.Process) -> str:
    _, written = await asyncio.wait_for(child.communicate(), 10)
    return written.decode()


async def test_without_a_token_it_says_so_and_exits_78(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path, DISCORD_TOKEN="") as child:
        assert "DISCORD_TOKEN is not set" in await stderr(child)
    assert child.returncode == 78


async def test_with_a_refused_token_it_says_so_and_exits_78(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path, DISCORD_TOKEN="bad-token-bad-token") as child:
        said = await stderr(child)
    assert child.returncode == 78
    assert "Discord does not accept DISCORD_TOKEN" in said
    assert "bad-token-bad-token" not in said
    assert "Traceback" not in said.splitlines()[-1]


async def test_a_second_process_on_the_same_data_is_told_who_holds_it(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path):
        await asyncio.wait_for(wire.ready.wait(), 10)
        async with process(wire, tmp_path) as second:
            said = await stderr(second)
    assert second.returncode == 1
    assert "Vespera stopped:" in said


async def test_sigterm_while_an_answer_is_made_exits_within_ten_seconds_and_the_answer_comes_after_the_restart(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    async with model(30) as held, process(wire, tmp_path, **pointing_at(held)) as child:
        await asyncio.wait_for(wire.ready.wait(), 10)
        reply = await wire.send(question())
        await wire.until(lambda: bool(reply.edits))
        child.send_signal(signal.SIGTERM)
        await asyncio.wait_for(child.communicate(), 10)
        assert child.returncode == 0
    edits_before = len(reply.edits)
    async with model(0) as quick, process(wire, tmp_path, **pointing_at(quick)):
        await wire.until(lambda: "Gilded" in reply.text, 15)
        await asyncio.sleep(0.3)
    assert len(reply.edits) == edits_before + 1
    promise("A stop takes at most 10 s, and the open answer comes after the restart.", "within 10 s")


async def test_after_kill_9_the_original_reply_is_edited_exactly_once(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    async with model(30) as held, process(wire, tmp_path, **pointing_at(held)) as child:
        await asyncio.wait_for(wire.ready.wait(), 10)
        reply = await wire.send(question())
        await wire.until(lambda: bool(reply.edits))
        child.kill()
        await child.communicate()
    edits_before = len(reply.edits)
    async with model(0) as quick, process(wire, tmp_path, **pointing_at(quick)):
        await wire.until(lambda: "Gilded" in reply.text, 15)
        await asyncio.sleep(0.5)
    assert len(reply.edits) == edits_before + 1
    assert wire.channel_messages == []
    promise("After kill -9 the answer comes into the same message, once.", "by the next process")


KILLED_WHILE_DELIVERING = [
    ("deliver.edit.before", False, 1, 0),
    ("deliver.edit.after", False, 2, 0),  # the same text into the same message again
    ("deliver.post.before", True, 0, 1),
    ("deliver.post.after", True, 0, 1),  # the nonce keeps the second one out
    ("delivered.commit.before", True, 0, 1),
]
"""Fault point, whether the reply can no longer be edited, how many edits and messages there are in the end."""


@pytest.mark.parametrize(("fault", "expired", "edits", "posts"), KILLED_WHILE_DELIVERING)
async def test_killed_while_delivering_the_answer_is_shown_once(
    wire: FakeDiscord, tmp_path: Path, fault: str, expired: bool, edits: int, posts: int
) -> None:
    asked = question()
    if expired:
        wire.faults = [Fault("PATCH", "@original$", 404, {"code": 10015, "message": "Unknown Webhook"})] * 2
    async with model(0) as quick:
        async with process(wire, tmp_path, VESPERA_FAULT=fault, **pointing_at(quick)) as child:
            await asyncio.wait_for(wire.ready.wait(), 10)
            reply = await wire.send(asked)
            await asyncio.wait_for(child.communicate(), 10)
            assert child.returncode == -signal.SIGKILL
        wire.ready.clear()
        async with process(wire, tmp_path, **pointing_at(quick)) as child:
            await asyncio.wait_for(wire.ready.wait(), 10)
            await wire.until(lambda: len(wire.called("PATCH", "@original$")) >= 2 or bool(reply.edits), 10)
            await asyncio.sleep(0.3)
            child.send_signal(signal.SIGTERM)
            await asyncio.wait_for(child.communicate(), 10)
    assert ("Gilded" in reply.text) == (not expired)
    assert (len(reply.edits), len(wire.channel_messages)) == (edits, posts)


@pytest.mark.parametrize(
    ("faults", "expired", "edits", "posts"),
    [
        pytest.param(("deliver.edit.after", "deliver.edit.after"), False, 3, 0, marks=pytest.mark.slow),
        (("deliver.edit.after", "delivered.commit.before"), False, 3, 0),
        pytest.param(("deliver.post.before", "deliver.post.after"), True, 0, 1, marks=pytest.mark.slow),
        (("deliver.post.after", "deliver.post.after"), True, 0, 1),
    ],
)
async def test_killed_again_while_the_next_process_delivers_the_answer_is_shown_once(
    wire: FakeDiscord, tmp_path: Path, faults: tuple[str, str], expired: bool, edits: int, posts: int
) -> None:
    if expired:
        wire.faults = [Fault("PATCH", "@original$", 404, {"code": 10015, "message": "Unknown Webhook"})] * 3
    reply = None
    async with model(0) as quick:
        for fault in (*faults, ""):
            async with process(wire, tmp_path, VESPERA_FAULT=fault, **pointing_at(quick)) as child:
                if reply is None:
                    await asyncio.wait_for(wire.ready.wait(), 10)
                    reply = await wire.send(question())
                if fault:
                    await asyncio.wait_for(child.communicate(), 10)
                    assert child.returncode == -signal.SIGKILL, fault
                else:
                    await wire.until(lambda: len(wire.called("PATCH", "@original$")) >= 3, 10)
                    await asyncio.sleep(0.3)
    assert reply is not None and ("Gilded" in reply.text) == (not expired)
    assert (len(reply.edits), len(wire.channel_messages)) == (edits, posts)


async def test_systemd_hears_ready_before_discord_is_reached_and_then_a_living_watchdog(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        nowhere = FakeDiscord(port=9)
        nowhere._port = 9
        async with process(nowhere, tmp_path, NOTIFY_SOCKET=address, WATCHDOG_USEC="300000") as child:
            first = await asyncio.wait_for(loop.sock_recv(line, 100), 10)
            second = await asyncio.wait_for(loop.sock_recv(line, 100), 10)
            child.send_signal(signal.SIGTERM)
            await asyncio.wait_for(child.communicate(), 10)
    assert first.startswith(b"READY=1")
    assert second == b"WATCHDOG=1"
    assert child.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the resident memory")
async def test_idle_with_all_cogs_loaded_it_holds_at_most_72_mib(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    async with process(wire, tmp_path, GROQ_API_KEY="gsk_" + "k" * 40) as child:
        await asyncio.wait_for(wire.ready.wait(), 10)
        await wire.interact(slash("status"))
        status = Path(f"/proc/{child.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    print(resident)
    assert int(resident.split()[1]) / 1024 <= 72
    promise("Idle, the bot holds at most 72 MiB.", "at most 72 MiB resident")


async def test_a_terminal_reaches_the_running_bot(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path):
        await asyncio.wait_for(wire.ready.wait(), 10)
        terminal = await asyncio.create_subprocess_exec(
            sys.executable, str(HOME / "cli.py"), "ask", "/dnd spell name:fireball", "--json",
            env={"VESPERA_DATA_DIR": str(tmp_path / "data"), "PATH": os.environ["PATH"]}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(terminal.communicate(), 20)
    assert terminal.returncode == 0
    assert json.loads(said)["status"] == "direct"


async def test_the_log_is_json_lines_without_the_token(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path) as child:
        await asyncio.wait_for(wire.ready.wait(), 10)
        await wire.interact(slash("dnd spell", name="fireball"))
        child.send_signal(signal.SIGTERM)
        said = await stderr(child)
    lines = said.splitlines()
    assert lines
    assert all(line.startswith('{"at"') for line in lines)
    assert "good-token" not in said
