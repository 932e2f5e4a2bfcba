"""Roles hold their tools: only the Builder proposes, only the Verifier runs, only the Scheduler commits."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from agents.relay import branch, builder, checkpoint, critique, scheduler, verifier, workspace
from agents.relay.contracts import BuildReport, BuildRequest, ValidateRequest, Verdict
from agents.relay.http_roles import RemoteBuilder, RemoteVerifier, roles_app
from agents.relay.patches.contracts import FilePatch
from agents.relay.sandbox.sandbox import Sandbox
from errors import RoleGone
from llm.router import Router
from settings import HOME
from tests.relay import house
from tests.relay.house import RIGHT, WRONG, begin, body, builders, ended, git
from tests.scripted_model import ScriptedModel

TOKEN = "a-token-of-sixteen-and-more"
RELAY = HOME / "agents" / "relay"


def reaches(module: str, seen: set[str] | None = None) -> set[str]:
    """Every module of ours that a module of the relay imports, directly or by way of others of the relay."""
    seen = set() if seen is None else seen
    if module in seen:
        return seen
    seen.add(module)
    path = HOME / Path(*module.split("."))
    source = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    if not source.exists():
        return seen
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("agents.relay"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            for name in {node.module, *names}:
                if (HOME / Path(*name.split("."))).with_suffix(".py").exists():
                    reaches(name, seen)
    return seen


def test_the_builder_reaches_no_sandbox_no_working_tree_no_key_and_no_branch() -> None:
    found = reaches("agents.relay.builder")
    for forbidden in ("workspace", "branch", "checks", "proposal", "verifier", "scheduler", "people", "board"):
        assert f"agents.relay.{forbidden}" not in found, forbidden
    assert not {name for name in found if name.startswith("agents.relay.sandbox")}
    assert not {name for name in found if name.startswith("agents.relay.patches.writing")} or _writes_nothing(found)


def _writes_nothing(found: set[str]) -> bool:
    """Reading patches and writing them share a package; the Builder's own modules call the reading half only."""
    for name in found:
        source = HOME / Path(*name.split(".")).with_suffix(".py")
        if not name.startswith("agents.relay.patches") and source.exists():
            text = source.read_text("utf-8")
            assert "patches import apply" not in text and "patches.writing" not in text, name
    return True


def test_the_verifier_reaches_no_branch_and_no_builder() -> None:
    found = reaches("agents.relay.verifier")
    for forbidden in ("branch", "builder", "scheduler", "people", "board", "prompting", "repo_map", "answers"):
        assert f"agents.relay.{forbidden}" not in found, forbidden


def test_the_scheduler_reaches_no_sandbox_no_model_and_no_key() -> None:
    found = reaches("agents.relay.scheduler")
    for forbidden in ("workspace", "builder", "verifier", "critique", "checks", "repo_map", "prompting"):
        assert f"agents.relay.{forbidden}" not in found, forbidden
    assert "agents.relay.sandbox.sandbox" not in found


def test_only_the_branch_makes_commits_and_moves_refs() -> None:
    for path in sorted(RELAY.rglob("*.py")):
        words = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
        if path.name != "branch.py":
            assert not words & {"commit-tree", "update-ref", "commit", "merge", "push", "reset", "branch"} - {
                "commit"
            }, path
    assert "Branch(" not in (RELAY / "verifier.py").read_text() + (RELAY / "builder.py").read_text()


def held(role: object, depth: int = 6) -> Iterator[object]:
    """Everything reachable from a role through the attributes of our own objects."""
    seen: set[int] = set()
    waiting: list[tuple[object, int]] = [(role, depth)]
    while waiting:
        item, left = waiting.pop()
        if id(item) in seen or left == 0:
            continue
        seen.add(id(item))
        yield item
        if type(item).__module__.split(".")[0] in {"agents", "llm", "blackboard", "database"}:
            waiting += [(value, left - 1) for value in vars(item).values()] if hasattr(item, "__dict__") else []


