"""The audit log: who was granted, blocked or refused what, and what was decided; append-only, each row chained.

``hash_n = H(hash_n-1, n, at, tenant, action, H(actor, subject, detail))``, keyed with the data directory's secret. The
words stand beside the chain and can be erased (a person's wish, age) without breaking it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from blackboard import sealed
from blackboard.connections import Readers
from blackboard.keyfile import subkey
from blackboard.writer import Writer
from errors import StoreError
from logs import redact

Action = Literal[
    "grant", "revoke", "block", "unblock", "refused", "feedback.wrong", "privacy.export", "privacy.delete",
    "relay.approve", "relay.merge", "relay.rollback", "relay.stop", "relay.allow", "relay.repos",
    "backup", "restore", "key.rotate",
]  # fmt: skip
DETAIL = 500
"""Characters of a detail that are kept."""
PORTION = 500
_DETAIL = sealed.unseal("audit_words", "detail", "w")
_WORDS = f"INSERT INTO audit_words VALUES (?1, ?2, ?3, ?4, {sealed.seal('audit_words', 'detail', '?5', '?1')})"  # noqa: S608
_SELECT = (
    f"SELECT a.n, a.at, a.tenant, a.action, w.actor, w.subject, {_DETAIL} FROM audit a "  # noqa: S608
    "LEFT JOIN audit_words w ON w.n = a.n WHERE (?1 IS NULL OR a.tenant = ?1) AND (?2 IS NULL OR a.n < ?2) "
    "AND (?3 = '' OR w.actor = ?3 OR w.subject = ?3) ORDER BY a.n DESC LIMIT ?4"
)
_CHAIN = (
    f"SELECT a.n, a.at, a.tenant, a.action, a.words_hash, a.hash, w.tenant, w.actor, w.subject, {_DETAIL} FROM audit a "  # noqa: S608
    "LEFT JOIN audit_words w ON w.n = a.n WHERE a.n > ? ORDER BY a.n LIMIT ?"
)
_TIP = "SELECT n, hash FROM audit_tip"
_pack = msgspec.msgpack.Encoder().encode


class NewEntry(msgspec.Struct, frozen=True):
    """One thing that was done or refused. ``actor`` did it, ``subject`` is whom or what it was done to."""

    tenant: str
    action: Action
    actor: str
    subject: str = ""
    detail: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A row of the log; its words are None once they were erased."""

    n: int
    at: float
    tenant: str
    action: str
    actor: str | None
    subject: str | None
    detail: str | None


class Digests:
    """Computes the chain's digests, with the key of one data directory."""

    def __init__(self, key: bytes) -> None:
        self._key = subkey(key, "audit")

    def of_words(self, actor: str, subject: str, detail: str) -> bytes:
        """Of what may be erased; keyed, so that nobody guesses it back."""
        return self._digest((actor, subject, detail))

    def link(self, before: bytes, n: int, at: float, tenant: str, action: str, words: bytes) -> bytes:
        """Of a row, covering the row before it."""
        return self._digest((before, n, at, tenant, action, words))

    def _digest(self, values: Sequence[Any]) -> bytes:
        return blake2b(_pack(values), key=self._key, digest_size=16).digest()


