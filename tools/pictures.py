"""Pictures of what people see: docs/pictures/{answer,why,terraform,busy,diff,odds,combat,status,relay,escalation,sprint}.png.

Runs the real bot in simcord's Discord over a temporary data folder with the embedded model, and photographs the
messages with a system Chromium. Needs `pip install 'simcord[screenshot]'` and Chromium (`apt-get install chromium`).

    python -m tools.pictures [FOLDER]
"""

import asyncio
import importlib
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import discord
import simcord

from app import App
from cogs import rendering
from cogs.front import Front
from cogs.health import report
from cogs.status import card
from errors import Busy
from settings import Settings
from tests.discord.relay_house import BesideFront
from tools import relay_picture

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SIZE = (760, 1_000)
OLD = b"""resource "aws_instance" "web" {
  ami           = var.ami
  instance_type = "t3.micro"
}

resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_sqs_queue" "jobs" {
  name                      = "jobs"
  message_retention_seconds = 86400
}
"""
NEW = OLD.replace(b"t3.micro", b"t3.large").replace(b"443", b"22").replace(b"10.0.0.0/8", b"0.0.0.0/0")
NEW = NEW.replace(b'"aws_sqs_queue" "jobs"', b'"aws_sqs_queue" "work"')


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _offer_chromium(Path(scratch) / "browsers")
        asyncio.run(_make(Path(scratch), folder))


async def _make(scratch: Path, folder: Path) -> None:
    app = await App.open(Settings(data_dir=scratch / "data"))
    env = simcord.Env(BesideFront(app))
    env.backend.bot_user.name = "Vespera"
    try:
        await env.start()
        with env.time_context():
            await relay_picture.photograph(env, app, scratch, folder, SIZE)
            await _photograph(env, folder)
    finally:
        await env.shutdown()
        await app.close()


def _offer_chromium(browsers: Path) -> None:
    """Playwright looks for its own download; put the system's Chromium where its error says it looked."""
    playwright_api = importlib.import_module("playwright.sync_api")  # no dependency of ours, so unknown to mypy
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("No Chromium found. Install one, for example: apt-get install chromium")
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(browsers)
    with playwright_api.sync_playwright() as playwright:
        try:
            playwright.chromium.launch().close()
        except playwright_api.Error as error:
            missing = re.search(r"Executable doesn't exist at (\S+)", str(error))
            if missing is None:
                raise
            wanted = Path(missing[1])
            wanted.parent.mkdir(parents=True)
            wanted.symlink_to(found)


async def _photograph(env: simcord.Env, folder: Path) -> None:
    guild = env.create_guild()
    channel = guild.create_text_channel("table")
    mira = guild.add_member(env.create_user("Mira"))
    answer = await mira.slash(channel, "dnd rule", topic="grappled")
    why = await mira.click(_message(answer), label="Why?")
    plan = await mira.slash(channel, "cloud plan", request="a private s3 bucket with versioning for logs")
    compared: Any = {"before": ("old.tf", OLD), "after": ("new.tf", NEW)}
    diff = await mira.slash(channel, "cloud diff", **compared)
    odds = await mira.slash(channel, "dnd odds", dice="2d20kh1+5", target="18")
    status = await _status(env, guild, channel)
    busy = rendering.sentence(str(Busy(3, 10, 40)), rendering.ACCENTS["failed"])
    sent = await env.bot.get_partial_messageable(channel.id).send(view=busy.view)
    await _fight(env, guild, arena := guild.create_text_channel("arena"), mira)
    async with env.preview(arena, viewers=[mira], width=SIZE[0], height=SIZE[1]) as preview:
        path = folder / "combat.png"
        await preview.screenshot(path, viewer=mira, target=arena.history()[0], allow_incomplete=True)
        print(path)
    async with env.preview(channel, viewers=[mira], width=SIZE[0], height=SIZE[1]) as preview:
        shots: list[tuple[str, Any]] = [
            ("answer", answer),
            ("why", why),
            ("terraform", plan),
            ("busy", sent),
            ("diff", diff),
            ("odds", odds),
            ("status", status),
        ]
        for name, target in shots:
            path = folder / f"{name}.png"
            await preview.screenshot(path, viewer=mira, target=target, allow_incomplete=True)
            print(path)


async def _status(env: simcord.Env, guild: simcord.GuildHandle, channel: simcord.ChannelHandle) -> discord.Message:
    """The card as an admin sees it, posted so that it can be photographed: the real one is for the asker alone."""
    app = cast(Front, env.bot).app
    await app.blackboard.set_state(
        "last_backup", f'{{"made_at": {time.time() - 7.5 * 3_600}, "file": "b", "bytes": 1, "damaged": 0}}'
    )
    health = await app.status(f"guild:{guild.id}", "admin")
    told = report(health, latency_s=0.041, identifies_left=899)
    return await env.bot.get_partial_messageable(channel.id).send(view=card(told))


async def _fight(env: simcord.Env, guild: simcord.GuildHandle, arena: simcord.ChannelHandle, mira: Any) -> None:
    """Two players and two goblins, some blows in."""
    ada, torv = (guild.add_member(env.create_user(name)) for name in ("Ada", "Torv"))
    sheet = "level 3, hp 31, ac 16, con 14, attack Rapier +6 1d8+4 piercing, slots 4 2"
    for player, name in ((mira, "Mira"), (torv, "Torv")):
        await player.slash(arena, "dnd character", set=f"name {name}, {sheet}")
    await ada.slash(arena, "combat start")
    await mira.slash(arena, "combat join", initiative="17")
    await torv.slash(arena, "combat join", initiative="4")
    await ada.slash(arena, "combat add", creature="goblin warrior", name="Goblin", count="2", initiative="9", hp="18")
    await ada.slash(arena, "combat next")
    await mira.slash(arena, "combat cast", spell="bless", target="mira, torv")
    await ada.slash(arena, "combat condition", target="goblin b", condition="prone")
    await ada.slash(arena, "combat damage", target="torv", amount="31")
    await ada.slash(arena, "combat damage", target="goblin a", amount="7")
    await mira.slash(arena, "combat attack", target="goblin a", mode="advantage")


def _message(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    if result.response is None:
        raise RuntimeError("no answer to photograph")
    return result.response


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