async def test_the_roles_as_they_are_wired_hold_their_own_tools_only(tmp_path: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            kinds = {
                name: {type(item) for item in held(role)}
                for name, role in (
                    ("builder", app.builder),
                    ("verifier", app.verifier),
                    ("scheduler", app._scheduler),
                )
            }
            assert Router in kinds["builder"]
            for tool in (Sandbox, workspace.Workspaces, checkpoint.Signer, branch.Branch):
                assert tool not in kinds["builder"], tool
            assert {Sandbox, workspace.Workspaces, checkpoint.Signer, critique.Critic} <= kinds["verifier"]
            assert builder.Builder not in kinds["verifier"] and scheduler.Scheduler not in kinds["verifier"]
            own = {type(value) for value in vars(app._scheduler).values()}
            assert own & {Sandbox, Router, checkpoint.Signer, workspace.Workspaces} == set()
            assert {builder.Builder, verifier.Verifier} <= own  # to be asked, as roles


class Port:
    """The three roles of a relay on a free loopback port."""

    def __init__(self, app: Any) -> None:
        self._runner = web.AppRunner(roles_app(app.builder, app.verifier, app, TOKEN), access_log=None)
        self.url = ""

    async def __aenter__(self) -> "Port":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_the_three_verbs_need_the_token_and_the_contract(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app, Port(app) as port:
            async with aiohttp.ClientSession() as session:
                for verb in ("builder/run_iteration", "verifier/validate", "scheduler/dispatch"):
                    async with session.post(f"{port.url}/{verb}", json={}) as response:
                        assert response.status == 401
                    headers = {"Authorization": f"Bearer {TOKEN}"}
                    async with session.post(f"{port.url}/{verb}", json={"job": []}, headers=headers) as response:
                        assert response.status == 400
                    async with session.post(
                        f"{port.url}/{verb}", json={}, headers={"Authorization": f"Bearer {TOKEN}x"}
                    ) as response:
                        assert response.status == 401
            assert not server.requests


async def test_a_builder_and_a_verifier_that_run_elsewhere_do_the_whole_job(tmp_path: Path, repo: Path) -> None:
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    async with ScriptedModel(builders(WRONG, RIGHT)) as server:
        async with house.opened(house.settings_for(elsewhere, server)) as far, Port(far) as port:
            settings = house.settings_for(
                here, None, relay_builder_url=port.url, relay_verifier_url=port.url, relay_token=TOKEN
            )
            async with house.opened(settings) as app:
                view = await ended(app, await begin(app, repo))
                assert view.outcome == "checkpoint", view.state.reason
                assert (view.state.totals.defects, view.state.totals.llm_calls) == (1, 3)
                assert git(repo, "rev-list", "--count", "main..vespera/r1") == "1"


async def test_a_builder_that_is_not_there_is_asked_twice_and_then_a_person(tmp_path: Path, repo: Path) -> None:
    settings = house.settings_for(tmp_path, None, relay_builder_url="http://127.0.0.1:9", relay_token=TOKEN)
    async with house.opened(settings) as app:
        view = await ended(app, await begin(app, repo))
        assert view.outcome == "escalated" and "could not be reached" in view.state.reason


async def test_a_verb_from_elsewhere_gives_what_the_role_gives(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app, Port(app) as port:
            tip = git(repo, "rev-parse", "main")
            asked = BuildRequest(job="r1", repo=str(repo), commit=tip, mission="add", goal="add")
            report = await RemoteBuilder(port.url, TOKEN, 10).run_iteration(asked)
            assert isinstance(report, BuildReport) and report.answer is not None
            patch = FilePatch(**body("return a + b"))
            wanted = ValidateRequest(
                job="r1", sprint=2, number=1, repo=str(repo), commit=tip, goal="add", changes=(patch,)
            )
            verdict = await RemoteVerifier(port.url, TOKEN, 10).validate(wanted)
            assert isinstance(verdict, Verdict) and verdict.passed
            assert checkpoint.holds(verdict.checkpoint, app._signer.public)  # type: ignore[arg-type]
            with pytest.raises(RoleGone):
                await RemoteVerifier("http://127.0.0.1:9", TOKEN, 1).validate(wanted)
            assert git(repo, "for-each-ref", "refs/heads/vespera/") == ""  # a verdict moves nothing


async def test_dispatch_makes_one_transition_of_a_job_nobody_works_on(tmp_path: Path, repo: Path) -> None:
    async with ScriptedModel(builders(RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            view = await begin(app, repo)
            await app.worker._let_go(view.id)
            phases = []
            for _ in range(8):
                view = await app.dispatch(view.id)
                phases.append(view.state.phase)
                if view.state.status == "done":
                    break
            assert phases[-4:] == ["building", "proposed", "judged", "idle"] or phases == ["proposed", "judged", "idle"]
            assert view.outcome == "checkpoint"
