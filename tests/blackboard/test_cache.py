import asyncio
import time
from pathlib import Path

import pytest

from blackboard.contracts import Feedback
from database import Blackboard
from errors import UserMistake
from tests.blackboard.samples import TENANT, admitted, entry, finished, new_task, raw
from tests.promises import Promise


async def reopened(board: Blackboard) -> Blackboard:
    """The same file without what was held in memory."""
    await board.close()
    return await Blackboard.open(board.path.parent)


async def test_an_accepted_answer_is_served_from_memory_and_after_a_restart(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    task_id = await finished(board, cache=entry())
    for _ in range(2):
        found = await board.cached(TENANT, "k", min_confidence=0.8)
        assert found is not None
        assert (found.response, found.task_id) == (b'{"text":"yes"}', task_id)
        board = await reopened(board)
    await board.close()


async def test_an_unsure_answer_is_not_served(board: Blackboard) -> None:
    await finished(board, cache=entry(confidence=0.79))
    assert await board.cached(TENANT, "k", min_confidence=0.8) is None
    assert await board.cached(TENANT, "k", min_confidence=0.7) is not None


async def test_an_expired_answer_is_not_served_and_then_pruned(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    await finished(board, cache=entry(lasts_s=60))
    now[0] += 61
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    await board.prune(keep_days=90, keep_trace_days=30)
    assert (await board.health()).cache_entries == 0
    await board.close()


async def test_an_evicted_answer_is_gone_from_memory_and_disk(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board, cache=entry())
    await board.evict(TENANT, "k")
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    board = await reopened(board)
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    await board.close()


async def test_an_eviction_during_a_slow_read_is_not_undone_by_it(tmp_path: Path) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board, cache=entry())
    board = await reopened(board)
    for _ in range(20):
        await asyncio.gather(board.cached(TENANT, "k", min_confidence=0), board.evict(TENANT, "k"))
        assert await board.cached(TENANT, "k", min_confidence=0) is None
    await board.close()


@pytest.mark.parametrize("status", ["failed", "cancelled", "refused"])
async def test_a_task_that_did_not_succeed_cannot_reach_the_cache(
    board: Blackboard, status: str, promise: Promise
) -> None:
    _, lease = await admitted(board)
    with pytest.raises(ValueError, match="nothing to cache"):
        await board.finish(lease, status=status, retry_count=0, result=b"", cache=entry())  # type: ignore[arg-type]
    promise("What was not accepted never reaches the cache.", count=1, of="ways to end otherwise")


async def test_wrong_evicts_the_answer_also_when_it_was_served_from_the_cache(board: Blackboard) -> None:
    first = await finished(board, cache=entry())
    served = await board.record(new_task(user="bob"), "done", b"{}", cache_key="k")
    await board.feedback(TENANT, Feedback(first, "ann", right=True))
    assert await board.cached(TENANT, "k", min_confidence=0) is not None
    await board.feedback(TENANT, Feedback(served.task_id, "bob", right=False, wrong="the range", should_be="150 feet"))
    assert await board.cached(TENANT, "k", min_confidence=0) is None


async def test_the_last_word_of_a_person_counts_and_admins_see_what_is_wrong(board: Blackboard) -> None:
    task_id = await finished(board)
    await board.feedback(TENANT, Feedback(task_id, "ann", right=False, wrong="all of it"))
    await board.feedback(TENANT, Feedback(task_id, "ann", right=True))
    await board.feedback(TENANT, Feedback(task_id, "bob", right=False, wrong="the range"))
    assert [(said.user, said.right) for said in await board.feedbacks(TENANT, task_id)] == [
        ("ann", True),
        ("bob", False),
    ]
    assert [said.wrong for said in await board.wrong_answers(TENANT)] == ["the range"]
    assert await board.wrong_answers("guild:2") == []


async def test_feedback_on_a_task_of_another_server_is_refused(board: Blackboard) -> None:
    task_id = await finished(board)
    with pytest.raises(UserMistake, match="Nothing was recorded"):
        await board.feedback("guild:2", Feedback(task_id, "eve", right=False))
    assert await board.feedbacks(TENANT, task_id) == []


async def test_a_damaged_cache_row_is_dropped_and_never_served(tmp_path: Path, promise: Promise) -> None:
    board = await Blackboard.open(tmp_path)
    await finished(board, cache=entry())
    board = await reopened(board)
    with raw(tmp_path) as file:
        file.execute("UPDATE ai_response_cache SET response = replace(response, 'yes', 'yas')")
    assert len(await board.check()) == 1
    assert await board.cached(TENANT, "k", min_confidence=0) is None
    health = await board.health()
    assert (health.cache_entries, health.quarantined) == (0, 1)
    assert await board.check() == []
    await board.close()
    promise("A damaged answer is never served from the cache.", "dropped and made anew")


async def test_an_eviction_whose_caller_went_away_holds_in_memory_too(board: Blackboard) -> None:
    task_id = await finished(board, cache=entry())
    saying = asyncio.create_task(board.feedback(TENANT, Feedback(task_id, "ann", right=False)))
    await asyncio.sleep(0)
    saying.cancel()
    while await board.feedbacks(TENANT, task_id) == []:
        await asyncio.sleep(0.005)
    await board.get_state("anything")
    assert await board.cached(TENANT, "k", min_confidence=0) is None


async def test_an_answer_accepted_while_expired_ones_are_pruned_is_found(tmp_path: Path) -> None:
    now = [time.time()]
    board = await Blackboard.open(tmp_path, clock=lambda: now[0])
    await finished(board, cache=entry("old", lasts_s=60))
    now[0] += 61
    pruning = board.prune(keep_days=90, keep_trace_days=30)
    await asyncio.gather(pruning, *(finished(board, cache=entry(f"new{n}", lasts_s=600)) for n in range(5)))
    for number in range(5):
        assert board.may_have_cached(f"new{number}")
        assert await board.cached(TENANT, f"new{number}", min_confidence=0) is not None
    await board.prune(keep_days=90, keep_trace_days=30)
    assert not board.may_have_cached("old")
    board = await reopened(board)
    assert board.may_have_cached("new0") and not board.may_have_cached("old")
    await board.close()
