"""Coding jobs in Discord over restarts of either side, and while Discord or the relay says no."""

import asyncio
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import faults
from agents.relay import office
from agents.relay.shown import Person, Wish
from cogs.relay.follow import PACE_S
from errors import RelayGone
from tests.discord.relay_house import Bench, bench, enabled, shown, text
from tests.needs import needs_bubblewrap
from tests.relay.house import CRITIC, PASS, RIGHT, WRONG, answer, builders, git, whole
from tests.scripted_model import Reply
from tests.scripted_wire import Received

pytestmark = needs_bubblewrap

ROADMAP = "add adds; a file one.py; a file two.py"


def three(pause_s: float = 0.0) -> Any:
    """Three goals proved one after another; the first try is wrong. The same prompt gets the same answer."""

    def author(request: Received) -> Reply:
        if CRITIC in request.text:
            return Reply(text=PASS)
        goal = request.text.split("Your goal now: ", 1)[1]
        if goal.startswith("add"):
            return Reply(text=RIGHT if "was refuted" in request.text else WRONG, pause_s=pause_s)
        name = "one" if goal.startswith("a file one") else "two"
        return Reply(text=answer(whole(f"{name.upper()} = 1\n", f"{name}.py")), pause_s=pause_s)

    return author


def sprints_told(at: Bench, place: Any = None) -> list[str]:
    """The numbers of the sprints that were told, in the order of their messages."""
    return [number for message in at.sprints(place) for number in re.findall(r"\*\*sprint (\d+)\*\*", text(message))]


async def test_a_restart_of_the_bot_in_the_middle_misses_nothing_and_posts_nothing_twice(tmp_path: Path) -> None:
    async with bench(tmp_path, three(0.6)) as at:
        job = await at.start(roadmap=ROADMAP)
        await at.until(lambda: _told(at, 1))
        board = at.board()
        await at.restart_bot()
        await at.until(lambda: _told(at, 2))
        await at.front.stop_jobs()  # away while the job ends
        async with asyncio.timeout(20):
            while (await at.view(job)).state.status != "done":
                await asyncio.sleep(0.1)
        await at.restart_bot()
        await at.ended(job)
        assert sprints_told(at) == ["1", "2", "3", "4"]
        assert at.board().id == board.id and "✓ done" in text(at.board())
        progress = [
            message for message in at.thread().history() if "at work" in text(message) or "done" in text(message)
        ]
        assert len(at.thread().history()) == len(at.sprints()) + 1, progress  # the one progress message
        merged = await at.mira.click(board, label="Approve")  # drawn by an earlier process
        assert "moved forward" in text(merged.response)


async def _told(at: Bench, count: int) -> bool:
    return bool(at.channel.threads) and len(sprints_told(at)) >= count


async def test_a_bot_that_died_between_sending_and_noting_does_not_send_again(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG, RIGHT)) as at:
        job = await at.start()
        await at.ended(job)
        following = at.app.relay.following
        now = await following.shown(job)
        assert now is not None
        last = now.cursor
        await at.front.stop_jobs()
        now.posting, now.cursor, now.rows = last, last - 1, 1  # as it stands before the last message is confirmed
        await following.note(job, now)
        await at.restart_bot()
        await at.ended(job)
        assert sprints_told(at) == ["1", "2"]
        after = await at.app.relay.following.shown(job)
        assert after is not None and (after.cursor, after.rows) == (last, 2)


CUT_OFF = ("relay.posted",)
"""Fault points at which the follower of a job is ended here: Discord and the database are as a kill leaves them, and
the next bot knows no more than these."""


