"""`./vespera restore`: all or nothing, never under a running owner, and what is restored goes on working."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from agents.contracts import Answer
from app import App
from blackboard.backups import archive, restoring
from blackboard.backups.contracts import Manifest, Member
from blackboard.backups.pace import Pace
from blackboard.backups.swap import PLAN, STAGING
from blackboard.contracts import Delivery
from database import Blackboard
from errors import BadConfiguration, NotAllowed, StoreCorrupt, StoreError, StoreLocked, StoreTooNew, UserMistake
from settings import HOME
from tests.apps import PASS, author_and_critic, opened, rule
from tests.blackboard.samples import TENANT, admitted, finished, new_task, raw
from tests.promises import Promise
from tests.scripted_model import ScriptedModel
from tests.storage.houses import (
    KEY,
    back_up,
    contents,
    finish,
    flipped,
    furnish,
    furnished,
    in_thread,
    put_back,
    read_all,
)  # fmt: skip


async def test_the_former_files_are_kept_aside_with_their_logs_and_marks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await furnished(data)
    await in_thread(lambda: back_up(data, tmp_path / "b"))
    board = await Blackboard.open(data)
    later = await finished(board)
    before = await read_all(board)
    await board.close()
    (data / "relay.sqlite").write_bytes(b"made after the backup")
    (data / "memory.index").mkdir()
    done = await in_thread(lambda: put_back(tmp_path / "b", data))
    aside = Path(done.replaced)
    kept = {path.name for path in aside.iterdir()}
    assert {"vespera.sqlite", "vespera.mark", "secret.key", "relay.sqlite"} <= kept
    assert not (data / "relay.sqlite").exists(), "a database of another time stayed beside the restored one"
    board = await Blackboard.open(data)
    assert await board.task(TENANT, later) is None
    assert await board.check() == [], "the former mark must not call the backup's state a loss"
    await board.close()
    former = await Blackboard.open(aside)
    assert await read_all(former) == before
    await former.close()


async def test_a_running_owner_is_never_restored_under(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path / "data")
    await furnish(board, 2)
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    with pytest.raises(StoreLocked, match=f"pid {os.getpid()}"):
        await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "data"))
    await board.close()
    relay = await Blackboard.open(tmp_path / "data", name="relay")
    with pytest.raises(StoreLocked):
        await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "data"))
    await relay.close()


async def test_a_check_changes_nothing(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    before = contents(tmp_path / "data")
    done = await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "data", only_check=True))
    assert (done.replaced, done.open_tasks) == ("", 2)
    assert contents(tmp_path / "data") == before


async def test_numbers_given_after_the_backup_are_not_given_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await furnished(data)
    await in_thread(lambda: back_up(data, tmp_path / "b"))
    board = await Blackboard.open(data)
    last = [await finished(board) for _ in range(7)][-1]
    await board.close()
    await in_thread(lambda: put_back(tmp_path / "b", data))
    board = await Blackboard.open(data)
    assert (await admitted(board))[0] == last + 1
    await board.close()
    await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "another machine"))
    board = await Blackboard.open(tmp_path / "another machine")
    number, _ = await admitted(board)
    assert number == 10 + restoring.UNKNOWN_GAP + 1
    recorded = await board.record(new_task("r"), "done", b"{}")
    assert recorded.task_id == number + 1
    await board.close()


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
async def test_a_backup_cut_short_anywhere_is_refused_and_nothing_changes(tmp_path: Path, key: bytes | None) -> None:
    data, file = tmp_path / "data", tmp_path / "b"
    await furnished(data)
    await in_thread(lambda: back_up(data, file, key=key))
    before, whole = contents(data), file.read_bytes()
    for length in {*range(0, len(whole), max(1, len(whole) // 12)), 39, 40, 43, len(whole) - 1}:
        file.write_bytes(whole[:length])
        with pytest.raises(StoreCorrupt):
            await in_thread(lambda: put_back(file, data, key=key))
    file.write_bytes(whole + b"x")
    with pytest.raises(StoreCorrupt, match="follows its end"):
        await in_thread(lambda: put_back(file, data, key=key))
    assert contents(data) == before
    assert not (data / STAGING).exists()


async def test_chunks_that_are_swapped_or_left_out_are_noticed(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path / "data")
    with Path("/dev/urandom").open("rb") as noise:
        await board.set_state("noise", (await in_thread(lambda: noise.read(700_000))).hex())
    await board.close()
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b", key=KEY))
    whole = (tmp_path / "b").read_bytes()
    step = 4 + archive.PORTION_BYTES + 16
    first, second = whole[40 : 40 + step], whole[40 + step : 40 + 2 * step]
    assert len(second) == step
    for forged in (whole[:40] + second + first + whole[40 + 2 * step :], whole[:40] + whole[40 + step :]):
        (tmp_path / "b").write_bytes(forged)
        with pytest.raises(StoreCorrupt, match="chunk 0"):
            await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new", key=KEY))


async def test_a_file_that_is_no_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="is a folder"):
        await in_thread(lambda: put_back(tmp_path, tmp_path / "data"))
    with pytest.raises(UserMistake, match="no backup"):
        await in_thread(lambda: put_back(tmp_path / "nowhere", tmp_path / "data"))
    for text in (b"", b"a text of some length that is nothing at all, or so it seems"):
        (tmp_path / "b").write_bytes(text)
        with pytest.raises(StoreCorrupt, match="not a backup of Vespera"):
            await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "data"))


async def forge(tmp_path: Path, manifest: Manifest, copy: Path) -> Path:
    file = tmp_path / "forged"
    copies = {member.name: copy for member in manifest.databases}
    await in_thread(lambda: archive.write_archive(file, manifest, copies, None, Pace(0)))
    return file


async def test_what_the_manifest_says_must_be_true(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    made = await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    whole = await in_thread(lambda: archive.read_manifest(tmp_path / "b", None))
    copy, (member,) = tmp_path / "data" / "vespera.sqlite", made.databases
    replace = msgspec.structs.replace
    for wrong, told in (
        (replace(whole, databases=(replace(member, sha256="0" * 64),)), "not what its manifest says"),
        (replace(whole, databases=(replace(member, bytes=member.bytes - 1),)), "not what its manifest says"),
        (replace(whole, databases=(replace(member, name="../../evil"),)), "a name that is none"),
        (replace(whole, databases=(member, Member("more", 1, "0" * 64, 1))), "not what its manifest says"),
    ):
        file = await forge(tmp_path, wrong, copy)
        with pytest.raises(StoreCorrupt, match=told):
            await in_thread(lambda file=file: put_back(file, tmp_path / "new"))  # type: ignore[misc]
    later = await forge(tmp_path, replace(whole, format=2), copy)
    with pytest.raises(StoreTooNew, match="format 2"):
        await in_thread(lambda: put_back(later, tmp_path / "new"))
    assert not list(tmp_path.rglob("evil*"))


async def test_a_newer_schema_and_another_programs_database_are_refused(tmp_path: Path) -> None:
    await furnished(tmp_path / "data")
    with raw(tmp_path / "data") as file:
        file.execute("INSERT INTO migrations VALUES (99, 'later', 0)")
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "later"))
    with pytest.raises(StoreTooNew, match="schema 99"):
        await in_thread(lambda: put_back(tmp_path / "later", tmp_path / "new"))
    with raw(tmp_path / "data") as file:
        file.execute("DELETE FROM migrations WHERE number = 99")
        file.execute("PRAGMA application_id = 7")
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "other"))
    with pytest.raises(StoreCorrupt, match="another program's"):
        await in_thread(lambda: put_back(tmp_path / "other", tmp_path / "new"))


async def test_a_backup_of_an_older_schema_is_restored_and_brought_up_to_this_one(
    tmp_path: Path, promise: Promise
) -> None:
    await furnished(tmp_path / "data")
    with raw(tmp_path / "data") as file:
        later = ("relay_checkpoints", "relay_ledger", "relay_jobs", "grants", "audit", "audit_words", "audit_tip")
        for table in later:
            file.execute(f"DROP TABLE {table}")
        file.execute("DELETE FROM migrations WHERE number >= (SELECT number FROM migrations WHERE name = 'relay')")
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    done = await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new"))
    assert (done.open_tasks, done.damaged) == (2, ())
    board = await Blackboard.open(tmp_path / "new")
    assert await board.check() == []
    assert await board.relay.counts() == {}
    await board.close()
    promise("A backup made by an older version is restored and goes on under this one.", "two schemas older")


async def test_buttons_chains_and_open_tasks_go_on_in_the_restored_folder(tmp_path: Path) -> None:
    async with ScriptedModel(author_and_critic('{"answer": "Four."}', opinion=PASS)) as server:
        async with opened(tmp_path / "data", server) as app:
            await furnish_an_open_task(app)
            button = app.component_ids.make("why", "guild:1", "1")
            await app.backup(tmp_path / "b")
        await in_thread(lambda: put_back(tmp_path / "b", tmp_path / "new"))
        async with opened(tmp_path / "new", server) as app:
            assert app.component_ids.read(button, "guild:1") == ("why", "1")
            (ticket,) = await app.resume()
            answer: Answer = await ticket.wait()
            assert (answer.status, answer.text) == ("unchecked", "Four.")
            assert await app.blackboard.verify_chain("guild:1", ticket.task_id or 0)
            assert [outgoing.id for outgoing in await app.blackboard.pending()] == [ticket.task_id]
        async with opened(tmp_path / "stranger") as app:
            with pytest.raises(NotAllowed):
                app.component_ids.read(button, "guild:1")


async def furnish_an_open_task(app: App) -> None:
    """A task as a killed process leaves it: admitted, never finished."""
    async with ScriptedModel(author_and_critic('{"answer": "Four."}'), hold=1) as held:
        folder = app.settings.data_dir.parent / "elsewhere"
        async with opened(folder, held) as other:
            ask = rule("two and two", task_type="ask", options={"question": "What is two and two?"}, tenant="guild:1")
            await other.submit(ask, delivery=Delivery(1, "token", time.time() + 900, 5, False))
            task = await other.blackboard.last_task("guild:1")
    assert task is not None
    new = new_task("held", tenant="guild:1", delivery=Delivery(1, "token", time.time() + 900, 5, False))
    new = msgspec.structs.replace(new, task_type="ask", payload=task.payload)
    assert await app.blackboard.admit(new, room=13, run_now=True) is not None


POINTS = ["restore.plan.before", "restore.plan.after", "restore.away:2", "restore.place:2"]
"""All of them, alone and in pairs, are in tests/faults; these look closer."""


async def killed_restore(tmp_path: Path, point: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.restorer", str(tmp_path / "b"), str(tmp_path / "data"),
        cwd=HOME, env={**os.environ, "VESPERA_FAULT": point},
    )  # fmt: skip
    return await asyncio.wait_for(process.wait(), 30)


@pytest.mark.parametrize("point", POINTS)
async def test_a_restore_killed_on_its_way_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, point: str, promise: Promise
) -> None:
    data = tmp_path / "data"
    board = await Blackboard.open(data)
    await furnish(board, 2)
    old = await read_all(board)
    await in_thread(lambda: back_up(data, tmp_path / "b"))
    _, lease = await admitted(board)
    await finish(board, lease)
    newer = await read_all(board)
    await board.close()
    assert await killed_restore(tmp_path, point) == -signal.SIGKILL
    board = await Blackboard.open(data)
    assert await read_all(board) == (newer if point == "restore.plan.before" else old)
    assert await board.check() == []
    await board.close()
    assert not (data / PLAN).exists()
    assert await killed_restore(tmp_path, "") == 0
    board = await Blackboard.open(data)
    assert await read_all(board) == old
    await board.close()
    assert not (data / STAGING).exists()
    promise("A restore that is killed leaves the old state or the new one, never a mixture.", count=1, of="points")


async def test_a_second_kill_while_the_first_is_being_finished_mixes_nothing_either(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await furnished(data, 2)
    await in_thread(lambda: back_up(data, tmp_path / "b"))
    board = await Blackboard.open(data)
    old = await read_all(board)
    await finished(board)
    await board.close()
    for point in ("restore.away:2", "restore.away:1", "restore.place:1", "restore.place:1"):
        assert await killed_restore(tmp_path, point) == -signal.SIGKILL
    board = await Blackboard.open(data)
    assert await read_all(board) == old
    await board.close()


async def test_a_plan_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    await furnished(tmp_path, 1)
    (tmp_path / PLAN).write_text("{")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"restore\.plan"):
            await Blackboard.open(tmp_path)


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
async def test_a_flip_anywhere_in_a_backup_is_refused(tmp_path: Path, key: bytes | None) -> None:
    file = tmp_path / "b"
    await furnished(tmp_path / "data", 3)
    await in_thread(lambda: back_up(tmp_path / "data", file, key=key))
    size = file.stat().st_size
    for place in {*range(44), *range(44, size, size // 60)}:
        with flipped(file, place, 1 << place % 8), pytest.raises((StoreError, BadConfiguration)):
            await in_thread(lambda: put_back(file, tmp_path / "new", key=key))


def folder_owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root restores for another user")
async def test_what_root_restores_belongs_to_the_user_of_the_folder(tmp_path: Path) -> None:
    await furnished(tmp_path / "data", 1)
    await in_thread(lambda: back_up(tmp_path / "data", tmp_path / "b"))
    data = tmp_path / "served"
    data.mkdir(mode=0o700)
    os.chown(data, 1234, 1234)
    await in_thread(lambda: put_back(tmp_path / "b", data))
    assert {folder_owner(path) for path in data.iterdir()} == {(1234, 1234)}
