"""Fights, characters and campaigns: one open fight per channel of a tenant, one character per person.

A fight's log is written whole, guarded by a CRC, and only over the version that was read: of two writers one is told.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from blackboard import sealed
from blackboard.connections import Readers
from blackboard.rows import crc
from blackboard.writer import Writer
from errors import StoreCorrupt, UserMistake

_PERSON = "?1 || ' ' || ?2"
_CHECKED = sealed.columns("combats", ("id", "tenant", "channel", "version", "log", "crc"))
CHECK = f"SELECT {_CHECKED} FROM combats WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
_SHEET = sealed.columns("characters", ("tenant", "user", "sheet", "crc"))
CHECK_SHEETS = f"SELECT tenant || ' ' || user AS who, {_SHEET} FROM characters WHERE who > ? ORDER BY who LIMIT ?"  # noqa: S608
_COLUMNS = sealed.columns(
    "combats", ("id", "tenant", "channel", "open", "version", "log", "narrated", "message", "crc")
)
_INSERT = (
    "INSERT INTO combats (tenant, channel, open, version, log, narrated, message, updated_at, crc) "
    "VALUES (?, ?, 1, 1, x'', 0, '', ?, 0)"
)
_FIRST = sealed.update("combats", ("log", "crc"))
_SAVE = (
    f"UPDATE combats SET log = {sealed.seal('combats', 'log')}, version = ?, open = ?, "  # noqa: S608
    f"narrated = min(narrated, ?), updated_at = ?, crc = {sealed.seal('combats', 'crc')} "
    "WHERE id = ? AND version = ? AND open = 1"
)
_PUT_SHEET = (
    "INSERT OR REPLACE INTO characters (tenant, user, sheet, updated_at, crc) "  # noqa: S608
    f"VALUES (?1, ?2, {sealed.given('characters', 'sheet', 3, _PERSON)}, ?4, "
    f"{sealed.given('characters', 'crc', 5, _PERSON)})"
)

_ERASE = (
    "DELETE FROM combats WHERE tenant = ? AND open = 0 "  # noqa: S608
    f"AND instr(CAST({sealed.unseal('combats', 'log')} AS TEXT), ?)"
)
T = TypeVar("T")


class StoredCombat(msgspec.Struct, frozen=True):
    """A fight as it stands on disk. ``narrated``: entries of its log that were told; ``message``: the front's own."""

    id: int
    tenant: str
    channel: str
    open: bool
    version: int
    log: bytes
    narrated: int = 0
    message: str = ""


