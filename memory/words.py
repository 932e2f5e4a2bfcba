"""Finding records by their words: SQLite's FTS5 with BM25, in a file that may lag behind the truth.

The file is immutable and under one checksum; what came after it stands in a small index in memory, filled on the way.
Only numbers come out of here: text is always read from the truth, and every number is held against what is allowed.
"""

import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import log
from pathlib import Path
from shutil import copyfile
from urllib.parse import quote

import msgspec
from cachetools import LRUCache
from pyroaring import BitMap

import at_rest
from errors import IndexDamaged
from memory.contracts import Record
from memory.files import write_aside
from memory.store import Published
from memory.truth import Truth

LATE = 2_048
"""Records the index in memory holds at most; then a new file is due."""
CATCH_UP = 256
"""Records a question waits for; when more are missing it says so."""
LATE_BYTES = 4 * 1024 * 1024
"""Bytes of their texts it holds at most."""
PORTION = 256
MATCHES = 2_000
"""Records with any of the words that one question ranks at most: its commonest words are left out first."""
WORDS = 32
WORD_CHARS = 64
_TABLE = (
    "CREATE VIRTUAL TABLE words USING fts5(tenant, text, content='', tokenize='porter unicode61 remove_diacritics 2')"
)
_INSERT = "INSERT INTO words (rowid, tenant, text) VALUES (?, ?, ?)"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT {MATCHES + 1})"  # noqa: S608
_OLDEST = f"SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET {MATCHES}"  # noqa: S608
_HAVING = f"SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT {LATE}"  # noqa: S608
_RANKED = (
    "SELECT rowid, bm25(words, 0.0, 1.0) FROM words WHERE words MATCH ? AND rowid > ? AND allowed(rowid) "
    "ORDER BY 2 LIMIT ?"
)
_word = re.compile(r"\w+").findall


class _File(msgspec.Struct, frozen=True):
    """What `Published.form` says of the file."""

    size: int
    crc: int


