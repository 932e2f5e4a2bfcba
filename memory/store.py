"""What is written to the truth: each function is one transaction for the writer's thread, and touches nothing else."""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence

import msgspec

import at_rest
from memory.rows import INSERT, MODEL_SHIFT, TAGS, Row, row_crc, seal_words, vector_crc, vector_key
from memory.tiers.contracts import Generation

PORTION = 1_000
"""Rows that one transaction deletes at most: the writer is free again after a few milliseconds."""
_pack = msgspec.msgpack.Encoder().encode
_ONCE = "SELECT id FROM records WHERE tenant = ? AND once = ?"


class Written(msgspec.Struct, frozen=True):
    """What became of a batch."""

    lsn: int
    """0 when nothing new was written."""
    ids: tuple[int, ...]
    """The number of each record, in the order given; of one known by ``once`` the number it has."""
    new: tuple[int, ...]
    """Places in that order which were written now."""


class Published(msgspec.Struct, frozen=True):
    """A row of ``generations``: an index file that counts."""

    what: str
    """``project``, ``historical``, ``filters`` or ``words``."""
    model: str
    """Which embedder's vectors it holds; empty for filters and words."""
    number: int
    lsn: int
    """Everything up to this commit is in it; what came after is replayed."""
    last_id: int
    """Highest record number given out at that commit."""
    name: str
    """File name."""
    form: bytes
    """How to check and open the file: a `Generation`, or size and CRC."""
    built_at: float

    def crc(self) -> int:
        """CRC-32 over all of it."""
        return zlib.crc32(_pack(msgspec.structs.astuple(self)))


def _advance(connection: sqlite3.Connection, ids: int = 0) -> tuple[int, int]:
    """The first of `ids` new record numbers and the number of this commit."""
    ((first, lsn),) = connection.execute(
        "UPDATE counters SET next_id = next_id + ?1, lsn = lsn + 1 RETURNING next_id - ?1, lsn", (ids,)
    ).fetchall()
    return first, lsn


def write_batch(connection: sqlite3.Connection, rows: Sequence[Row], model: int, vectors: Sequence[bytes]) -> Written:
    """Insert records and their vectors (none, or one for each row); skips those whose ``once`` is known."""
    known, repeated = _known(connection, rows)
    passed = known.keys() | repeated.keys()
    new = tuple(place for place in range(len(rows)) if place not in passed)
    ids = known
    lsn = 0
    if new:
        first, lsn = _advance(connection, len(new))
        ids = known | dict(zip(new, range(first, first + len(new)), strict=True))
        connection.executemany(INSERT, (_numbered(rows[place], ids[place], lsn) for place in new))
        if vectors:
            put_vectors(connection, model, ((ids[place], vectors[place]) for place in new))
    return Written(lsn, tuple(ids[repeated.get(place, place)] for place in range(len(rows))), new)


def _known(connection: sqlite3.Connection, rows: Sequence[Row]) -> tuple[dict[int, int], dict[int, int]]:
    """Places of records not to be written: those kept earlier with their numbers, and those that repeat a place."""
    known: dict[int, int] = {}
    repeated: dict[int, int] = {}
    seen: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        once = row.fields[-1]
        if once is None:
            continue
        name = (row.fields[0], once)
        if name in seen:
            repeated[place] = seen[name]
            continue
        seen[name] = place
        found = connection.execute(_ONCE, name).fetchone()
        if found is not None:
            known[place] = found[0]
    return known, repeated


def _numbered(row: Row, record_id: int, lsn: int) -> tuple[object, ...]:
    crc = row_crc(record_id, lsn, row.body_crc)
    if not at_rest.keyring().active:
        return (record_id, lsn, *row.fields, crc, row.text)
    fields = list(row.fields)
    fields[TAGS], text, sealed_crc = seal_words(record_id, fields[TAGS], row.text, crc)
    return (record_id, lsn, *fields, sealed_crc, text)