@pytest.mark.parametrize("point", CUT_OFF)
async def test_a_bot_cut_off_at_a_fault_point_does_not_send_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    reached = asyncio.Event()

    def cut_off(name: str) -> None:
        if name == point:
            reached.set()
            raise asyncio.CancelledError

    async with bench(tmp_path, builders(WRONG, RIGHT)) as at:
        with monkeypatch.context() as patched:
            patched.setattr(faults, "point", cut_off)
            job = await at.start()
            await asyncio.wait_for(reached.wait(), 60)
            await at.front.stop_jobs()
        now = await at.app.relay.following.shown(job)
        assert now is not None and now.posting > now.cursor, "a message was sent and not confirmed"
        await at.restart_bot()
        await at.ended(job)
        assert sprints_told(at) == ["1", "2"]


async def test_a_bot_that_died_right_after_the_job_began_still_shows_it_where_it_was_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(RIGHT)) as at:
        person = Person(f"guild:{at.guild.id}", str(at.mira.id), "member", frozenset({at.role.id}))
        wish = Wish(repo="repo", goal="make add add", channel=at.channel.id, interaction_id="77")
        view = await at.app.relay.start(person, wish)
        again = await at.app.relay.start(person, wish)
        assert again.id == view.id
        await at.restart_bot()
        await at.ended(view.id)
        assert "**r1** ✓ done" in text(at.board()) and "Left" in text(at.board())
        assert sprints_told(at) == ["1"] and at.thread().id == at.board().id


async def test_a_killed_relay_is_told_and_the_job_goes_on_when_it_is_back(tmp_path: Path) -> None:
    async with bench(tmp_path, three(0.8)) as at:
        job = await at.start(roadmap=ROADMAP)
        await at.until(lambda: _told(at, 1))
        await at.relay.kill()

        async def away() -> bool:
            return any("The relay is not running; the job goes on" in text(m) for m in at.thread().history())

        await at.until(away)
        began = time.monotonic()
        for command, options in (("stop", {}), ("rollback", {"checkpoint": "0"}), ("start", START)):
            told = await at.mira.slash(at.thread(), f"relay {command}", **options)
            assert "The relay is not running. Nothing was changed. The operator starts it" in text(told.response)
        assert time.monotonic() - began < 5
        looked = await at.mira.slash(at.thread(), "relay status", job="r1")
        assert "r1" in text(looked.response) and "Its thread is" in text(looked.response)
        await at.relay.start()
        assert (await at.ended(job)).state.status == "done"
        assert sprints_told(at) == ["1", "2", "3", "4"]
        assert git(at.repo, "rev-list", "--count", "main..vespera/r1") == "3"
        began = time.monotonic()
        await at.relay.stop()
        assert time.monotonic() - began < 4  # the bot that listens does not hold it up


async def test_a_relay_that_answers_nothing_is_told_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "OPEN_WITHIN_S", 0.5)
    async with bench(tmp_path, builders(WRONG)) as at:
        job = await at.start()
        await at.ended(job)
        at.relay.freeze()
        person, began = Person(f"guild:{at.guild.id}", "1", "owner"), time.monotonic()
        for work in (
            at.app.relay.approve(person, job),
            at.app.relay.stop(person, job),
            at.app.relay.go_on(person, job),
        ):
            with pytest.raises(RelayGone, match=r"does not answer. Nothing was changed"):
                await work
        assert time.monotonic() - began < 4
        looked = await at.mira.slash(at.channel, "relay ledger", job="r1")
        assert "2 sprints" in text(looked.response)
        at.relay.freeze(thaw=True)
        stopped = await at.mira.click(at.sprints()[-1], label="Stop")
        assert "r1 was stopped" in text(stopped.response)


START = {"repo": "repo", "goal": "another"}


