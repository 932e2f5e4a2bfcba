"""A process that works through every kind of transaction and tells what was acknowledged, until it is killed.

Run by test_kill.py as ``python -m tests.blackboard.victim FOLDER``; one acknowledged fact a line on standard output.
"""

import asyncio
import sys
from pathlib import Path

from blackboard.contracts import Feedback
from database import Blackboard
from tests.blackboard.samples import CALL, LESSON, ROUTED, TENANT, delivery, entry, new_task


def tell(*fact: object) -> None:
    print(*fact, flush=True)


async def work(board: Blackboard, number: int) -> None:
    new = new_task(f"i{number}", delivery=delivery())
    admission = await board.admit(new, (ROUTED,), room=13, run_now=number % 2 == 0)
    assert admission is not None
    task_id = admission.task_id
    tell("admitted", task_id)
    lease = admission.lease or await board.start(task_id)
    tell("started", task_id)
    await board.set_message(TENANT, task_id, 1000 + task_id)
    await board.note(lease, (ROUTED,), (CALL,))
    await board.reject(lease, retry_count=1, attempt=2, steps=(ROUTED,), corrections=(LESSON,), calls=(CALL,))
    tell("rejected", task_id)
    await board.renew([lease])
    kept = entry(f"k{number}")
    await board.finish(lease, status="done", retry_count=1, result=b"{}", steps=(ROUTED,), calls=(CALL,), cache=kept)
    tell("finished", task_id)
    await board.delivered((await board.pending())[0].id, 77)
    tell("delivered", task_id)
    await board.feedback(TENANT, Feedback(task_id, "ann", right=False, wrong="no"))
    tell("evicted", f"k{number}")


async def main(folder: Path) -> None:
    board = await Blackboard.open(folder)
    for number in range(3):
        await work(board, number)
    recorded = await board.record(new_task("r"), "done", b"{}", (ROUTED,))
    tell("finished", recorded.task_id)
    doomed = await board.admit(new_task("c"), room=13, run_now=False)
    assert doomed is not None
    tell("admitted", doomed.task_id)
    await board.cancel(TENANT, doomed.task_id, "ann", "no")
    tell("finished", doomed.task_id)
    await board.claim()
    await board.close()
    tell("closed")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
