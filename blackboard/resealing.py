"""Every word of a database under the current key, or plain without one: in portions, each a transaction of its own.

A kill leaves some words under the old key and some under the new; both are known until the end, and the next run goes
on: what lies under the current key already is passed over.
"""

import sqlite3
from collections.abc import Callable, Iterator

import at_rest
from blackboard.guard_tables import WORDS_UNCHANGED
from blackboard.sealed import TABLES, Sealed, keys_needed, set_keys

PORTION = 200
"""Rows, or numbers of tasks, of one transaction."""
Progress = Callable[[str, int], None]
_BY = {
    "logic_trace": "task_id", "model_calls": "task_id", "feedback": "task_id", "relay_checkpoints": "job_id",
    "characters": "",
}  # fmt: skip
"""The number by which portions of a table are taken, where it is not the row's own; empty: all at once."""


def reseal(connection: sqlite3.Connection, told: Progress) -> int:
    """Bring all words of a database under the current key; returns how many values were changed.

    ``told`` is called with the table and that number after each transaction. The connection is one of
    `connections.open_writer`, in no transaction; nobody else writes. The log is worked in at the end, so that no old
    form stays in it.

    Raises:
        sqlite3.Error: the disk is full or the file damaged; what was committed stays, a next run goes on.
    """
    current = at_rest.keyring().current
    connection.create_function("stale", 1, lambda value: _is_stale(value, current))
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    changed = 0
    for table, sealed in TABLES.items():
        if table in there:
            for count in _table(connection, table, sealed):
                changed += count
                told(table, changed)
    _checkpoint(connection)
    if keys_needed(connection) != {current.hex()} - {""}:
        set_keys(connection, frozenset({current.hex()} - {""}))
        _checkpoint(connection)
    return changed


def _is_stale(value: at_rest.Value, current: bytes) -> bool:
    return value not in (None, "", b"") and at_rest.key_id(value) != current


def _table(connection: sqlite3.Connection, table: str, sealed: Sealed) -> Iterator[int]:
    by = _BY.get(table, "rowid")
    if not by:
        yield _portion(connection, table, sealed, "1", ())
        return
    ((last,),) = connection.execute(f"SELECT coalesce(max({by}), 0) FROM {table}").fetchall()  # noqa: S608
    after = 0
    while after < last:
        following = connection.execute(
            f"SELECT max({by}) FROM (SELECT {by} FROM {table} WHERE {by} > ? ORDER BY {by} LIMIT {PORTION})",  # noqa: S608
            (after,),
        ).fetchone()[0]
        yield _portion(connection, table, sealed, f"{by} > ? AND {by} <= ?", (after, following))
        after = following


def _portion(connection: sqlite3.Connection, table: str, sealed: Sealed, where: str, arguments: tuple[int, ...]) -> int:
    """One transaction. The words of the audit log may be changed by nothing else: its trigger is off within."""
    stale = " + ".join(f"stale({column})" for column in sealed.columns)
    pairs = ", ".join(f"{c} = reseal({c}, '{table}.{c}', CAST({sealed.row} AS BLOB))" for c in sealed.columns)
    connection.execute("BEGIN IMMEDIATE")
    try:
        if table == "audit_words":
            connection.execute("DROP TRIGGER audit_words_unchanged")
        count = f"SELECT total({stale}) FROM {table} WHERE {where}"  # noqa: S608
        ((values,),) = connection.execute(count, arguments).fetchall()
        if values:
            connection.execute(f"UPDATE {table} SET {pairs} WHERE {where} AND {stale}", arguments)  # noqa: S608
        if table == "audit_words":
            connection.execute(WORDS_UNCHANGED)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return int(values)


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