async def test_a_channel_or_thread_that_takes_nothing_does_not_stop_the_job(tmp_path: Path) -> None:
    async with bench(tmp_path, three(0.6)) as at:
        job = await at.start(roadmap=ROADMAP)
        await at.until(lambda: _told(at, 1))
        thread = at.thread()
        at.env.inject_error("*", f"/channels/{thread.id}/messages*", status=403, code=50001, message="Missing Access",
                            times=None)  # fmt: skip
        await at.until(lambda: _in_channel(at))
        at.env.inject_error("POST", f"/channels/{at.channel.id}/messages", status=403, code=50013,
                            message="Missing Permissions", times=None)  # fmt: skip
        view = await at.ended(job)
        assert view.state.status == "done" and view.state.checkpoints == 3
        looked = shown(await at.mira.slash(at.channel, "relay status", job="r1"))
        assert "✓ done" in text(looked) and f"Discord takes no message in <#{at.channel.id}>" in text(looked)
        at.env.backend.faults.clear()
        stopped = await at.mira.slash(at.channel, "relay rollback", job="r1", checkpoint="0")
        assert "again" in text(stopped.response)
        await at.ended(job)
        assert any("rolled back to checkpoint 0" in text(message) for message in at.sprints(at.channel))


async def _in_channel(at: Bench) -> bool:
    return bool(sprints_told(at, at.channel))


async def test_a_deleted_board_is_drawn_again_and_discords_bad_minutes_are_waited_for(tmp_path: Path) -> None:
    async with bench(tmp_path, three(0.5)) as at:
        job = await at.start(roadmap=ROADMAP)
        await at.until(lambda: _told(at, 1))
        await at.ada_deletes(at.board())
        at.env.inject_error("POST", f"/channels/{at.thread().id}/messages", status=503, times=2)
        await at.ended(job, 60)
        assert sprints_told(at) == ["1", "2", "3", "4"]
        boards = [message for message in at.thread().history() if "**Left**" in text(message)]
        assert len(boards) == 1 and enabled(boards[0]) == ["Approve", "Roll back"]


class Counting:
    """Goal n sets the value to n; of every fifth the first try is bad."""

    def __call__(self, request: Received) -> Reply:
        if CRITIC in request.text:
            return Reply(text=PASS)
        number = int(re.search(r"Your goal now: set (\d+)", request.text)[1])  # type: ignore[index]
        bad = number % 5 == 0 and "was refuted" not in request.text
        new = f"bad {number}" if bad else f"value {number}"
        diff = f"--- a/state.txt\n+++ b/state.txt\n@@ -1,2 +1,2 @@\n-value {number - 1}\n+{new}\n end\n"
        return Reply(text=answer({"file": "state.txt", "diff": diff}))


@pytest.mark.parametrize("sprints", [25, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_job_of_many_quick_sprints_stays_within_discords_rate(tmp_path: Path, sprints: int) -> None:
    goals = sprints - sprints // 6
    files = {
        "state.txt": "value 0\nend\n",
        "tests/check.sh": "grep -q bad state.txt && { echo 'error: a bad value'; exit 1; }; exit 0\n",
        "relay.toml": 'test = "sh tests/check.sh"\n',
    }
    async with bench(tmp_path, Counting(), files=files) as at:
        at.front.follower.pace_s = PACE_S
        sent: list[tuple[float, str]] = []
        job = await at.start(goal="count up", roadmap="; ".join(f"set {n}" for n in range(1, goals + 1)))
        seen = len(at.env.http_requests)
        while not await at._ended(job):
            await asyncio.sleep(0.05)
            requests = at.env.http_requests
            now = time.monotonic()
            sent += [(now, f"{each.method} {each.path}") for each in requests[seen:]]
            seen = len(requests)
        assert sprints_told(at) == [str(number) for number in range(1, sprints + 1)]
        for route, times in _by_route(sent).items():
            busiest = max(sum(start <= each < start + 5 for each in times) for start in times)
            assert busiest <= 5, f"{route}: {busiest} calls within five seconds"
        board = text(at.board())
        assert len(board) < 2_000 and f"✓ {goals}." in board


def _by_route(sent: list[tuple[float, str]]) -> dict[str, list[float]]:
    """Times of calls by the route whose rate Discord bounds."""
    found: dict[str, list[float]] = {}
    for at, call in sent:
        found.setdefault(re.sub(r"/messages/\d+", "/messages/ID", call), []).append(at)
    assert Counter(call.split()[0] for _, call in sent)["POST"] >= 5
    return found
