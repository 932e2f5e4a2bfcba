"""`./vespera rotate-key`: words that lie in the databases under the current key."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import at_rest
from blackboard.audit import NewEntry
from blackboard.connections import open_writer
from blackboard.failures import store_error
from blackboard.lock import DataLock
from blackboard.mark import CommitMark
from blackboard.resealing import reseal
from database import Blackboard
from memory.schema import open_truth
from stores import DATABASES
from terminal import exits, output, start


def rotate_key() -> int:
    """Seal everything with ``VESPERA_AT_REST_KEY``, or open it where only the key before is set; the exit code."""
    settings = start.settings()
    ring = at_rest.keyring()
    if not ring.names:
        output.tell(
            "VESPERA_AT_REST_KEY is not set, so there is nothing to do. Make a key (openssl rand -hex 32), set it, "
            "keep it elsewhere too, and call this again."
        )
        return exits.BAD_USAGE
    with contextlib.ExitStack() as locks:
        for name in ("vespera", "relay"):
            locks.callback(DataLock(settings.data_dir, name).release)
        changed = sum(_one(settings.data_dir / f"{each.name}.sqlite") for each in DATABASES)
    _note(settings.data_dir, changed)
    state = f"under the key {ring.current.hex()}" if ring.active else "plain"
    output.say(f"all words are {state}; {changed:,} values were changed")
    if settings.at_rest_key_before:
        output.say("VESPERA_AT_REST_KEY_BEFORE is no longer needed here")
    output.say("backups made before hold them as they were: a new one now, and delete the old ones when you can")
    return exits.FINE


def _one(path: Path) -> int:
    if not path.exists():
        return 0
    opened: Callable[[Path], tuple[sqlite3.Connection, CommitMark]] = (
        open_truth if "memory" in path.stem else open_writer
    )
    connection, mark = opened(path)
    try:
        return reseal(connection, lambda table, count: output.quiet(f"{path.name}  {table}  {count:,}"))
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    finally:
        connection.close()
        mark.close()


def _note(data_dir: Path, changed: int) -> None:
    """Write into the audit log that it was done."""

    async def run() -> None:
        board = await Blackboard.open(data_dir)
        try:
            await board.audit.record(NewEntry("local", "key.rotate", "operator", "", f"{changed} values"))
        finally:
            await board.close()

    asyncio.run(run())
