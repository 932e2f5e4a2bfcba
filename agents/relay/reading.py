"""The relay's file as another process reads it: the bot and the terminal, beside the relay that owns it."""

import asyncio
from pathlib import Path

from agents.contracts import Role
from agents.relay.board import Board
from agents.relay.checkpoint import Signer
from agents.relay.desk import Ledger, Verified
from agents.relay.jobs import Checkpoint, JobView
from agents.relay.verified import verified
from agents.why import Why, why
from blackboard.audit import Entry
from blackboard.readonly import ReadOnly
from errors import NoJobs, StoreError, UserMistake

NAME = "relay"
NO_JOB = "No job was started yet: ./vespera relay run --repo PATH --goal TEXT"


async def relay_why(data_dir: Path, tenant: str, task_id: int, *, user: str | None, role: Role) -> Why:
    """The story of a coding job or sprint; see `agents.why.why`.

    Raises:
        UserMistake: there is no such task here.
        NotAllowed: somebody else's, and the person is no admin.
    """
    try:
        reader = await asyncio.to_thread(ReadOnly, data_dir, NAME)
    except StoreError:
        raise UserMistake(f"There is no task r{task_id} here: no coding job was started yet.") from None
    try:
        return await why(reader, tenant, task_id, user=user, role=role)
    finally:
        await reader.close()


async def relay_audit(data_dir: Path, tenant: str, limit: int) -> tuple[list[Entry], list[str]]:
    """The newest rows of a tenant in the relay's own audit log, and what is wrong with that log."""
    try:
        reader = await asyncio.to_thread(ReadOnly, data_dir, NAME)
    except StoreError:
        return [], []
    try:
        return await reader.audit.entries(tenant, limit=limit), await reader.audit.verify()
    except StoreError:  # a relay that was not started since it has a log
        return [], []
    finally:
        await reader.close()


async def job_counts(data_dir: Path) -> dict[str, int]:
    """How many coding jobs are in which state, of all tenants; empty before the first. Raises StoreError."""
    if not await asyncio.to_thread((data_dir / f"{NAME}.sqlite").exists):
        return {}
    reader = await asyncio.to_thread(ReadOnly, data_dir, NAME)
    try:
        return await reader.relay.counts()
    finally:
        await reader.close()


class ReadingDesk:
    """The counter while no relay runs: jobs can be looked at, nothing can be asked for."""

    def __init__(self, data_dir: Path, reader: ReadOnly) -> None:
        self._data_dir, self._reader, self._board = data_dir, reader, Board(reader)

    @classmethod
    async def open(cls, data_dir: Path) -> "ReadingDesk":
        """Open the relay's file. Raises NoJobs when none was ever started."""
        try:
            return cls(data_dir, await asyncio.to_thread(ReadOnly, data_dir, NAME))
        except StoreError:
            raise NoJobs(NO_JOB) from None

    async def close(self) -> None:
        """Close the file."""
        await self._reader.close()

    async def job(self, tenant: str, job: int) -> JobView:
        """A job as it stands on disk."""
        return await self._board.job(tenant, job)

    async def jobs(self, tenant: str) -> list[JobView]:
        """The jobs of a tenant, newest first."""
        return await self._board.jobs(tenant)

    async def ledger(self, tenant: str, job: int) -> Ledger:
        """A job's sprints, whole."""
        await self._board.job(tenant, job)
        rows, digest = await self._board.ledger(tenant, job)
        return Ledger(tuple(rows), digest)

    async def checkpoints(self, tenant: str, job: int) -> list[Checkpoint]:
        """A job's checkpoints, rolled back ones too."""
        await self._board.job(tenant, job)
        return await self._board.checkpoints(tenant, job)

    async def verify(self, tenant: str, job: int) -> Verified:
        """Hold a job's branch against the signatures."""
        signer = await asyncio.to_thread(Signer, self._data_dir)
        return await asyncio.to_thread(verified, await self._board.job(tenant, job), signer.public)