class Audit:
    """The log of one database. Every write is durable before it returns."""

    def __init__(self, readers: Readers, writer: Writer, clock: Callable[[], float], key: bytes) -> None:
        self._readers, self._writer, self._clock = readers, writer, clock
        self._digests = Digests(key)

    async def record(self, entry: NewEntry) -> None:
        """Append one row. Raises StoreError: it was not written."""
        await self._writer.run("audit", lambda c: self.append(c, entry), durable=True)

    def append(self, connection: sqlite3.Connection, entry: NewEntry) -> None:
        """Append one row inside the transaction that it tells of."""
        at = float(self._clock())
        detail = redact(entry.detail)[:DETAIL]
        ((last, before),) = connection.execute(_TIP).fetchall()
        n, words = last + 1, self._digests.of_words(entry.actor, entry.subject, detail)
        digest = self._digests.link(bytes(before), n, at, entry.tenant, entry.action, words)
        connection.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", (n, at, entry.tenant, entry.action, words, digest)
        )
        connection.execute(_WORDS, (n, entry.tenant, entry.actor, entry.subject, detail))
        connection.execute("UPDATE audit_tip SET n = ?, hash = ?", (n, digest))

    async def entries(
        self, tenant: str, *, person: str = "", before: int | None = None, limit: int = 20
    ) -> list[Entry]:
        """Rows of a tenant, newest first; only those about a person or by them, where one is named."""
        return await self._entries(tenant, person, before, limit)

    async def all_entries(self, *, person: str = "", before: int | None = None, limit: int = 20) -> list[Entry]:
        """Rows of every tenant, newest first; for the owner alone."""
        return await self._entries(None, person, before, limit)

    async def verify(self) -> list[str]:
        """What is wrong with the log, a sentence each; an empty list when every row is as it was written."""
        walk = Walk(self._digests)
        while portion := await self._readers.rows(_CHAIN, (walk.last, PORTION)):
            if wrong := walk.over(portion):
                return wrong
        return walk.ended(await self._readers.rows(_TIP))

    async def erase_person(self, tenant: str, user: str) -> None:
        """Take the words of the rows that a person did, or that were done to them; the digests stay."""
        await self._writer.run(
            "audit-erase",
            lambda c: (
                c.execute(
                    "DELETE FROM audit_words WHERE tenant = ? AND (actor = ? OR subject = ?)", (tenant, user, user)
                ).rowcount
            ),
            durable=True,
        )

    async def prune(self, before: float) -> None:
        """Take the words of rows older than this (Unix seconds); the digests stay."""
        old = "DELETE FROM audit_words WHERE n IN (SELECT n FROM audit WHERE at < ?)"
        await self._writer.run("audit-prune", lambda c: c.execute(old, (before,)).rowcount)

    async def _entries(self, tenant: str | None, person: str, before: int | None, limit: int) -> list[Entry]:
        return [Entry(*row) for row in await self._readers.rows(_SELECT, (tenant, before, person, limit))]


class Walk:
    """Goes along the chain, row by row in their order, and says where it does not hold."""

    def __init__(self, digests: Digests) -> None:
        self._digests, self._digest = digests, b""
        self.last = 0

    def over(self, rows: Iterable[Sequence[Any]]) -> list[str]:
        """The next rows of `_CHAIN`; the first thing that is wrong."""
        for n, at, tenant, action, words_hash, stored, of, *words in rows:
            if n != self.last + 1:
                return [f"The audit log lacks row {self.last + 1}."]
            self._digest = self._digests.link(self._digest, n, at, tenant, action, bytes(words_hash))
            if self._digest != stored:
                return [f"Row {n} of the audit log was altered, or one before it taken out."]
            if of is not None and (of != tenant or self._digests.of_words(*words) != words_hash):
                return [f"The words of row {n} of the audit log were altered."]
            self.last = n
        return []

    def ended(self, tip: Sequence[Sequence[Any]]) -> list[str]:
        """The chain ends where it was last noted to end."""
        if [(self.last, self._digest)] == [(n, bytes(stored)) for n, stored in tip]:
            return []
        return [f"The audit log ends at row {self.last}, which is not where it ended when it was last written."]


def verify_file(connection: sqlite3.Connection, key: bytes) -> list[str]:
    """As `Audit.verify`, on a connection that only reads; an empty list also for a database older than the log.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        return verify_rows(connection, key)
    except sqlite3.Error as error:
        raise StoreError(f"The audit log cannot be read: {error}.") from error


def verify_rows(connection: sqlite3.Connection, key: bytes) -> list[str]:
    """As `verify_file`. Raises sqlite3.Error."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit_tip'").fetchone():
        return []
    sealed.install(connection)
    walk = Walk(Digests(key))
    return walk.over(connection.execute(_CHAIN, (0, -1))) or walk.ended(connection.execute(_TIP).fetchall())
