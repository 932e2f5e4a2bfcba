"""`./vespera relay …` as scripts use it: documents, exit codes, and what is refused before anything begins."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agents.relay.jobs import Budget
from agents.relay.orders import Order
from agents.relay.socket import RemoteDesk
from errors import RelayGone
from settings import HOME
from tests.relay import house
from tests.relay.house import RIGHT, WRONG, answer, builders, git, whole
from tests.scripted_model import Reply, ScriptedModel


class Terminal:
    """`./vespera` in its own process, over one data directory."""

    def __init__(self, folder: Path, url: str = "", **environment: str) -> None:
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "VESPERA_DATA_DIR": str(folder / "data"),
            **environment,
        }  # fmt: skip
        if url:
            self.environment |= {"OPENAI_COMPATIBLE_BASE_URL": url, "OPENAI_COMPATIBLE_MODEL": "scripted"}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, str(HOME / "cli.py"), *arguments, env=self.environment, cwd=HOME.parent,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        child = await self.start(*arguments)
        out, error = await asyncio.wait_for(child.communicate(), 60)
        return child.returncode or 0, out.decode(), error.decode()

    async def document(self, *arguments: str) -> tuple[int, Any]:
        code, out, error = await self.run(*arguments, "--json")
        assert out.count("\n") == 1, (out, error)
        return code, json.loads(out)


async def serves(folder: Path) -> bool:
    """Whether a relay answers on its socket."""
    try:
        desk = await RemoteDesk.open(folder / "data")
    except RelayGone:
        return False
    await desk.close()
    return True


async def test_a_job_from_its_start_to_the_merge(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG, RIGHT)) as server:
        terminal = Terminal(tmp_path, server.url)
        code, document = await terminal.document("relay", "run", "--repo", str(repo), "--goal", "make add add")
    assert code == 0
    assert {key: document[key] for key in ("outcome", "iterations", "llm_calls", "defects", "http_errors")} == {
        "outcome": "checkpoint", "iterations": 2, "llm_calls": 3, "defects": 1, "http_errors": 0,
    }  # fmt: skip
    assert set(document["checkpoints"][0]) == {"commit", "proof"}
    assert {"reason", "max_prompt_tokens", "seconds"} <= set(document)
    code, out, _ = await terminal.run("relay", "status", "r1")
    assert code == 0 and "✓ r1 done" in out and document["checkpoints"][0]["commit"][:12] in out
    code, found = await terminal.document("relay", "verify", "r1")
    assert code == 0 and found["ok"] and found["checkpoints"] == 1
    code, ledger = await terminal.document("relay", "ledger", "1")
    assert [row["verdict"] for row in ledger["rows"]] == ["fail", "pass"] and len(ledger["hash"]) == 32
    wanted = {"task", "item", "goal", "phase", "agent", "model", "repo_sha", "builder_input", "raw_output", "summary",
              "retrieved", "diffs", "files", "checks", "verdict", "capsule", "checkpoint", "tokens_in", "tokens_out",
              "cost_usd", "started", "ended", "decision", "reason", "next_item", "memory_id", "parent", "children"}  # fmt: skip
    assert wanted <= set(ledger["rows"][0])
    code, out, _ = await terminal.run("relay", "export", "r1")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["outcome"]["verdict"] for line in lines] == ["fail", "pass"]
    assert all(line["prompt"] and line["action"] for line in lines)
    code, why = await terminal.document("why", "r2")
    assert code == 0 and why["chain_ok"] and any("refuted" in line["text"] for line in why["lines"])
    code, out, _ = await terminal.run("relay", "approve", "r1")
    assert code == 0 and "moved forward" in out
    assert git(repo, "rev-parse", "main") == document["checkpoints"][0]["commit"]


async def test_a_roadmap_is_worked_off_and_told_to_a_person(tmp_path: Path, repo: Path) -> None:
    plan = tmp_path / "plan.md"
    plan.write_text("# Plan\n\n- [x] done before\n- [ ] make add add\n- write one\n")
    async with ScriptedModel(builders(RIGHT, answer(whole("ONE = 1\n", "one.py")))) as server:
        code, out, _ = await Terminal(tmp_path, server.url).run(
            "relay", "run", "--repo", str(repo), "--goal", "both", "--roadmap", str(plan)
        )
    assert code == 0
    assert "✓ try 1: make add add" in out and "✓ try 1: write one" in out
    assert "2 checkpoints" in out and "vespera/r1" in out


async def test_an_escalated_job_exits_1_and_says_what_to_do(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(WRONG)) as server:
        terminal = Terminal(tmp_path, server.url)
        code, out, _ = await terminal.run("relay", "run", "--repo", str(repo), "--goal", "make add add")
        assert code == 1
        assert "the same defect came back" in out and "./vespera relay resume r1 --hint" in out
        code, document = await terminal.document("relay", "run", "--repo", str(repo), "--goal", "again")
        assert (code, document["outcome"]) == (1, "escalated")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--repo", "/nowhere", "--goal", "x"], 2, "is not a folder"),
        (["--repo", "/usr", "--goal", "x"], 2, "is not a git repository"),
        (["--repo", "{repo}", "--goal", " "], 2, "goal is empty"),
        (["--repo", "{repo}", "--goal", "x", "--roadmap", "/nowhere.md"], 2, "cannot be read"),
        (["--repo", "{repo}"], 2, "--goal"),
        (["--repo", "{repo}", "--goal", "x", "--iterations", "0"], 2, "--iterations"),
    ],
)
async def test_what_is_wrong_is_said_before_anything_begins(
    arguments: list[str], code: int, words: str, tmp_path: Path, repo: Path
) -> None:
    terminal = Terminal(tmp_path, "http://127.0.0.1:9")
    found, document = await terminal.document("relay", "run", *(part.format(repo=repo) for part in arguments))
    assert found == code and words in document["message"], document


async def test_without_a_model_nothing_is_started(tmp_path: Path, repo: Path) -> None:
    code, document = await Terminal(tmp_path).document("relay", "run", "--repo", str(repo), "--goal", "x")
    assert code == 78 and "No model is configured" in document["message"]


async def test_without_bubblewrap_tests_are_refused_unless_the_owner_allows_it(tmp_path: Path, repo: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("git", "sh", "python3", "prlimit", "setpriv", "setsid", "env"):
        (tools / name).symlink_to(shutil.which(name, path="/usr/bin:/bin") or "")
    async with ScriptedModel(builders(RIGHT)) as server:
        terminal = Terminal(tmp_path, server.url, PATH=str(tools))
        code, document = await terminal.document("relay", "run", "--repo", str(repo), "--goal", "x")
        assert code == 1 and document["error"] == "Refused" and "ubblewrap" in document["message"]
        assert not server.requests
        terminal.environment["VESPERA_RELAY_WEAK_SANDBOX"] = "allow"
        code, document = await terminal.document("relay", "run", "--repo", str(repo), "--goal", "x")
        assert (code, document.get("outcome")) == (0, "checkpoint"), document


async def test_a_repository_without_anything_that_proves_a_step_is_refused(tmp_path: Path) -> None:
    repo = house.make_repo(tmp_path, {"readme.md": "nothing here\n"})
    terminal = Terminal(tmp_path, "http://127.0.0.1:9")
    code, document = await terminal.document("relay", "run", "--repo", str(repo), "--goal", "x")
    assert code == 2 and "relay.toml" in document["message"]


async def test_ctrl_c_stops_the_job_and_says_so(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(Reply(text=RIGHT, pause_s=30))) as server:
        terminal = Terminal(tmp_path, server.url)
        child = await terminal.start("relay", "run", "--repo", str(repo), "--goal", "x")
        while not server.requests:
            await asyncio.sleep(0.05)
        child.send_signal(signal.SIGINT)
        _, error = await asyncio.wait_for(child.communicate(), 20)
        assert child.returncode == 130 and b"r1 was stopped" in error
        _, document = await terminal.document("relay", "status", "r1")
        assert document["state"]["status"] == "stopped"


async def test_the_service_takes_jobs_over_its_socket_and_goes_on_after_kill_9(tmp_path: Path, repo: Path) -> None:
    slow = builders(Reply(text=WRONG, pause_s=0.3), Reply(text=RIGHT, pause_s=30), RIGHT)
    async with ScriptedModel(slow) as server:
        terminal = Terminal(tmp_path, server.url)
        service = await terminal.start("relay", "serve")
        while not await serves(tmp_path):
            await asyncio.sleep(0.05)
        assert (tmp_path / "data" / "relay.sock").stat().st_mode & 0o077 == 0
        asking = asyncio.create_task(terminal.run("relay", "run", "--repo", str(repo), "--goal", "make add add"))
        while len(server.requests) < 2:
            await asyncio.sleep(0.05)
        code, out, _ = await terminal.run("relay", "status")
        assert code == 0 and "r1" in out and "running" in out
        os.kill(service.pid, signal.SIGKILL)
        await service.wait()
        code, out, error = await asking  # it goes on by itself
        assert code == 0 and "✓ r1 done" in out, (out, error)
        assert git(repo, "rev-list", "--count", "main..vespera/r1") == "1"


async def test_a_service_ends_at_once_and_the_next_one_goes_on(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(Reply(text=RIGHT, pause_s=30), RIGHT)) as server:
        terminal = Terminal(tmp_path, server.url)
        service = await terminal.start("relay", "serve")
        while not await serves(tmp_path):
            await asyncio.sleep(0.05)
        desk = await RemoteDesk.open(tmp_path / "data")
        order = Order(repo=str(repo), goal="make add add", budget=Budget())
        view = await desk.start(house.asked(), order, owner=True)
        while not server.requests:
            await asyncio.sleep(0.05)
        await desk.close()
        service.terminate()
        assert await asyncio.wait_for(service.wait(), 10) == 0
        code, out, _ = await terminal.run("relay", "status", "r1")
        assert "no relay is at work" in out
        service = await terminal.start("relay", "serve")
        while not await serves(tmp_path):
            await asyncio.sleep(0.05)
        code, out, error = await terminal.run("relay", "status", view.name, "--watch")
        assert code == 0 and "✓ r1 done" in out, (out, error)
        service.terminate()
        assert await asyncio.wait_for(service.wait(), 20) == 0


async def test_the_service_offers_the_three_roles_on_its_port(tmp_path: Path, repo: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    terminal = Terminal(tmp_path, "http://127.0.0.1:9", VESPERA_RELAY_PORT=str(port))
    code, _, error = await terminal.run("relay", "serve")
    assert code == 78 and "VESPERA_RELAY_TOKEN" in error
    terminal.environment["VESPERA_RELAY_TOKEN"] = token = "sixteen-characters-and-more"
    service = await terminal.start("relay", "serve")
    while not await serves(tmp_path):
        await asyncio.sleep(0.05)
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/scheduler/dispatch"
        async with session.post(url, json={"job": 1}) as response:
            assert response.status == 401
        async with session.post(url, json={"job": 1}, headers={"Authorization": f"Bearer {token}"}) as response:
            assert response.status == 409 and "no job r1" in (await response.json())["message"]
    service.terminate()
    _, told = await asyncio.wait_for(service.communicate(), 20)
    assert token.encode() not in told


async def test_two_terminals_at_once_get_their_jobs_done(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        terminal = Terminal(tmp_path, server.url)
        goals = ("first", "second", "third")
        ends = await asyncio.gather(
            *(terminal.document("relay", "run", "--repo", str(repo), "--goal", goal) for goal in goals)
        )
        assert [(code, document["outcome"]) for code, document in ends] == [(0, "checkpoint")] * 3
        assert {document["job"] for _, document in ends} == {document["branch"][8:] for _, document in ends}


async def test_jobs_are_named_as_people_name_them(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "http://127.0.0.1:9")
    for word in ("r-1", "r99999999999999999999"):
        code, document = await terminal.document("relay", "verify", word)
        assert code == 2 and "is no job" in document["message"]
    code, document = await terminal.document("relay", "verify", "r7")
    assert code == 2 and document["error"] == "NoJobs"
    code, out, _ = await terminal.run("relay", "status")
    assert code == 0 and "./vespera relay run" in out
