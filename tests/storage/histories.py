"""A life of a database, commit by commit, whose log was never worked in: what a power loss may leave of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from blackboard.contracts import Feedback
from database import Blackboard
from tests.blackboard.samples import LESSON, ROUTED, TENANT, admitted, delivery, entry, new_task
from tests.storage.houses import FIGHT, read_all

FILES = ("vespera.sqlite", "vespera.sqlite-wal", "vespera.mark", "secret.key")
FRAME_BYTES = 2_048 + 24
HEADER_BYTES = 32


class History(NamedTuple):
    """`states[n]` is what could be read after the n-th step, `log_bytes[n]` how long the log was then."""

    states: list[dict[str, Any]]
    log_bytes: list[int]
    durable: list[bool]
    files: dict[str, bytes]
    """The directory at the end, as a kill leaves it."""

    def had(self, name: str, value: Any) -> bool:
        """Whether something read so at any time."""
        return any(state.get(name) == value for state in self.states)


async def lived(folder: Path, tasks: int = 4) -> History:
    """Run a small life and note every step. The log holds all of it."""
    board = await Blackboard.open(folder, checkpoints=False)
    history = History([await read_all(board)], [_log(folder)], [False], {})

    async def step(work: Awaitable[Any], *, durable: bool = True) -> Any:
        result = await work
        history.states.append(await read_all(board))
        history.log_bytes.append(_log(folder))
        history.durable.append(durable)
        return result

    for number in range(tasks):
        await _one_task(board, number, step)
    await step(board.combats.begin(TENANT, "c2", FIGHT))
    await step(board.combats.put_sheet(TENANT, "ann", FIGHT))
    await step(admitted(board, new_task("open", delivery=delivery())))
    await step(board.set_state("last", "word"), durable=False)
    history.files.update({name: (folder / name).read_bytes() for name in FILES})
    await board.close()
    return history


async def _one_task(board: Blackboard, number: int, step: Callable[..., Awaitable[Any]]) -> None:
    task_id, lease = await step(admitted(board, new_task(f"i{number}", delivery=delivery())))
    await step(board.reject(lease, retry_count=1, attempt=2, steps=(ROUTED,), corrections=(LESSON,)), durable=False)
    answer = entry(f"k{task_id - 1}", lasts_s=9e6)
    await step(board.finish(lease, status="done", retry_count=1, result=b"{}", steps=(ROUTED,), cache=answer))
    await step(board.feedback(TENANT, Feedback(task_id, "ann", right=True)))


def _log(folder: Path) -> int:
    return (folder / "vespera.sqlite-wal").stat().st_size
