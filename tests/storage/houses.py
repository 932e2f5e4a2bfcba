"""Data directories with something of everything in them, and how to tell what can be read from one."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from blackboard.backups.contracts import Backup, Restored
from blackboard.backups.making import Order, make_backup
from blackboard.backups.pace import Pace
from blackboard.backups.restoring import restore
from blackboard.contracts import Feedback, Lease
from database import Blackboard
from errors import StoreCorrupt
from stores import DATABASES
from tests.blackboard.samples import TENANT, admitted, delivery, entry, finished, new_task

T = TypeVar("T")
KEY = bytes(range(32))
FIGHT = msgspec.json.encode([{"command": "start", "user": "ann", "number": number} for number in range(40)])


async def in_thread(work: Callable[[], T]) -> T:
    """Work that blocks, which no test may do on its event loop."""
    return await asyncio.to_thread(work)


async def furnish(board: Blackboard, tasks: int = 8) -> None:
    """Finished and open tasks, answers in the cache, answers to be sent, a word of a person, a fight, a character."""
    for number in range(tasks):
        await finished(board, new_task(f"i{number}", delivery=delivery()), entry(f"k{number}", lasts_s=9e6))
    await admitted(board, new_task("open", delivery=delivery()))
    await board.admit(new_task("queued"), room=13, run_now=False)
    await board.feedback(TENANT, Feedback(1, "ann", right=True))
    await board.combats.begin(TENANT, "c1", FIGHT)
    fight = await board.combats.open_in(TENANT, "c1")
    assert fight is not None
    await board.combats.save(fight, FIGHT + b"\n", ended=True)
    await board.combats.begin(TENANT, "c2", FIGHT)
    await board.combats.put_sheet(TENANT, "ann", FIGHT)


async def furnished(folder: Path, tasks: int = 8) -> None:
    """The same, in a directory that is closed again."""
    board = await Blackboard.open(folder)
    await furnish(board, tasks)
    await board.close()


async def read_all(board: Blackboard, tasks: int = 12) -> dict[str, Any]:
    """Everything that a person could be served, by name; "damaged" where that was refused."""
    seen: dict[str, Any] = {}

    async def note(name: str, reading: Any) -> None:
        try:
            seen[name] = await reading
        except StoreCorrupt:
            seen[name] = "damaged"

    for number in range(1, tasks):
        await note(f"task {number}", board.task(TENANT, number))
        await note(f"chain {number}", board.verify_chain(TENANT, number))
        await note(f"cached {number}", board.cached(TENANT, f"k{number - 1}", min_confidence=0))
    for number in range(1, 6):
        await note(f"fight {number}", board.combats.combat(TENANT, number))
    await note("fight of c2", board.combats.open_in(TENANT, "c2"))
    await note("sheet", board.combats.sheet(TENANT, "ann"))
    for outgoing in await board.pending():
        seen[f"outgoing {outgoing.id}"] = outgoing
    return seen


def order(data_dir: Path, *, key: bytes | None = None, keep_days: float = 14) -> Order:
    return Order(data_dir, DATABASES, key, "0.1.0", keep_days)


def back_up(data_dir: Path, target: Path, *, key: bytes | None = None, at: float = 0, keep_days: float = 14) -> Backup:
    return make_backup(order(data_dir, key=key, keep_days=keep_days), target, at or time.time(), Pace(rest=0))


def put_back(file: Path, data_dir: Path, *, key: bytes | None = None, only_check: bool = False) -> Restored:
    return restore(file, data_dir, DATABASES, key, time.time(), only_check=only_check)


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, so that a test can say that nothing was changed."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".lock" and path.is_file()
    }


@contextmanager
def flipped(path: Path, place: int, bits: int) -> Iterator[None]:
    """A file with a byte altered, for as long as the block lasts."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ bits]))
        file.flush()
        yield
        file.seek(place)
        file.write(bytes([byte]))


async def finish(board: Blackboard, lease: Lease) -> None:
    await board.finish(lease, status="done", retry_count=0, result=b'{"text":"yes"}')
