"""A server's worth of people over the real bot process, with faults on both sides: its memory stays flat."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memory.contracts import NewRecord
from memory.embedders.embedded import EmbeddedEmbedder
from memory.facade import Memory
from tests.apps import PASS, right_draft
from tests.promises import Promise
from tests.scripted_model import (
    DroppedStream,
    MalformedJson,
    RateLimited,
    Reply,
    ScriptedModel,
    ServerError,
    Stall,
    Status,
    Step,
    TruncatedJson,
    WrongSchema,
)
from tests.scripted_wire import Received
from tests.wire.conftest import process
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash
from tests.wire.records import Fault

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the memory")
FAULTS: tuple[Step, ...] = (
    ServerError(), RateLimited(0.05), MalformedJson(), WrongSchema(), TruncatedJson(), Stall(0.3), Status(401),
    DroppedStream(), DroppedStream(abrupt=True),
)  # fmt: skip
RATE = 5.0
"""Requests a second."""
FAULTY = 0.1
"""Of the model's replies and of Discord's."""
GROWTH_MIB, PEAK_MIB = 2.0, 200.0
REMEMBERED = 6_000
"""More rows than the tier in memory takes: the bot begins with all of its tiers."""


class Author:
    """Drafts rightly nine times of ten; the tenth fails in one of the ways a provider can."""

    def __init__(self) -> None:
        self.dice = random.Random(7)
        self.right = right_draft()

    def __call__(self, request: Received) -> Step:
        if self.dice.random() < FAULTY:
            return self.dice.choice(FAULTS)
        if "You are the Deep Critic" in request.text:
            return Reply(text=PASS)
        return Reply(text=self.right if "Topic: Grappled" in request.text else '{"answer": "The Gilded Griffin."}')


def asked(dice: random.Random) -> Iterator[dict[str, Any]]:
    """What people type, for ever: look-ups, questions, rules, notes, recalls, traces, from thirty people."""
    number = 0
    while True:
        number += 1
        user = 500 + number % 30
        yield dice.choice(
            (
                slash("ask", question=f"what is tavern {number} called", user_id=user),
                slash("ask", question=f"who rules harbour {number}", user_id=user),
                slash("dnd rule", topic="grappled", user_id=user),
                slash("dnd spell", name=dice.choice(("fireball", "shield", "bless")), user_id=user),
                slash("dnd roll", dice=f"{1 + number % 9}d6+3", user_id=user),
                slash("remember", text=f"Tavern {number} is called the Gilded Griffin {number}.", user_id=user),
                slash("recall", text=f"what is tavern {dice.randrange(number)} called", user_id=user),
                slash("forget", all=True, user_id=user),
                slash("why", user_id=user),
            )
        )


def memory_mib(pid: int) -> tuple[float, float]:
    """Its own (anonymous) now, without the pages of mapped files; and the most of all that was ever resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    held = dict(line.split(":", 1) for line in lines if line.startswith(("RssAnon", "VmHWM")))
    return int(held["RssAnon"].split()[0]) / 1024, int(held["VmHWM"].split()[0]) / 1024


async def driven(
    wire: FakeDiscord, pid: int, people: Iterator[dict[str, Any]], seconds: float, rate: float
) -> list[float]:
    """Send at a rate; returns the memory once a second, or so."""
    loop, seen, sent = asyncio.get_running_loop(), [], 0
    dice, began = random.Random(3), loop.time()
    while loop.time() - began < seconds:
        if dice.random() < FAULTY:
            path = dice.choice(("/callback$", "@original$"))
            wire.faults = [Fault("POST" if "call" in path else "PATCH", path, dice.choice((502, 503)))]
        await wire.send(next(people))
        sent += 1
        if sent % max(1, round(rate)) == 0:
            seen.append(memory_mib(pid)[0])
            forget_the_old(wire)
        await asyncio.sleep(max(0.0, began + sent / rate - loop.time()))
    return seen


def forget_the_old(wire: FakeDiscord) -> None:
    """The loopback Discord runs in the test's process; it must not slow down over half an hour."""
    del wire.calls[:-200]
    for token in list(wire.replies)[:-200]:
        del wire.replies[token]


async def filled(folder: Path) -> None:
    """A memory as it is after months: its tier in memory full, and rows below it."""
    await asyncio.to_thread(folder.mkdir)
    dice = random.Random(5)
    words = ["".join(dice.choices("abcdefghiklmnoprstuvwz", k=dice.randint(4, 9))) for _ in range(6_000)]
    memory = await Memory.open(folder, EmbeddedEmbedder(), EmbeddedEmbedder())
    for _ in range(REMEMBERED // 500):
        texts = [" ".join(dice.choices(words, k=9)) for _ in range(500)]
        await memory.remember([NewRecord(tenant="guild:200", kind="answer", text=text) for text in texts])
    await memory.close()


async def soak(
    wire: FakeDiscord, folder: Path, *, warm_s: float, warm_rate: float, seconds: float
) -> tuple[float, float]:
    """How much it grew after warming up, and the most it ever had, in MiB."""
    await filled(folder / "data")
    people = asked(random.Random(11))
    async with ScriptedModel(Author()) as model:
        environ = {
            "OPENAI_COMPATIBLE_BASE_URL": model.url, "OPENAI_COMPATIBLE_MODEL": "scripted",
            "VESPERA_MODEL_DEADLINE_S": "5", "VESPERA_BREAKER_REST_S": "1", "VESPERA_LOG_LEVEL": "ERROR",
            "VESPERA_TENANT_DAILY_TOKENS": "0", "VESPERA_USER_DAILY_TOKENS": "0", "VESPERA_USER_PER_MINUTE": "0", "VESPERA_TENANT_PER_MINUTE": "0",
        }  # fmt: skip
        async with process(wire, folder, **environ) as child:
            await asyncio.wait_for(wire.ready.wait(), 30)
            await driven(wire, child.pid, people, warm_s, warm_rate)
            seen = await driven(wire, child.pid, people, seconds, RATE)
            calls = len(model.requests)
            last = await wire.interact(slash("dnd spell", name="fireball"), 30)
            peak = memory_mib(child.pid)[1]
            assert child.returncode is None
    tenth = max(1, len(seen) // 10)
    first, end = (sorted(part)[len(part) // 2] for part in (seen[:tenth], seen[-tenth:]))
    hours = [
        round(sorted(part)[len(part) // 2], 1) for part in (seen[at : at + tenth] for at in range(0, len(seen), tenth))
    ]
    print(f"soak of {seconds:.0f} s: {calls} model calls, own MiB {hours}, growth {end - first:+.2f}, peak {peak:.1f}")
    assert "⌁ looked up" in last.text
    assert calls > seconds / 3
    assert peak < PEAK_MIB
    assert end - first <= GROWTH_MIB, f"{hours}"
    return end - first, peak


@needs_proc
async def test_a_short_soak_with_faults_leaves_the_memory_flat(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    await soak(wire, tmp_path, warm_s=12, warm_rate=20, seconds=30)
    promise(
        "Half a minute with a tenth of all replies failing leaves the memory flat.",
        "grew by less than 2 MiB, below 200",
    )


@needs_proc
@pytest.mark.slow
@pytest.mark.timeout(2_400)
async def test_half_an_hour_with_faults_leaves_the_memory_flat(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    grown, peak = await soak(wire, tmp_path, warm_s=120, warm_rate=30, seconds=1_800)
    promise(
        "Half an hour with a tenth of all replies failing leaves the memory flat.",
        f"{grown:+.1f} MiB, at most {peak:.0f}",
    )
