"""A process that is asked by very many at once: how many were taken, how many told "busy", and what it held.

    python -m tests.load.flood DATA_DIR MODEL_URL HOW_MANY

Writes one line of JSON when everybody has been told, and one when those who were taken have their answers.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from agents.contracts import Request
from agents.work import Ticket
from app import App
from errors import Busy
from settings import Settings


def question(number: int) -> Request:
    text = f"what is tavern {number} called"
    return Request(
        "guild:1", f"user {number % 1_000}", "ask", f"/ask {text}", {"question": text}, interaction_id=f"i{number}"
    )


def resident_mib(field: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return round(int(line.split()[1]) / 1024, 1)


async def flooded(folder: Path, url: str, many: int) -> None:
    settings = Settings(
        data_dir=folder,
        openai_compatible_base_url=url,
        openai_compatible_model="scripted",
        user_per_minute=0,
        tenant_per_minute=0,
    )
    app = await App.open(settings)
    try:
        before = resident_mib("VmRSS")
        asked = [asyncio.create_task(app.submit(question(number))) for number in range(many)]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        taken = [end for end in ends if isinstance(end, Ticket)]
        told = Counter(type(end).__name__ for end in ends)
        health = await app.blackboard.health()
        tell(
            told=dict(told), running=health.running, queued=health.queued, before=before, peak=resident_mib("VmHWM"),
            sentence=str(next((end for end in ends if isinstance(end, Busy)), "")),
        )  # fmt: skip
        answers = await asyncio.gather(*(ticket.wait() for ticket in taken))
        ticket = await app.submit(question(many))  # and the door is open again
        tell(statuses=dict(Counter(answer.status for answer in answers)), after=(await ticket.wait()).status)
    finally:
        await app.close()


def tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(flooded(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
