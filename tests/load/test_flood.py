"""Very many at once: exactly thirteen are taken, the rest are told so, and memory stays bounded."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from settings import HOME
from tests.apps import PASS
from tests.promises import Promise
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received
from tests.wire.conftest import connected
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash

TAKEN = 3 + 10


class Held:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, request: Received) -> Reply:
        await self.go.wait()
        return Reply(text=PASS if "You are the Deep Critic" in request.text else '{"answer": "The Gilded Griffin."}')


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the memory")
@pytest.mark.parametrize("many", [100, 10_000])
async def test_of_very_many_at_once_exactly_thirteen_are_taken(many: int, tmp_path: Path, promise: Promise) -> None:
    held = Held()
    async with ScriptedModel(held) as model:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.flood", str(tmp_path / "data"), model.url, str(many),
            cwd=HOME, stdout=asyncio.subprocess.PIPE, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOME)},
        )  # fmt: skip
        assert child.stdout is not None
        told = json.loads(await asyncio.wait_for(child.stdout.readline(), 90))
        assert len(model.requests) == 3
        held.go.set()
        done = json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
        assert await asyncio.wait_for(child.wait(), 30) == 0
    print(many, told)
    assert told["told"] == {"Ticket": TAKEN, "Busy": many - TAKEN}
    assert (told["running"], told["queued"]) == (3, 10)
    assert told["sentence"].startswith("Server busy")
    assert told["peak"] < 200
    assert told["peak"] - told["before"] < 20 + many / 100  # 10 KiB for each who asks
    assert done == {"statuses": {"unchecked": TAKEN}, "after": "unchecked"}
    promise(
        "However many ask at once, exactly as many are taken as there are places, in bounded memory.",
        count=many,
        of="at once",
    )


async def test_a_hundred_people_at_once_in_discord_are_all_told_something_within_three_seconds(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    held = Held()
    async with ScriptedModel(held) as model:
        compatible: dict[str, Any] = {
            "openai_compatible_base_url": model.url,
            "openai_compatible_model": "scripted",
            "user_per_minute": 0,
            "tenant_per_minute": 0,
        }
        async with connected(wire, tmp_path, **compatible):
            replies = [await wire.send(slash("ask", question=f"tavern {n}", user_id=500 + n)) for n in range(100)]
            await wire.until(lambda: all(reply.kind for reply in replies), 10)
            busy = [reply for reply in replies if reply.kind == 4]
            taken = [reply for reply in replies if reply.kind == 5]
            assert len(taken) == TAKEN
            assert all(reply.ephemeral and reply.text.startswith("Server busy") for reply in busy)
            held.go.set()
            await wire.until(lambda: all("Gilded" in reply.text for reply in taken), 20)
    promise("In Discord everybody of a crowd is told something within 3 s.", "100 people at once")
