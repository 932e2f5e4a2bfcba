"""The real App with a scripted model behind it: four questions, rejected once, always and never."""

import asyncio
import copy
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Self

from tests.apps import PASS
from tests.faults.scenarios import Scenario
from tests.scripted_model import Reply, ScriptedModel
from tests.scripted_wire import Received

QUESTIONS = ["first wrong then right", "always wrong", "right at once", "right as well"]
WRONG, RIGHT = '{"answer": "@everyone"}', '{"answer": "Yes."}'


class Author:
    """Drafts by question: rejected by the charter once, always, or never; counts the drafts of each question."""

    def __init__(self, pause_s: float = 0.1) -> None:
        self.drafts: Counter[str] = Counter()
        self._pause_s = pause_s

    def __call__(self, request: Received) -> Reply:
        if "You are the Deep Critic" in request.text:
            return Reply(text=PASS)
        question = question_in(request.text)
        self.drafts[question] += 1
        wrong = question.startswith("always") or (question.startswith("first") and "rejected" not in request.text)
        return Reply(text=WRONG if wrong else RIGHT, pause_s=self._pause_s)  # Long enough that the fourth has to wait.


def question_in(text: str) -> str:
    """Which of the questions a prompt is about, with the number that stands behind it, if any."""
    question = next(question for question in QUESTIONS if question in text)
    number = text.partition(question)[2].lstrip()[:8].partition(".")[0]
    return f"{question} {number}" if number.isdigit() else question


class PipelineScenario(Scenario):
    """Questions asked in the first life; later lives take up what is open."""

    def __init__(self, folder: Path, author: Author | None = None) -> None:
        super().__init__(folder)
        self.author = author or Author()

    async def live(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing, *QUESTIONS)

    async def recover(self, fault: str = "", listing: Path | None = None) -> int:
        return await self._child(fault, listing)

    def fork(self, folder: Path) -> Self:
        forked = super().fork(folder)
        forked.author = copy.deepcopy(self.author)
        return forked

    async def _child(self, fault: str, listing: Path | None, *questions: str) -> int:
        async with ScriptedModel(self.author) as model:
            arguments = (str(self.folder / "data"), model.url, str(self.folder / "journal"), *questions)
            return await self._run("tests.faults.child", *arguments, fault=fault, listing=listing)

    async def check(self) -> None:
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        journal = self.folder / "journal"
        lines = journal.read_text().splitlines() if journal.exists() else []
        accepted = {line.split()[1] for line in lines if line.startswith("accepted")}
        answers = Counter(tuple(line.split()[1:]) for line in lines if line.startswith("answered"))
        rows = sqlite3.connect(f"file:{self.folder / 'data' / 'vespera.sqlite'}?mode=ro", uri=True)
        try:
            tasks = rows.execute("SELECT id, status, retry_count FROM agent_tasks").fetchall()
            cached = rows.execute("SELECT response FROM ai_response_cache").fetchall()
            ((undelivered,),) = rows.execute("SELECT count(*) FROM outbox WHERE state = 'ready'").fetchall()
            twice = "SELECT interaction_id FROM agent_tasks GROUP BY interaction_id HAVING count(*) > 1"
            assert rows.execute(twice).fetchall() == [], "one interaction became two tasks"
        finally:
            rows.close()
        known = {str(task_id) for task_id, *_ in tasks}
        assert accepted <= known, "an acknowledged task was lost"
        unended = [(task_id, status) for task_id, status, _ in tasks if status != "done"]
        assert unended == [], f"tasks were left open, or ended without an answer: {unended[:5]}"
        for task_id in accepted:
            statuses = {status for (answered, status) in answers if answered == task_id}
            assert len(statuses) <= 1, f"task {task_id} was answered in two ways"
        assert not any(b"@everyone" in response for (response,) in cached), "a rejected draft reached the cache"
        assert all(count <= 3 for count in self.author.drafts.values()), f"a fourth draft: {self.author.drafts}"
        assert all(retries <= 3 for _, _, retries in tasks)
        assert undelivered == 0, "an answer was never delivered"
