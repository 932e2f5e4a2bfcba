import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.contracts import Answer
from blackboard.contracts import Delivery, NewTask
from tests.apps import PASS
from tests.promises import Promise
from tests.scripted_model import Reply as ModelReply
from tests.scripted_model import ScriptedModel
from tests.wire.conftest import connected
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash
from tests.wire.records import Fault, texts

CALLBACK, ORIGINAL = "/callback$", "@original$"


def question() -> dict[str, Any]:
    return slash("ask", question="what is the best tavern name")


def slow(pause_s: float) -> ScriptedModel:
    """A model that takes its time."""
    answer = '{"answer": "The Gilded Griffin."}'
    return ScriptedModel(
        [
            ModelReply(text=PASS, when="You are the Deep Critic"),
            ModelReply(text=answer, pause_s=pause_s),
        ]
    )


def compatible(model: ScriptedModel) -> dict[str, str]:
    return {"openai_compatible_base_url": model.url, "openai_compatible_model": "scripted"}


async def test_an_answer_that_must_be_made_is_deferred_and_edited_in(wire: FakeDiscord, tmp_path: Path) -> None:
    async with slow(0.05) as model, connected(wire, tmp_path, **compatible(model)):
        reply = await wire.interact(question())
    assert (reply.kind, len(reply.edits)) == (5, 1)
    assert reply.text.startswith("◌ **Unchecked**")
    assert "The Gilded Griffin." in reply.text


