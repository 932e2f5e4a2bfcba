"""A process to be killed: a relay that begins a job, or takes up the one it finds, and works until nothing is open.

python -m tests.relay.child DATA_DIR MODEL_URL REPO
"""

import asyncio
import sys
from pathlib import Path

from agents.contracts import Request
from agents.relay.orders import Order
from relay_app import RelayApp, default_budget
from settings import Settings

GOALS = ("set one", "set two")


async def live(data_dir: Path, model_url: str, repo: str) -> None:
    settings = Settings(data_dir=data_dir, openai_compatible_base_url=model_url, openai_compatible_model="scripted")
    app = await RelayApp.open(settings)
    try:
        if await app.jobs("local"):
            await app.work()
        else:
            request = Request("local", "mira", "relay.job", "/relay start", interaction_id="once")
            order = Order(repo=repo, goal="set both", roadmap=GOALS, budget=default_budget(settings))
            await app.start(request, order, owner=True)
        await app.idle()
    finally:
        await app.close()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
