"""The relay's part of the tour: a scripted builder fails, gets its capsule, passes, is signed."""

import asyncio
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from agents.contracts import Request
from agents.relay.desk import Desk
from agents.relay.jobs import OPEN, Budget
from agents.relay.orders import Order
from errors import Refused
from llm.contracts import ModelCall, ModelReply
from relay_app import RelayApp
from settings import Settings
from terminal import output, relay_text

SHELF = """\
def longest(words):
    return words[0]
"""
TEST = """\
import unittest

from shelf import longest


class Longest(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(longest(["fig", "cherry"]), "cherry")

    def test_of_none(self):
        self.assertIsNone(longest([]))
"""
GOAL = "longest(words) gives the longest word, None for no words"
TRIES = ("    return max(words, key=len)", "    return max(words, key=len, default=None)")
HEADING = "./vespera relay run --repo shelf --goal 'longest gives the longest word'"
WHY_HERE = (
    "A coding job: a builder proposes (scripted for this tour), tests in a sandbox decide, what passed is signed."
)


class ScriptedBuilder:
    """Implements `llm.contracts.LanguageModel` in this process: its first try forgets a case, the second does not."""

    provider = "scripted"
    model = "for this tour"

    def __init__(self) -> None:
        self._tries = 0

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        """A proposal; as a critic it has no objection."""
        if call.purpose == "critique":
            return self._reply('{"verdict": "PASS", "violations": []}')
        line = TRIES[min(self._tries, 1)]
        self._tries += 1
        diff = f"--- a/shelf.py\n+++ b/shelf.py\n@@ -1,2 +1,2 @@\n def longest(words):\n-    return words[0]\n+{line}\n"
        said = {
            "synopsis": "longest uses max by length.",
            "patch_bundle": [{"file": "shelf.py", "diff": diff}],
            "verification_hints": ["the unit tests"],
            "commit_suggestion": "longest: the longest word, None for none",
        }
        return self._reply(json.dumps(said))

    async def close(self) -> None:
        """Nothing is open."""

    def _reply(self, text: str) -> ModelReply:
        return ModelReply(text, self.provider, self.model, 0, len(text) // 4, 0.0, 0.0)


async def relay_part(settings: Settings, folder: Path) -> list[str]:
    """Walk it; the stop's line when it did not turn out as it should."""
    output.strong(f"› {HEADING}")
    output.quiet(f"  {WHY_HERE}")
    if not await asyncio.to_thread(shutil.which, "git"):
        output.say("git is not installed here, so this stop is left out: sudo apt install git")
        return []
    repo = await asyncio.to_thread(_repository, folder / "shelf")
    app = await RelayApp.open(replace(settings, data_dir=folder / "relay"), models=[ScriptedBuilder()])
    try:
        return await _job(app, repo)
    except Refused as refusal:
        output.say(f"✗ refused: {refusal}")
        output.quiet("  │ as it should be: without a sandbox the relay runs no tests, so it begins no job")
        return []
    finally:
        output.say("")
        await app.close()


async def _job(desk: Desk, repo: Path) -> list[str]:
    request = Request("local", "tour", "relay.job", f"/relay start goal: {GOAL}")
    view = await desk.start(request, Order(repo=str(repo), goal=GOAL, budget=Budget()), owner=True)
    while view.state.status in OPEN:
        view = await desk.wait("local", view.id, 10)
    rows, checkpoints = (await desk.ledger("local", view.id)).rows, await desk.checkpoints("local", view.id)
    for row in rows:
        output.say(relay_text.sprint_line(row))
        if row.capsule is not None:
            output.quiet(f"  │ defect {row.capsule.defect_id} goes into the next prompt; nothing of this try was kept")
    for line in relay_text.ending(view, checkpoints):
        output.say(line)
    found = await desk.verify("local", view.id)
    for line in relay_text.verified_lines(view.name, found):
        output.quiet(f"  │ {line}")
    well = [row.verdict for row in rows] == ["fail", "pass"] and found.ok and found.checkpoints == 1
    return [] if well and view.outcome == "checkpoint" else [HEADING]


def _repository(path: Path) -> Path:
    (path / "tests").mkdir(parents=True)
    (path / "shelf.py").write_text(SHELF, "utf-8")
    (path / "tests" / "__init__.py").touch()
    (path / "tests" / "test_shelf.py").write_text(TEST, "utf-8")
    who = ("-c", "user.name=Tour", "-c", "user.email=tour@vespera.invalid", "-c", "commit.gpgSign=false")
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        (*who, "commit", "-q", "--no-verify", "-m", "shelf"),
    ):
        subprocess.run(["git", "-C", str(path), *arguments], check=True, capture_output=True)
    return path
