"""A flipped byte is noticed wherever it is: a row is put aside, an index file is made anew, nothing is answered from it."""

import asyncio
import logging
from pathlib import Path

import pytest

from errors import IndexDamaged, StoreCorrupt, StoreTooNew
from memory.contracts import Is, Query
from memory.facade import Memory
from memory.snapshot import Snapshot, write
from memory.truth import Truth
from tests.memory.samples import TENANT, change, found, keep, many, note, opened, small  # noqa: F401
from tests.promises import Promise

pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize(
    "flip",
    [
        "text = replace(text, 'fire', 'rain')",
        "tenant = 'guild:2'",
        "user = 'eve'",
        "trusted = 1",
        "created_at = created_at + 1",
        "tags = '[\"x\"]'",
        "depends_on = 'x'",
        "priority = 'x'",
        "once = 'x'",
        "lsn = lsn + 1",
        "crc = crc + 1",
        "text = CAST(x'ff' AS TEXT)",
    ],
)
async def test_a_flip_in_a_record_is_told_and_the_record_is_never_answered_from(tmp_path: Path, flip: str) -> None:
    memory = await opened(tmp_path)
    bad, good = await memory.remember([note("A goblin fears fire."), note("A goblin fears fire too.")])
    change(tmp_path, f"UPDATE records SET {flip} WHERE id = ?", (bad,))
    for _ in range(2):
        assert await found(memory, "goblin fire") == [good]
        assert await found(memory, "goblin fire", tenant="guild:2") == []
        assert await memory.record(TENANT, bad) is None
        assert [record.id async for record in memory.export_user(TENANT, "ann")] == [good]
        await memory._upkeep.round()
        assert f"Record {bad} fails its check and is not used." in await memory.check()
        assert (await memory.stats()).quarantined == 1
        await memory.close()
        memory = await opened(tmp_path)
    assert await memory.forget(TENANT, ids=[good], user="ann") == 1
    await memory.close()


@pytest.mark.parametrize("flip", ["bf16 = zeroblob(768)", "bf16 = x'00'", "crc = crc + 1", "key = key + 1000"])
async def test_a_flip_in_a_vector_is_told_and_the_vector_is_made_anew(tmp_path: Path, flip: str) -> None:
    memory = await opened(tmp_path)
    await memory.remember(many(50))
    sound = await memory.recall(Query(tenant=TENANT, text="dragon number 17", k=3))
    await memory.close()
    change(tmp_path, f"UPDATE vectors SET {flip} WHERE key = (SELECT key FROM vectors LIMIT 1 OFFSET 17)")
    memory = await opened(tmp_path)
    if "key" in flip:
        assert [wrong for wrong in await memory.check() if "The vector of record" in wrong]
    assert 18 in await found(memory, "Entry 17", k=50), "found by its words"
    await memory._upkeep.round()
    assert await memory.recall(Query(tenant=TENANT, text="dragon number 17", k=3)) == sound
    assert [wrong for wrong in await memory.check() if "vector" in wrong] == []
    await memory.close()


async def filled(folder: Path) -> Memory:
    memory = await opened(folder)
    await keep(memory, many(900))
    await memory._upkeep.round()
    return memory


async def test_a_flip_in_any_index_file_is_noticed_and_the_file_is_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    memory = await filled(tmp_path)
    where = Is("project_id", ("p2",))
    sound = await memory.recall(Query(tenant=TENANT, text="blue dragon 711 in cave 32", where=where))
    await memory.close()
    for share in (0, 0.02, 0.3, 0.6, 0.97, 1):
        for kind in ("bitmaps", "sqlite", "vidx"):
            (path,) = (tmp_path / "memory.index").glob(f"*.{kind}")
            whole = path.read_bytes()
            place = min(int(share * len(whole)), len(whole) - 1)
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            memory = await opened(tmp_path)
            again = await memory.recall(Query(tenant=TENANT, text="blue dragon 711 in cave 32", where=where))
            assert [hit.record.id for hit in again.hits if hit.cosine] == [
                hit.record.id for hit in sound.hits if hit.cosine
            ] or path.suffix == ".sqlite", (path.name, place)
            wrong = [*await memory.check(), *(await memory.stats()).notes]
            assert any("damaged" in one for one in wrong), (path.name, place)
            await memory.reindex()
            assert [one for one in await memory.check() if "will be rebuilt" in one] == []
            assert await memory.recall(Query(tenant=TENANT, text="blue dragon 711 in cave 32", where=where)) == sound
            await memory.close()


