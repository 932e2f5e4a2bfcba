"""Which columns hold people's words, and so are sealed on disk where there is a key; the SQL that does it.

On every connection two SQL functions stand for it: ``seal(value, column, row)`` and ``unseal(value, column, row)``.
A plain value is read without a call. Checks (CRCs) are made of plain values, so they are sealed as well: beside a
ciphertext they would let guesses be tested.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

import at_rest
from errors import StoreSealed

STATE = "at_rest_keys"
"""Fact in ``state``: ids of the keys under which words of this database may lie."""


class Sealed(msgspec.Struct, frozen=True):
    """The sealed columns of a table, and what tells one row of it from another (an SQL expression)."""

    columns: tuple[str, ...]
    row: str


_MARK = f"x'{at_rest.MARK.hex()}'"
TABLES: Mapping[str, Sealed] = {
    "agent_tasks": Sealed(("payload", "logic_trace", "result", "crc"), "id"),
    "logic_trace": Sealed(("detail",), "task_id || ':' || seq"),
    "model_calls": Sealed(("note",), "task_id || ':' || n"),
    "ai_response_cache": Sealed(("response", "crc"), "tenant || ' ' || cache_key"),
    "system_corrections": Sealed(("critic_feedback", "draft"), "task_id"),
    "feedback": Sealed(("wrong", "should_be"), "task_id || ' ' || user"),
    "combats": Sealed(("log", "crc"), "id"),
    "characters": Sealed(("sheet", "crc"), "tenant || ' ' || user"),
    "relay_jobs": Sealed(("state", "crc"), "task_id"),
    "relay_ledger": Sealed(("row", "crc"), "task_id"),
    "relay_checkpoints": Sealed(("body", "crc"), "job_id || ':' || n"),
    "audit_words": Sealed(("detail",), "n"),
    "records": Sealed(("tags", "text", "crc"), "id"),
}
"""Tables of the blackboards, and ``records`` of the memory."""


def seal(table: str, column: str, value: str = "?", row: str = "") -> str:
    """SQL for a value on its way to disk. ``row``: where an INSERT cannot say it by the table's own expression."""
    return f"seal({value}, '{table}.{_known(table, column)}', CAST({row or TABLES[table].row} AS BLOB))"


def unseal(table: str, column: str, alias: str = "") -> str:
    """SQL for a column on its way back; ``alias``: the table's name in the statement."""
    row, dot = TABLES[table].row, f"{alias}." if alias else ""
    if alias:
        row = " || ".join(part if part.startswith("'") else dot + part for part in row.split(" || "))
    value = f"{dot}{_known(table, column)}"
    opened = f"unseal({value}, '{table}.{column}', CAST({row} AS BLOB))"
    return f"CASE WHEN substr({value}, 1, {len(at_rest.MARK)}) = {_MARK} THEN {opened} ELSE {value} END"


def columns(table: str, names: tuple[str, ...], alias: str = "") -> str:
    """A list of columns for a SELECT, the sealed ones opened."""
    dot = f"{alias}." if alias else ""
    return ", ".join(unseal(table, name, alias) if name in TABLES[table].columns else f"{dot}{name}" for name in names)


def given(table: str, column: str, place: int, row: str = "") -> str:
    """SQL for the parameter of that number as a column's value."""
    value = f"?{place}"
    return seal(table, column, value, row) if column in TABLES[table].columns else value


def update(table: str, names: tuple[str, ...], where: str = "id = ?") -> str:
    """An UPDATE of these columns, in their order, then of what `where` asks for."""
    values = (seal(table, name) if name in TABLES[table].columns else "?" for name in names)
    pairs = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    return f"UPDATE {table} SET {pairs} WHERE {where}"  # noqa: S608


def _known(table: str, column: str) -> str:
    if column not in TABLES[table].columns:
        raise KeyError(f"{table}.{column} is not declared as sealed")
    return column


def install(connection: sqlite3.Connection) -> None:
    """Give a connection the functions, with the keys that this process has now."""
    ring = at_rest.keyring()
    connection.create_function("seal", 3, ring.seal if ring.active else _as_it_is)
    connection.create_function("unseal", 3, ring.unseal)
    connection.create_function("reseal", 3, ring.reseal)


def _as_it_is(value: at_rest.Value, _column: str, _row: bytes) -> at_rest.Value:
    return value


def keys_needed(connection: sqlite3.Connection) -> frozenset[str]:
    """Ids of the keys under which words of a database may lie; empty also for a file without our tables."""
    try:
        found = connection.execute("SELECT value FROM state WHERE name = ?", (STATE,)).fetchone()
    except sqlite3.OperationalError:
        return frozenset()
    return frozenset(filter(None, found[0].split(","))) if found else frozenset()


def require_keys(connection: sqlite3.Connection, path: Path) -> frozenset[str]:
    """The ids of the keys needed; raises StoreSealed when this process lacks one."""
    needed = keys_needed(connection)
    if missing := needed - at_rest.keyring().names:
        raise StoreSealed(
            f"{path} is encrypted with a key that is not set here (id {', '.join(sorted(missing))}). Nothing was "
            "changed. Set VESPERA_AT_REST_KEY to it; while a key is being replaced, the old one as "
            "VESPERA_AT_REST_KEY_BEFORE."
        )
    return needed


def note_key(connection: sqlite3.Connection, path: Path) -> None:
    """Before the first word is sealed with a key, the database says that it may need it.

    Raises:
        StoreSealed: a key that it needs is not set here; nothing was changed.
    """
    needed, current = require_keys(connection, path), at_rest.keyring().current.hex()
    if current and current not in needed:
        set_keys(connection, needed | {current})


def set_keys(connection: sqlite3.Connection, ids: frozenset[str]) -> None:
    """Say under which keys words may lie from now on."""
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (STATE, ",".join(sorted(ids))))
