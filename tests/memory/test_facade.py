import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from blackboard.writer import QUEUE
from errors import NotAllowed, StoreError, StoreLocked, UserMistake
from memory import limits
from memory.contracts import AllOf, Between, Is, NewRecord, Not, Query, Subscription
from memory.facade import Memory
from tests.memory.samples import TENANT, found, many, note, opened


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    made = await opened(tmp_path)
    yield made
    await made.close()


async def test_what_was_remembered_is_recalled_with_all_its_fields_also_after_a_restart(tmp_path: Path) -> None:
    whole = note(
        "Grappling ends when the grappler is incapacitated.",
        kind="resolution",
        project_id="p",
        agent_id="weaver",
        role="builder",
        task_id="r12",
        status="open",
        requires_reply=True,
        priority=-3,
        expires_at=4e9,
        tags=("rules", "ärger"),
        trusted=True,
        once="k",
    )
    memory = await opened(tmp_path)
    (first,) = await memory.remember([note("Something else.")])
    whole = msgspec.structs.replace(whole, depends_on=(first,))
    (second,) = await memory.remember([whole])
    for _ in range(2):
        (hit, *_) = (await memory.recall(Query(tenant=TENANT, text="When does grappling end?"))).hits
        assert hit.record.id == second
        assert hit.record.new == whole
        assert hit.by_words and hit.cosine > 0.2
        assert hit.record.model == "embedded-1"
        await memory.close()
        memory = await opened(tmp_path)
    await memory.close()


async def test_nothing_crosses_from_one_tenant_to_another(memory: Memory) -> None:
    mine, theirs = await memory.remember([note("The goblin sleeps."), note("The goblin sleeps.", tenant="guild:2")])
    assert await found(memory, "goblin sleeps") == [mine]
    assert await found(memory, "goblin sleeps", tenant="guild:2") == [theirs]
    assert await found(memory, "goblin sleeps", tenant="guild:3") == []
    assert await found(memory, "goblin sleeps", where=Not(Is("kind", ("answer",)))) == [mine]
    assert await memory.record(TENANT, theirs) is None
    assert await memory.forget(TENANT, ids=[theirs], admin=True) == 0
    assert [record async for record in memory.export_user("guild:3", "ann")] == []
    assert await memory.erase_user("guild:3", "ann") == 0
    assert await found(memory, "goblin", tenant="guild:2") == [theirs]


@pytest.mark.parametrize("call", ["recall", "forget", "erase", "watch", "record"])
async def test_no_call_works_without_a_tenant(memory: Memory, call: str) -> None:
    with pytest.raises(UserMistake, match="a tenant is needed"):
        match call:
            case "recall":
                await memory.recall(Query(tenant="", text="x"))
            case "forget":
                await memory.forget("", ids=[1], admin=True)
            case "erase":
                await memory.erase_user("", "ann")
            case "watch":
                memory.watch(Subscription(tenant=""))
            case "record":
                await memory.record("", 1)


async def test_a_record_with_the_same_once_is_kept_once_per_tenant(memory: Memory) -> None:
    ids = await memory.remember([note("a", once="k"), note("b"), note("c", once="k"), note("d", once="k", tenant="t")])
    assert ids == (1, 2, 1, 3)
    assert await memory.remember([note("e", once="k"), note("f")]) == (1, 4)
    assert await memory.remember([note("g", once="k")]) == (1,)
    record = await memory.record(TENANT, 1)
    assert record is not None and record.new.text == "a"


async def test_filters_hold_exactly_and_together_with_the_question(memory: Memory) -> None:
    await memory.remember(many(300))
    where = AllOf((Is("project_id", ("p1", "p2")), Not(Is("task_id", ("4",))), Between(1e9 + 2_000, 1e9 + 40_000)))
    expected = [n + 1 for n in range(2, 40) if n % 5 in (1, 2) and n // 3 != 4]
    assert sorted(await found(memory, "dragon", where=where, k=50)) == expected


async def test_a_person_forgets_their_own_records_and_an_admin_all(memory: Memory) -> None:
    own, other = await memory.remember([note("mine, a secret"), note("theirs, a secret", user="bob")])
    with pytest.raises(NotAllowed, match="your own memories only"):
        await memory.forget(TENANT, ids=[own, other], user="ann")
    with pytest.raises(NotAllowed):
        await memory.forget(TENANT, ids=[other])
    with pytest.raises(UserMistake, match="Say which memories"):
        await memory.forget(TENANT, admin=True)
    assert sorted(await found(memory, "secret")) == [own, other]
    assert await memory.forget(TENANT, ids=[own, 99], user="ann") == 1
    assert await found(memory, "secret") == [other]
    assert await memory.forget(TENANT, where=Is("kind", ("note",)), admin=True) == 1
    assert await found(memory, "secret") == []
    (again,) = await memory.remember([note("another")])
    assert again > other, "a number never comes back"


async def test_an_export_has_every_record_of_a_person_and_no_other(memory: Memory) -> None:
    await memory.remember([*many(450), *many(10, user="bob"), *many(10, tenant="guild:2")])
    exported = [record.new.text async for record in memory.export_user(TENANT, "ann")]
    assert exported == [record.text for record in many(450)]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (note(" "), "the text is empty"),
        (note("x" * (limits.TEXT_BYTES + 1)), "at most 32,768 bytes"),
        (note("\ud800"), "half a character"),
        (note(tags=("t",) * 33), "at most 32 tags"),
        (note(tags=("",)), "tag of a memory is empty"),
        (note(task_id="t" * 201), "task_id of a memory has at most 200"),
        (note(depends_on=(0,)), "no record's number"),
        (note(depends_on=tuple(range(1, 66))), "at most 64 others"),
        (note(priority=2**31), "out of bounds"),
        (note(expires_at=float("nan")), "no time"),
        (note(kind="gossip"), "no kind of memory"),
        (note(tenant=""), "a tenant is needed"),
    ],
)
async def test_a_record_out_of_bounds_is_refused_with_all_that_came_with_it(
    memory: Memory, record: NewRecord, says: str
) -> None:
    with pytest.raises(UserMistake, match=says):
        await memory.remember([note("fine"), record])
    assert (await memory.stats()).records == 0


