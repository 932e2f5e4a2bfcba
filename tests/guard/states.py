"""All that an App has written, so that a test can say that nothing was."""

import sqlite3
from pathlib import Path
from typing import Any

OF_ITS_OWN = {"audit", "audit_words", "audit_tip", "commits", "migrations", "state", "sqlite_sequence", "counters"}
"""Tables that tell of refusals, or of the store itself."""


def written(data_dir: Path) -> dict[str, Any]:
    """Every row of every database of a data directory, by table."""
    found: dict[str, Any] = {}
    for path in sorted(data_dir.glob("*.sqlite")):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                if name not in OF_ITS_OWN:
                    found[f"{path.name} {name}"] = connection.execute(f"SELECT * FROM {name}").fetchall()
        finally:
            connection.close()
    return found
