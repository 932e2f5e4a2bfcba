"""The real App under load, asked without end until it is killed; a later life without questions finishes what is open.

    python -m tests.faults.loaded DATA_DIR MODEL_URL JOURNAL FIRST

Questions carry numbers from FIRST on; each line of the journal is ``accepted ID NUMBER`` or ``answered ID STATUS``.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from agents.contracts import Request
from agents.work import Ticket
from app import App
from blackboard.contracts import Delivery
from errors import Busy
from settings import Settings
from tests.faults.pipeline import QUESTIONS

AT_ONCE = 6


async def main(data_dir: Path, model_url: str, journal: Path, first: int) -> None:
    settings = Settings(
        data_dir=data_dir, openai_compatible_base_url=model_url, openai_compatible_model="scripted",
        user_daily_tokens=0, tenant_daily_tokens=0, user_per_minute=0, tenant_per_minute=0,
    )  # fmt: skip
    app = await App.open(settings)
    with journal.open("a", buffering=1) as out:
        life = Life(app, out.write)
        for ticket in await app.resume():
            await life.finish(ticket)
        await life.deliver()
        if first >= 0:
            numbers = itertools.count(first)
            await asyncio.gather(*(life.ask_on(numbers) for _ in range(AT_ONCE)))
    await app.close()


class Life:
    """One process, and what it was told."""

    def __init__(self, app: App, write: object) -> None:
        self.app, self.tell = app, write

    def note(self, line: str) -> None:
        self.tell(line + "\n")  # type: ignore[operator]

    async def ask_on(self, numbers: "itertools.count[int]") -> None:
        for number in numbers:
            question = f"{QUESTIONS[number % len(QUESTIONS)]} {number}."
            request = Request(
                tenant="guild:1", user="mira", task_type="ask", command=f"/ask {question}",
                options={"question": question}, interaction_id=f"q{number}",
            )  # fmt: skip
            try:
                ticket = await self.app.submit(request, delivery=Delivery(1, f"token-{number}", 9e9, 5, False))
            except Busy:
                await asyncio.sleep(0.01)
                continue
            self.note(f"accepted {ticket.task_id} {number}")
            await self.finish(ticket)
            await self.deliver()

    async def finish(self, ticket: Ticket) -> None:
        answer = await ticket.wait()
        self.note(f"answered {answer.task_id} {answer.status}")

    async def deliver(self) -> None:
        for outgoing in await self.app.blackboard.pending():
            await self.app.blackboard.delivered(outgoing.id)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
