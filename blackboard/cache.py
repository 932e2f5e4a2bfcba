"""Accepted answers that may be served again: ``ai_response_cache``, with a small TTL cache in memory before it."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cachetools import TTLCache

from blackboard import sealed
from blackboard.contracts import CacheEntry
from blackboard.rows import crc

HELD = 128
"""Answers held in memory; at a few KiB each, well under 1 MiB."""
HELD_S = 900.0
"""Seconds an answer is held in memory before the table is asked again."""

CLOCK_DRIFT_S = 60.0
"""A clock is set back by so much at most when it only drifted."""

_KEYS = "SELECT cache_key FROM ai_response_cache"
_FIELDS = sealed.columns(
    "ai_response_cache", ("cache_key", "response", "confidence", "expires_at", "task_id", "created_at", "crc")
)
CHECK = f"SELECT id, tenant, {_FIELDS} FROM ai_response_cache WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
READ = (
    f"SELECT {_FIELDS} FROM ai_response_cache "  # noqa: S608
    "WHERE tenant = ? AND cache_key = ?"
)
_ROW = "?1 || ' ' || ?2"
_WRITE = (
    "INSERT OR REPLACE INTO ai_response_cache "  # noqa: S608
    "(tenant, cache_key, response, confidence, expires_at, task_id, created_at, crc) VALUES (?1, ?2, "
    f"{sealed.given('ai_response_cache', 'response', 3, _ROW)}, ?4, ?5, ?6, ?7, "
    f"{sealed.given('ai_response_cache', 'crc', 8, _ROW)})"
)


def entry_crc(tenant: str, entry: CacheEntry) -> int:
    """CRC of a row; the tenant is part of it, so that no flip hands an answer to another server."""
    return crc(
        (
            tenant,
            entry.key,
            entry.response,
            float(entry.confidence),
            float(entry.expires_at),
            entry.task_id,
            float(entry.created_at),
        )
    )


def is_fresh(entry: CacheEntry, now: float) -> bool:
    """Neither expired, nor of a time to come: a clock that was set back must not lengthen an answer's life."""
    return entry.created_at - CLOCK_DRIFT_S <= now < entry.expires_at


def write_entry(connection: sqlite3.Connection, tenant: str, entry: CacheEntry) -> None:
    """Put an accepted answer into the table, in place of an earlier one."""
    connection.execute(
        _WRITE,
        (
            tenant,
            entry.key,
            entry.response,
            entry.confidence,
            entry.expires_at,
            entry.task_id,
            entry.created_at,
            entry_crc(tenant, entry),
        ),
    )


def evict_entry(connection: sqlite3.Connection, tenant: str, key: str) -> None:
    """Take an answer out of the table."""
    connection.execute("DELETE FROM ai_response_cache WHERE tenant = ? AND cache_key = ?", (tenant, key))


def evict_entries(connection: sqlite3.Connection, tenant: str) -> None:
    """Take all answers of a tenant out of the table."""
    connection.execute("DELETE FROM ai_response_cache WHERE tenant = ?", (tenant,))


def stored_keys(connection: sqlite3.Connection) -> list[str]:
    """The keys of all answers, of every tenant."""
    return [key for (key,) in connection.execute(_KEYS)]


def read_entry(tenant: str, values: Sequence[Any]) -> CacheEntry | None:
    """An entry as `READ` gives it, or None when it fails its check."""
    entry = CacheEntry(*values[:-1])
    return entry if entry_crc(tenant, entry) == values[-1] else None


class HeldAnswers:
    """The TTL cache. ``version`` rises with every change, so that a slow read can't bring an evicted answer back.

    Beside it the keys of the whole table, a 64-bit hash each: this process alone writes, so a key that is not among
    them is in no row, and a miss costs no read. A hash that two keys share costs a read in vain.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._held: TTLCache[tuple[str, str], CacheEntry] = TTLCache(HELD, HELD_S, timer=timer)
        self._keys: set[int] = set()
        self.version = 0

    def expect(self, key: str) -> None:
        """From now on the table may hold an answer under this key: said before it is written."""
        self.version += 1
        self._keys.add(hash(key))

    def expect_only(self, keys: Iterable[str], version: int) -> None:
        """The table held these keys and no others; ignored when something has changed since `version`."""
        if version == self.version:
            self._keys = set(map(hash, keys))

    def may_have(self, key: str) -> bool:
        """False when the table holds no answer under this key."""
        return hash(key) in self._keys

    def get(self, tenant: str, key: str) -> CacheEntry | None:
        """The answer held under a key."""
        return self._held.get((tenant, key))

    def put(self, tenant: str, entry: CacheEntry) -> None:
        """Hold an answer that is committed."""
        self.version += 1
        self._held[tenant, entry.key] = entry

    def put_read(self, tenant: str, entry: CacheEntry, version: int) -> None:
        """Hold an answer that was read when `version` was current."""
        if version == self.version:
            self._held[tenant, entry.key] = entry

    def drop(self, tenant: str, key: str) -> None:
        """Forget one answer."""
        self.version += 1
        self._held.pop((tenant, key), None)

    def clear(self) -> None:
        """Forget all."""
        self.version += 1
        self._held.clear()
