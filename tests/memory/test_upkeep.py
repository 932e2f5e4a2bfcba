"""What happens behind the callers: time that is over, tiers, space, erased text, another model."""

import asyncio
from pathlib import Path

import pytest

from memory.contracts import Is, NewRecord, Query, Subscription
from memory.embedders.openai_compatible import OpenAICompatibleEmbedder
from memory.facade import Memory
from memory.planner import TIERS, Found
from tests.memory.embedding_server import DIMENSION, EmbeddingServer
from tests.memory.samples import EMBEDDED, TENANT, change, everything_on_disk, found, keep, many, note, opened, small  # noqa: F401

pytestmark = pytest.mark.usefixtures("small")
HOT, HOT_KEPT = 400, 100
"""As `small` makes them."""

QWEN = f"openai_compatible/qwen/{DIMENSION}"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_record_is_in_no_answer_from_the_second_its_time_is_over_and_is_then_erased(tmp_path: Path) -> None:
    clock = Clock()
    memory = await opened(tmp_path, clock=clock)
    short, long = await memory.remember(
        [note("goblin password swordfish", expires_at=clock.now + 10), note("goblin sleeps", expires_at=clock.now + 99)]
    )
    clock.now += 9.5
    assert set(await found(memory, "goblin")) == {short, long}
    clock.now += 0.5
    assert await found(memory, "goblin") == [long]
    assert await memory.record(TENANT, short) is None
    await memory.close()
    memory = await opened(tmp_path, clock=clock)
    assert await found(memory, "goblin") == [long]
    await memory._upkeep.round()
    await memory.compact()
    assert b"swordfish" not in everything_on_disk(tmp_path)
    assert await memory.check() == []
    await memory.close()


