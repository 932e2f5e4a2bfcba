"""The tables of who may what, and of the audit log, as a migration of its own makes them.

The log proper holds no words: they stand in a table beside it, each covered by a digest, so that a person's words can
be erased and the chain still holds. No row of the log is ever changed or deleted: triggers forbid both, and any insert
that is not the next number (``INSERT OR REPLACE`` would delete without asking a trigger).
"""

WORDS_UNCHANGED = """CREATE TRIGGER audit_words_unchanged BEFORE UPDATE ON audit_words
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
TABLES = (
    """CREATE TABLE grants (
        id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, user TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('allow', 'block')), subject TEXT NOT NULL, given_by TEXT NOT NULL,
        at REAL NOT NULL, crc INTEGER NOT NULL, UNIQUE (tenant, user, kind, subject))""",
    """CREATE TABLE audit (
        n INTEGER PRIMARY KEY, at REAL NOT NULL, tenant TEXT NOT NULL, action TEXT NOT NULL,
        words_hash BLOB NOT NULL, hash BLOB NOT NULL)""",
    "CREATE INDEX audit_by_tenant ON audit (tenant, n)",
    """CREATE TABLE audit_words (
        n INTEGER PRIMARY KEY REFERENCES audit, tenant TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL,
        detail TEXT NOT NULL)""",
    "CREATE TABLE audit_tip (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL, hash BLOB NOT NULL)",
    "INSERT INTO audit_tip VALUES (1, 0, x'')",
    """CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_kept BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
        WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    WORDS_UNCHANGED,
    """CREATE TRIGGER audit_words_in_order BEFORE INSERT ON audit_words
        WHEN NEW.n IS NOT (SELECT max(n) FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_tip_forward BEFORE UPDATE ON audit_tip
        WHEN NEW.n IS NOT OLD.n + 1 OR NEW.n IS NOT (SELECT max(n) FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_tip_kept BEFORE DELETE ON audit_tip
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_tip_alone BEFORE INSERT ON audit_tip
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
