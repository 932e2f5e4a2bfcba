"""A process under which the disk fails: python -m tests.storage.failing FOLDER WHAT; tells facts on standard output.

The descriptors of SQLite are put over ``/proc/self/mem``, whose low addresses hold nothing: each read and write there
gets EIO from the kernel, each sync EINVAL. Then they are put back, as when a cable is plugged in again.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from database import Blackboard
from errors import StoreError
from tests.blackboard.samples import TENANT, admitted, entry, finished
from tests.storage.houses import finish


def tell(*fact: object) -> None:
    print(*fact, flush=True)


@contextlib.contextmanager
def failing(path: Path) -> Iterator[None]:
    """All descriptors on a file give EIO."""
    mine = [int(link.name) for link in Path("/proc/self/fd").iterdir() if _leads_to(link, path)]
    assert mine, f"nobody has {path} open"
    kept = {descriptor: os.dup(descriptor) for descriptor in mine}
    broken = os.open("/proc/self/mem", os.O_RDWR)
    for descriptor in mine:
        os.dup2(broken, descriptor)
    try:
        yield
    finally:
        for descriptor, sound in kept.items():
            os.dup2(sound, descriptor)
            os.close(sound)
        os.close(broken)


def _leads_to(link: Path, path: Path) -> bool:
    try:
        return link.readlink() == path
    except OSError:
        return False


async def main(folder: Path, what: str) -> None:
    board = await Blackboard.open(folder)
    for _ in range(3):
        tell("acknowledged", await finished(board))
    await board.close()
    board = await Blackboard.open(folder)  # what is read now stands in the database, no longer in its log
    await board.get_state("nothing")
    number, lease = await admitted(board)
    with failing(folder / f"vespera.sqlite{what}"):
        for attempt in range(3):
            try:
                if what:
                    await board.finish(lease, status="done", retry_count=0, result=b"{}", cache=entry("broken"))
                else:
                    tell("read", await board.task(TENANT, attempt + 1))
            except StoreError as error:
                tell("refused", attempt, str(error))
    tell("open", number)
    await finish(board, lease)
    tell("acknowledged", number)
    tell("acknowledged", await finished(board))
    tell("check", await board.check())
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