def test_every_single_byte_of_a_bitmap_file_is_under_a_check(tmp_path: Path, promise: Promise) -> None:
    path = tmp_path / "file"
    write(path, [(b"key%d" % n, b"body" * n) for n in range(6)], 3, 4, lambda: None)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for damaged in (whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], whole[:place]):
            path.write_bytes(damaged)
            with pytest.raises(IndexDamaged):
                snapshot = Snapshot(path)
                try:
                    snapshot.check()
                finally:
                    snapshot.close()
    promise("Every byte of an index file is under a check.", count=len(whole), of="bytes flipped and cut off")


def counting(folder: Path) -> set[str]:
    truth = Truth(folder / "memory.sqlite")
    kinds = {row.what for row in truth.published()}
    truth.close()
    return kinds


async def test_missing_index_files_are_made_anew_and_leftovers_of_a_crash_deleted(tmp_path: Path) -> None:
    memory = await filled(tmp_path)
    sound = await memory.recall(Query(tenant=TENANT, text="green dragon 100"))
    await memory.close()
    for path in (tmp_path / "memory.index").iterdir():
        path.unlink()
    (tmp_path / "memory.index" / "project-9.vidx.new").write_bytes(b"half")
    memory = await opened(tmp_path)
    assert len((await memory.stats()).notes) == 3
    await memory._upkeep.round()
    assert {path.suffix for path in (tmp_path / "memory.index").iterdir()} == {".bitmaps", ".sqlite", ".vidx"}
    again = await memory.recall(Query(tenant=TENANT, text="green dragon 100"))
    assert [hit.record.id for hit in again.hits] == [hit.record.id for hit in sound.hits]
    await memory.close()
    memory = await opened(tmp_path)
    assert await memory.check() == []
    await memory.close()


async def test_a_lost_tail_of_the_database_is_told(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember([note("kept")])
    await memory.close()
    older = (tmp_path / "memory.sqlite").read_bytes()
    memory = await opened(tmp_path)
    await memory.remember(many(2_000))
    await memory._upkeep.round()
    await memory.close()
    (tmp_path / "memory.sqlite").write_bytes(older)
    memory = await opened(tmp_path)
    assert any("acknowledged commits were missing" in wrong for wrong in await memory.check())
    assert await found(memory, "kept") == [1]
    await memory.close()


async def test_a_database_of_a_newer_version_or_of_another_program_is_left_alone(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.close()
    change(tmp_path, "INSERT INTO migrations VALUES (999, 'future', 0)")
    with pytest.raises(StoreTooNew):
        await opened(tmp_path)
    change(tmp_path, "DELETE FROM migrations WHERE number = 999")
    whole = (tmp_path / "memory.sqlite").read_bytes()
    (tmp_path / "memory.sqlite").write_bytes(b"garbage" * 5_000)
    with pytest.raises(StoreCorrupt):
        await opened(tmp_path)
    (tmp_path / "memory.sqlite").write_bytes(whole)
    memory = await opened(tmp_path)
    await memory.close()


async def test_flipped_bytes_of_the_database_never_come_back_as_another_text(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    records = many(60)
    await memory.remember(records)
    await memory.close()
    path = tmp_path / "memory.sqlite"
    whole = path.read_bytes()
    for place in range(8_192, len(whole), len(whole) // 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            memory = await opened(tmp_path)
        except StoreCorrupt:
            continue
        try:
            for one in range(1, 61):
                record = await memory.record(TENANT, one)
                assert record is None or record.new == records[one - 1]
        except StoreCorrupt:
            pass
        await memory.close()
        for left in tmp_path.glob("memory.sqlite-*"):
            left.unlink()


async def test_a_published_row_that_fails_its_check_counts_nothing(tmp_path: Path) -> None:
    memory = await filled(tmp_path)
    await memory.close()
    change(tmp_path, "UPDATE generations SET name = '../../etc/passwd' WHERE what = 'words'")
    assert await asyncio.to_thread(counting, tmp_path) == {"filters", "project"}
    memory = await opened(tmp_path)
    await memory._upkeep.round()
    assert await memory.check() == []
    await memory.close()
