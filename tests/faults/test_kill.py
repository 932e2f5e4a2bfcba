"""kill -9 at every fault point of the pipeline: after a restart nothing acknowledged is lost or answered twice."""

import asyncio
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from settings import HOME
from tests.apps import PASS
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

QUESTIONS = ["first wrong then right", "always wrong", "right at once", "right as well"]
WRONG, RIGHT = '{"answer": "@everyone"}', '{"answer": "Yes."}'


class Author:
    """Drafts by question: rejected by the charter once, always, or never; counts the drafts of each question."""

    def __init__(self) -> None:
        self.drafts: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        if "You are the Deep Critic" in request.text:
            return Reply(text=PASS)
        question = next(question for question in QUESTIONS if question in request.text)
        self.drafts[question] += 1
        wrong = question.startswith("always") or (question.startswith("first") and "rejected" not in request.text)
        return Reply(text=WRONG if wrong else RIGHT, pause_s=0.1)  # Long enough that the fourth has to wait.


async def run_child(folder: Path, url: str, questions: list[str], fault: str = "", listing: Path | None = None) -> int:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOME), "VESPERA_FAULT": fault}
    if listing is not None:
        environment["VESPERA_FAULT_LIST"] = str(listing)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.child", str(folder / "data"), url, str(folder / "journal"), *questions,
        env=environment, cwd=HOME,
    )  # fmt: skip
    return await asyncio.wait_for(child.wait(), 30)


async def points_reached(folder: Path) -> list[str]:
    async with ScriptedModel(Author()) as model:
        listing = folder / "points"
        assert await run_child(folder, model.url, QUESTIONS, listing=listing) == 0
    return sorted(set(listing.read_text().split()))


def check_invariants(folder: Path, author: Author) -> None:
    journal = (folder / "journal").read_text().splitlines() if (folder / "journal").exists() else []
    accepted = {line.split()[1] for line in journal if line.startswith("accepted")}
    answers = Counter(tuple(line.split()[1:]) for line in journal if line.startswith("answered"))
    rows = sqlite3.connect(f"file:{folder / 'data' / 'vespera.sqlite'}?mode=ro", uri=True)
    try:
        tasks = rows.execute("SELECT id, status, retry_count, payload FROM agent_tasks").fetchall()
        cached = rows.execute("SELECT response FROM ai_response_cache").fetchall()
        undelivered = rows.execute("SELECT count(*) FROM outbox WHERE state = 'ready'").fetchone()[0]
    finally:
        rows.close()
    known = {str(task_id) for task_id, *_ in tasks}
    assert accepted <= known, "an acknowledged task was lost"
    assert {status for _, status, *_ in tasks} <= {"done"}, "a task was left open"
    for task_id in accepted:
        statuses = {status for (answered, status) in answers if answered == task_id}
        assert len(statuses) <= 1, f"task {task_id} was answered in two ways"
    assert not any(b"@everyone" in response for (response,) in cached), "a rejected draft reached the cache"
    assert all(count <= 3 for count in author.drafts.values()), f"a fourth draft: {author.drafts}"
    assert all(retries <= 3 for _, _, retries, _ in tasks)
    assert undelivered == 0, "an answer was never delivered"


async def test_every_point_of_the_pipeline_survives_a_kill(tmp_path: Path) -> None:
    (tmp_path / "dry").mkdir()
    points = await points_reached(tmp_path / "dry")
    assert len(points) >= 12, points
    for number, point in enumerate(points):
        folder = tmp_path / str(number)
        folder.mkdir()
        author = Author()
        async with ScriptedModel(author) as model:
            assert await run_child(folder, model.url, QUESTIONS, fault=point) == -9, f"{point} was not reached"
            assert await run_child(folder, model.url, []) == 0, f"no restart after {point}"
        check_invariants(folder, author)


@pytest.mark.parametrize("occurrence", [2, 3])
async def test_a_point_reached_again_survives_a_kill(tmp_path: Path, occurrence: int) -> None:
    for point in ("draft.call.after", "critique.call.after", "reject.commit.before", "finish.commit.before"):
        folder = tmp_path / point
        folder.mkdir()
        author = Author()
        async with ScriptedModel(author) as model:
            assert await run_child(folder, model.url, QUESTIONS, fault=f"{point}:{occurrence}") == -9
            assert await run_child(folder, model.url, []) == 0
        check_invariants(folder, author)
