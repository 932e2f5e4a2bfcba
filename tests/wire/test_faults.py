"""What Discord can do to a bot: lost heartbeats, close codes, limits, interactions that are gone or come again."""

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

import bot
from app import App
from cogs.front import Front
from cogs.identify import A_DAY, KEY
from database import Blackboard
from errors import BadConfiguration
from tests.apps import PASS
from tests.promises import Promise
from tests.scripted_model import Reply, ScriptedModel
from tests.wire.conftest import connected, process, settings_for
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash
from tests.wire.records import Fault, texts

CALLBACK, ORIGINAL = "/callback$", "@original$"
LOOK_UP: tuple[str, dict[str, Any]] = ("dnd spell", {"name": "fireball"})
QUESTION: tuple[str, dict[str, Any]] = ("ask", {"question": "what is the best tavern name"})


def model(answer: str = "The Gilded Griffin.", pause_s: float = 0.0) -> ScriptedModel:
    draft = json.dumps({"answer": answer})
    return ScriptedModel([Reply(text=PASS, when="You are the Deep Critic"), Reply(text=draft, pause_s=pause_s)])


def compatible(server: ScriptedModel) -> dict[str, Any]:
    return {"openai_compatible_base_url": server.url, "openai_compatible_model": "scripted"}


async def test_a_connection_whose_heartbeats_go_unanswered_is_made_anew_and_resumed(
    tmp_path: Path, promise: Promise
) -> None:
    async with FakeDiscord(heartbeat_ms=150) as wire:
        wire.acknowledges = False
        settings = settings_for(wire, tmp_path)
        bot.point_at(settings)
        app = await App.open(settings)
        front = Front(app)
        front._connection.heartbeat_timeout = 0.6  # seconds; 60 otherwise
        running = asyncio.create_task(bot.stay_connected(front, "good-token"))
        try:
            await asyncio.wait_for(wire.ready.wait(), 10)
            await wire.until(lambda: wire.resumes >= 1, 10)
            wire.acknowledges = True
            path, options = LOOK_UP
            assert "⌁ looked up" in (await wire.interact(slash(path, **options))).text
            assert wire.identifies == 1
        finally:
            await bot._close(app, front, [running])
    promise("A connection that breaks is resumed or begun anew.", count=1, of="ways to break")


@pytest.mark.parametrize("code", [1000, 1001, 1006, 4000, 4008, 4009])
async def test_a_close_that_can_be_mended_is_followed_by_a_resume(
    code: int, wire: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promise: Promise
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda backoff: 0.05)
    async with connected(wire, tmp_path):
        if code == 1006:  # no close frame at all
            transport = wire.sockets[-1]._req.transport  # type: ignore[union-attr]
            assert transport is not None
            transport.abort()
        else:
            await wire.drop(code)
        await wire.until(lambda: wire.resumes == 1)
        reply = await wire.interact(slash(LOOK_UP[0], **LOOK_UP[1]))
    assert wire.identifies == 1 and "⌁ looked up" in reply.text
    promise("A connection that breaks is resumed or begun anew.", count=1, of="ways to break")


async def test_a_session_that_timed_out_is_begun_anew(
    wire: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promise: Promise
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda backoff: 0.05)
    wire.refuse_resume = True
    async with connected(wire, tmp_path):
        await wire.drop(4009)
        await wire.until(lambda: wire.identifies == 2, 15)
        reply = await wire.interact(slash(LOOK_UP[0], **LOOK_UP[1]))
    assert "⌁ looked up" in reply.text
    promise("A connection that breaks is resumed or begun anew.", count=1, of="ways to break")


