"""A process that works a memory in every way and tells what was acknowledged, until it is killed.

Run by test_kill.py as ``python -m tests.memory.victim FOLDER SEED``; one acknowledged fact a line on standard output.
It begins with what earlier lives left, so that killed lives follow one another on the same files.
"""

import asyncio
import random
import sys
from hashlib import blake2b
from pathlib import Path

from memory import planner, upkeep, words
from memory.contracts import Is, NewRecord
from memory.facade import Memory
from tests.memory.samples import TENANT, note, opened

STEPS = 40


def shrink() -> None:
    """Make every file due after a few records, so that a short life publishes often."""
    planner.HOT, planner.HOT_KEPT, words.LATE, upkeep.LATE_ROWS = 40, 10, 30, 20
    upkeep.QUIET_S, upkeep.COMPACT_S = 0.002, 0.01


def tell(*fact: object) -> None:
    print(*fact, flush=True)


async def live(memory: Memory, chance: random.Random, life: str) -> None:
    for step in range(STEPS):
        batch = [text_of(life, step, number) for number in range(chance.choice([1, 1, 5, 25]))]
        ids = await memory.remember(batch)
        for record_id, record in zip(ids, batch, strict=True):
            tell("kept", record_id, record.text)
        if chance.random() < 0.2:
            gone = chance.sample(ids, min(3, len(ids)))
            tell("going", *gone)
            await memory.forget(TENANT, ids=gone, admin=True)
            tell("gone", *gone)
        if chance.random() < 0.05:
            tell("erasing", f"u{step % 3}")
            await memory.erase_user(TENANT, f"u{step % 3}")
            tell("erased", f"u{step % 3}")
        await asyncio.sleep(chance.choice([0, 0, 0.005]))
    await memory.forget(TENANT, where=Is("task_id", ("nothing",)), admin=True)


def text_of(life: str, step: int, number: int) -> NewRecord:
    return note(
        f"Life {life} step {step} number {number} at door{hash_of(life, step, number)}.",
        user=f"u{step % 3}",
        task_id=life,
        once=f"{life}.{step}.{number}",
    )


def hash_of(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=5).hexdigest()


async def main(folder: Path, seed: str) -> None:
    shrink()
    memory = await opened(folder, upkeep=True)
    tell("open")
    await live(memory, random.Random(seed), seed)
    await memory.close()
    tell("closed")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
