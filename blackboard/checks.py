"""How the blackboard is: figures for `/status`, and a thorough look for `doctor`."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from blackboard import cache, combats, grants, relays
from blackboard.audit import Audit
from blackboard.cache import read_entry
from blackboard.connections import Readers
from blackboard.contracts import StoreHealth
from blackboard.outbox import Outbox
from blackboard.retention import DAY_S
from blackboard.rows import WITH_STEPS
from blackboard.trace import Chain
from errors import StoreCorrupt, StoreError

PORTION = 200
Sound = Callable[[Sequence[Any]], bool]
_COUNTS = (
    "SELECT (SELECT count(*) FROM agent_tasks WHERE status = 'queued'), "
    "(SELECT count(*) FROM agent_tasks WHERE status = 'running'), "
    "(SELECT count(*) FROM agent_tasks WHERE closed_at >= ?), (SELECT count(*) FROM ai_response_cache), "
    "(SELECT count(*) FROM outbox WHERE state = 'ready'), (SELECT count(*) FROM quarantine)"
)
_OUTBOX = (
    "SELECT task_id, application_id, token, token_expires_at, channel_id, ephemeral, message_id, crc FROM outbox "
    "WHERE task_id > ? ORDER BY task_id LIMIT ?"
)


async def health(readers: Readers, path: Path, now: float) -> StoreHealth:
    """Counts and sizes. "Today" begins at midnight UTC."""
    ((queued, running, today, entries, undelivered, damaged),) = await readers.rows(_COUNTS, (now - now % DAY_S,))
    file_bytes, wal_bytes = await asyncio.to_thread(_sizes, path)
    return StoreHealth(
        queued=queued,
        running=running,
        finished_today=today,
        cache_entries=entries,
        undelivered=undelivered,
        file_bytes=file_bytes,
        wal_bytes=wal_bytes,
        sqlite=sqlite3.sqlite_version,
        quarantined=damaged,
    )


def guarded(outbox: Outbox) -> tuple[tuple[str, str, Sound], ...]:
    """Rows with a CRC of their own: how to read them in portions (after a key, so many), what they are, their check."""
    return (
        (cache.CHECK, "Cached answer", lambda row: read_entry(row[1], row[2:]) is not None),
        (_OUTBOX, "Delivery", lambda row: outbox.read(row) is not None),
        (combats.CHECK, "Fight", combats.sound),
        (combats.CHECK_SHEETS, "Character", combats.sheet_sound),
        (relays.CHECK, "Ledger row of sprint", relays.sound),
        (grants.CHECK, "Grant", grants.sound),
    )


async def check(readers: Readers, chain: Chain, outbox: Outbox, audit: Audit) -> list[str]:
    """Everything that is wrong, a sentence each; an empty list when all is well. Reads the whole database."""
    try:
        found = [
            f"The database file is damaged: {line}."
            for (line,) in await readers.rows("PRAGMA integrity_check(20)")
            if line != "ok"
        ]
        found += await _tasks(readers, chain)
        for sql, what, sound in guarded(outbox):
            found += await _guarded(readers, sql, what, sound)
        found += await audit.verify()
        found += await _lost(readers)
    except StoreError as error:
        return [str(error)]
    return found


async def _tasks(readers: Readers, chain: Chain) -> list[str]:
    found, after = [], 0
    while ids := await readers.rows("SELECT id FROM agent_tasks WHERE id > ? ORDER BY id LIMIT ?", (after, PORTION)):
        for (task_id,) in ids:
            rows = await readers.rows(WITH_STEPS, (task_id, None))
            try:
                if rows and not chain.holds(rows):
                    found.append(f"The trace of task {task_id} was altered or is incomplete.")
            except StoreCorrupt as error:
                found.append(str(error))
        after = ids[-1][0]
    return found


async def _guarded(readers: Readers, sql: str, what: str, sound: Sound) -> list[str]:
    found, after = [], 0
    while portion := await readers.rows(sql, (after, PORTION)):
        found += [unfit(what, row) for row in portion if not sound(row)]
        after = portion[-1][0]
    return found


def unfit(what: str, row: Sequence[Any]) -> str:
    """What is told of a row that fails its check."""
    return f"{what} {row[0]} fails its check and will not be used."


async def _lost(readers: Readers) -> list[str]:
    rows = await readers.rows("SELECT value FROM state WHERE name = 'lost_commits'")
    return [
        f"{lost} acknowledged commits were missing when the database was opened: it is older than its mark "
        "(a deleted -wal file, or an older copy)."
        for (lost,) in rows
    ]


def _sizes(path: Path) -> tuple[int, int]:
    """Bytes of the database and of its write-ahead log."""
    log = Path(f"{path}-wal")
    return path.stat().st_size, log.stat().st_size if log.exists() else 0
