"""Jobs on the blackboard as the relay's own records. Nobody but the Scheduler writes through this."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from agents.contracts import Answer, Request, Tokens
from agents.relay.jobs import Checkpoint, JobPayload, JobSpec, JobState, JobView, LedgerRow, SprintPayload, branch_of
from agents.work import step
from blackboard.contracts import Lease, NewTask, Step
from blackboard.readonly import ReadOnly
from blackboard.relays import Move, StoredJob
from database import Blackboard
from errors import StoreCorrupt, StoreError, UserMistake

T = TypeVar("T")
JOB, SPRINT = "relay.job", "relay.sprint"


@dataclass(slots=True)
class Held:
    """A job while this process works on it, with the right to write to it and to its sprint."""

    view: JobView
    lease: Lease
    sprint: Lease | None = None

    @property
    def state(self) -> JobState:
        """Where it is; what is changed here is written with the next transition."""
        return self.view.state

    @property
    def spec(self) -> JobSpec:
        """What was asked for."""
        return self.view.spec

    @property
    def leases(self) -> list[Lease]:
        """What must be renewed."""
        return [self.lease, *([self.sprint] if self.sprint else [])]


class Board:
    """The relay's half of the blackboard."""

    def __init__(self, blackboard: Blackboard | ReadOnly) -> None:
        self._blackboard, self._relay = blackboard, blackboard.relay

    async def admit(self, request: Request, spec: JobSpec) -> JobView:
        """Write a new job, queued. A request that was seen before gives the earlier job."""
        state = JobState(goal=spec.roadmap[0] if spec.roadmap else spec.goal, tip=spec.base)
        payload = msgspec.json.encode(JobPayload(request, spec))
        new = NewTask(request.tenant, request.user, JOB, payload, request.interaction_id)
        told = step("Scheduler", "job", goal=spec.goal, repo=spec.repo, base=spec.base, items=len(spec.roadmap))
        job_id = await self._relay.admit(new, spec.repo, msgspec.json.encode(state), (told,))
        return await self.job(request.tenant, job_id)

    async def job(self, tenant: str | None, job_id: int) -> JobView:
        """A job as it stands on disk. Raises UserMistake when there is none."""
        stored = await self._relay.job(tenant, job_id)
        if stored is None:
            raise UserMistake(f"There is no job r{job_id} here. ./vespera relay status lists them.")
        return read_view(stored)

    async def jobs(self, tenant: str | None, *, limit: int = 50, open_only: bool = False) -> list[JobView]:
        """Jobs, newest first."""
        return [read_view(stored) for stored in await self._relay.jobs(tenant, limit=limit, open_only=open_only)]

    async def take(self, job_id: int, *, force: bool = False) -> Held:
        """Take a job to work on it. Raises LeaseLost when it is being worked on here."""
        view = await self.job(None, job_id)
        sprint = view.state.sprint if view.state.phase != "idle" else 0
        job, of_sprint = await self._relay.take(view.tenant, job_id, sprint, force=force)
        return Held(await self.job(view.tenant, job_id), job, of_sprint)

    async def begin(self, held: Held, prompt_of: Sequence[Step] = ()) -> None:
        """Begin a sprint: its row, and the state that names it, in one transaction."""
        view, state = held.view, held.state
        number = state.totals.iterations
        command = f"/relay sprint {number} of {view.name}: {state.goal}"
        request = Request(view.tenant, view.user, SPRINT, command)
        payload = msgspec.json.encode(SprintPayload(request, view.id, number, state.goal))

        def move(sprint_id: int) -> Move:
            state.sprint = sprint_id
            return Move(status=state.status, state=msgspec.json.encode(state), steps=tuple(prompt_of))

        _, held.sprint = await self._relay.begin(held.lease, NewTask(view.tenant, view.user, SPRINT, payload), move)

    async def move(self, held: Held, move: Move, *, name: str) -> None:
        """Commit a transition; the state is written as it is now."""
        state = held.state
        await self._relay.move(
            held.lease,
            msgspec.structs.replace(move, status=state.status, state=msgspec.json.encode(state)),
            name=name,
        )
        if move.ending is not None:
            held.sprint = None

    async def ledger(self, tenant: str | None, job_id: int, *, after: int = 0) -> tuple[list[LedgerRow], str]:
        """A job's rows in their order, the first ``after`` left out, and the digest over all (empty without rows)."""
        stored = await self._relay.ledger(tenant, job_id, after=after)
        rows = [read(sprint.row, LedgerRow, f"The ledger of r{job_id}") for sprint in stored]
        return rows, stored[-1].digest if stored else ""

    async def checkpoints(self, tenant: str | None, job_id: int) -> list[Checkpoint]:
        """A job's checkpoints in their order, rolled back ones too."""
        bodies = await self._relay.checkpoints(tenant, job_id)
        return [read(body, Checkpoint, f"A checkpoint of r{job_id}") for body in bodies]

    async def renew(self, leases: Sequence[Lease]) -> list[Lease]:
        """Prolong leases; those that are lost."""
        if isinstance(self._blackboard, ReadOnly):
            raise StoreError("Another process owns this database. Nothing was changed.")
        return await self._blackboard.renew(leases)


def read_view(stored: StoredJob) -> JobView:
    """A stored job as the relay sees it. Raises StoreCorrupt."""
    what = f"Job r{stored.id}"
    payload = read(stored.payload, JobPayload, what)
    state = read(stored.state, JobState, what)
    if not state.branch:
        state.branch = branch_of(stored.id)
    return JobView(
        id=stored.id, tenant=stored.tenant, user=stored.user, spec=payload.spec, state=state,
        created_at=stored.created_at,
    )  # fmt: skip


def read(body: bytes, kind: type[T], what: str) -> T:
    """A record from its JSON. Raises StoreCorrupt when it was written by another version, or is damaged."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise StoreCorrupt(f"{what} cannot be read ({error}). Nothing was changed.") from error


def answer_of(task_id: int, ok: bool, text: str, state: JobState, elapsed_s: float = 0.0) -> bytes:
    """What a job's or sprint's task holds as its result, for `/why`."""
    report = state.report
    answer = Answer(
        task_id=task_id,
        status="verified" if ok else "failed",
        text=text,
        attempts=1,
        provider=report.provider if report else None,
        model=report.model if report else None,
        tokens=Tokens(state.totals.tokens_in, state.totals.tokens_out),
        elapsed_ms=round(elapsed_s * 1_000, 1),
        ok=ok,
    )
    return msgspec.json.encode(answer)
