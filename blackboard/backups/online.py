"""Backups by the process that owns the data directory, while it works: one at a time, in a thread of its own."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import msgspec

from blackboard.backups.contracts import Backup
from blackboard.backups.making import Order, make_backup
from blackboard.backups.pace import Pace
from database import Blackboard
from errors import StoreLocked

STATE = "last_backup"


class Noted(msgspec.Struct, frozen=True):
    """What the blackboard remembers of the last backup. ``damaged`` counts rows."""

    made_at: float
    file: str
    bytes: int
    damaged: int


class Backups:
    """Makes the backups of one data directory."""

    def __init__(self, blackboard: Blackboard, order: Callable[[], Order]) -> None:
        self._blackboard, self._order = blackboard, order
        self._pace: Pace | None = None
        self._stopped = False

    async def make(self, target: Path) -> Backup:
        """Make one and note it; see `make_backup`. Cancelled, it stops soon and leaves nothing behind.

        Raises:
            StoreLocked: another one is under way.
            As `make_backup`.
        """
        if self._pace is not None:
            raise StoreLocked("A backup is under way already. Nothing more was begun. Try again when it is done.")
        self._pace = pace = Pace()
        if self._stopped:
            pace.stop()
        now = self._blackboard.now()
        making = asyncio.ensure_future(_in_thread(lambda: make_backup(self._order(), target, now, pace)))
        making.add_done_callback(self._ended)
        try:
            made = await asyncio.shield(making)
        except asyncio.CancelledError:
            pace.stop()
            raise
        noted = Noted(made.made_at, made.file, made.bytes, len(made.damaged))
        await self._blackboard.set_state(STATE, msgspec.json.encode(noted).decode())
        return made

    def _ended(self, making: "asyncio.Future[Backup]") -> None:
        """Only now may the next one begin: also one that was given up works on in its folder until here."""
        self._pace = None
        if not making.cancelled():
            making.exception()  # nobody may be waiting for it

    def stop(self) -> None:
        """Give up the one under way, and every later one."""
        self._stopped = True
        if self._pace is not None:
            self._pace.stop()


async def _in_thread(work: Callable[[], Backup]) -> Backup:
    """Run `work` in a thread that does not hold the exit: what it leaves half-done is thrown away by the next."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Backup] = loop.create_future()

    def tell(made: Backup | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        elif made is not None:
            future.set_result(made)

    def run() -> None:
        outcome: tuple[Backup | None, BaseException | None]
        try:
            outcome = work(), None
        except BaseException as error:
            outcome = None, error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(tell, *outcome)

    threading.Thread(target=run, name="backup", daemon=True).start()
    return await future


def last_backup(path: Path) -> tuple[Noted | None, float | None]:
    """The last backup as a database notes it, and when that database was made (Unix seconds); blocks.

    None for what it does not know, or cannot tell because it is no database of ours.
    """
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)
    except sqlite3.Error:
        return None, None
    try:
        rows = connection.execute("SELECT value FROM state WHERE name = ?", (STATE,)).fetchall()
        ((began_at,),) = connection.execute("SELECT min(at) FROM migrations").fetchall()
        return (msgspec.json.decode(rows[0][0], type=Noted) if rows else None), began_at
    except (sqlite3.Error, msgspec.MsgspecError, ValueError):
        return None, None
    finally:
        connection.close()
