"""Several processes on one data directory."""

import asyncio
import signal
from pathlib import Path

import aiohttp

from tests.apps import PASS, author_and_critic
from tests.scripted_model import ScriptedModel
from tests.terminal.running import finish, start, vespera

SCRIPT = author_and_critic('{"answer": "Four."}', opinion=PASS)


def model(server: ScriptedModel, **more: str) -> dict[str, str]:
    return {"OPENAI_COMPATIBLE_BASE_URL": server.url, "OPENAI_COMPATIBLE_MODEL": "any", **more}


async def one_more_request(server: ScriptedModel) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"model": "any", "messages": [{"role": "user", "content": "go on"}]}
        async with session.post(f"{server.url}/v1/chat/completions", json=body) as reply:
            await reply.read()


async def requests_seen(server: ScriptedModel, count: int) -> None:
    async with asyncio.timeout(30):
        while len(server.requests) < count:
            await asyncio.sleep(0.02)


async def test_two_at_once_never_meet_a_lock(tmp_path: Path) -> None:
    lines = [f"/dnd rule {topic}" for topic in ("grappled", "prone", "stunned", "blinded")]
    done = [await finish(process) for process in [await start("ask", line, data_dir=tmp_path) for line in lines]]
    assert [each.code for each in done] == [0, 0, 0, 0], [each.err for each in done]


async def test_a_crowd_is_served_by_one_owner_and_the_rest_are_told_busy(tmp_path: Path) -> None:
    few = {"VESPERA_RUNNING": "1", "VESPERA_WAITING": "2"}
    async with ScriptedModel(SCRIPT, hold=2) as server:
        crowd = [
            await start("ask", f"/ask question {number}", "--json", data_dir=tmp_path, **model(server, **few))
            for number in range(8)
        ]
        ends = [asyncio.create_task(finish(process)) for process in crowd]
        async with asyncio.timeout(40):
            while sum(end.done() for end in ends) < 5:
                await asyncio.sleep(0.05)
        await one_more_request(server)
        done = await asyncio.gather(*ends)
    assert sorted(each.code for each in done) == [0, 0, 0, 75, 75, 75, 75, 75], [each.err for each in done]
    busy = next(each.document for each in done if each.code == 75)
    assert (busy["error"], busy["task_id"]) == ("Busy", None)
    assert "1 answers are being made and 2 are waiting" in busy["message"]


async def test_a_killed_owner_loses_nothing_another_takes_the_request_up(tmp_path: Path) -> None:
    async with ScriptedModel(SCRIPT, hold=4) as server:
        first = await start("ask", "/ask question 1", "--json", data_dir=tmp_path, **model(server))
        await requests_seen(server, 1)
        second = await start("ask", "/ask question 2", "--json", data_dir=tmp_path, **model(server))
        await requests_seen(server, 2)
        first.send_signal(signal.SIGKILL)
        await first.communicate()
        done = await finish(second)
        last = await finish(await start("why", "1", "--json", data_dir=tmp_path, **model(server)))
    assert done.code == 0, done.err
    assert done.document["task_id"] == 2
    assert last.document["status"] == "unchecked", "the one who took over finished what the killed one had begun"


async def test_an_interrupted_request_is_cancelled_and_says_so(tmp_path: Path) -> None:
    async with ScriptedModel(SCRIPT, hold=2) as server:
        process = await start("ask", "/ask question 1", data_dir=tmp_path, **model(server))
        await requests_seen(server, 1)
        process.send_signal(signal.SIGINT)
        done = await finish(process)
    assert done.code == 130
    assert "task 1 was cancelled" in done.err
    assert "Traceback" not in done.err
    assert vespera("why", "1", "--json", data_dir=tmp_path).document["status"] == "cancelled"
