"""The tables of fights, characters and campaigns, as the second migration makes them."""

TABLES = (
    """CREATE TABLE combats (
        id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, channel TEXT NOT NULL, open INTEGER NOT NULL,
        version INTEGER NOT NULL, log BLOB NOT NULL, narrated INTEGER NOT NULL, message TEXT NOT NULL,
        updated_at REAL NOT NULL, crc INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX combat_open ON combats (tenant, channel) WHERE open = 1",
    """CREATE TABLE characters (
        tenant TEXT NOT NULL, user TEXT NOT NULL, sheet BLOB NOT NULL, updated_at REAL NOT NULL, crc INTEGER NOT NULL,
        PRIMARY KEY (tenant, user)) WITHOUT ROWID""",
    "CREATE TABLE campaigns (tenant TEXT PRIMARY KEY, edition TEXT NOT NULL) WITHOUT ROWID",
)