async def test_progress_is_shown_while_the_model_works_and_replaced_by_the_answer(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    async with slow(0.8) as model, connected(wire, tmp_path, **compatible(model)):
        reply = await wire.interact(question())
    shown = [texts(edit) for edit in reply.edits]
    assert shown[0].startswith("Drafting")
    assert "Gilded" in shown[-1]


async def test_busy_is_the_first_reply_ephemeral_and_nothing_is_deferred_or_queued(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"running": 1, "waiting": 1}
    async with slow(30) as model, connected(wire, tmp_path, **compatible(model), **changes) as front:
        waiting = [await wire.send(question()) for _ in range(2)]
        await wire.until(lambda: all(reply.edits for reply in waiting))
        reply = await wire.interact(question())
        health = await front.app.blackboard.health()
        places = [held.text for held in waiting]
    assert (reply.kind, reply.ephemeral) == (4, True)
    assert reply.text.startswith("Server busy")
    assert health.queued + health.running == 2
    assert any("next in the queue" in place for place in places)


async def test_a_rate_limited_reply_is_sent_again_after_the_time_named(wire: FakeDiscord, tmp_path: Path) -> None:
    limit = {"message": "You are being rate limited.", "retry_after": 0.2, "global": False}
    wire.faults.append(Fault("POST", CALLBACK, 429, limit, {"Via": "1.1 google"}))
    async with connected(wire, tmp_path):
        began = time.monotonic()
        reply = await wire.interact(slash("dnd spell", name="fireball"))
    assert reply.kind == 4
    assert time.monotonic() - began >= 0.2


async def test_a_5xx_on_the_answers_edit_is_tried_again_and_the_answer_arrives_once(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    wire.faults.append(Fault("PATCH", ORIGINAL, 503))
    async with slow(0) as model, connected(wire, tmp_path, **compatible(model)):
        reply = await wire.interact(question())
    assert len(reply.edits) == 1
    assert len(wire.called("PATCH", ORIGINAL)) == 2


async def test_a_lost_acknowledgement_is_taken_as_done(wire: FakeDiscord, tmp_path: Path) -> None:
    wire.faults.append(Fault("POST", CALLBACK, 502, after_effect=True))
    async with connected(wire, tmp_path):
        reply = await wire.interact(slash("dnd spell", name="fireball"))
        await wire.until(lambda: len(wire.called("POST", CALLBACK)) == 2)
        await asyncio.sleep(0.1)
    assert reply.kind == 4
    assert wire.channel_messages == []


async def test_a_lost_acknowledgement_of_a_deferral_still_leads_to_the_answer(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    wire.faults.append(Fault("POST", CALLBACK, 502, after_effect=True))
    async with slow(0) as model, connected(wire, tmp_path, **compatible(model)):
        reply = await wire.interact(question())
    assert (reply.kind, len(reply.edits)) == (5, 1)


async def test_an_interaction_delivered_twice_is_one_task_and_one_answer(
    wire: FakeDiscord, tmp_path: Path, promise: Promise
) -> None:
    asked = question()
    async with slow(0.1) as model, connected(wire, tmp_path, **compatible(model)) as front:
        reply = await wire.send(asked)
        for _ in range(20):
            await wire.send(asked)
        await wire.until(lambda: bool(reply.edits))
        await asyncio.sleep(0.2)
        health = await front.app.blackboard.health()
    assert len(reply.edits) == 1
    assert len(wire.called("POST", CALLBACK)) == 1
    assert health.finished_today == 1
    assert wire.channel_messages == []
    promise("What Discord delivers twice is answered once.", "one task, one answer")


async def test_when_the_token_expired_the_answer_goes_to_the_channel_once(wire: FakeDiscord, tmp_path: Path) -> None:
    asked = question()
    async with slow(0.5) as model, connected(wire, tmp_path, **compatible(model)) as front:
        await wire.send(asked)
        await wire.until(lambda: bool(wire.called("POST", CALLBACK)))
        wire.expired.add(asked["token"])
        await wire.until(lambda: bool(wire.channel_messages))
        await asyncio.sleep(0.1)
        await front.deliverer.work_off()
        assert await front.app.blackboard.pending() == []
    assert len(wire.channel_messages) == 1
    shown = texts(wire.channel_messages[0])
    assert "for <@500>" in shown
    assert "The Gilded Griffin." in shown


async def test_an_answer_discord_was_too_ill_to_take_goes_out_in_a_later_round(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    limited = Fault("PATCH", ORIGINAL, 429, {"message": "blocked", "retry_after": 900})
    wire.faults.append(limited)
    async with slow(0) as model, connected(wire, tmp_path, **compatible(model)) as front:
        reply = await wire.send(question())
        await wire.until(lambda: not wire.faults)
        await asyncio.sleep(0.1)
        waiting = await front.app.blackboard.pending()
        assert [item.tries for item in waiting] == [1]
        await front.deliverer.work_off()
        assert len(reply.edits) == 1
        assert await front.app.blackboard.pending() == []


async def test_an_answer_that_cannot_be_read_is_told_and_does_not_hold_up_the_next(
    wire: FakeDiscord, tmp_path: Path
) -> None:
    good = msgspec.json.encode(Answer(task_id=None, status="direct", text="The Gilded Griffin."))
    async with connected(wire, tmp_path) as front:
        for number, result in enumerate((b'{"status": "of a later version"}', good)):
            where = Delivery(1, "", 0.0, channel_id=900, ephemeral=False)
            new = NewTask("guild:700", "500", "ask", b"{}", f"i{number}", where)
            await front.app.blackboard.record(new, "done", result)
        await front.deliverer.work_off()
        assert await front.app.blackboard.pending() == []
    shown = [texts(message) for message in wire.channel_messages]
    assert "Vespera could not show the answer to task 1" in shown[0]
    assert "The Gilded Griffin." in shown[1]


async def test_an_answer_discord_refuses_is_told_in_a_sentence(wire: FakeDiscord, tmp_path: Path) -> None:
    wire.faults.append(Fault("PATCH", ORIGINAL, 400, {"code": 50035, "message": "Invalid Form Body"}))
    async with slow(0) as model, connected(wire, tmp_path, **compatible(model)):
        reply = await wire.interact(question())
    assert "Discord did not take the answer to task" in reply.text


@pytest.mark.parametrize("faults", [[], [Fault("POST", CALLBACK, 502, after_effect=True)]])
async def test_a_request_that_is_slow_to_decide_is_acknowledged_in_time(
    wire: FakeDiscord, tmp_path: Path, faults: list[Fault]
) -> None:
    wire.faults.extend(faults)
    async with connected(wire, tmp_path) as front:
        busy = asyncio.create_task(front.app._truth.call(lambda: time.sleep(2.2)))
        await asyncio.sleep(0)
        began = time.monotonic()
        reply = await wire.send(slash("dnd spell", name="fireball"))
        await wire.until(lambda: reply.kind != 0)
        acknowledged = time.monotonic() - began
        await wire.until(lambda: bool(reply.edits))
        await busy
    assert reply.kind == 5
    assert acknowledged < 2.0
    assert "⌁ looked up" in reply.text


async def test_suggestions_that_come_too_late_are_an_empty_list_in_time(
    wire: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.slash.SUGGEST_WITHIN_S", 0.2)
    typed = slash("dnd spell", name="fireb")
    typed["type"] = 4
    typed["data"]["options"][0]["options"][0]["focused"] = True
    async with connected(wire, tmp_path) as front:
        busy = asyncio.create_task(front.app._truth.call(lambda: time.sleep(0.6)))
        await asyncio.sleep(0)
        late = await wire.interact(typed)
        await busy
    assert (late.kind, late.data["choices"]) == (8, [])
