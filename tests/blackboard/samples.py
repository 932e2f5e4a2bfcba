"""What the tests of the blackboard write: the smallest things that are whole."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blackboard.contracts import Admission, CacheEntry, CallRecord, Correction, Delivery, Lease, NewTask, Step
from database import Blackboard

TENANT = "guild:1"
CALL = CallRecord("groq", "llama", "draft", "ok", tokens_in=100, tokens_out=20, cost_usd=0.01, duration_ms=5.0)
LESSON = Correction("movement.grapple", "each foot costs 1 extra", "each foot costs 2 extra")
ROUTED = Step("Arbiter", "route", {"why": "not cached"}, duration_ms=0.2)


def new_task(
    interaction: str | None = None, *, tenant: str = TENANT, user: str = "ann", delivery: Delivery | None = None
) -> NewTask:
    return NewTask(tenant, user, "dnd_rule", b'{"topic":"grappled"}', interaction, delivery)


def delivery(token: str = "a-token-worth-hiding") -> Delivery:
    return Delivery(10, token, time.time() + 900, channel_id=20, ephemeral=False)


def entry(key: str = "k", *, confidence: float = 0.9, lasts_s: float = 60.0) -> CacheEntry:
    return CacheEntry(key, b'{"text":"yes"}', confidence, time.time() + lasts_s, 0, time.time())


async def admitted(board: Blackboard, task: NewTask | None = None) -> tuple[int, Lease]:
    admission = await board.admit(task or new_task(), (ROUTED,), room=13, run_now=True)
    assert isinstance(admission, Admission)
    assert admission.lease is not None
    return admission.task_id, admission.lease


async def finished(board: Blackboard, task: NewTask | None = None, cache: CacheEntry | None = None) -> int:
    task_id, lease = await admitted(board, task)
    await board.finish(
        lease,
        status="done",
        retry_count=0,
        result=b'{"text":"yes"}',
        steps=(Step("Critic", "pass", {"claims": 6}),),
        calls=(CALL,),
        cache=cache,
    )
    return task_id


@contextmanager
def raw(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The file itself, as an accident would get at it."""
    connection = sqlite3.connect(data_dir / "vespera.sqlite", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