@pytest.mark.parametrize(("code", "sentence"), [(4004, "DISCORD_TOKEN"), (4013, "intents"), (4014, "intents")])
async def test_an_identify_that_is_refused_for_good_ends_with_a_sentence_after_one_try(
    code: int, sentence: str, wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    wire.refuse_identify = code
    with pytest.raises(BadConfiguration, match=sentence):
        async with connected(wire, tmp_path) as front:
            while not front.is_closed():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
    assert wire.identifies == 1
    promise("What cannot be mended by trying again ends with a sentence after one try.", count=1, of="close codes")


async def test_refused_intents_end_the_process_as_a_matter_of_configuration(wire: FakeDiscord, tmp_path: Path) -> None:
    wire.refuse_identify = 4014
    async with process(wire, tmp_path) as child:
        _, said = await asyncio.wait_for(child.communicate(), 20)
    assert child.returncode == 78
    assert "does not grant the intents" in said.decode().splitlines()[-1]


async def test_a_global_rate_limit_is_waited_for_and_everything_arrives_once(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    limit = {"message": "You are being rate limited.", "retry_after": 0.4, "global": True}
    headers = {"Via": "1.1 google", "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global", "Retry-After": "1"}
    async with connected(wire, tmp_path):
        wire.faults.append(Fault("POST", CALLBACK, 429, limit, headers))
        began = time.monotonic()
        replies = [await wire.send(slash(LOOK_UP[0], **LOOK_UP[1])) for _ in range(3)]
        await wire.until(lambda: all(reply.kind == 4 for reply in replies))
        assert time.monotonic() - began >= 0.4
    assert len(wire.called("POST", CALLBACK)) == 4
    assert wire.channel_messages == []
    promise("A global rate limit is waited for; nothing is lost or sent twice.", "3 replies while it lasted")


async def test_an_interaction_that_is_gone_before_it_was_acknowledged_hurts_nobody(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    async with connected(wire, tmp_path):
        wire.faults.append(Fault("POST", CALLBACK, 404, {"code": 10062, "message": "Unknown interaction"}))
        await wire.send(slash(LOOK_UP[0], **LOOK_UP[1]))
        await wire.until(lambda: not wire.faults)
        reply = await wire.interact(slash(LOOK_UP[0], **LOOK_UP[1]))
    assert "⌁ looked up" in reply.text
    assert wire.channel_messages == []


@pytest.mark.parametrize(
    ("method", "path", "code", "text"),
    [("POST", CALLBACK, 10062, "Unknown interaction"), ("PATCH", ORIGINAL, 10015, "Unknown Webhook"),
     ("PATCH", ORIGINAL, 10008, "Unknown Message")],
)  # fmt: skip
async def test_an_answer_whose_reply_is_gone_goes_to_the_channel_once(
    method: str, path: str, code: int, text: str, wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    async with model(pause_s=0.2) as server, connected(wire, tmp_path, **compatible(server)) as front:
        # The library makes as many edits as there are stages to tell; each meets a reply that is gone.
        wire.faults += [Fault(method, path, 404, {"code": code, "message": text}) for _ in range(20)]
        await wire.send(slash(QUESTION[0], **QUESTION[1]))
        await wire.until(lambda: bool(wire.channel_messages))
        await front.deliverer.settled()
        await front.deliverer.work_off()
        assert await front.app.blackboard.pending() == []
    (message,) = wire.channel_messages
    assert "The Gilded Griffin." in texts(message) and "for <@500>" in texts(message)
    promise("An answer whose reply is gone goes to the channel, once.", count=1, of="ways for a reply to go")


@pytest.mark.parametrize("command", [LOOK_UP, QUESTION], ids=["a look-up", "a question"])
@pytest.mark.parametrize("times", [2, 50])
async def test_the_same_interaction_many_times_is_one_task_with_one_answer(
    command: tuple[str, dict[str, Any]], times: int, wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    path, options = command
    asked = slash(path, **options)
    async with model(pause_s=0.1) as server, connected(wire, tmp_path, **compatible(server)) as front:
        replies = [await wire.send(asked) for _ in range(times)]
        await wire.until(lambda: "task 1" in replies[0].text)
        await asyncio.sleep(0.2)
        health = await front.app.blackboard.health()
        assert len(server.requests) == (2 if path == "ask" else 0)
    assert health.finished_today == 1
    assert len(wire.called("POST", CALLBACK)) == 1
    assert wire.channel_messages == []
    promise("The same interaction again and again is one task with one answer.", count=times, of="deliveries")


async def test_whatever_a_model_says_no_call_to_discord_may_mention_anybody(wire: FakeDiscord, tmp_path: Path) -> None:
    hostile = "@everyone <@1> <@&2> [x](https://evil.example) discord.gg/evil \u202e\x1b[2J"
    asked = slash("ask", question="who is @everyone <@1>")
    async with model(hostile) as server, connected(wire, tmp_path, **compatible(server)) as front:
        reply = await wire.interact(slash("remember", text=hostile))
        reply = await wire.interact(asked)
        await wire.interact(slash("recall", text="evil"))
        await front.deliverer.work_off()
    assert reply.kind == 5
    bodies = [call.body for call in wire.calls if call.method in ("POST", "PATCH") and call.body]
    sent = [body.get("data") or body for body in bodies if "data" in body or "components" in body]
    assert len(sent) >= 3
    for body in sent:
        assert body.get("allowed_mentions") == {"parse": []} or not body.get("components"), body
        assert not body.get("content") and not body.get("embeds")  # Components V2: Discord fetches no address in it


async def test_a_process_whose_first_connection_is_refused_comes_up_when_there_is_something_to_reach(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with process(wire, tmp_path, DISCORD_GATEWAY_URL=f"ws://127.0.0.1:{port}/gateway") as child:
        await wire.until(lambda: bool(wire.called("PUT", "/commands$")), 20)
        await asyncio.sleep(0.7)
        assert child.returncode is None
        async with FakeDiscord(port) as late:
            await asyncio.wait_for(late.ready.wait(), 30)
        child.terminate()
        await asyncio.wait_for(child.communicate(), 15)
    assert await child.wait() == 0
    promise("A process whose first connection is refused comes up once Discord is there.", "the same process")


async def test_killed_and_started_again_and_again_it_identifies_no_more_than_the_day_allows(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    left, now = 2, time.time()
    board = await Blackboard.open(tmp_path / "data")
    await board.set_state(KEY, json.dumps([round(now - 3_600 + at, 3) for at in range(A_DAY - left)]))
    await board.close()
    for number in range(left + 2):
        wire.ready.clear()
        logins = len(wire.called("GET", "users/@me$"))
        async with process(wire, tmp_path) as child:
            if number < left:
                await asyncio.wait_for(wire.ready.wait(), 20)
            else:
                await wire.until(lambda seen=logins: len(wire.called("GET", "users/@me$")) > seen, 20)
                assert child.stderr is not None
                async with asyncio.timeout(10):
                    while b"identifies are spent" not in await child.stderr.readline():
                        assert child.returncode is None
            child.kill()
            await child.communicate()
    assert wire.identifies == left
    board = await Blackboard.open(tmp_path / "data")
    kept = json.loads(await board.get_state(KEY) or "[]")
    await board.close()
    assert len([at for at in kept if at > now - 24 * 3_600]) == A_DAY
    promise(
        "Killed and started again and again it identifies no more than the day allows.",
        f"900 a day, {left + 2} processes",
    )
