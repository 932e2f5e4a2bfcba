"""A small repository, builders that answer by a script over real HTTP, and a relay that works on them."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.contracts import Request
from agents.relay.jobs import OPEN, JobView, RunDocument
from agents.relay.orders import Order
from relay_app import RelayApp, default_budget
from settings import Settings
from terminal.relay_text import run_document
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

PASS = '{"verdict": "PASS", "violations": []}'
FAIL = '{"verdict": "FAIL", "violations": [{"rule": "fakes", "location": "calc.py", "message": "it fakes the sum"}]}'
CRITIC, BUILDER = "You are the Deep Critic", "You are the Builder"
PROVIDERS = ("openai", "groq", "gemini")
CALC = "def add(a, b):\n    return a - b\n"
CHECK = "import calc\nassert calc.add(2, 3) == 5, calc.add(2, 3)\nassert calc.add(0, 0) == 0\n"
TOML = 'test = "python3 tests/check.py"\n'
FILES: Mapping[str, str] = {
    "calc.py": CALC,
    "tests/check.py": "import sys\nsys.path.insert(0, '.')\n" + CHECK,
    "relay.toml": TOML,
}


def make_repo(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """A repository with one commit on main."""
    repo = folder / "repo"
    for name, text in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "first")
    return repo


def git(repo: Path, *arguments: str) -> str:
    """git as a person runs it, without anybody's own configuration."""
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Mira", "GIT_AUTHOR_EMAIL": "mira@example.org", "GIT_AUTHOR_DATE": "1790000000 +0000",
        "GIT_COMMITTER_NAME": "Mira", "GIT_COMMITTER_EMAIL": "mira@example.org",
        "GIT_COMMITTER_DATE": "1790000000 +0000",
    }  # fmt: skip
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, env=environment, check=True)
    return done.stdout.decode().strip()


def edit(old: str, new: str, file: str = "calc.py") -> dict[str, str]:
    """One line replaced, as a diff."""
    return {"file": file, "diff": f"--- a/{file}\n+++ b/{file}\n@@ -1,2 +1,2 @@\n def add(a, b):\n-{old}\n+{new}\n"}


def whole(text: str, file: str) -> dict[str, str]:
    """A new file."""
    lines = "".join(f"+{line}\n" for line in text.splitlines())
    return {"file": file, "diff": f"--- /dev/null\n+++ b/{file}\n@@ -0,0 +1,{len(text.splitlines())} @@\n{lines}"}


def body(new: str) -> dict[str, str]:
    """``return a - b`` replaced."""
    return edit("    return a - b", f"    {new}")


def answer(*patches: Mapping[str, str], **more: Any) -> str:
    """A Builder's answer as one JSON document."""
    said = {"synopsis": "Mended add.", "patch_bundle": list(patches), "verification_hints": ["run the tests"], **more}
    return json.dumps(said)


RIGHT = answer(body("return a + b"))
WRONG = answer(body("return a * b"))


def settings_for(folder: Path, server: ScriptedModel | None, provider: str = "openai", **changes: Any) -> Settings:
    """Settings with one provider, which is the scripted server."""
    values: dict[str, Any] = {"data_dir": folder / "data", "relay_builder_s": 20.0}
    if server is not None:
        values |= {
            "openai": {"openai_compatible_base_url": server.url, "openai_compatible_model": "scripted"},
            "groq": {"groq_api_key": "gsk_" + "k" * 30, "groq_base_url": f"{server.url}/openai/v1"},
            "gemini": {"gemini_api_key": "AIza" + "k" * 30, "gemini_base_url": server.url},
        }[provider]
    return Settings(**(values | changes))


def builders(*steps: Any, critic: str = PASS) -> Callable[[Received], Any]:
    """A script: builder calls take the steps in turn (the last one again and again), critiques get one opinion."""
    waiting = list(steps)

    def script(request: Received) -> Any:
        if CRITIC in request.text:
            return Reply(text=critic)
        step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Reply(text=step) if isinstance(step, str) else step

    return script


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RelayApp]:
    """A relay that is closed at the end."""
    app = await RelayApp.open(settings)
    try:
        yield app
    finally:
        await app.close()


def asked(goal: str = "make add add", **changes: Any) -> Request:
    """The request of a job from a terminal."""
    values = {"tenant": "local", "user": "mira", "task_type": "relay.job", "command": f"/relay start goal: {goal}"}
    return Request(**(values | changes))


async def begin(app: RelayApp, repo: Path, goal: str = "make add add", **changes: Any) -> JobView:
    """Start a job."""
    values: dict[str, Any] = {"repo": str(repo), "goal": goal, "budget": default_budget(app.settings)}
    order = Order(**(values | changes))
    return await app.start(asked(goal), order, owner=True)


async def ended(app: RelayApp, view: JobView, seconds: float = 60) -> JobView:
    """The job once it is no longer open."""
    async with asyncio.timeout(seconds):
        while view.state.status in OPEN:
            view = await app.wait(view.tenant, view.id, 5)
    return view


async def run(
    folder: Path, repo: Path, script: Any, provider: str = "openai", *, goal: str = "make add add",
    roadmap: Sequence[str] = (), **changes: Any,
) -> tuple[RunDocument, list[Received]]:  # fmt: skip
    """A job to its end; its document, and what the model was asked."""
    async with ScriptedModel(script) as server:
        async with opened(settings_for(folder, server, provider, **changes)) as app:
            view = await ended(app, await begin(app, repo, goal, roadmap=tuple(roadmap)))
            document = run_document(view, await app.checkpoints(view.tenant, view.id))
        return document, server.requests
