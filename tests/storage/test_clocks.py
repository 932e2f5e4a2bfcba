"""The machine's clock is set an hour or a day off while Vespera works: nothing is lost, doubled or served wrongly."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import App
from blackboard.contracts import Delivery
from database import Blackboard
from errors import BudgetSpent
from tests.apps import PASS, author_and_critic, opened, right_draft, rule
from tests.blackboard.samples import TENANT, admitted, delivery, entry, finished, new_task, raw
from tests.promises import Promise
from tests.scripted_model import Reply, ScriptedModel
from tests.storage.houses import back_up, furnished, in_thread
from tests.wire.conftest import addresses as addresses
from tests.wire.conftest import connected
from tests.wire.conftest import wire as wire
from tests.wire.fake_discord import FakeDiscord
from tests.wire.payloads import slash

HOUR, DAY = 3_600.0, 86_400.0
SHIFTS = pytest.mark.parametrize("shift", [HOUR, -HOUR, DAY, -DAY], ids=["+1h", "-1h", "+1d", "-1d"])


class Clock:
    """The wall clock of this process, which a test may set."""

    def __init__(self) -> None:
        self.off = 0.0
        self._real = time.time

    def __call__(self) -> float:
        return self._real() + self.off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    set_by_the_test = Clock()
    monkeypatch.setattr(time, "time", set_by_the_test)
    yield set_by_the_test


def slow_model(pause_s: float) -> ScriptedModel:
    return ScriptedModel(
        [Reply(text=PASS, when="You are the Deep Critic"), Reply(text='{"answer": "Four."}', pause_s=pause_s)]
    )


def question(number: int = 1) -> Any:
    return rule(str(number), task_type="ask", options={"question": f"What is {number}?"}, interaction_id=f"q{number}")


@SHIFTS
async def test_a_running_task_keeps_its_lease_and_is_answered_once(tmp_path: Path, clock: Clock, shift: float) -> None:
    async with slow_model(0.5) as model, opened(tmp_path, model) as app:
        ticket = await app.submit(question())
        clock.off = shift
        assert await app.resume() == [], "a lease ran out by the wall clock"
        await app._pipeline.renew_leases()
        again = await app.submit(question())
        answer = await ticket.wait()
        assert (await again.wait()).task_id == ticket.task_id, "the same interaction became two tasks"
        assert (answer.status, answer.attempts) == ("unchecked", 1)
        assert len([asked for asked in model.requests if "Deep Critic" not in asked.text]) == 1
        assert await app.blackboard.verify_chain("local", ticket.task_id or 0)
        assert await app.blackboard.check() == []


@SHIFTS
async def test_an_open_task_is_taken_up_once_by_the_next_process(
    tmp_path: Path, clock: Clock, shift: float, promise: Promise
) -> None:
    async with slow_model(30) as model, opened(tmp_path, model) as app:
        left = await app.submit(question(), delivery=Delivery(1, "token", time.time() + 900, 5, False))
    clock.off = shift
    async with slow_model(0) as model, opened(tmp_path, model) as app:
        (ticket,) = await app.resume()
        assert ticket.task_id == left.task_id
        assert (await ticket.wait()).status == "unchecked"
        assert await app.resume() == []
        (outgoing,) = await app.blackboard.pending()
        assert outgoing.delivery.token == "token"
    promise("A clock that is off makes nothing happen twice.", count=1, of="shifts of an hour or a day")


async def ask(app: App) -> bool:
    """Whether the answer came from the cache; it is right in any case."""
    answer = await (await app.submit(rule("grappled"))).wait()
    assert answer.ok, answer.text
    return answer.cached


@pytest.mark.parametrize(
    ("shift", "cached"), [(HOUR, True), (DAY + 60, False), (-30, True), (-HOUR, False), (-DAY, False)]
)
async def test_an_answer_is_cached_for_its_time_and_never_longer_because_a_clock_was_set_back(
    tmp_path: Path, clock: Clock, shift: float, cached: bool
) -> None:
    async with ScriptedModel(author_and_critic(right_draft())) as model, opened(tmp_path, model) as app:
        assert await ask(app) is False
        assert await ask(app) is True
        clock.off = shift
        assert await ask(app) is cached
        assert await ask(app) is True, "an answer made now is cached now"
        clock.off = shift + DAY + 60
        assert await ask(app) is False


@SHIFTS
async def test_pruning_forgets_no_task_before_its_time(tmp_path: Path, clock: Clock, shift: float) -> None:
    board = await Blackboard.open(tmp_path)
    done, (waiting, _) = await finished(board, cache=entry("k")), await admitted(board)
    clock.off = -80 * DAY
    old = await finished(board)
    clock.off = -92 * DAY
    older = await finished(board)
    newest = await finished(board, new_task("newest"))
    clock.off = shift
    await board.prune(keep_days=90, keep_trace_days=30)
    assert await board.task(TENANT, older) is None
    for number in (done, waiting, old, newest):
        assert await board.task(TENANT, number) is not None
    assert await board.steps(TENANT, done) and await board.steps(TENANT, waiting)
    assert await board.check() == []
    await board.close()


@SHIFTS
async def test_an_answer_is_edited_in_once_while_its_token_lives(
    wire: FakeDiscord, tmp_path: Path, clock: Clock, shift: float
) -> None:
    async with slow_model(0.4) as model, connected(wire, tmp_path, **pointing_at(model)) as front:
        reply = await wire.send(slash("ask", question="what is the best tavern name"))
        await wire.until(lambda: reply.kind != 0)
        clock.off = shift
        await wire.until(lambda: "Four" in reply.text)
        await asyncio.sleep(0.2)
        await front.deliverer.work_off()
        assert await front.app.blackboard.pending() == []
    assert sum("Four" in str(edit) for edit in reply.edits) == 1
    assert wire.channel_messages == []


@SHIFTS
async def test_an_answer_whose_token_died_goes_to_the_channel_once(
    wire: FakeDiscord, tmp_path: Path, clock: Clock, shift: float
) -> None:
    async with slow_model(0.4) as model, connected(wire, tmp_path, **pointing_at(model)) as front:
        reply = await wire.send(slash("ask", question="what is the best tavern name"))
        await wire.until(lambda: reply.kind != 0)
        clock.off = shift
        wire.expired.update(wire.replies)
        await wire.until(lambda: bool(wire.channel_messages))
        await asyncio.sleep(0.2)
        await front.deliverer.work_off()
        assert await front.app.blackboard.pending() == []
    assert len(wire.channel_messages) == 1
    assert "Four" in str(wire.channel_messages)


def pointing_at(model: ScriptedModel) -> dict[str, Any]:
    return {"openai_compatible_base_url": model.url, "openai_compatible_model": "scripted"}


async def spend(app: App, number: int) -> None:
    await (await app.submit(question(number))).wait()


async def test_a_day_of_the_budget_is_given_once(tmp_path: Path, clock: Clock) -> None:
    async with slow_model(0) as model, opened(tmp_path, model, user_daily_tokens=1) as app:
        clock.off = 12 * HOUR - time.time() % DAY  # noon
        await spend(app, 1)
        with pytest.raises(BudgetSpent):
            await spend(app, 2)
        for shift in (HOUR, -HOUR, -DAY):
            clock.off += shift
            with pytest.raises(BudgetSpent):
                await spend(app, 3)
            clock.off -= shift
        clock.off += DAY
        await spend(app, 4)
        clock.off -= DAY
        for shift in (0, HOUR, DAY):  # what was spent while the clock was ahead counts, today and on that day
            clock.off += shift
            with pytest.raises(BudgetSpent):
                await spend(app, 5)
            clock.off -= shift


async def test_leases_of_an_earlier_boot_hold_nobody_up(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    number, _ = await admitted(board, new_task("a", delivery=delivery()))
    await board.close()
    with raw(tmp_path) as file:  # the machine had been up for years, and was started again
        file.execute("UPDATE agent_tasks SET lease = 1e9, owner = 'another boot.1.00'")
    board = await Blackboard.open(tmp_path)
    assert [one.task.id for one in await board.claim()] == [number]
    assert await board.claim() == []
    await board.close()


@SHIFTS
async def test_a_new_backup_is_kept_and_no_other_goes_before_its_time(tmp_path: Path, shift: float) -> None:
    await furnished(tmp_path / "data", 1)
    folder = tmp_path / "backups"
    folder.mkdir()
    now = time.time()
    for days in (1, 12, 16):
        await in_thread(lambda days=days: back_up(tmp_path / "data", folder, at=now - days * DAY, keep_days=0))  # type: ignore[misc]
    made = await in_thread(lambda: back_up(tmp_path / "data", folder, at=now + shift, keep_days=14))
    assert Path(made.file).exists()
    assert len(list(folder.iterdir())) == 3
