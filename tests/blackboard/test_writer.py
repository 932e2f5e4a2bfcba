import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from blackboard.connections import open_writer
from blackboard.writer import Writer
from errors import StoreError, StoreFull, StoreLocked, UserMistake

Work = Callable[[sqlite3.Connection], int]


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    path = tmp_path / "vespera.sqlite"
    opened = Writer(lambda: open_writer(path), path)
    await opened.open()
    yield opened
    await opened.close()


def put(name: str, then: Exception | None = None) -> Work:
    def work(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO state VALUES (?, zeroblob(100))", (name,))
        if then is not None:
            raise then
        return 1

    return work


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM state ORDER BY name")]


async def together(writer: Writer, *works: Work, durable: bool = False) -> list[int | BaseException]:
    """Run the works in one batch: the thread is held until all have arrived."""
    gate = threading.Event()
    held = asyncio.ensure_future(writer.run("held", lambda _connection: gate.wait(10)))
    await asyncio.sleep(0.05)
    waiting = [asyncio.ensure_future(writer.run("work", work, durable=durable)) for work in works]
    await asyncio.sleep(0)
    gate.set()
    await held
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_member_that_fails_takes_nobody_with_it(writer: Writer) -> None:
    outcomes = await together(writer, put("a"), put("b", UserMistake("no")), put("c"), put("a"), put("d"))
    assert [type(one) for one in outcomes] == [int, UserMistake, int, StoreError, int]
    assert await writer.run("read", names) == ["a", "c", "d"]


async def test_a_lone_transaction_that_fails_leaves_nothing(writer: Writer) -> None:
    with pytest.raises(UserMistake):
        await writer.run("work", put("a", UserMistake("no")))
    assert await writer.run("read", names) == []


async def test_many_transactions_share_one_commit(writer: Writer) -> None:
    def commits(connection: sqlite3.Connection) -> int:
        (number,) = connection.execute("SELECT n FROM commits").fetchone()
        return int(number)

    before = await writer.run("read", commits)
    await together(writer, *(put(str(number)) for number in range(64)))
    assert await writer.run("read", commits) - before == 3  # the read, the holder, the sixty-four


async def test_a_batch_with_an_acknowledging_member_waits_for_the_disk(writer: Writer) -> None:
    def level(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA synchronous").fetchone()[0])

    assert await writer.run("read", level) == 1
    assert await writer.run("read", level, durable=True) == 2
    assert await writer.run("read", level) == 1
    assert await together(writer, level, level, durable=True) == [2, 2]


async def test_a_cancelled_caller_leaves_no_open_transaction(writer: Writer) -> None:
    dropped: list[int] = []
    waiting = asyncio.ensure_future(writer.run("work", put("a"), abandoned=dropped.append))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await writer.run("work", put("b")) == 1
    assert await writer.run("read", names) == ["a", "b"]
    assert dropped == [1]


async def test_when_the_disk_is_full_small_writes_of_the_batch_still_succeed(writer: Writer) -> None:
    def big(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO state VALUES ('big', zeroblob(4000000))")
        return 1

    def fence(connection: sqlite3.Connection) -> int:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        return int(connection.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone()[0])

    await writer.run("limit", fence)
    outcomes = await together(writer, put("a"), big, put("b"), durable=True)
    assert [type(one) for one in outcomes] == [int, StoreFull, int]
    assert "Nothing was written" in str(outcomes[1])
    assert await writer.run("read", names) == ["a", "b"]
    with pytest.raises(StoreFull):
        await writer.run("work", big)
    assert await writer.run("work", put("c")) == 1


async def test_another_program_that_writes_is_named_and_the_store_recovers(writer: Writer, tmp_path: Path) -> None:
    intruder = sqlite3.connect(tmp_path / "vespera.sqlite", isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLocked, match="Another program"):
        await writer.run("work", put("a"))
    intruder.execute("ROLLBACK")
    intruder.close()
    assert await writer.run("work", put("a")) == 1


async def test_more_writes_than_the_queue_holds_all_arrive(writer: Writer) -> None:
    await asyncio.gather(*(writer.run("work", put(str(number))) for number in range(3_000)))
    assert len(await writer.run("read", names)) == 3_000


async def test_closing_finishes_what_waits_and_refuses_what_comes_later(writer: Writer) -> None:
    waiting = [asyncio.ensure_future(writer.run("work", put(str(number)))) for number in range(200)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*waiting) == [1] * 200
    with pytest.raises(StoreError, match="closed"):
        await writer.run("work", put("late"))
