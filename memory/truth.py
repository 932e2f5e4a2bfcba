"""Reading the truth, in the memory's thread. Every row is checked; what fails is named, and never returned."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blackboard.connections import open_reader
from blackboard.failures import store_error
from memory.contracts import Record
from memory.rows import (
    COLUMNS,
    FIELDS,
    MODEL_SHIFT,
    TAGS,
    from_bf16,
    open_words,
    plausible,
    read_record,
    vector_crc,
    vector_key,
)
from memory.store import Published, read_published

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = tuple[list[int], NDArray[np.float32]]

PORTION = 1_000
_RECORDS = f"SELECT {COLUMNS}, EXISTS (SELECT 1 FROM vectors WHERE key = ? + id) FROM records WHERE id IN"  # noqa: S608
_AFTER = f"SELECT {COLUMNS} FROM records WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"  # noqa: S608
_FIELDS_AFTER = f"SELECT id, {', '.join(FIELDS)} FROM records WHERE id > ? ORDER BY id LIMIT {PORTION}"  # noqa: S608
_VECTOR = "SELECT key, crc, bf16 FROM vectors WHERE key = ?"
_VECTORS_AFTER = "SELECT key, crc, bf16 FROM vectors WHERE key > ? AND key <= ? ORDER BY key LIMIT ?"


def _opened(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """`FIELDS` of a row that begins with its number; tags that are sealed are opened."""
    fields = row[1:]
    if not isinstance(fields[TAGS], bytes):
        return fields
    tags, *_ = open_words(row[0], fields[TAGS], "")
    return (*fields[:TAGS], tags, *fields[TAGS + 1 :])


class Truth:
    """A read-only connection to ``memory.sqlite``."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError."""
        self.path = path
        self._file = open_reader(path)
        self.damaged: set[int] = set()
        """Records whose row failed its check since this was last emptied."""
        self.damaged_vectors: set[tuple[int, int]] = set()
        """Model and record of vectors that failed theirs."""

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._file
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error

    def _rows(self, sql: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._reading() as file:
            return file.execute(sql, arguments).fetchall()

    def counters(self) -> tuple[int, int]:
        """The highest record number given out, and the number of the last commit."""
        ((next_id, lsn),) = self._rows("SELECT next_id, lsn FROM counters")
        return next_id - 1, lsn

    def records(self, ids: Sequence[int], model: int = 0, name: str = "") -> dict[int, Record]:
        """Records by number; `name` becomes `Record.model` of those with a vector of `model`."""
        found: dict[int, Record] = {}
        for start in range(0, len(ids), PORTION):
            some = ids[start : start + PORTION]
            # One statement for all: each would begin and end a reading of the file.
            query = f"{_RECORDS} ({','.join('?' * len(some))})"
            for *fields, has in self._rows(query, (vector_key(model, 0), *some)):
                record = read_record(fields, name if has else "")
                if record is None:
                    self.damaged.add(fields[0])
                else:
                    found[record.id] = record
        return found

    def records_after(self, after: int, last: int, limit: int) -> tuple[int, list[Record]]:
        """The next records by number up to `last`, and the number to go on after; 0 when there are no more."""
        rows = self._rows(_AFTER, (after, last, limit))
        read = [(row[0], read_record(row)) for row in rows]
        self.damaged.update(one for one, record in read if record is None)
        return (rows[-1][0] if rows else 0), [record for _, record in read if record is not None]

    def fields_after(self, after: int) -> list[tuple[int, tuple[Any, ...]]]:
        """Number and `FIELDS` of the next records, for the bitmaps; empty when there are no more.

        Not held against their CRC, which covers the text too: every hit is. What cannot be of its column is left out.
        """
        rows = [(row[0], _opened(row)) for row in self._rows(_FIELDS_AFTER, (after,))]
        self.damaged.update(record_id for record_id, fields in rows if not plausible(fields))
        return rows

    def changes_after(self, lsn: int) -> dict[str, list[int]]:
        """Records forgotten, and records that were given a vector later, since a commit."""
        changed: dict[str, list[int]] = {"forgotten": [], "embedded": []}
        for what, one in self._rows("SELECT what, id FROM changes WHERE lsn > ? ORDER BY lsn", (lsn,)):
            changed[what].append(one)
        return changed

    def vectors(self, model: int, dimension: int, ids: Sequence[int]) -> "Vectors":
        """The vectors of these records, in order, without those that have none."""
        rows: list[tuple[Any, ...]] = []
        with self._reading() as file:
            for one in ids:
                rows += file.execute(_VECTOR, (vector_key(model, one),)).fetchall()
        return self._checked(rows, dimension)

    def vectors_after(self, model: int, dimension: int, after: int, limit: int = PORTION) -> "tuple[int, Vectors]":
        """The next vectors by record number, and the number to go on after; 0 when there are no more."""
        rows = self._rows(_VECTORS_AFTER, (vector_key(model, after), vector_key(model + 1, 0) - 1, limit))
        return (rows[-1][0] & 0xFFFFFFFF if rows else 0), self._checked(rows, dimension)

    def _checked(self, rows: list[tuple[Any, ...]], dimension: int) -> "Vectors":
        ids, sound = [], []
        for key, crc, bf16 in rows:
            whole = isinstance(bf16, bytes) and len(bf16) == dimension * 2 and vector_crc(key, bf16) == crc
            if whole:
                ids.append(key & 0xFFFFFFFF)
                sound.append(bf16)
            else:
                self.damaged_vectors.add((key >> MODEL_SHIFT, key & 0xFFFFFFFF))
        return ids, from_bf16(sound, dimension)

    def embedded(self, model: int, after: int, limit: int) -> list[int]:
        """Numbers of the next records that have a vector."""
        keys = self._rows(
            "SELECT key FROM vectors WHERE key > ? AND key <= ? ORDER BY key LIMIT ?",
            (vector_key(model, after), vector_key(model + 1, 0) - 1, limit),
        )
        return [key & 0xFFFFFFFF for (key,) in keys]

    def tenants(self) -> list[str]:
        """Whose records there are, by name; reads the whole table, so for the night."""
        return [tenant for (tenant,) in self._rows("SELECT DISTINCT tenant FROM records ORDER BY tenant")]

    def having_vectors(self, model: int, ids: Sequence[int]) -> list[int]:
        """Those of the records that have a vector of a model."""
        query = "SELECT 1 FROM vectors WHERE key = ?"
        with self._reading() as file:
            return [one for one in ids if file.execute(query, (vector_key(model, one),)).fetchone()]

    def damaged_among(self, tenant: str, ids: Sequence[int], user: str | None) -> list[int]:
        """Those of the records that were put aside as damaged, whose row still names the tenant, and this person."""
        query = "SELECT id FROM quarantine JOIN records USING (id) WHERE tenant = ?1 AND (?2 IS NULL OR user = ?2)"
        wanted = set(ids)
        return [one for (one,) in self._rows(query, (tenant, user)) if one in wanted]

    def damaged_of(self, tenant: str, user: str) -> list[int]:
        """Records put aside as damaged whose row still names this person."""
        query = "SELECT id FROM quarantine JOIN records USING (id) WHERE tenant = ? AND user = ?"
        return [one for (one,) in self._rows(query, (tenant, user))]

    def due(self, now: float, limit: int) -> list[int]:
        """Records whose time is over."""
        query = "SELECT id FROM records WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"
        return [one for (one,) in self._rows(query, (now, limit))]

    def next_expiry(self, after: float) -> float:
        """When the next record's time is over."""
        ((moment,),) = self._rows("SELECT min(expires_at) FROM records WHERE expires_at > ?", (after,))
        return float("inf") if moment is None else float(moment)

    def published(self) -> list[Published]:
        """The index files that count; a row that fails its check counts nothing."""
        rows = self._rows("SELECT what, model, number, lsn, last_id, name, form, built_at, crc FROM generations")
        return [one for row in rows if (one := read_published(row)) is not None]

    def models(self) -> dict[int, tuple[str, int]]:
        """Name and dimension of each embedder that made vectors here."""
        return {one: (name, size) for one, name, size in self._rows("SELECT id, name, dimension FROM models")}

    def state(self, name: str) -> str:
        """A small fact kept between runs; empty when there is none."""
        rows = self._rows("SELECT value FROM state WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def quarantined(self) -> list[int]:
        """Records noted as damaged."""
        return [one for (one,) in self._rows("SELECT id FROM quarantine ORDER BY id")]

    def integrity(self) -> list[str]:
        """What SQLite itself finds wrong."""
        return [line for (line,) in self._rows("PRAGMA integrity_check(20)") if line != "ok"]

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
