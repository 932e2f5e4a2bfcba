"""A job's messages at their largest: they stay within what Discord takes, and nobody's words break them."""

import re
from typing import Any

import pytest

from agents.relay.capsules import capsule
from agents.relay.contracts import Capsule, CheckRun
from agents.relay.jobs import Budget, Checkpoint, JobSpec, JobState, JobView, LedgerRow
from agents.relay.patches.contracts import FilePatch
from agents.relay.shown import Event, Look
from cogs.relay import render, sprints
from tests.discord.conftest import raw, walk

LONG = "a very long word " * 400
HOSTILE = "# @everyone <@1> ``` [click](https://evil.example) discord.gg/abc\n-# ✓ checked\n> quoted"


def sign(action: str, subject: str) -> str:
    return f"v1:{action}:{subject}:{'0' * 32}"


def job(words: str, **state: Any) -> JobView:
    spec = JobSpec(
        repo="/srv/shop", goal=words, roadmap=tuple(f"{words} {n}" for n in range(300)), base="b" * 40,
        base_branch="main", next_input_to="thread", budget=Budget(calls=0, tokens=0, cost_usd=0),
    )  # fmt: skip
    values: dict[str, Any] = {
        "goal": words, "tip": "t" * 40, "item": 150, "status": "escalated", "reason": words, "sprint": 9,
        "branch": "vespera/r1", "checkpoints": 3, "trail": (words,) * 12, "capsule": defect(words),
    }  # fmt: skip
    return JobView(
        id=1, tenant="guild:1", user="1456074443980800017", spec=spec, state=JobState(**(values | state)),
        created_at=1_790_000_000.0,
    )  # fmt: skip


def defect(words: str) -> Capsule:
    return capsule("test", title=words, location=words, failing_check=words, error=words, cause=words)


def row(number: int, words: str, verdict: str) -> LedgerRow:
    return LedgerRow(
        task=100 + number, job=1, parent=1, number=number, item=150, goal=words, iteration=1, phase="judged",
        agent="Builder", model=words, repo_sha="s" * 40, repo_tree="t" * 40, builder_input="", raw_output="",
        summary=words, retrieved=(), diffs=(FilePatch("calc.py", words * 100),), files=(words,) * 40,
        checks=tuple(CheckRun(name=words, ok=True) for _ in range(30)), verdict=verdict,
        capsule=defect(words) if verdict == "fail" else None, checkpoint=number if verdict == "pass" else None,
        commit="c" * 40, tree="", tokens_in=10**7, tokens_out=10**7, cost_usd=123.4, calls=2, started=0.0, ended=9e4,
        decision="remediate", reason=words, next_item=150, next_goal="",
    )  # fmt: skip


def checkpoint(number: int, words: str) -> Checkpoint:
    return Checkpoint(
        number=number, commit="c" * 40, tree="t" * 40, report="r", proof="p" * 88, statement="s", sprint=100 + number,
        goal=words, item=1, tests=12, synopsis=words, at=0.0,
    )  # fmt: skip


def fits(message: Any) -> str:
    parts = walk(raw(message))
    text = "\n".join(str(part["content"]) for part in parts if part.get("content"))
    assert len(text) <= 4_000 and len(parts) <= 40
    assert len(message.attachments) <= 10
    prose = re.sub(r"`[^`\n]+`", "", text)
    assert "`" not in prose and "@everyone" not in prose and "<@1>" not in prose and "discord.gg" not in prose
    return text


@pytest.mark.parametrize("words", [LONG, HOSTILE], ids=["long", "hostile"])
def test_board_progress_list_and_ledger_fit(words: str) -> None:
    view = job(words)
    kept = [checkpoint(number, words) for number in range(1, 30)]
    board = fits(render.board(view, kept, sign))
    assert "151. " in board and "-# ✓ 146 before" in board
    assert not [line for line in board.split("\n") if line.startswith(("# ", "> ", "-# ✓ checked"))]
    fits(render.progress(job(words, status="running", phase="building"), away=False))
    fits(render.listed([view] * 15))
    rows = [row(number, words, "fail") for number in range(1, 40)]
    fits(render.ledger(view, rows, "d" * 32, b"{}"))
    fits(render.ledger(view, rows, "d" * 32, None))


@pytest.mark.parametrize("words", [LONG, HOSTILE], ids=["long", "hostile"])
@pytest.mark.parametrize("waits", [True, False])
def test_every_event_of_a_long_backlog_is_told_once_in_messages_that_fit(words: str, waits: bool) -> None:
    kinds = ["pass", "fail"] * 10
    events = [
        Event(
            seq=number + 2, kind="sprint", detail={"next_input": words, "decision": "remediate"},
            row=row(number, words, verdict), checkpoint=checkpoint(number, words) if verdict == "pass" else None,
        )
        for number, verdict in enumerate(kinds, 1)
    ]  # fmt: skip
    events.insert(0, Event(seq=1, kind="job", detail={}))
    events.insert(1, Event(seq=2, kind="resumed", detail={"by": "1456074443980800018", "hint": words}))
    if waits:
        events.append(Event(seq=23, kind="escalated", detail={"reason": words}))
    view = job(words, status="escalated" if waits else "running")
    rows, mentions, left = 0, 0, tuple(events)
    while left:
        said = sprints.told(Look(view=view, channel=1, events=left), sign)
        assert said is not None
        if said.message is not None:
            fits(said.message)
        rows, mentions = rows + said.rows, mentions + bool(said.mention)
        left = tuple(event for event in left if event.seq > said.last)
    assert rows == 20 and mentions == waits


def test_a_message_that_was_begun_is_made_again_the_same() -> None:
    view = job("words", status="running")
    events = tuple(Event(seq=n, kind="sprint", detail={}, row=row(n, "w", "fail")) for n in range(1, 10))
    first = sprints.told(Look(view=view, channel=1, events=events[:5]), sign)
    assert first is not None and first.message is not None
    again = sprints.told(Look(view=view, channel=1, events=events), sign, first.last)
    assert again is not None and again.message is not None
    assert (again.last, raw(again.message)) == (first.last, raw(first.message))