class Combats:
    """The tables of the game. Every write is durable before it returns."""

    def __init__(self, readers: Readers, writer: Writer, clock: Callable[[], float]) -> None:
        self._readers, self._writer, self._clock = readers, writer, clock

    async def open_in(self, tenant: str, channel: str) -> StoredCombat | None:
        """The open fight of a channel. Raises StoreCorrupt when its row fails its check."""
        where = "tenant = ? AND channel = ? AND open = 1"
        return await self._one(where, (tenant, channel))

    async def combat(self, tenant: str, combat_id: int) -> StoredCombat | None:
        """A fight of this tenant by its number, also one that is over. Raises StoreCorrupt."""
        return await self._one("tenant = ? AND id = ?", (tenant, combat_id))

    async def begin(self, tenant: str, channel: str, log: bytes) -> int:
        """Open a fight; its number.

        Raises:
            UserMistake: the channel has one.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> int:
            found = connection.execute(
                "SELECT 1 FROM combats WHERE tenant = ? AND channel = ? AND open = 1", (tenant, channel)
            )
            if found.fetchone():
                raise UserMistake(
                    "There is a fight in this channel already: /combat status shows it. Nothing was changed."
                )
            number = int(connection.execute(_INSERT, (tenant, channel, now)).lastrowid or 0)
            connection.execute(_FIRST, (log, _crc(number, tenant, channel, 1, log), number))
            return number

        return await self._write("combat-begin", work)

    async def save(
        self, combat: StoredCombat, log: bytes, *, ended: bool = False, sheets: dict[str, bytes] | None = None
    ) -> None:
        """Write a fight over the version that was read; with the sheets it changed, in one transaction.

        Raises:
            UserMistake: somebody was faster, or it is over.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            version = combat.version + 1
            done = connection.execute(
                _SAVE,
                (log, version, not ended, combat.narrated, now,
                 _crc(combat.id, combat.tenant, combat.channel, version, log), combat.id, combat.version),
            )  # fmt: skip
            if done.rowcount != 1:
                raise UserMistake(
                    "Somebody else acted at the same moment. Nothing of yours was changed. Look, and try again."
                )
            for user, sheet in (sheets or {}).items():
                _put_sheet(connection, combat.tenant, user, sheet, now)

        await self._write("combat-save", work)

    async def note(
        self, tenant: str, combat_id: int, *, narrated: int | None = None, message: str | None = None
    ) -> None:
        """Note how far the tale was told, or where the fight is shown; neither changes its version."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE combats SET narrated = coalesce(?, narrated), message = coalesce(?, message) "
                "WHERE tenant = ? AND id = ?",
                (narrated, message, tenant, combat_id),
            )

        await self._write("combat-note", work)

    async def sheet(self, tenant: str, user: str) -> bytes | None:
        """A person's character. Raises StoreCorrupt."""
        rows = await self._readers.rows(
            f"SELECT {_SHEET} FROM characters WHERE tenant = ? AND user = ?",  # noqa: S608
            (tenant, user),
        )
        if not rows:
            return None
        *_, sheet, check = rows[0]
        if crc((tenant, user, sheet)) != check:
            raise StoreCorrupt("This character fails its check and is not used. Nothing was changed. Import it again.")
        return bytes(sheet)

    async def put_sheet(self, tenant: str, user: str, sheet: bytes) -> None:
        """Write a person's character."""
        await self._write("sheet", lambda connection: _put_sheet(connection, tenant, user, sheet, self._clock()))

    async def edition(self, tenant: str) -> str | None:
        """The campaign's edition, None while none was chosen."""
        rows = await self._readers.rows("SELECT edition FROM campaigns WHERE tenant = ?", (tenant,))
        return str(rows[0][0]) if rows else None

    async def set_edition(self, tenant: str, edition: str) -> None:
        """Choose the campaign's edition."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO campaigns (tenant, edition) VALUES (?, ?)", (tenant, edition))

        await self._write("campaign", work)

    async def prune(self, before: float) -> None:
        """Forget fights that ended before this time (Unix seconds)."""
        await self._write(
            "prune", lambda c: c.execute("DELETE FROM combats WHERE open = 0 AND updated_at < ?", (before,))
        )

    async def erase_user(self, tenant: str, user: str) -> None:
        """Forget a person's character, and the ended fights that person gave a command in."""
        named = f'"user":{msgspec.json.encode(user).decode()}'

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM characters WHERE tenant = ? AND user = ?", (tenant, user))
            connection.execute(_ERASE, (tenant, named))

        await self._write("combat-erase", work)

    async def _one(self, where: str, arguments: tuple[object, ...]) -> StoredCombat | None:
        rows = await self._readers.rows(f"SELECT {_COLUMNS} FROM combats WHERE {where}", arguments)  # noqa: S608
        if not rows:
            return None
        number, of, channel, is_open, version, log, narrated, message, check = rows[0]
        found = StoredCombat(number, of, channel, bool(is_open), version, log, narrated, message)
        if not sound((found.id, found.tenant, found.channel, found.version, found.log, check)):
            raise StoreCorrupt(f"Fight {found.id} fails its check and is not used. Nothing was changed.")
        return found

    async def _write(self, name: str, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._writer.run(name, work, durable=True)


def sound(row: Sequence[Any]) -> bool:
    """Whether a row of `CHECK` is what was written."""
    number, tenant, channel, version, log, check = row
    # A fight that was last written before its number was part of the CRC passes by the older one.
    return check in (_crc(number, tenant, channel, version, log), crc((tenant, channel, version, log)))


def _crc(number: int, tenant: str, channel: str, version: int, log: bytes) -> int:
    """The number is part of it: buttons carry it, and a flip in it would hand them another fight."""
    return crc((number, tenant, channel, version, log))


def sheet_sound(row: Sequence[Any]) -> bool:
    """Whether a row of `CHECK_SHEETS` is what was written."""
    _, tenant, user, sheet, check = row
    return bool(crc((tenant, user, sheet)) == check)


def _put_sheet(connection: sqlite3.Connection, tenant: str, user: str, sheet: bytes, now: float) -> None:
    connection.execute(_PUT_SHEET, (tenant, user, sheet, now, crc((tenant, user, sheet))))
