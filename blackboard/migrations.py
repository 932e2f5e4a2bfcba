"""The tables, as numbered migrations. A migration that was released is never changed: a new one follows it."""

import sqlite3
import time
from pathlib import Path

from blackboard.combat_tables import TABLES as _002_COMBATS
from blackboard.failures import corrupt
from blackboard.guard_tables import TABLES as _004_GUARD
from blackboard.relay_tables import TABLES as _003_RELAY
from errors import StoreTooNew

APPLICATION_ID = 0x56535052
"""``VSPR`` in the file's header, so that another program's database is not taken for ours."""

_001_TABLES = (
    """CREATE TABLE agent_tasks (
        id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, user TEXT NOT NULL, task_type TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled', 'refused')),
        payload BLOB NOT NULL, retry_count INTEGER NOT NULL, attempt INTEGER NOT NULL, logic_trace TEXT NOT NULL,
        result BLOB, interaction_id TEXT, cache_key TEXT, steps INTEGER NOT NULL, tip BLOB NOT NULL,
        calls INTEGER NOT NULL, pruned INTEGER NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL,
        closed_at REAL, owner TEXT NOT NULL, fence INTEGER NOT NULL, lease REAL NOT NULL, crc INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX task_by_interaction ON agent_tasks (tenant, interaction_id) WHERE interaction_id IS NOT NULL",
    "CREATE INDEX task_by_user ON agent_tasks (tenant, user)",
    "CREATE INDEX task_open ON agent_tasks (status) WHERE status IN ('queued', 'running')",
    "CREATE INDEX task_closed ON agent_tasks (closed_at) WHERE closed_at IS NOT NULL",
    """CREATE TABLE logic_trace (
        task_id INTEGER NOT NULL REFERENCES agent_tasks ON DELETE CASCADE, seq INTEGER NOT NULL, agent TEXT NOT NULL,
        event TEXT NOT NULL, detail TEXT, at REAL NOT NULL, duration_ms REAL NOT NULL, detail_hash BLOB NOT NULL,
        hash BLOB NOT NULL, PRIMARY KEY (task_id, seq)) WITHOUT ROWID""",
    """CREATE TABLE model_calls (
        task_id INTEGER NOT NULL REFERENCES agent_tasks ON DELETE CASCADE, n INTEGER NOT NULL,
        tenant TEXT NOT NULL, user TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, purpose TEXT NOT NULL,
        outcome TEXT NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_usd REAL NOT NULL,
        duration_ms REAL NOT NULL, note TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (task_id, n)) WITHOUT ROWID""",
    "CREATE INDEX call_by_day ON model_calls (tenant, at)",
    """CREATE TABLE ai_response_cache (
        id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, cache_key TEXT NOT NULL, response BLOB NOT NULL,
        confidence REAL NOT NULL, expires_at REAL NOT NULL, task_id INTEGER NOT NULL, created_at REAL NOT NULL,
        crc INTEGER NOT NULL, UNIQUE (tenant, cache_key))""",
    """CREATE TABLE system_corrections (
        id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, tenant TEXT NOT NULL, task_type TEXT NOT NULL,
        rule_violated TEXT NOT NULL, critic_feedback TEXT NOT NULL, draft TEXT NOT NULL, corrected_at REAL NOT NULL)""",
    "CREATE INDEX correction_by_type ON system_corrections (tenant, task_type)",
    "CREATE INDEX correction_by_task ON system_corrections (task_id)",
    """CREATE TABLE outbox (
        task_id INTEGER PRIMARY KEY REFERENCES agent_tasks ON DELETE CASCADE,
        application_id INTEGER NOT NULL, token BLOB NOT NULL, token_expires_at REAL NOT NULL, channel_id INTEGER,
        ephemeral INTEGER NOT NULL, message_id INTEGER, state TEXT NOT NULL
        CHECK (state IN ('open', 'ready', 'delivered', 'given_up')), tries INTEGER NOT NULL, why TEXT NOT NULL,
        crc INTEGER NOT NULL)""",
    "CREATE INDEX outbox_ready ON outbox (task_id) WHERE state = 'ready'",
    """CREATE TABLE feedback (
        task_id INTEGER NOT NULL REFERENCES agent_tasks ON DELETE CASCADE, user TEXT NOT NULL, tenant TEXT NOT NULL,
        right INTEGER NOT NULL, wrong TEXT NOT NULL, should_be TEXT NOT NULL, at REAL NOT NULL,
        PRIMARY KEY (task_id, user)) WITHOUT ROWID""",
    "CREATE INDEX feedback_wrong ON feedback (tenant, at) WHERE right = 0",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE quarantine (
        kind TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID""",
    "CREATE TABLE commits (one INTEGER PRIMARY KEY CHECK (one = 1), store BLOB NOT NULL, n INTEGER NOT NULL)",
    "INSERT INTO commits VALUES (1, randomblob(8), 0)",
)

Migrations = tuple[tuple[str, tuple[str, ...]], ...]
MIGRATIONS: Migrations = (
    ("tables", _001_TABLES),
    ("combats", _002_COMBATS),
    ("relay", _003_RELAY),
    ("guard", _004_GUARD),
)
"""Name and statements of each migration; its number is its place, counted from 1."""


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Migrations = MIGRATIONS,
    application_id: int = APPLICATION_ID,
) -> None:
    """Run the migrations this database lacks, each in one transaction.

    Raises:
        StoreTooNew: the database knows migrations that this version does not.
        StoreCorrupt: it is a database, but not one of ours.
    """
    done = _migrations_done(connection, path, application_id)
    if done > len(migrations):
        raise StoreTooNew(
            f"{path} was written by a newer version of Vespera (schema {done}; this version knows {len(migrations)}). "
            "Nothing was changed. Install that version, or restore a backup made by this one."
        )
    for number, (name, statements) in enumerate(migrations[done:], start=done + 1):
        _run(connection, number, name, statements, application_id)


def _migrations_done(connection: sqlite3.Connection, path: Path, application_id: int) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return 0
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != application_id or "migrations" not in tables:
        raise corrupt(path, "it is not a Vespera database")
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    return int(number)


def _run(
    connection: sqlite3.Connection, number: int, name: str, statements: tuple[str, ...], application_id: int
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if number == 1:
            connection.execute(f"PRAGMA application_id = {application_id}")
            connection.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT, at REAL)")
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, time.time()))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
