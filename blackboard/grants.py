"""What was granted to people and taken from them, per tenant; each change with its row in the audit log."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from blackboard.audit import Audit, NewEntry
from blackboard.connections import Readers
from blackboard.rows import crc
from blackboard.writer import Writer
from errors import UserMistake

Kind = Literal["allow", "block"]
EVERYWHERE = "*"
"""The tenant of a block that holds in every place."""
EVERYTHING = "*"
"""The subject of a block that takes every command."""
MOST = 1_000
"""Grants and blocks of one tenant."""
_COLUMNS = "id, tenant, user, kind, subject, given_by, at, crc"
CHECK = f"SELECT {_COLUMNS} FROM grants WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608


class Grant(msgspec.Struct, frozen=True):
    """One grant or block. ``subject``: ``role:admin``, ``role:relay``, ``command:/cloud plan``, or ``*`` (a block)."""

    tenant: str
    user: str
    kind: Kind
    subject: str
    given_by: str
    at: float = 0.0


class Grants:
    """The table. Every write is durable before it returns."""

    def __init__(self, readers: Readers, writer: Writer, clock: Callable[[], float], audit: Audit) -> None:
        self._readers, self._writer, self._clock, self._audit = readers, writer, clock, audit

    async def all(self) -> list[Grant]:
        """Every grant of every tenant, for the policy. A damaged grant gives nothing, a damaged block holds."""
        rows = await self._readers.rows(CHECK, (0, -1))
        return [Grant(*row[1:-1]) for row in rows if sound(row) or row[3] == "block"]

    async def put(self, grant: Grant, detail: str) -> Grant:
        """Write a grant or block, with its row in the log; as it stands then.

        Raises:
            UserMistake: it stands already, or the tenant has too many.
        """
        given = msgspec.structs.replace(grant, at=float(self._clock()))

        def work(connection: sqlite3.Connection) -> Grant:
            key = (given.tenant, given.user, given.kind, given.subject)
            where = "tenant = ? AND user = ? AND kind = ? AND subject = ?"
            if connection.execute(f"SELECT 1 FROM grants WHERE {where}", key).fetchone():  # noqa: S608
                raise UserMistake("That stands already. Nothing was changed.")
            ((count,),) = connection.execute("SELECT count(*) FROM grants WHERE tenant = ?", key[:1]).fetchall()
            if count >= MOST:
                raise UserMistake(f"{MOST:,} grants and blocks stand here, which is the most. Nothing was changed.")
            connection.execute(
                "INSERT INTO grants (tenant, user, kind, subject, given_by, at, crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*msgspec.structs.astuple(given), grant_crc(given)),
            )
            self._audit.append(connection, _entry(given, "grant" if given.kind == "allow" else "block", detail))
            return given

        return await self._writer.run("grant", work, durable=True)

    async def remove(self, grants: Sequence[Grant], by: str, detail: str) -> None:
        """Take grants or blocks back, each with its row in the log. Raises UserMistake: none of them stands."""

        def work(connection: sqlite3.Connection) -> None:
            gone = 0
            for grant in grants:
                done = connection.execute(
                    "DELETE FROM grants WHERE tenant = ? AND user = ? AND kind = ? AND subject = ?",
                    (grant.tenant, grant.user, grant.kind, grant.subject),
                )
                if done.rowcount:
                    entry = _entry(grant, "revoke" if grant.kind == "allow" else "unblock", detail)
                    self._audit.append(connection, msgspec.structs.replace(entry, actor=by))
                gone += done.rowcount
            if not gone:
                raise UserMistake("Nothing of that kind stands for this person here. Nothing was changed.")

        await self._writer.run("revoke", work, durable=True)


def grant_crc(grant: Grant) -> int:
    """CRC of a row, its number aside."""
    return crc(msgspec.structs.astuple(grant))


def sound(row: Sequence[Any]) -> bool:
    """Whether a row of `CHECK` is what was written."""
    return bool(crc(tuple(row[1:-1])) == row[-1])


def _entry(grant: Grant, action: Literal["grant", "revoke", "block", "unblock"], detail: str) -> NewEntry:
    about = f"{'everything' if grant.subject == EVERYTHING else grant.subject} {detail}".strip()
    return NewEntry(grant.tenant, action, grant.given_by, grant.user, about)
