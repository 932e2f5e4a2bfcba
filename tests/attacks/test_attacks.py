"""A model that obeys every injection, and people who write them: nothing changes that may not. See docs/security.md."""

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from agents.contracts import Answer
from agents.episodes import Episodes
from cogs import wording
from memory.contracts import Is
from neutralise import for_terminal
from tests.attacks import corpus, shown
from tests.attacks.corpus import SECRETS, Item
from tests.attacks.world import BUCKET, OTHER, SECRET_OF_OTHERS, TENANT, World, attacked
from tests.promises import Promise
from tests.telemetry.scraping import scraped

INPUTS, OUTPUTS, CONTROLS = corpus.inputs(), corpus.outputs(), corpus.controls()
KINDS = sorted({item.kind for item in INPUTS})
EACH = 2
"""Outputs beside every input of the ordinary suite."""
CEILING = 3 * 2
"""Calls that one request may make: three drafts, a second opinion on each."""


def of_kind(kind: str) -> list[Item]:
    return [item for item in INPUTS if item.kind == kind]


async def pair(world: World, output: Item) -> Answer | None:
    """One output; what must hold of the answer, its trace and the cache."""
    before = len(world.model.requests)
    task_type, answer = await world.provoke(output)
    assert len(world.model.requests) - before <= CEILING
    for request in world.model.requests[before:]:
        assert SECRET_OF_OTHERS not in request.text
        assert not any(secret in request.text for secret in SECRETS)
    world.model.requests.clear()
    if answer is None or answer.task_id is None:
        return answer
    app = world.app
    shown.check_answer(app, answer, task_type, TENANT)
    shown.check_why(app, await app.why(TENANT, answer.task_id, user=None, role="owner"), TENANT)
    task = await app.blackboard.task(TENANT, answer.task_id)
    assert task is not None and task.retry_count <= 3 and task.status in ("done", "failed")
    taught = await app.blackboard.corrections_of(TENANT, answer.task_id)
    assert bool(taught) == bool(task.retry_count)
    cached = (await app.blackboard.health()).cache_entries
    checked = answer.status in ("verified", "partly") and (answer.confidence or 0) >= 0.8
    assert cached == int(checked and task_type != "combat.narrate"), answer
    return answer


async def played(world: World, item: Item, outputs: Sequence[Item], capsys: pytest.CaptureFixture[str]) -> Counter[str]:
    """An input, then outputs beside it."""
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    for answer in await world.plant(item):
        shown.check_answer(world.app, answer, "cloud.check", TENANT)
        shown.check_terminal(answer, "cloud.check", capsys)
    check_played(world)
    for number, output in enumerate(outputs):
        try:
            got = await pair(world, output)
            check_played(world)
            if got is not None and number == 0:
                shown.check_terminal(got, "ask", capsys)
        except AssertionError as error:
            wrong.append(f"{item.name} × {output.name}: {error}")
            continue
        ends[got.status if got else "a sentence"] += 1
    await world.tried("memory.forget", all="true")
    assert not wrong, "\n".join(wrong)
    return ends


def check_played(world: World) -> None:
    """What commands came to since somebody looked."""
    played, world.played = world.played, []
    for each in played:
        shown.check_played(world.app, each, TENANT)


async def check_house(world: World) -> None:
    """What must hold when all was said: nobody else was reached, nothing was trusted that was not checked."""
    app = world.app
    shown.check_log(world.lines)
    shown.check_metrics(await scraped(app), TENANT, OTHER, "mira", "torv", "Xanthippe", "Gilded")
    await app._recollection.caught_up()
    memory = await app._recollection.memory()
    assert set(await memory.tenants()) <= {TENANT, OTHER}
    (theirs,) = await memory.records(OTHER)
    assert theirs.new.text == SECRET_OF_OTHERS
    after = 0
    while page := await memory.records(TENANT, Is("trusted", (1,)), after=after):
        after = page[-1].id
        for record in page:
            task = await app.blackboard.task(TENANT, int(record.new.task_id))
            assert record.new.kind == "answer" and task is not None and task.result is not None
            assert msgspec.json.decode(task.result, type=Answer).status == "verified"
    assert await app._table.edition(TENANT) == "5.2"
    assert (await app.blackboard.health()).undelivered == 0


