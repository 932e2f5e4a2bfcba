from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory import fusion
from memory.contracts import Is, Query
from memory.facade import Memory
from memory.words import LATE, MATCHES
from tests.memory.samples import TENANT, found, keep, many, note, opened

NASTY = [
    '"',
    "'",
    "* OR tenant:",
    "NEAR(a b)",
    "a AND",
    "^a",
    "text : x",
    "--",
    "\x00",
    "(((",
    "{tenant}",
    "ß",
    "a\u0301",
    "🐉",
]


async def test_any_text_can_be_asked_and_finds_nothing_of_another_tenant(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember([note("tenant text words near and or not", tenant="guild:2"), note("a b x")])

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from([*NASTY, "tenant", "words"])).map(" ".join)))
    def ask(text: str) -> None:
        asked.append(text.encode("utf-8", "replace").decode())

    asked: list[str] = []
    ask()
    for text in [*NASTY, *asked]:
        assert set(await found(memory, text)) <= {2}, text
    await memory.close()


async def test_words_are_found_in_other_forms_and_without_accents(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    ids = await memory.remember([note("Grappled creatures"), note("Café crème"), note("S3_bucket und Übung")])
    for text, which in (("GRAPPLE", 0), ("creature", 0), ("cafe", 1), ("übung", 2), ("ubung", 2)):
        recalled = await memory.recall(Query(tenant=TENANT, text=text))
        assert [hit.record.id for hit in recalled.hits if hit.by_words] == [ids[which]], text
    await memory.close()


async def test_the_text_index_may_lag_behind_says_so_and_catches_up(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember(many(2_000))
    (last,) = await memory.remember([note("The xylophone is tuned.")])
    recalled = await memory.recall(Query(tenant=TENANT, text="xylophone"))
    assert "does not have the newest 1,745 records" in recalled.note
    assert recalled.hits[0].record.id == last, "by its vector, which counts for the words as well"
    await memory._upkeep.round()
    recalled = await memory.recall(Query(tenant=TENANT, text="xylophone"))
    assert recalled.note == "" and recalled.hits[0].by_words
    await memory.close()


async def test_the_file_and_what_came_after_it_answer_together_also_after_a_restart(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    (old,) = await memory.remember([note("The xylophone of old.")])
    await keep(memory, many(2 * LATE))
    await memory._upkeep.round()
    assert memory._parts.engine.words.row is not None
    (new,) = await memory.remember([note("A new xylophone.")])
    for _ in range(2):
        assert set(await words_only(memory, "xylophones")) == {old, new}
        await memory.close()
        memory = await opened(tmp_path)
    assert await memory.forget(TENANT, ids=[old], user="ann") == 1
    assert await words_only(memory, "xylophones") == [new]
    await memory.close()


async def test_the_newest_record_comes_first_by_its_own_word(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await keep(memory, many(2 * LATE))
    await memory._upkeep.round()
    # Alone in the index above the file, where by its own count every word would be common.
    (new,) = await memory.remember([note("Entry 7: the red dragon number 7 sleeps with a xylophone.")])
    assert (await words_only(memory, "the red dragon number 7 with a xylophone"))[0] == new
    await memory.close()


async def words_only(memory: Memory, text: str) -> list[int]:
    recalled = await memory.recall(Query(tenant=TENANT, text=text, k=20))
    return [hit.record.id for hit in recalled.hits if hit.by_words]


async def test_a_small_tenant_is_searched_by_words_that_are_common_elsewhere(tmp_path: Path) -> None:
    memory = await opened(tmp_path)
    await memory.remember(many(MATCHES + 500, tenant="guild:2"))
    (mine,) = await memory.remember([note("My dragon has a name.")])
    await memory._upkeep.round()
    assert await words_only(memory, "dragon") == [mine]
    common = await memory.recall(Query(tenant="guild:2", text="dragon", where=Is("project_id", ("p1",))))
    assert len(common.hits) == 10 and any(hit.by_words for hit in common.hits)
    await memory.close()


@pytest.mark.parametrize("words", [[], [3, 9]])
def test_fusion_puts_first_what_both_rank_high(words: list[int]) -> None:
    scores = fusion.fused([1, 2, 3], words)
    order = fusion.best(scores, {1: 0.9, 2: 0.5, 3: 0.4}, 3)
    assert order == ([3, 1, 2] if words else [1, 2, 3])
    assert fusion.best({5: 1.0, 4: 1.0}, {}, 2) == [4, 5]
