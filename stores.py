"""The databases that the house keeps in a data directory, and what each needs to be backed up and restored.

A database that is opened in the data directory under another name is backed up too, its pages checked but not its rows.
"""

import tomllib

from blackboard.backups.contracts import Database
from blackboard.backups.making import Order
from blackboard.backups.soundness import unsound_rows
from blackboard.migrations import APPLICATION_ID, MIGRATIONS
from memory import schema, soundness
from settings import HOME, Settings

DATABASES = (
    Database("vespera", APPLICATION_ID, len(MIGRATIONS), unsound_rows),
    Database("relay", APPLICATION_ID, len(MIGRATIONS), unsound_rows),
    Database("memory", schema.APPLICATION_ID, len(schema.MIGRATIONS), soundness.unsound_rows),
    Database("relay-memory", schema.APPLICATION_ID, len(schema.MIGRATIONS), soundness.unsound_rows),
)


def backup_key(settings: Settings) -> bytes | None:
    """The key that encrypts backups, None when they are plain."""
    return bytes.fromhex(settings.backup_key) if settings.backup_key else None


def order(settings: Settings) -> Order:
    """How backups of this installation are made."""
    return Order(settings.data_dir, DATABASES, backup_key(settings), _version(), settings.backup_days)


def _version() -> str:
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])