class Words:
    """The text index; everything runs in the memory's thread."""

    def __init__(self, truth: Truth, folder: Path) -> None:
        self._truth, self._folder = truth, folder
        self._base: sqlite3.Connection | None = None
        self._base_rows = 0
        self._late = self._new_late()
        self._allowed: BitMap = BitMap()
        self.row: Published | None = None
        self.followed = 0
        """Records up to this number are in one of the two."""
        self.late_rows = self.late_bytes = 0
        self.base_dead = False
        """Whether the file holds words of records that were forgotten."""
        self._common: LRUCache[tuple[str, str], int] = LRUCache(512)

    def open(self, published: Sequence[Published], forgotten_since: Callable[[int], Iterable[int]]) -> str:
        """Open the file that counts; returns what was wrong with it, or nothing."""
        for row in published:
            if row.what == "words":
                try:
                    self.swap(row, bool(list(forgotten_since(row.lsn))))
                except IndexDamaged as error:
                    return f"The text index was damaged and is being rebuilt from the records: {error}."
        return ""

    def swap(self, row: Published, dead: bool) -> None:
        """Use a file that was published, and begin the index above it anew.

        Raises:
            IndexDamaged: a byte of the file fails its check.
        """
        path = self._folder / row.name
        _verify(path, row)
        try:
            base = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
            base.execute("PRAGMA cache_size = -512")
            base.execute("SELECT rowid FROM words LIMIT 1").fetchone()
        except sqlite3.Error as error:
            raise IndexDamaged(f"{row.name} cannot be read ({error})") from error
        self.close()
        base.create_function("allowed", 1, self._is_allowed)
        self._base, self._late, self.row = base, self._new_late(), row
        self._base_rows = int(base.execute("SELECT count(*) FROM words_docsize").fetchone()[0])
        self.followed, self.late_rows, self.late_bytes, self.base_dead = row.last_id, 0, 0, dead
        self._common.clear()

    def _new_late(self) -> sqlite3.Connection:
        late = sqlite3.connect(":memory:", isolation_level=None)
        late.execute(_TABLE)
        late.create_function("allowed", 1, self._is_allowed)
        return late

    def _is_allowed(self, one: int) -> bool:
        return one in self._allowed

    def follow(self, last: int, limit: int = PORTION) -> int:
        """Take in the next records up to number `last`; returns how many numbers are still missing."""
        room = min(limit, LATE - self.late_rows)
        if self.followed < last and not self.full:
            after, records = self._truth.records_after(self.followed, last, room)
            self._late.execute("BEGIN")
            self._late.executemany(_INSERT, map(_indexed, records))
            self._late.execute("COMMIT")
            self.late_rows += len(records)
            self.late_bytes += sum(len(record.new.text) for record in records)
            self.followed = after or last
        return last - self.followed

    @property
    def full(self) -> bool:
        """Whether a new file is due: no more is taken in before."""
        return self.late_rows >= LATE or self.late_bytes >= LATE_BYTES

    def search(self, text: str, tenant: str, dominant: bool, allowed: BitMap, k: int) -> list[int]:
        """Numbers of the records that carry words of `text`, the best first.

        `dominant`: most records are the tenant's; then holding each match against `allowed` is cheaper than asking
        the index for the tenant's alone.
        """
        words = _distinct(text)
        if not words or not allowed:
            return []
        self._allowed = allowed
        within = "" if dominant else f'tenant : "{_token(tenant)}" AND '
        ranked = self._ranked_late(within, words, allowed)
        if self._base is not None:
            chosen, common = self._chosen(self._base, within, words)
            if chosen:
                query = f"{within}text : ({' OR '.join(chosen)})"
                ranked += [(score, one) for one, score in _ranked(self._base, query, common, k)]
        return [one for _, one in sorted(ranked)[:k]]

    def _ranked_late(self, within: str, words: Sequence[str], allowed: BitMap) -> list[tuple[float, int]]:
        """Scores, lower is better, and numbers in the index in memory, as BM25 of one occurrence in a usual length.

        How rare a word is, is asked of both indexes together: by its own few records alone every word would be common,
        and the newest records would come last.
        """
        scores: dict[int, float] = {}
        for word in words if self.late_rows else ():
            rows = self._late.execute(_HAVING, (f'{within}text : "{word}"',)).fetchall()
            if not rows:
                continue
            everywhere = len(rows) + (self._count(self._base, "", word) if self._base is not None else 0)
            weight = _rarity(everywhere, self._base_rows + self.late_rows)
            for (one,) in rows:
                if one in allowed:
                    scores[one] = scores.get(one, 0.0) - weight
        return [(score, one) for one, score in scores.items()]

    def _chosen(self, index: sqlite3.Connection, within: str, words: Sequence[str]) -> tuple[list[str], bool]:
        """The rarest words, as long as few enough records carry one of them; whether even the rarest is too common."""
        counted = sorted((self._count(index, within, word), word) for word in words)
        chosen: list[str] = []
        matches = 0
        for count, word in counted:
            matches += count
            if count and (matches <= MATCHES or not chosen):
                chosen.append(f'"{word}"')
        return chosen, len(chosen) == 1 and matches > MATCHES

    def _count(self, index: sqlite3.Connection, within: str, word: str) -> int:
        if index is self._late:
            return self._count_anew(index, within, word)
        if (count := self._common.get((within, word))) is None:
            count = self._common[within, word] = self._count_anew(index, within, word)
        return count

    @staticmethod
    def _count_anew(index: sqlite3.Connection, within: str, word: str) -> int:
        return int(index.execute(_COUNT, (f'{within}text : "{word}"',)).fetchone()[0])

    def build(self, last: int, lsn: int, number: int, breathe: Callable[[], None], now: float) -> Published:
        """Make a new file of everything up to record `last`; of all records anew when words must leave it.

        Raises:
            StoreError: the disk is full, or the truth cannot be read.
        """
        base = None if self.base_dead or self.row is None else self.row
        name = f"words-{number}.sqlite"
        form = write_aside(self._folder, name, lambda path: self._write(path, base, last, breathe))
        return Published("words", "", number, lsn, last, name, msgspec.json.encode(form), now)

    def _write(self, path: Path, base: Published | None, last: int, breathe: Callable[[], None]) -> _File:
        if base is not None:
            copyfile(self._folder / base.name, path)
        else:
            path.unlink(missing_ok=True)
        file = sqlite3.connect(path, isolation_level=None)
        try:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000"):
                file.execute(f"PRAGMA {pragma}").fetchall()
            if base is None:
                file.execute(_TABLE)
            self._fill(file, base.last_id if base else 0, last, breathe)
            if base is None:
                file.execute("INSERT INTO words (words) VALUES ('optimize')")
        finally:
            file.close()
        return _sealed(path)

    def _fill(self, file: sqlite3.Connection, after: int, last: int, breathe: Callable[[], None]) -> None:
        file.execute("BEGIN")
        while True:
            after, records = self._truth.records_after(after, last, PORTION)
            if not after:
                break
            file.executemany(_INSERT, map(_indexed, records))
            breathe()
        file.execute("COMMIT")

    def check(self) -> None:
        """Look at every byte of the file. Raises IndexDamaged."""
        if self.row is not None:
            _verify(self._folder / self.row.name, self.row)

    def close(self) -> None:
        """Let go of the file and of what is in memory."""
        if self._base is not None:
            self._base.close()
            self._base = None
        self._late.close()


def _ranked(index: sqlite3.Connection, query: str, common: bool, k: int) -> list[tuple[int, float]]:
    """Numbers and scores, lower is better. Of a word that too many records carry, the newest records are looked at."""
    oldest = index.execute(_OLDEST, (query,)).fetchone() if common else None
    return index.execute(_RANKED, (query, oldest[0] if oldest else 0, k)).fetchall()


def _rarity(count: int, rows: int) -> float:
    """The weight of a word that so many of all records carry; as SQLite's bm25() has it."""
    if count >= rows or count > MATCHES:  # Counting stops there: it is among the commonest.
        return 1e-6
    return max(1e-6, log((rows - count + 0.5) / (count + 0.5)))


def _distinct(text: str) -> list[str]:
    token = at_rest.keyring().token
    return list(dict.fromkeys(token(word[:WORD_CHARS]) for word in _word(text.casefold())))[:WORDS]


def _indexed(record: Record) -> tuple[int, str, str]:
    text, ring = record.new.text, at_rest.keyring()
    if ring.active:
        text = " ".join(ring.token(word[:WORD_CHARS]) for word in _word(text.casefold()))
    return record.id, _token(record.new.tenant), text


@lru_cache(256)
def _token(tenant: str) -> str:
    """A tenant as one word; the closing digit keeps the stemmer off it."""
    return blake2b(tenant.encode(), digest_size=8).hexdigest() + "0"


def _sealed(path: Path) -> _File:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return _checksum(path)


def _checksum(path: Path) -> _File:
    crc = size = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(1 << 18):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return _File(size, crc)


def _verify(path: Path, row: Published) -> None:
    try:
        if _checksum(path) != msgspec.json.decode(row.form, type=_File):
            raise IndexDamaged(f"{row.name} fails its check")
    except (OSError, msgspec.MsgspecError) as error:
        raise IndexDamaged(f"{row.name} cannot be read ({error})") from error
