import asyncio
from pathlib import Path

import pytest

import bot
from app import App
from cogs.front import Front
from cogs.identify import IdentifyBudget
from errors import BadConfiguration
from tests.promises import Promise
from tests.wire.conftest import connected, settings_for
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import OWNER, click, slash, user
from tests.wire.records import Fault


async def test_it_identifies_once_and_answers(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
    assert wire.identifies == 1
    assert reply.kind == 4
    assert "⌁ looked up" in reply.text


async def test_a_dropped_socket_is_resumed_without_an_identify(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        await wire.drop(4000)
        await wire.until(lambda: wire.resumes == 1)
        reply = await wire.interact(slash("dnd spell", name="fireball"))
    assert wire.identifies == 1
    assert "Fireball" in reply.text or "fireball" in reply.text


async def test_behind_a_proxy_a_session_is_resumed_through_the_proxy(wire: FakeDiscord, tmp_path: Path) -> None:
    wire.resume_url = "ws://127.0.0.1:9/elsewhere"
    async with connected(wire, tmp_path):
        await wire.drop(4000)
        await wire.until(lambda: wire.resumes == 1)
    assert wire.identifies == 1


async def test_the_applications_owner_may_see_why_everywhere(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
        owner = click(reply.button("Why?"), reply.message or {}, user_id=OWNER)
        other = click(reply.button("Why?"), reply.message or {}, user_id=77)
        assert "Why: task" in (await wire.interact(owner)).text
        assert "Only the person who asked" in (await wire.interact(other)).text


async def test_of_a_team_those_who_joined_are_owners_and_the_invited_are_not(wire: FakeDiscord, tmp_path: Path) -> None:
    members = [
        {"user": user(number), "membership_state": state, "permissions": ["*"], "team_id": "1", "role": "admin"}
        for number, state in ((71, 2), (72, 1))
    ]
    wire.application["team"] = {"id": "1", "icon": None, "name": "T", "owner_user_id": "71", "members": members}
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
        joined = click(reply.button("Why?"), reply.message or {}, user_id=71)
        invited = click(reply.button("Why?"), reply.message or {}, user_id=72)
        assert "Why: task" in (await wire.interact(joined)).text
        assert "Only the person who asked" in (await wire.interact(invited)).text


async def test_op_7_is_followed_by_a_resume(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        await wire.ask_to_reconnect()
        await wire.until(lambda: wire.resumes == 1)
    assert wire.identifies == 1


async def test_an_invalid_session_that_may_resume_is_resumed(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        await wire.invalidate(resumable=True)
        await wire.until(lambda: wire.resumes == 1, 15)
    assert wire.identifies == 1


async def test_a_session_that_may_not_be_resumed_is_begun_anew_and_old_buttons_still_work(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    wire.refuse_resume = True  # op 9 with d: false in answer to RESUME
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
        await wire.drop(4000)
        await wire.until(lambda: wire.identifies == 2, 15)
        why = await wire.interact(click(reply.button("Why?"), reply.message or {}))
    assert wire.resumes == 1
    assert "Why: task" in why.text


async def test_a_gateway_that_refuses_the_first_connection_is_tried_again(
    wire: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda backoff: 0.05)
    settings = settings_for(wire, tmp_path, discord_gateway_url="ws://127.0.0.1:9/gateway")
    bot.point_at(settings)
    app = await App.open(settings)
    front = Front(app)
    running = asyncio.create_task(bot.stay_connected(front, "good-token"))
    try:
        await asyncio.sleep(0.5)
        assert not running.done()
        bot.point_at(settings_for(wire, tmp_path))
        await asyncio.wait_for(wire.ready.wait(), 10)
    finally:
        await bot._close(app, front, [running])


async def test_a_refused_token_is_a_matter_of_configuration(wire: FakeDiscord, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="does not accept DISCORD_TOKEN"):
        async with connected(wire, tmp_path, discord_token="bad-token"):
            pass


async def test_log_in_is_tried_again_while_discord_is_away(
    wire: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(wire, tmp_path, discord_api_url="http://127.0.0.1:9/api/v10")
    bot.point_at(settings)
    app = await App.open(settings)
    front = Front(app)
    running = asyncio.create_task(bot.stay_connected(front, "good-token"))
    try:
        await asyncio.sleep(0.3)
        assert not running.done()
        bot.point_at(settings_for(wire, tmp_path))
        await asyncio.wait_for(wire.ready.wait(), 10)
    finally:
        await bot._close(app, front, [running])


async def test_close_code_4004_ends_with_a_sentence_about_the_token(wire: FakeDiscord, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="DISCORD_TOKEN"):
        async with connected(wire, tmp_path) as front:
            await wire.drop(4004)
            while not front.is_closed():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)


async def test_commands_are_sent_only_when_they_changed(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        pass
    wire.ready.clear()
    async with connected(wire, tmp_path) as front:
        assert len(wire.called("PUT", "/commands$")) == 1
        await front.app.blackboard.set_state("command_tree", "another version's")
    wire.ready.clear()
    async with connected(wire, tmp_path):
        assert len(wire.called("PUT", "/commands$")) == 2


async def test_a_command_of_an_older_version_is_answered_in_a_sentence(wire: FakeDiscord, tmp_path: Path) -> None:
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd feat", name="lucky"))
    assert reply.ephemeral
    assert "older form of this command" in reply.text


async def test_a_failed_command_sync_does_not_keep_the_bot_from_working(wire: FakeDiscord, tmp_path: Path) -> None:
    wire.faults.append(Fault("PUT", "/commands$", 400, {"code": 50035, "message": "Invalid Form Body"}))
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
        assert reply.kind == 4
    wire.ready.clear()
    async with connected(wire, tmp_path):
        assert len(wire.called("PUT", "/commands$")) == 2


class Kept(dict[str, str]):
    async def get_state(self, key: str) -> str | None:
        return self.get(key)

    async def set_state(self, key: str, value: str) -> None:
        self[key] = value


async def test_identifies_beyond_the_budget_wait_also_after_a_restart(promise: Promise) -> None:
    kept = Kept()
    for _ in range(5):
        await IdentifyBudget(kept, a_day=5, window_s=0.6).spend()
    began = asyncio.get_running_loop().time()
    await IdentifyBudget(kept, a_day=5, window_s=0.6).spend()
    assert asyncio.get_running_loop().time() - began > 0.2
    promise("Identifies never exceed their budget, whatever restarts.", "the next one waited")


async def test_every_identify_is_counted_on_disk(wire: FakeDiscord, tmp_path: Path) -> None:
    for expected in (1, 2):
        async with connected(wire, tmp_path) as front:
            stored = await front.app.blackboard.get_state("identifies")
            assert len((stored or "").split(",")) == expected
        wire.ready.clear()
