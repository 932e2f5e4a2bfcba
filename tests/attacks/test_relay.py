"""Builders that obey every injection, goals and repositories that hold one: nothing is kept, merged or run by it."""

import asyncio
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.component_ids import ComponentIds
from agents.relay.contracts import BuildRequest
from agents.relay.jobs import JobView, LedgerRow
from agents.relay.prompting import write_prompt
from agents.relay.reading import relay_why
from agents.relay.repo_map import RepoMap
from agents.relay.shown import Event, Look
from blackboard.contracts import StoredStep
from cogs.relay import render, sprints
from errors import UserMistake
from redaction import hide
from terminal.relay_text import ending, job_lines, list_line, sprint_line
from terminal.timeline import why_lines
from tests.attacks import corpus, shown
from tests.attacks.corpus import SECRETS, Item
from tests.needs import needs_bubblewrap
from tests.promises import Promise
from tests.relay import house
from tests.scripted_model import ScriptedModel

GOALS = [item for item in corpus.inputs() if item.kind == "goals"]
TEXTS = [item for item in corpus.inputs() if item.kind == "repository"]
BUILDERS = [item for item in corpus.outputs() if item.kind == "builder"]
TAG = re.compile("</material", re.IGNORECASE)
OWNED = Path("/tmp/owned")


def repository(folder: Path, item: Item) -> Path:
    """A repository that holds a hostile file."""
    text = item.text.encode("utf-8", "replace").decode()
    return house.make_repo(folder, {**house.FILES, "notes.py": text, "README.md": text})


@needs_bubblewrap
@pytest.mark.parametrize("number", range(len(BUILDERS)), ids=[item.name for item in BUILDERS])
async def test_a_builder_that_obeys_gets_nothing_kept(number: int, tmp_path: Path, promise: Promise) -> None:
    hide(SECRETS)  # as a front does when it starts
    goal, held, output = GOALS[number % len(GOALS)], TEXTS[number % len(TEXTS)], BUILDERS[number]
    repo = await asyncio.to_thread(repository, tmp_path, held)
    before = await asyncio.to_thread(_state_of, repo)
    async with ScriptedModel(house.builders(output.text)) as server:
        settings = house.settings_for(tmp_path, server, relay_iterations=1)
        async with house.opened(settings) as app:
            view = await house.ended(app, await house.begin(app, repo, goal.text))
            rows = await app.ledger(view.tenant, view.id)
            made = await app.checkpoints(view.tenant, view.id)
            assert made == [] and view.state.status == "escalated", view.state.reason
            lines = [*ending(view, made), *job_lines(view, made), list_line(view), *map(sprint_line, rows.rows)]
            why = await relay_why(settings.data_dir, view.tenant, view.id, user=None, role="owner")
            for line in [*lines, *why_lines(why)]:
                shown.check_line(line)
            check_cards(view, await app.blackboard.steps(view.tenant, view.id), rows.rows)
        assert len(server.requests) <= 6
    assert await asyncio.to_thread(_state_of, repo) == before
    assert not (tmp_path / "escaped.txt").exists() and not (repo.parent / "outside.txt").exists()
    assert not OWNED.exists()
    for path in (tmp_path / "data").rglob("*.sqlite*"):
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in SECRETS), path
    promise("Of a builder that obeys an injection nothing is kept, merged or run.", count=1, of="builders")


@pytest.mark.parametrize("item", GOALS + TEXTS, ids=[item.name for item in GOALS + TEXTS])
def test_neither_a_goal_nor_a_file_can_close_the_tag_it_is_quoted_in(
    item: Item, tmp_path: Path, promise: Promise
) -> None:
    repo = repository(tmp_path, item if item.kind == "repository" else TEXTS[0])
    goal = item.text if item.kind == "goals" else "make add add"
    request = BuildRequest(
        job="r1", repo=str(repo), commit=house.git(repo, "rev-parse", "HEAD"), mission=goal, goal=f"{goal} now",
        synopsis=item.text, open_issues=(item.text,), hint=item.text, warnings=(item.text,),
    )  # fmt: skip
    prompt = write_prompt(request, RepoMap())
    opened = len(re.findall(r"^<material", prompt.user, re.MULTILINE))
    assert len(TAG.findall(prompt.user)) <= opened
    assert prompt.tokens <= request.prompt_tokens
    promise("Nobody's words close the tag they are quoted in.", count=1, of="goals and files")


async def test_an_empty_goal_of_unseen_characters_starts_nothing(tmp_path: Path) -> None:
    repo = await asyncio.to_thread(house.make_repo, tmp_path)
    async with ScriptedModel(house.builders(house.RIGHT)) as server:
        async with house.opened(house.settings_for(tmp_path, server)) as app:
            with pytest.raises(UserMistake, match="goal is empty"):
                await house.begin(app, repo, "\u200b \ud800\u2060")
            assert await app.jobs("local") == []


def check_cards(view: JobView, steps: Sequence[StoredStep], rows: Sequence[LedgerRow]) -> None:
    """The job in Discord: its board, its line in the list, its ledger, and every message of its thread."""
    ids, rest, events = ComponentIds(b"k" * 32), list(rows), []
    for step in steps:
        row = rest.pop(0) if step.event == "sprint" and rest else None
        events.append(Event(seq=step.seq + 1, kind=step.event, detail=step.detail or {}, row=row))
    assert not rest

    def sign(action: str, subject: str) -> str:
        return ids.make(action, view.tenant, subject)

    messages = [
        render.board(view, (), sign), render.progress(view, away=False), render.status(view, (), None, sign),
        render.listed([view]), render.ledger(view, rows, "", None),
    ]  # fmt: skip
    while events and (told := sprints.told(Look(view=view, channel=0, events=tuple(events)), sign)):
        messages += [told.message] if told.message else []
        events = [event for event in events if event.seq > told.last]
    for message in messages:
        shown.check_message(ids, message, view.tenant)


def _state_of(repo: Path) -> str:
    """What a person's repository holds, but for branches of the relay."""
    tracked = house.git(repo, "status", "--porcelain", "--ignored")
    main = house.git(repo, "rev-parse", "main")
    hooks = sorted(path.name for path in (repo / ".git/hooks").iterdir() if path.suffix != ".sample")
    config = (repo / ".git/config").read_text()
    trees = subprocess.run(["git", "-C", str(repo), "worktree", "list"], capture_output=True, check=True).stdout
    return f"{tracked}\n{main}\n{hooks}\n{config}\n{trees.decode()}"
