"""The part of `tools.pictures` that shows a coding job: docs/pictures/{relay,escalation,sprint}.png.

The bot, a real relay process, a repository in a temporary folder, and a scripted model over HTTP on loopback.
"""

import asyncio
from pathlib import Path
from typing import Any

import simcord

from agents.relay.jobs import OPEN
from agents.relay.shown import Person
from app import App
from tests.discord.relay_house import RelayProcess
from tests.relay.house import CRITIC, PASS, answer, make_repo, whole
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

BASKET = """\
def total(prices, discount=0):
    return sum(prices)
"""
CHECK = """\
import sys
sys.path.insert(0, '.')
import basket
assert basket.total([10, 20]) == 30, "30 expected"
assert basket.total([10, 20], discount=10) == 27, f"27 expected, not {basket.total([10, 20], discount=10)}"
print('2 passed')
"""
FILES = {"basket.py": BASKET, "tests/check.py": CHECK, "relay.toml": 'test = "python3 tests/check.py"\n'}
RIGHT = "return sum(prices) * (100 - discount) / 100"
GOAL = "total() takes a discount in percent, and a receipt can be printed"
ROADMAP = "total() takes the discount into account; a function receipt() prints a line per price; whole cents only"


def _edit(new: str) -> dict[str, str]:
    old = "    return sum(prices)"
    head = "--- a/basket.py\n+++ b/basket.py\n@@ -1,2 +1,2 @@\n def total(prices, discount=0):\n"
    return {"file": "basket.py", "diff": f"{head}-{old}\n+    {new}\n"}


def _author(request: Received) -> Reply:
    """Two tries for the discount, one for the receipt; whole cents it gets wrong twice."""
    if CRITIC in request.text:
        return Reply(text=PASS)
    goal = request.text.split("Your goal now: ", 1)[1]
    if goal.startswith("total()"):
        if "was refuted" not in request.text:
            return Reply(text=answer(_edit("return sum(prices) - discount"), synopsis="Subtracts the discount."))
        right = _edit(RIGHT)
        return Reply(text=answer(right, synopsis="The discount is a share of the sum, in percent."))
    if goal.startswith("a function"):
        body = "def lines(prices):\n    return [f'{price:.2f}' for price in prices]\n"
        return Reply(text=answer(whole(body, "receipt.py"), synopsis="A line for each price, two digits."))
    number = 2 if "was refuted" in request.text else 1
    head = "--- a/basket.py\n+++ b/basket.py\n@@ -1,2 +1,2 @@\n def total(prices, discount=0):\n"
    diff = f"{head}-    {RIGHT}\n+    return int({RIGHT[7:]}) - {number}\n"
    said = "Cuts to whole cents." if number == 1 else "Cuts to whole cents, rounding down twice."
    return Reply(text=answer({"file": "basket.py", "diff": diff}, synopsis=said))


async def photograph(env: simcord.Env, app: App, scratch: Path, folder: Path, size: tuple[int, int]) -> None:
    """Run the job until it asks a person, and make the pictures."""
    guild = env.create_guild("Workshop")
    channel = guild.create_text_channel("workshop")
    role = guild.create_role("relay")
    mira = guild.add_member(env.create_user("Mira"), roles=[role])
    repo = await asyncio.to_thread(_shop, scratch)
    ruler = Person(f"guild:{guild.id}", "1", "owner")
    await app.relay.lists.add_repository(ruler, str(repo), "shop")
    await app.relay.lists.allow_role(ruler, role.id, remove=False)
    async with ScriptedModel(_author) as server:
        relay = RelayProcess(app.settings.data_dir, server, OPENAI_COMPATIBLE_MODEL="qwen3-coder")
        await relay.start()
        await mira.slash(channel, "relay start", repo="shop", goal=GOAL, roadmap=ROADMAP)
        await _ended(app)
        board = channel.history()[0]
        thread = channel.threads[0]
        async with env.preview(channel, viewers=[mira], width=size[0], height=size[1]) as preview:
            await _shoot(preview, folder / "relay.png", mira, board)
        question = next(each for each in reversed(thread.history()) if "waits for you**" in _text(each))
        failed = next(each for each in thread.history() if "sprint 1**" in _text(each))
        async with env.preview(thread, viewers=[mira], width=size[0], height=size[1]) as preview:
            await _shoot(preview, folder / "escalation.png", mira, question)
            await _shoot(preview, folder / "sprint.png", mira, failed)
        await relay.stop()


async def _shoot(preview: Any, path: Path, viewer: Any, target: Any) -> None:
    await preview.screenshot(path, viewer=viewer, target=target, allow_incomplete=True)
    print(path)


def _shop(scratch: Path) -> Path:
    return make_repo(scratch, FILES).rename(scratch / "shop")


async def _ended(app: App) -> None:
    async with asyncio.timeout(60):
        while True:
            look = await app.relay.following.look(1, 0, 0)
            if look and look.view.state.status not in OPEN and not await app.relay.following.behind():
                await asyncio.sleep(3)
                return
            await asyncio.sleep(0.2)


def _text(message: Any) -> str:
    return str([part.to_dict() for part in message.components])
