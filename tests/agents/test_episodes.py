"""Old episodes are retold; the retelling says nothing that was not said, and goes when what it retells goes."""

import time
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agents.episodes import AGE_S, MOST, TASK, WEEK_S
from app import App
from memory.contracts import Is, NewRecord, Record
from memory.extract import _central
from tests.agents.test_memories import played
from tests.apps import opened
from tests.scripted_model import Reply, ScriptedModel, ServerError

MONDAY = (time.time() - AGE_S - 2 * WEEK_S) // WEEK_S * WEEK_S + 3_600
WORDS = '{"synopsis": "The table asked four times about grappling. Speed is 0."}'


async def remember(app: App, count: int, user: str = "mira", start: float = MONDAY) -> None:
    memory = await app._recollection.memory()
    texts = [
        f"Question {at} about grappling was asked. A grappled creature has speed 0, answer number {at}."
        for at in range(count)
    ]
    await memory.remember(
        [
            NewRecord(
                tenant="guild:1", kind="answer", text=text, user=user, tags=("dnd.rule", "5.2"), created_at=start + at
            )
            for at, text in enumerate(texts)
        ]
    )


async def synopses(app: App) -> list[Record]:
    return await (await app._recollection.memory()).records("guild:1", Is("kind", ("synopsis",)))


async def test_a_week_that_is_over_is_retold_once_in_sentences_that_were_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await remember(app, 6)
        for _ in range(2):
            await app.nightly()
        (told,) = await synopses(app)
        assert told.new.depends_on == (1, 2, 3, 4, 5, 6) and told.new.tags == ("dnd.rule",) and not told.new.trusted
        said = " ".join(
            record.new.text
            for record in await (await app._recollection.memory()).records("guild:1", Is("kind", ("answer",)))
        )
        assert told.new.text and all(sentence.strip() in said for sentence in told.new.text.split(". "))


async def test_what_is_recent_or_rare_is_left_alone_and_a_busy_week_has_several(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await remember(app, 6, start=time.time() - WEEK_S)
        await remember(app, 3)
        await app.nightly()
        assert await synopses(app) == []
        await remember(app, MOST + 10, start=MONDAY - 4 * WEEK_S)
        await app.nightly()
        assert [len(each.new.depends_on) for each in await synopses(app)] == [MOST, 10]


async def test_a_model_writes_it_as_a_task_whose_calls_are_counted(tmp_path: Path) -> None:
    async with ScriptedModel([Reply(WORDS)]) as model, opened(tmp_path, model) as app:
        await remember(app, 5)
        await app.nightly()
        (told,) = await synopses(app)
        assert told.new.text == "The table asked four times about grappling. Speed is 0."
        task = await app.blackboard.last_task("guild:1")
        assert task is not None and (task.task_type, task.status) == (TASK, "done")
        (call,) = await app.blackboard.calls("guild:1", task.id)
        assert call.tokens_in > 0 and (await app.why("guild:1", task.id, user=None, role="owner")).lines
        assert len(model.requests) == 1 and "<memory>" in model.requests[0].text


async def test_a_model_that_fails_or_rambles_leaves_the_extract(tmp_path: Path) -> None:
    for step in (ServerError(), Reply("Here you go: all was well."), Reply(WORDS[:-1] + ', "approved": true}')):
        folder = tmp_path / type(step).__name__ / str(id(step))
        folder.mkdir(parents=True)
        async with ScriptedModel([step]) as model, opened(folder, model, model_retries=0) as app:
            await remember(app, 5)
            await app.nightly()
            (told,) = await synopses(app)
            assert "was asked" in told.new.text


async def test_erasing_a_person_erases_the_synopses_that_retell_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await remember(app, 5)
        await app.nightly()
        assert len(await synopses(app)) == 1
        await played(app, "privacy.delete", confirm="delete my data")
        assert await synopses(app) == []


async def test_an_admin_who_forgets_a_memory_forgets_its_synopsis(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await remember(app, 5)
        await app.nightly()
        await played(app, "memory.forget", note="2", user="torv", role="admin")
        assert await synopses(app) == []


@given(st.lists(st.text(), max_size=8), st.integers(0, 200))
def test_an_extract_is_made_of_what_stood_there_and_keeps_its_bound(texts: list[str], characters: int) -> None:
    extract = _central(texts, characters)
    assert len(extract) <= characters
    assert msgspec.json.encode([extract.encode("utf-8", "replace").decode()])
