"""Words on disk: sealed in every file where there is a key, readable through every key that is still known."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import at_rest
from agents.contracts import Request
from agents.table_contracts import Play
from app import App
from blackboard.connections import open_writer
from blackboard.contracts import Feedback
from blackboard.resealing import reseal
from blackboard.sealed import TABLES, keys_needed
from errors import StoreCorrupt, StoreSealed
from memory.schema import open_truth
from settings import Settings
from tests.apps import author_and_critic, opened
from tests.needs import needs_bubblewrap
from tests.promises import Promise
from tests.relay import house
from tests.relay.house import RIGHT, WRONG, builders, make_repo, run
from tests.scripted_model import ScriptedModel
from tests.terminal.running import vespera

A, B = "aa" * 32, "bb" * 32
ASKED, ANSWERED, NOTED, TAGGED, BLAMED, NAMED = (
    "zanzibar", "quillfeather", "marmaduke", "periwinkle", "bumbershoot", "thistledown",
)  # fmt: skip
WORDS = (ASKED, ANSWERED, NOTED, TAGGED, BLAMED, NAMED)
GUILD = "guild:1"
PLAIN = {
    "agent_tasks": "tenant user task_type status interaction_id cache_key tip owner", "logic_trace": "agent event detail_hash hash",
    "model_calls": "tenant user provider model purpose outcome", "ai_response_cache": "tenant cache_key",
    "system_corrections": "tenant task_type rule_violated", "outbox": "token state why", "feedback": "user tenant",
    "state": "name value", "quarantine": "kind key", "commits": "store", "combats": "tenant channel message",
    "characters": "tenant user", "campaigns": "tenant edition", "relay_jobs": "tenant repo status",
    "relay_ledger": "hash", "relay_checkpoints": "commit_id", "grants": "tenant user kind subject given_by",
    "audit": "tenant action words_hash hash", "audit_words": "tenant actor subject", "audit_tip": "hash", "migrations": "name",
    "records": "tenant kind project_id agent_id role task_id status depends_on user once", "models": "name",
    "vectors": "bf16", "changes": "what", "generations": "what model name form",
}  # fmt: skip
"""Columns of text or bytes that hold no words of people: ids, names of ours, states, digests, vectors, sealed tokens."""


@pytest.fixture(autouse=True)
def _no_key_stays() -> Iterator[None]:
    yield
    at_rest.use()


@contextlib.asynccontextmanager
async def talking(folder: Path, key: str, before: str = "") -> AsyncIterator[App]:
    async with (
        ScriptedModel(author_and_critic(f'{{"answer": "It is called {ANSWERED}."}}')) as model,
        opened(folder, model, at_rest_key=key, at_rest_key_before=before) as app,
    ):
        yield app


async def lived(app: App, channel: str = "c") -> int:
    """Words in every kind of row; the number of the answer."""
    ask = Request(GUILD, "mira", "ask", f"/ask {ASKED}", {"question": f"what is {ASKED} called"})
    answer = await (await app.submit(ask)).wait()
    assert ANSWERED in answer.text and answer.task_id is not None
    await app.feedback(GUILD, Feedback(answer.task_id, "mira", False, f"no {BLAMED}", f"some {BLAMED}"), role="member")
    for task, options in (
        ("memory.remember", {"text": f"The innkeeper is {NOTED}", "tags": TAGGED}),
        ("combat.start", {}),
        ("combat.join", {"name": NAMED, "hp": "20", "ac": "14"}),
        ("dnd.character", {"set": f"name {NAMED}, level 3, hp 24, ac 15"}),
    ):
        await app.play(Play(Request(GUILD, "mira", task, f"/{task}", options), channel, "Mira"))
    return answer.task_id


def found(folder: Path) -> set[str]:
    """Which of the words stand anywhere in the files of a folder."""
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()
    return {word for word in WORDS if word.encode() in whole}


async def all_is_there(app: App, task: int) -> None:
    assert await app.blackboard.check() == []
    kept = await app.blackboard.task(GUILD, task)
    assert kept is not None and ASKED.encode() in kept.payload and ANSWERED.encode() in (kept.result or b"")
    ((said),) = await app.blackboard.feedbacks(GUILD, task)
    assert BLAMED in said.wrong
    assert NAMED.encode() in (await app.blackboard.combats.sheet(GUILD, "mira") or b"")
    for text, tag in (("innkeepers", ""), ("innkeeper", TAGGED)):
        options = {"text": text, **({"tag": tag} if tag else {})}
        recalled = await app.play(Play(Request(GUILD, "mira", "memory.recall", "/recall", options), "c", "Mira"))
        assert NOTED in recalled.text


@pytest.mark.parametrize("key", ["", A])
async def test_words_stand_in_no_file_where_there_is_a_key(tmp_path: Path, key: str, promise: Promise) -> None:
    async with talking(tmp_path, key) as app:
        task = await lived(app)
        await all_is_there(app, task)
        assert await asyncio.to_thread(found, tmp_path) == (set() if key else set(WORDS))
    assert await asyncio.to_thread(found, tmp_path) == (set() if key else set(WORDS))
    async with talking(tmp_path, key) as app:
        await all_is_there(app, task)
    promise(
        "With the key at rest people's words stand in no file; without it they do.",
        count=len(WORDS),
        of="words looked for",
    )


async def test_words_go_under_a_key_under_another_and_back(tmp_path: Path) -> None:
    async with talking(tmp_path, "") as app:
        task = await lived(app)
    for key, before in ((A, ""), (B, A), ("", B), (A, "")):
        async with talking(tmp_path, key, before) as app:  # Both are known while one replaces the other.
            await all_is_there(app, task)
        assert await asyncio.to_thread(rotated, tmp_path, key, before) > 10
        assert await asyncio.to_thread(rotated, tmp_path, key, before) == 0
        async with talking(tmp_path, key) as app:
            await all_is_there(app, task)
        assert await asyncio.to_thread(found, tmp_path) == (set() if key else set(WORDS))


def rotated(folder: Path, key: str, before: str, stop_after: int = 1_000) -> int:
    """How many values were changed, over all databases; an interruption after so many transactions raises."""
    at_rest.use(key, before)
    changed, left = 0, [stop_after]

    def told(_table: str, _count: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError

    for path in sorted(folder.glob("*.sqlite")):
        opener = open_truth if "memory" in path.stem else open_writer
        connection, mark = opener(path)
        try:
            changed += reseal(connection, told)
        finally:
            connection.close()
            mark.close()
    return changed


@pytest.mark.parametrize("stop_after", [0, 1, 3, 5])
async def test_an_interrupted_change_of_keys_loses_nothing_and_goes_on(
    tmp_path: Path, stop_after: int, promise: Promise
) -> None:
    async with talking(tmp_path, A) as app:
        task = await lived(app)
    with pytest.raises(InterruptedError):
        await asyncio.to_thread(rotated, tmp_path, B, A, stop_after)
    async with talking(tmp_path, B, A) as app:
        await all_is_there(app, task)
    assert await asyncio.to_thread(rotated, tmp_path, B, A) > 0
    async with talking(tmp_path, B) as app:
        await all_is_there(app, task)
    promise("An interrupted change of keys loses nothing and goes on.", count=1, of="places to be interrupted")


async def test_without_its_key_nothing_opens_and_nothing_changes(tmp_path: Path) -> None:
    async with talking(tmp_path, A) as app:
        task = await lived(app)
    for key in ("", B):
        with pytest.raises(StoreSealed, match=r"encrypted with a key that is not set here .* Nothing was changed"):
            async with talking(tmp_path, key):
                pass
    async with talking(tmp_path, A) as app:
        await all_is_there(app, task)


def copied(path: Path, one: int, other: int) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute(
            "UPDATE agent_tasks SET result = (SELECT result FROM agent_tasks WHERE id = ?) WHERE id = ?", (one, other)
        )
        file.commit()


async def test_sealed_words_open_in_their_own_row_alone(tmp_path: Path) -> None:
    async with talking(tmp_path, A) as app:
        one, other = await lived(app), await lived(app, "d")
    await asyncio.to_thread(copied, tmp_path / "vespera.sqlite", one, other)
    async with talking(tmp_path, A) as app:
        with pytest.raises(StoreCorrupt):
            await app.blackboard.task(GUILD, other)
        assert await app.blackboard.task(GUILD, one)


async def test_every_column_is_sealed_or_said_to_hold_no_words(tmp_path: Path) -> None:
    async with talking(tmp_path, A) as app:
        await lived(app)
    assert await asyncio.to_thread(undeclared, tmp_path) == []


def undeclared(folder: Path) -> list[str]:
    left: list[str] = []
    for path in folder.glob("*.sqlite"):
        with contextlib.closing(sqlite3.connect(path)) as file:
            tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                sealed = TABLES[table].columns if table in TABLES else ()
                known = {*sealed, *PLAIN.get(table, "").split()}
                left += [
                    f"{table}.{name}"
                    for _, name, kind, *_ in file.execute(f"PRAGMA table_info({table})")
                    if kind in ("TEXT", "BLOB") and name not in known
                ]
            assert keys_needed(file) == at_rest.keyring().names
    return left


@needs_bubblewrap
async def test_the_words_of_a_coding_job_stand_in_no_database(tmp_path: Path) -> None:
    for key in ("", A):
        folder = tmp_path / f"data{key[:2]}"
        repo = await asyncio.to_thread(make_repo, tmp_path / f"repo{key[:2]}")
        document, _ = await run(folder, repo, builders(WRONG, RIGHT), goal=f"make add add {ASKED}", at_rest_key=key)
        assert document.outcome == "checkpoint", document
        databases = [path for path in folder.rglob("relay*.sqlite*") if path.is_file()]
        whole = b"".join([await asyncio.to_thread(path.read_bytes) for path in databases])
        assert (ASKED.encode() in whole) == (not key)
        async with house.opened(Settings(data_dir=folder / "data", at_rest_key=key)) as app:
            assert await app.blackboard.check() == []
            assert ASKED in str(await app.jobs("local"))


def test_the_command_seals_what_is_there_and_says_what_to_do_next(tmp_path: Path) -> None:
    plain = vespera("ask", f"/dnd roll dice: 1d6 label: {NOTED}", data_dir=tmp_path)
    assert plain.code == 0 and found(tmp_path) == {NOTED}
    unset = vespera("rotate-key", data_dir=tmp_path)
    assert unset.code == 2 and "openssl rand -hex 32" in unset.err
    done = vespera("rotate-key", data_dir=tmp_path, VESPERA_AT_REST_KEY=A)
    assert done.code == 0 and "all words are under the key" in done.out, done.err
    assert found(tmp_path) == set()
    copy = tmp_path / "copy.backup"
    assert vespera("backup", str(copy), data_dir=tmp_path, VESPERA_AT_REST_KEY=A).code == 0
    assert vespera("restore", "--check", str(copy), data_dir=tmp_path, VESPERA_AT_REST_KEY=A).code == 0
    unread = vespera("restore", "--check", str(copy), data_dir=tmp_path)
    assert unread.code != 0 and "encrypted with a key that is not set" in unread.err
    looked = vespera("doctor", "--offline", data_dir=tmp_path)
    assert "✗ words      " in looked.out and "encrypted with a key" in looked.out and "✗ audit" not in looked.out
    wrong = vespera("why", data_dir=tmp_path, VESPERA_AT_REST_KEY=B)
    assert wrong.code != 0 and "encrypted with a key that is not set" in wrong.err
    back = vespera("rotate-key", data_dir=tmp_path, VESPERA_AT_REST_KEY_BEFORE=A)
    assert back.code == 0 and "plain" in back.out, back.err
    assert vespera("why", data_dir=tmp_path).code == 0
