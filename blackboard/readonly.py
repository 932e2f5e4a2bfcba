"""A blackboard that another process owns, read alone: nothing here can write, and nothing is locked."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from blackboard.keyfile import TokenBox, load_key
from blackboard.outbox import Outbox
from blackboard.reads import Reads
from blackboard.relays import Relays
from blackboard.tasks import Tasks
from blackboard.writer import Writer
from errors import StoreError


class ReadOnly(Reads):
    """The reading half of a database. Damaged rows raise as ever; setting them aside is left to the owner."""

    def __init__(self, data_dir: Path, name: str, clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet; blocks for the key file. Raises StoreError when there is no such database."""
        path = data_dir / f"{name}.sqlite"
        if not path.exists():
            raise StoreError(f"{path} does not exist: nothing was written there yet.")
        key = load_key(data_dir)
        writer = cast(Writer, _NoWriter())
        super().__init__(path, clock, key, Outbox(TokenBox(key)), writer)
        self.relay = Relays(self._readers, writer, clock, cast(Tasks, None))

    async def close(self) -> None:
        """Close the connections."""
        await self._readers.close()


class _NoWriter:
    """Stands where the writer would be."""

    async def run(self, name: str, work: Callable[..., Any], **_: Any) -> Any:
        """Refuse, except for the note that a row is damaged, which is the owner's to make."""
        if name == "quarantine":
            return None
        raise StoreError("Another process owns this database. Nothing was changed.")
