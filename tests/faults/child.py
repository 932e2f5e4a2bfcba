"""A process to be killed: opens a real App, takes up what is open, asks its questions, writes down what it was told.

    python -m tests.faults.child DATA_DIR MODEL_URL JOURNAL QUESTION…

Each line of the journal is ``accepted ID`` (written and synced after `submit` returned) or ``answered ID STATUS``.
"""

import asyncio
import os
import sys
from pathlib import Path

from agents.contracts import Request
from agents.work import Ticket
from app import App
from blackboard.contracts import Delivery
from settings import Settings


async def live(data_dir: Path, model_url: str, journal: Path, questions: list[str]) -> None:
    settings = Settings(data_dir=data_dir, openai_compatible_base_url=model_url, openai_compatible_model="scripted")
    app = await App.open(settings)
    try:
        tickets = await app.resume()
        for number, question in enumerate(questions):
            request = Request(
                tenant="guild:1", user="mira", task_type="ask", command=f"/ask {question}",
                options={"question": question}, interaction_id=f"{question} {number}",
            )  # fmt: skip
            delivery = Delivery(1, f"token-{number}", 9e9, 5, False)
            ticket = await app.submit(request, delivery=delivery)
            write(journal, f"accepted {ticket.task_id}")
            tickets.append(ticket)
        await asyncio.gather(*(finish(ticket, journal) for ticket in tickets))
        for outgoing in await app.blackboard.pending():
            write(journal, f"delivered {outgoing.task.id}")
            await app.blackboard.delivered(outgoing.id)
    finally:
        await app.close()


async def finish(ticket: Ticket, journal: Path) -> None:
    answer = await ticket.wait()
    write(journal, f"answered {answer.task_id} {answer.status}")


def write(journal: Path, line: str) -> None:
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode() + b"\n")
    os.fsync(descriptor)
    os.close(descriptor)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))
