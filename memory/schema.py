"""Tables of ``memory.sqlite``, the only truth of the memory. A change is a new entry at the end of `MIGRATIONS`."""

import sqlite3
from pathlib import Path

import at_rest
from blackboard import connections, migrations
from blackboard.mark import CommitMark

APPLICATION_ID = 0x5653504D
"""``VSPM`` in the file's header."""
PAGE_BYTES = 8_192
"""Seven vectors of 384 or two of 1,536 dimensions to a page; 2 KiB hold two and none."""

INDEX_KEY = "at_rest_index"
"""Fact in ``state``: the key under which the indexes of words were made."""
_001_TABLES = (
    # The text stands last: what reads only the fields before it never touches its overflow pages.
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, tenant TEXT NOT NULL, kind TEXT NOT NULL,
        project_id TEXT NOT NULL, agent_id TEXT NOT NULL, role TEXT NOT NULL, task_id TEXT NOT NULL,
        status TEXT NOT NULL, depends_on TEXT NOT NULL, requires_reply INTEGER NOT NULL, priority INTEGER NOT NULL,
        created_at REAL NOT NULL, expires_at REAL, tags TEXT NOT NULL, user TEXT NOT NULL, trusted INTEGER NOT NULL,
        once TEXT, crc INTEGER NOT NULL, text TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX record_once ON records (tenant, once) WHERE once IS NOT NULL",
    "CREATE INDEX record_expiry ON records (expires_at) WHERE expires_at IS NOT NULL",
    # Which embedder made a vector; vectors of two rows here are never compared.
    """CREATE TABLE models (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, dimension INTEGER NOT NULL, UNIQUE (name, dimension))""",
    # key: the model's id * 2^32 + the record's id, so that one model's vectors lie together, in order.
    "CREATE TABLE vectors (key INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bf16 BLOB NOT NULL)",
    # What happened to records after they were written; an index built at an older lsn replays it.
    """CREATE TABLE changes (
        lsn INTEGER NOT NULL, id INTEGER NOT NULL, what TEXT NOT NULL CHECK (what IN ('forgotten', 'embedded')),
        PRIMARY KEY (lsn, id)) WITHOUT ROWID""",
    """CREATE TABLE generations (
        what TEXT NOT NULL, model TEXT NOT NULL, number INTEGER NOT NULL, lsn INTEGER NOT NULL,
        last_id INTEGER NOT NULL, name TEXT NOT NULL, form BLOB NOT NULL, built_at REAL NOT NULL, crc INTEGER NOT NULL,
        PRIMARY KEY (what, model)) WITHOUT ROWID""",
    "CREATE TABLE counters (one INTEGER PRIMARY KEY CHECK (one = 1), next_id INTEGER NOT NULL, lsn INTEGER NOT NULL)",
    "INSERT INTO counters VALUES (1, 1, 0)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE quarantine (id INTEGER PRIMARY KEY, at REAL NOT NULL)",
    "CREATE TABLE commits (one INTEGER PRIMARY KEY CHECK (one = 1), store BLOB NOT NULL, n INTEGER NOT NULL)",
    "INSERT INTO commits VALUES (1, randomblob(8), 0)",
)
MIGRATIONS: migrations.Migrations = (("tables", _001_TABLES),)
"""Name and statements of each migration; its number is its place, counted from 1."""


def open_truth(path: Path) -> tuple[sqlite3.Connection, CommitMark]:
    """Open the one connection that writes. Raises StoreError: nothing was changed."""
    connection, mark = connections.open_writer(path, _migrate, PAGE_BYTES, ("auto_vacuum = INCREMENTAL",))
    renew_indexes(connection)
    return connection, mark


def renew_indexes(connection: sqlite3.Connection) -> None:
    """Indexes of words name them by the key of their time: under another one (or none) they are made anew."""
    now = at_rest.keyring().current.hex()
    found = connection.execute("SELECT value FROM state WHERE name = ?", (INDEX_KEY,)).fetchone()
    if (found[0] if found else "") != now:
        with connection:
            connection.execute("BEGIN")
            connection.execute("DELETE FROM generations WHERE what IN ('filters', 'words')")
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (INDEX_KEY, now))


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    migrations.migrate(connection, path, MIGRATIONS, APPLICATION_ID)
