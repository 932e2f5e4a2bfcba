"""A terminal beside a running bot: the bot owns the data directory and answers for both."""

import asyncio
from pathlib import Path

from tests.terminal.running import finish, start
from tests.wire.conftest import process
from tests.wire.fake_discord import FakeDiscord


async def test_a_command_beside_a_running_bot_is_answered_by_the_bot(wire: FakeDiscord, tmp_path: Path) -> None:
    async with process(wire, tmp_path) as bot:
        await asyncio.wait_for(wire.ready.wait(), 10)
        data_dir = next(path.parent for path in tmp_path.rglob("vespera.sock"))
        asked = await finish(await start("ask", "/dnd rule prone", "--json", data_dir=data_dir))
        why = await finish(await start("why", "--json", data_dir=data_dir))
        doctor = await finish(await start("doctor", "--offline", "--json", data_dir=data_dir))
        bot.terminate()
        await asyncio.wait_for(bot.wait(), 10)
    assert asked.code == 0, asked.err
    assert asked.document["status"] == "verified"
    assert why.document["task_id"] == asked.document["task_id"]
    told = {finding["name"]: finding["text"] for finding in doctor.document["findings"]}
    assert told["owner"] == "a running process owns the data directory and answers"
    assert not list(tmp_path.rglob("vespera.sock")), "a bot that stops takes its socket along"
