"""The tables of coding jobs, as a migration of its own makes them. Job and sprint are ``agent_tasks`` rows besides."""

TABLES = (
    """CREATE TABLE relay_jobs (
        task_id INTEGER PRIMARY KEY REFERENCES agent_tasks ON DELETE CASCADE, tenant TEXT NOT NULL,
        repo TEXT NOT NULL, status TEXT NOT NULL, state BLOB NOT NULL, version INTEGER NOT NULL,
        updated_at REAL NOT NULL, crc INTEGER NOT NULL)""",
    "CREATE INDEX relay_job_by_tenant ON relay_jobs (tenant, task_id)",
    """CREATE TABLE relay_ledger (
        task_id INTEGER PRIMARY KEY REFERENCES agent_tasks ON DELETE CASCADE,
        job_id INTEGER NOT NULL REFERENCES relay_jobs ON DELETE CASCADE, n INTEGER NOT NULL, row BLOB NOT NULL,
        hash BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE (job_id, n))""",
    """CREATE TABLE relay_checkpoints (
        job_id INTEGER NOT NULL REFERENCES relay_jobs ON DELETE CASCADE, n INTEGER NOT NULL, commit_id TEXT NOT NULL,
        body BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (job_id, n), UNIQUE (job_id, commit_id)) WITHOUT ROWID""",
)