def put_vectors(connection: sqlite3.Connection, model: int, vectors: Iterable[tuple[int, bytes]]) -> None:
    """Write the vectors of records."""
    keyed = ((vector_key(model, record_id), bf16) for record_id, bf16 in vectors)
    connection.executemany(
        "INSERT OR REPLACE INTO vectors (key, crc, bf16) VALUES (?, ?, ?)",
        ((key, vector_crc(key, bf16), bf16) for key, bf16 in keyed),
    )


def embed_later(connection: sqlite3.Connection, model: int, vectors: Sequence[tuple[int, bytes]]) -> tuple[int, ...]:
    """Give records that exist a vector they lacked; returns which still existed, after the lsn of this commit."""
    alive = [pair for pair in vectors if connection.execute("SELECT 1 FROM records WHERE id = ?", pair[:1]).fetchone()]
    _, lsn = _advance(connection)
    put_vectors(connection, model, alive)
    connection.executemany("INSERT INTO changes VALUES (?, ?, 'embedded')", ((lsn, one) for one, _ in alive))
    return (lsn, *(one for one, _ in alive))


def forget(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Erase records with all their vectors and leave a tombstone for each; returns the lsn."""
    _, lsn = _advance(connection)
    models = [model for (model,) in connection.execute("SELECT id FROM models")]
    for table in ("records", "quarantine"):
        connection.executemany(f"DELETE FROM {table} WHERE id = ?", ((one,) for one in ids))  # noqa: S608
    keys = ((vector_key(model, one),) for model in models for one in ids)
    connection.executemany("DELETE FROM vectors WHERE key = ?", keys)
    connection.executemany("INSERT INTO changes VALUES (?, ?, 'forgotten')", ((lsn, one) for one in ids))
    return lsn


def quarantine(connection: sqlite3.Connection, ids: Sequence[int], now: float) -> None:
    """Note records that fail their check. They keep failing it: they are never answered from."""
    connection.executemany("INSERT OR IGNORE INTO quarantine VALUES (?, ?)", ((one, now) for one in ids))


def drop_vectors(connection: sqlite3.Connection, model: int, limit: int) -> int:
    """Delete some vectors of one model; returns how many went."""
    return connection.execute(
        "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors WHERE key >= ? AND key < ? LIMIT ?)",
        (model << MODEL_SHIFT, (model + 1) << MODEL_SHIFT, limit),
    ).rowcount


def drop_vector(connection: sqlite3.Connection, model: int, ids: Sequence[int]) -> None:
    """Delete damaged vectors; they are made anew from the text."""
    connection.executemany("DELETE FROM vectors WHERE key = ?", ((vector_key(model, one),) for one in ids))


def model_id(connection: sqlite3.Connection, name: str, dimension: int) -> int:
    """The number of an embedder, given at its first use."""
    connection.execute("INSERT OR IGNORE INTO models (name, dimension) VALUES (?, ?)", (name, dimension))
    query = "SELECT id FROM models WHERE name = ? AND dimension = ?"
    return int(connection.execute(query, (name, dimension)).fetchone()[0])


def set_state(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a small fact between runs."""
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


def publish(connection: sqlite3.Connection, row: Published) -> None:
    """Make an index file the one that counts."""
    connection.execute(
        "INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(row), row.crc()),
    )


def withdraw(connection: sqlite3.Connection, what: str, model: str) -> None:
    """No file of this kind counts any more."""
    connection.execute("DELETE FROM generations WHERE what = ? AND model = ?", (what, model))


def drop_changes(connection: sqlite3.Connection, before: int) -> int:
    """Delete changes that every index has taken in; returns how many."""
    return connection.execute("DELETE FROM changes WHERE lsn <= ?", (before,)).rowcount


def read_published(values: Sequence[object]) -> Published | None:
    """A row of ``generations``; None when its CRC does not fit."""
    *fields, crc = values
    try:
        published = Published(*fields)  # type: ignore[arg-type]
        return published if published.crc() == crc else None
    except (msgspec.MsgspecError, TypeError, UnicodeError, OverflowError):
        return None


def form_of(generation: Generation) -> bytes:
    """A tier's generation as `Published.form` holds it."""
    return msgspec.json.encode(generation)
