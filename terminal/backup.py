"""`./vespera backup` and `./vespera restore`."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

from blackboard.audit import NewEntry
from blackboard.backups.contracts import Backup, Member, Restored
from blackboard.backups.restoring import restore as put_back
from database import Blackboard
from errors import StoreError
from stores import DATABASES, backup_key
from terminal import exits, output, start
from terminal.front import Front
from terminal.session import Session


def backup(file: Path, *, as_json: bool) -> int:
    """Back up through the owner of the data directory; the exit code: 1 when a row in it fails its check."""
    target = file.expanduser().absolute()

    async def act(front: Front) -> Backup:
        return await front.backup(target)

    async def run() -> Backup:
        async with Session(start.settings(), tell=output.tell) as session:
            return await session.do(act)

    made = asyncio.run(run())
    _must_be_here(made)
    if as_json:
        output.write_json(made)
    else:
        _tell_made(made)
    return exits.NOT_FINE if made.damaged else exits.FINE


def _must_be_here(made: Backup) -> None:
    """A service may see another /tmp than this terminal."""
    path = Path(made.file)
    if not path.exists() or path.stat().st_size != made.bytes:
        raise StoreError(
            f"The process that owns the data directory wrote {path}, but it is not to be seen here: a service has "
            "temporary folders of its own. Name a place that both see, for example a folder in the data directory."
        )


def _tell_made(made: Backup) -> None:
    output.say(f"written: {made.file} ({_size(made.bytes)}, {'encrypted' if made.encrypted else 'not encrypted'})")
    _tell_members(made.databases)
    output.quiet(f"read back and checked in {made.elapsed_ms / 1_000:.1f} s")
    for path in made.removed:
        output.quiet(f"older than VESPERA_BACKUP_DAYS, deleted: {path}")
    _tell_damage(made.damaged)


def restore(file: Path, *, as_json: bool, only_check: bool) -> int:
    """Put a backup in place, or only check it; the exit code."""
    settings = start.settings()
    done = put_back(
        file.expanduser().absolute(), settings.data_dir, DATABASES, backup_key(settings), time.time(),
        only_check=only_check,
    )  # fmt: skip
    if not only_check:
        asyncio.run(_note(settings.data_dir, done))
    if as_json:
        output.write_json(done)
    else:
        _tell_restored(done, only_check)
    return exits.FINE


async def _note(data_dir: Path, done: Restored) -> None:
    """Write into the restored audit log that it is one."""
    board = await Blackboard.open(data_dir)
    try:
        made_at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(done.made_at))
        await board.audit.record(NewEntry("local", "restore", "operator", "", f"{done.file} of {made_at}"))
    finally:
        await board.close()


def _tell_restored(done: Restored, only_check: bool) -> None:
    made_at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(done.made_at))
    took = f"{done.elapsed_ms / 1_000:.1f} s"
    if only_check:
        output.say(f"whole: {done.file} of {made_at}, by version {done.version}; nothing was changed ({took})")
    else:
        output.say(f"restored: the state of {made_at}, by version {done.version} ({took})")
    _tell_members(done.databases)
    _tell_damage(done.damaged)
    output.say(f"open tasks: {done.open_tasks}, answers to be sent: {done.undelivered}; they go on when the bot starts")
    if done.replaced:
        output.say(f"the former files lie in {done.replaced}; delete that folder when all is well")


def _tell_members(members: Iterable[Member]) -> None:
    for member in members:
        output.quiet(f"{member.name}.sqlite  {_size(member.bytes)}  sha256 {member.sha256[:16]}…")


def _tell_damage(damaged: Iterable[str]) -> None:
    for line in damaged:
        output.tell(f"in the backup as it is: {line}")


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.1f} KiB"