async def test_questions_out_of_bounds_are_refused(memory: Memory) -> None:
    deep = Is("kind", ("note",))
    for _ in range(40):
        deep = Not(deep)  # type: ignore[assignment]
    for query, says in (
        (Query(tenant=TENANT, text="x", k=0), "Between 1 and 100"),
        (Query(tenant=TENANT, text="x" * 40_000), "shorter"),
        (Query(tenant=TENANT, text="x", where=deep), "too many parts"),
        (Query(tenant=TENANT, text="x", where=Is("task_id", tuple(map(str, range(600))))), "too many parts"),
        (Query(tenant=TENANT, text="x", where=Is("priority", ("1",))), "a number"),
        (Query(tenant=TENANT, text="x", where=Is("task_id", (1,))), "a word"),
        (Query(tenant=TENANT, text="x", where=Is("colour", ("red",))), "no field"),  # type: ignore[arg-type]
        (Query(tenant=TENANT, text="x", tiers=("cellar",)), "no tier"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UserMistake, match=says):
            await memory.recall(query)


async def test_many_writers_at_once_share_commits_and_find_their_own_record(memory: Memory) -> None:
    async def write_and_read(number: int) -> None:
        (mine,) = await memory.remember([note(f"The password of door {number} is frog{number}.")])
        assert (await found(memory, f"frog{number}"))[0] == mine

    await asyncio.gather(*(write_and_read(number) for number in range(100)))


async def test_a_writer_who_goes_away_leaves_a_record_that_is_found(memory: Memory) -> None:
    watch, writer = memory.watch(Subscription(tenant=TENANT)), memory._parts.writer
    busy = asyncio.create_task(writer.run("busy", lambda _: time.sleep(1)))
    writing = asyncio.create_task(memory.remember(many(50)))
    while writer._places._value > QUEUE - 2:
        await asyncio.sleep(0.005)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await busy
    assert (await asyncio.wait_for(anext(watch), 5)).id == 1
    assert len(await found(memory, "dragon", k=60)) == 50


async def test_a_watcher_gets_each_matching_record_once_in_order_and_no_other(memory: Memory) -> None:
    (asked,) = await memory.remember([note("Which port?", requires_reply=True)])
    replies = memory.watch(Subscription(tenant=TENANT, where=Is("depends_on", (asked,))))
    job = memory.watch(Subscription(tenant=TENANT, where=Is("task_id", ("r12",))))
    strangers = memory.watch(Subscription(tenant="guild:2"))
    await memory.remember([note("8080", depends_on=(asked,)), note("a step", task_id="r12"), note("noise")])
    await memory.remember([note("no, 8081", depends_on=(asked,), task_id="r12")])
    assert [(await anext(replies)).new.text for _ in range(2)] == ["8080", "no, 8081"]
    assert [(await anext(job)).new.text for _ in range(2)] == ["a step", "no, 8081"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(strangers), 0.05)
    await replies.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(replies)
    assert (await memory.stats()).subscriptions == 2


async def test_a_watcher_that_falls_far_behind_or_begins_in_the_past_misses_nothing(memory: Memory) -> None:
    await memory.remember(many(300))
    slow = memory.watch(Subscription(tenant=TENANT))
    late = memory.watch(Subscription(tenant=TENANT, after=100, where=Is("project_id", ("p1",))))
    for first in range(300, 1_000, 70):
        await memory.remember(many(70, first))
    assert [(await asyncio.wait_for(anext(slow), 5)).id for _ in range(700)] == list(range(301, 1_001))
    expected = [n + 1 for n in range(100, 1_000) if n % 5 == 1]
    assert [(await asyncio.wait_for(anext(late), 5)).id for _ in expected] == expected
    assert len(slow._ready) <= 128


async def test_closing_ends_the_watches_and_refuses_what_comes_after(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    watch = memory.watch(Subscription(tenant=TENANT))
    waiting = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    await memory.close()
    await memory.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(StoreError, match="closed"):
        await memory.remember([note()])
    with pytest.raises(StoreError, match="closed"):
        await memory.recall(Query(tenant=TENANT, text="x"))


async def test_a_second_owner_is_refused(tmp_path: Path, memory: Memory) -> None:
    with pytest.raises(StoreLocked):
        await opened(tmp_path)
    other = await opened(tmp_path, name="relay-memory")
    await other.close()


async def test_a_deadline_that_passes_is_told(memory: Memory) -> None:
    await memory.remember([note()])
    with pytest.raises(StoreError, match="did not answer within"):
        await memory.recall(Query(tenant=TENANT, text="goblin"), deadline_s=0.000001)
    assert await found(memory, "goblin") == [1]