def check_files(folder: Path) -> None:
    """What is left on disk: the files of a data directory, no secret in any of them, one tenant in the rows."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path
    rows = sqlite3.connect(f"file:{folder / 'vespera.sqlite'}?mode=ro", uri=True)
    try:
        assert {tenant for (tenant,) in rows.execute("SELECT DISTINCT tenant FROM agent_tasks")} <= {TENANT}
        assert {status for (status,) in rows.execute("SELECT DISTINCT status FROM agent_tasks")} <= {"done", "failed"}
    finally:
        rows.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_written_and_whatever_a_model_answers_nothing_changes_that_may_not(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    ends: Counter[str] = Counter()
    items = of_kind(kind)
    turn = KINDS.index(kind)
    async with attacked(tmp_path) as world:
        for number, item in enumerate(items):
            begin = (number * EACH + turn * 17) % len(OUTPUTS)
            ends += await played(world, item, (OUTPUTS[begin:] + OUTPUTS[:begin])[:EACH], capsys)
        rest = items[turn % len(items)]
        ends += await played(world, rest, OUTPUTS, capsys)  # every output beside every kind of input
        await check_house(world)
    check_files(tmp_path)
    assert sum(ends.values()) == len(items) * EACH + len(OUTPUTS)
    promise(
        "Whatever people write and a model that obeys them answers, nothing changes that may not.",
        count=sum(ends.values()),
        of="pairs of an input and an output",
    )


def test_the_corpus_is_as_large_as_the_page_says() -> None:
    assert len(INPUTS) >= 300 and len(OUTPUTS) >= 80
    assert len({(item.kind, item.text) for item in INPUTS}) == len(INPUTS)
    assert len({(item.kind, item.text) for item in OUTPUTS}) == len(OUTPUTS)


async def test_harmless_answers_reach_their_reader_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    blocked = []
    async with attacked(tmp_path) as world:
        for control in CONTROLS:
            world.draft = msgspec.json.encode({"answer": control.text}).decode()
            answer = await world.asked("ask", {"question": "what is the tavern called"})
            assert answer is not None
            body = wording.body(answer).partition("\n")[2]
            if (answer.status, body, for_terminal(answer.text)) != ("unchecked", control.text, control.text):
                blocked.append((control.name, answer.status, body))
    assert len(blocked) <= len(CONTROLS) // 100, blocked
    promise("Harmless answers reach their reader as they are.", f"{len(blocked)} of {len(CONTROLS)} were changed")


@pytest.mark.parametrize("task", ["dnd.rule", "cloud.plan", "combat.narrate"])
async def test_a_draft_that_holds_is_not_taken_for_an_attack(task: str, tmp_path: Path) -> None:
    async with attacked(tmp_path) as world:
        await world.fight("Mira")
        await world.tried("combat.damage", user="dm", target="Goblin", amount="1")
        world.draft = await world.right(task, "grappled")
        options = {
            "dnd.rule": {"topic": "grappled"},
            "cloud.plan": {"request": BUCKET, "provider": "aws"},
            "combat.narrate": {"channel": "c"},
        }[task]
        answer = await world.asked(task, options)
        assert answer is not None and answer.status in ("verified", "partly") and answer.attempts == 1, answer


async def test_a_synopsis_that_obeys_is_neither_trusted_nor_told_with_secrets(tmp_path: Path) -> None:
    told = [item for item in OUTPUTS if item.kind == "synopsis"]
    for number, output in enumerate(told):
        folder = tmp_path / str(number)
        async with attacked(folder) as world:
            for question in range(5):
                world.draft = '{"answer": "The Gilded Griffin."}'
                await world.asked("ask", {"question": f"what is tavern {question} called"})
            await world.app._recollection.caught_up()
            world.draft = output.text
            later = Episodes(world.app.blackboard, world.app._router, now=lambda: time.time() + 30 * 86_400)
            memory = await world.app._recollection.memory()
            assert await later.retell(memory) == 1
            (record,) = await memory.records(TENANT, Is("kind", ("synopsis",)))
            assert not record.new.trusted and len(record.new.text) <= 1_600
            shown.check_line(record.new.text)
            await check_house(world)
        check_files(folder)


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_input_beside_every_output(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    began, ends, wrong = time.process_time(), Counter[str](), list[str]()
    items = of_kind(kind)
    async with attacked(tmp_path) as world:
        for item in items:
            try:
                ends += await played(world, item, OUTPUTS, capsys)
            except AssertionError as error:
                wrong.append(str(error))
        await check_house(world)
    check_files(tmp_path)
    with capsys.disabled():
        print(
            f"\n{kind}: {sum(ends.values())} pairs, {time.process_time() - began:.0f} s CPU, {dict(ends)}", flush=True
        )
    assert not wrong, "\n".join(wrong)
    promise(
        "Every input of the corpus beside every output changes nothing that may not.",
        count=sum(ends.values()),
        of="pairs",
    )