async def test_rows_move_down_when_hot_is_full_and_every_answer_stays_the_same(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember(many(HOT + 50))
    questions = [f"the red dragon number {n} in cave {n % 97}" for n in range(0, HOT, 50)]

    async def answers() -> list[list[Found]]:
        vectors = await EMBEDDED.embed(questions)
        planner = memory._parts.engine.tiers
        return await memory._parts.thread.call(lambda: [planner.search(one, None, 10, TIERS)[0] for one in vectors])

    def alike(before: list[list[Found]], after: list[list[Found]]) -> bool:
        nearest = [one[0].cosine for one in before] == pytest.approx([one[0].cosine for one in after], abs=1e-5)
        same = sum(len({a.id for a in one} & {b.id for b in other}) for one, other in zip(before, after, strict=True))
        return nearest and same >= 0.98 * sum(map(len, before))

    before = await answers()
    assert (await memory.stats()).waiting == 50
    await memory._upkeep.round()
    stats = await memory.stats()
    assert stats.tiers == {"hot": HOT_KEPT, "project": HOT + 50 - HOT_KEPT, "historical": 0}
    assert stats.waiting == 0
    assert alike(before, await answers())
    (hit,) = (await memory.recall(Query(tenant=TENANT, text=questions[2], k=1))).hits
    assert hit.tier == "project"
    only_hot = await memory.recall(Query(tenant=TENANT, text=questions[2], tiers=("hot",)))
    assert {one.tier for one in only_hot.hits} == {"hot"}
    await memory.close()
    memory = await opened(tmp_path)
    assert alike(before, await answers())
    assert (await memory.stats()).tiers == stats.tiers
    await memory.close()


async def test_the_upkeep_runs_by_itself_while_others_write_and_ask(tmp_path: Path) -> None:
    memory = await opened(tmp_path, upkeep=True)
    for first in range(0, 2 * HOT, 64):
        await memory.remember(many(64, first))
        assert await found(memory, f"dragon number {first + 7}", k=3)
    for _ in range(400):
        stats = await memory.stats()
        if stats.tiers["project"] and not stats.text_lag and not stats.waiting:
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail(f"nothing moved: {stats}")
    await memory.close()
    memory = await opened(tmp_path)
    assert await memory.check() == []
    await memory.close()


async def test_erasing_a_person_leaves_none_of_their_words_in_any_file(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    secret = [
        note(f"My xylograph number {n} is hidden.", user="eve", task_id=f"zyzzyva{n}", tags=("quokka",))
        for n in range(200)
    ]
    await memory.remember([*many(HOT), *secret])
    await memory._upkeep.round()
    on_disk = everything_on_disk(tmp_path)
    assert all(word in on_disk for word in (b"xylograph", b"zyzzyva", b"quokka"))
    assert await memory.erase_user("guild:2", "eve") == 0
    assert await memory.erase_user(TENANT, "eve") == 200
    on_disk = everything_on_disk(tmp_path)
    assert not [word for word in (b"xylograph", b"zyzzyva", b"quokka") if word in on_disk]
    assert await found(memory, "xylograph", where=Is("user", ("eve",))) == []
    assert await memory.check() == []
    assert (await memory.stats()).records == HOT
    await memory.close()


async def test_a_damaged_record_can_be_forgotten_by_its_number(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    one, other = await memory.remember([note("An inn.", user="mira"), note("A mill.", user="ben")])
    change(tmp_path, "UPDATE records SET priority = 9", ())
    for number in (one, other):
        assert await memory.record(TENANT, number) is None
    await memory._upkeep.round()
    assert (await memory.stats()).quarantined == 2
    assert await memory.forget(TENANT, ids=[one, other], user="mira") == 1
    assert await memory.forget("guild:9", ids=[other], admin=True) == 0
    assert await memory.forget(TENANT, ids=[other], admin=True) == 1
    assert (await memory.stats()).quarantined == 0
    await memory.close()
    left = everything_on_disk(tmp_path)
    assert b"An inn" not in left and b"A mill" not in left


async def test_erasing_a_person_takes_a_damaged_record_of_theirs_too(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    bad, _, other = await memory.remember([note("xylograph"), note("fine"), note("kept", user="bob")])
    change(tmp_path, "UPDATE records SET priority = 7 WHERE id = ?", (bad,))
    assert await memory.record(TENANT, bad) is None
    assert await memory.erase_user(TENANT, "ann") == 2
    assert b"xylograph" not in everything_on_disk(tmp_path)
    stats = await memory.stats()
    assert (stats.records, stats.quarantined) == (1, 0)
    assert await found(memory, "kept") == [other]
    await memory.close()


async def test_changes_are_not_kept_for_ever(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    for _ in range(3):
        await memory.remember(many(20))
        await memory.forget(TENANT, where=Is("user", ("ann",)), admin=True)
    await memory.compact()
    changes = await memory._parts.thread.call(lambda: memory._parts.engine.truth.changes_after(0))
    assert changes == {"forgotten": [], "embedded": []}
    assert await memory.check() == []
    await memory.close()


async def test_forgetting_gives_the_space_back(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await keep(memory, [*many(1_500), *many(200, user="bob")])
    await memory._upkeep.round()
    await memory.compact()
    before = await memory.stats()
    assert await memory.forget(TENANT, where=Is("user", ("ann",)), admin=True) == 1_500
    await memory.compact()
    after = await memory.stats()
    assert after.file_bytes < before.file_bytes / 4
    assert after.index_bytes < before.index_bytes / 4
    assert (after.records, after.forgotten) == (200, 0)
    await memory.close()
    memory = await opened(tmp_path)
    assert (await memory.stats()).records == 200
    assert await memory.check() == []
    await memory.close()


def remote(server: EmbeddingServer, model: str = "qwen") -> OpenAICompatibleEmbedder:
    return OpenAICompatibleEmbedder(base_url=server.url, model=model, dimension=DIMENSION, api_key="k", deadline_s=5)


async def test_a_failing_endpoint_degrades_to_the_embedded_embedder_and_says_so(tmp_path: Path) -> None:
    async with EmbeddingServer() as server:
        memory = await opened(tmp_path, embedder=remote(server))
        await memory.remember(many(40))
        server.mood = "down"
        (late,) = await memory.remember([note("The kettle whistles.")])
        recalled = await memory.recall(Query(tenant=TENANT, text="whistling kettles"))
        assert recalled.hits[0].record.id == late
        assert recalled.hits[0].cosine > 0.2
        assert recalled.model == "embedded-1"
        assert "embedded-1 served" in recalled.note and "The embedder failed" in recalled.note
        record = await memory.record(TENANT, late)
        assert record is not None and record.model == ""
        await memory._upkeep.round()
        assert (await memory.stats()).unembedded == 1
        server.mood = "well"
        await memory._upkeep.round()
        recalled = await memory.recall(Query(tenant=TENANT, text="The kettle whistles."))
        assert recalled.note == "" and recalled.model == QWEN
        assert recalled.hits[0].record.model == QWEN
        assert recalled.hits[0].cosine == pytest.approx(1, abs=0.01)
        await memory.close()


async def test_another_model_makes_its_vectors_behind_the_one_that_serves_until_it_is_done(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember(many(HOT + 30))
    await memory._upkeep.round()
    await memory.close()
    async with EmbeddingServer() as server:
        memory = await opened(tmp_path, embedder=remote(server))
        stats = await memory.stats()
        assert (stats.model, stats.coming_model) == ("embedded-1", QWEN)
        recalled = await memory.recall(Query(tenant=TENANT, text="dragon number 7"))
        assert recalled.model == "embedded-1" and recalled.hits
        server.mood = "down"
        await memory._upkeep.round()
        assert (await memory.stats()).model == "embedded-1"
        server.mood = "well"
        (new,) = await memory.remember([note("Remembered in between.")])
        await memory._upkeep.round()
        stats = await memory.stats()
        assert (stats.model, stats.coming_model, stats.dimension) == (QWEN, "", DIMENSION)
        assert stats.tiers["project"] >= HOT - HOT_KEPT
        assert await holds_only(memory, 2)
        await memory._upkeep.round()
        recalled = await memory.recall(Query(tenant=TENANT, text="Remembered in between."))
        assert recalled.model == QWEN and recalled.hits[0].record.id == new
        assert await memory.check() == []
        await memory.close()


async def holds_only(memory: Memory, model: int) -> bool:
    truth = memory._parts.engine.truth
    return await memory._parts.thread.call(lambda: not truth.embedded(1, 0, 1) and bool(truth.embedded(model, 0, 1)))


async def test_a_model_that_is_not_configured_any_more_still_has_answers_while_the_new_one_works(
    tmp_path: Path,
) -> None:
    async with EmbeddingServer() as server:
        memory = await opened(tmp_path, embedder=remote(server))
        await memory.remember(many(50))
        await memory.close()
        memory = await opened(tmp_path, embedder=EMBEDDED)
        recalled = await memory.recall(Query(tenant=TENANT, text="dragon number 7"))
        assert "not configured" in recalled.note and recalled.hits[0].record.new.text.startswith("Entry 7:")
        await memory._upkeep.round()
        recalled = await memory.recall(Query(tenant=TENANT, text="dragon number 7"))
        assert recalled.note == "" and recalled.model == "embedded-1"
        await memory.close()


async def test_vectors_of_the_caller_are_kept_as_they_are_and_wrong_ones_refused(tmp_path: Path) -> None:
    import numpy as np

    from errors import UserMistake

    memory = await opened(tmp_path)
    vectors = np.eye(3, EMBEDDED.dimension, dtype=np.float32)
    ids = await memory.remember(many(3), vectors)
    cosines = await memory._parts.thread.call(lambda: memory._parts.engine.tiers.exact(vectors[1], ids))
    assert cosines == {1: 0.0, 2: 1.0, 3: 0.0}
    for bad in (vectors[:2], vectors[:, :8], np.full_like(vectors, np.nan)):
        with pytest.raises(UserMistake, match="finite numbers"):
            await memory.remember(many(3), bad)
    await memory.close()


async def test_a_watcher_hears_of_records_only_after_they_can_be_read(tmp_path: Path) -> None:
    memory = await opened(tmp_path, upkeep=True)
    watch = memory.watch(Subscription(tenant=TENANT))

    async def write() -> None:
        for number in range(30):
            await memory.remember([NewRecord(tenant=TENANT, kind="message", text=f"Message {number}.")])

    writing = asyncio.create_task(write())
    for number in range(30):
        record = await asyncio.wait_for(anext(watch), 5)
        read = await memory.record(TENANT, record.id)
        assert read is not None and read.new == record.new and record.new.text == f"Message {number}."
    await writing
    await memory.close()
