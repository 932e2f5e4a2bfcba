"""What a front may ask of the relay: the same whether the relay is this process or another one behind its socket."""

from typing import Protocol

import msgspec

from agents.contracts import Request
from agents.relay.checkpoint import Broken
from agents.relay.jobs import Checkpoint, JobView, LedgerRow
from agents.relay.orders import Order


class Ledger(msgspec.Struct, frozen=True):
    """A job's rows, and the digest over all of them but times and cost."""

    rows: tuple[LedgerRow, ...]
    digest: str


class Verified(msgspec.Struct, frozen=True):
    """What `relay verify` found."""

    branch: str
    tip: str
    checkpoints: int
    broken: tuple[Broken, ...]
    key: str

    @property
    def ok(self) -> bool:
        """Whether every commit of the branch is a checkpoint as it was signed."""
        return not self.broken


class Changes(msgspec.Struct, frozen=True):
    """What changed since a cursor. ``jobs`` is None when the cursor is another process's: anything may have changed."""

    cursor: str
    jobs: tuple[int, ...] | None


class Window(Protocol):
    """The half of the counter that only looks. Every method raises UserMistake for a job that is not there."""

    async def job(self, tenant: str, job: int) -> JobView:
        """A job as it stands."""
        ...

    async def jobs(self, tenant: str) -> list[JobView]:
        """The jobs of a tenant, newest first."""
        ...

    async def ledger(self, tenant: str, job: int) -> Ledger:
        """Its sprints, whole."""
        ...

    async def checkpoints(self, tenant: str, job: int) -> list[Checkpoint]:
        """Its checkpoints, rolled back ones too."""
        ...

    async def verify(self, tenant: str, job: int) -> Verified:
        """Hold its branch against the signatures."""
        ...


class Desk(Window, Protocol):
    """The relay's counter. Every method raises UserMistake for a job that is not there."""

    async def start(self, request: Request, order: Order, *, owner: bool) -> JobView:
        """Write a new job; it is worked on when its turn comes. ``owner``: may name any repository.

        Raises:
            UserMistake, NotAllowed, Refused, BadConfiguration: it cannot be begun; nothing was written.
        """
        ...

    async def wait(self, tenant: str, job: int, seconds: float) -> JobView:
        """The job when it has changed or is no longer open, at the latest after so many seconds."""
        ...

    async def changes(self, cursor: str, seconds: float) -> Changes:
        """The jobs of all tenants that changed since a cursor, as soon as one did, at the latest after so many seconds.

        For a front that shows jobs as they go: what happened to one stands in the relay's file.
        """
        ...

    async def stop(self, tenant: str, job: int, user: str) -> JobView:
        """Stop it now: calls and checks under way are ended; what is proved stays."""
        ...

    async def resume(self, tenant: str, job: int, user: str, hint: str) -> JobView:
        """Let it go on, with a hint for the next Builder where one is given."""
        ...

    async def approve(self, tenant: str, job: int, user: str) -> str:
        """Overrule the last defect of a job that waits, or merge one that is done; what was done, as a sentence."""
        ...

    async def roll_back(self, tenant: str, job: int, user: str, checkpoint: int) -> JobView:
        """Take its branch back to a checkpoint; 0 is where it began."""
        ...
