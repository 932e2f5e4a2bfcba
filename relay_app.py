"""Composition root of the relay: Settings → RelayApp. A process of its own, on its own file ``relay.sqlite``."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import at_rest
from agents import kept
from agents.contracts import Request
from agents.relay.board import Board, Held
from agents.relay.builder import Builder
from agents.relay.checkpoint import Signer
from agents.relay.critique import Critic
from agents.relay.desk import Changes, Ledger, Verified
from agents.relay.http_roles import RemoteBuilder, RemoteVerifier
from agents.relay.jobs import OPEN, Budget, Checkpoint, JobView
from agents.relay.news import News
from agents.relay.orders import Order, spec_of
from agents.relay.people import People
from agents.relay.recollection import Recollection
from agents.relay.remembered import RelayMemory
from agents.relay.roles import BuilderRole, Nobody, VerifierRole
from agents.relay.sandbox.contracts import Limits
from agents.relay.sandbox.sandbox import Sandbox
from agents.relay.scheduler import Scheduler
from agents.relay.verified import verified
from agents.relay.verifier import Verifier
from agents.relay.worker import Worker
from agents.relay.workspace import Workspaces
from blackboard.audit import Action, NewEntry
from database import Blackboard
from errors import BadConfiguration, LeaseLost, Refused, VesperaError
from llm.contracts import LanguageModel
from llm.router import Router
from neutralise import visible
from settings import Settings
from wiring import configured_router

log = logging.getLogger("vespera.relay")

LEASE_S = 30.0
PRUNE_EVERY_S = 86_400.0
NAME = "relay"
NO_MODEL = (
    "No model is configured, and the embedded one cannot write code. Nothing was started. ./vespera setup adds a key; "
    "or set OPENAI_COMPATIBLE_BASE_URL and OPENAI_COMPATIBLE_MODEL for a server of your own."
)


class RelayApp:
    """Everything a front may do with coding jobs."""

    def __init__(
        self,
        settings: Settings,
        blackboard: Blackboard,
        router: Router,
        sandbox: Sandbox | None,
        why_no_sandbox: str,
        memory: Recollection,
        signer: Signer,
    ) -> None:
        self.settings, self.blackboard = settings, blackboard
        self.why_no_sandbox = why_no_sandbox
        self.sandbox = sandbox
        self.board, self._memory = Board(blackboard), memory
        self.worker = Worker(self.board, settings.relay_running)
        self._news = News()
        self.worker.watchers.add(self._news.note)
        self._router, self._signer = router, signer
        self._workspaces = Workspaces(worktrees_of(settings))
        self.builder, self.verifier = self._roles(settings, sandbox)
        self._scheduler = Scheduler(self.board, self.builder, self.verifier, memory, on_change=self.worker.changed)
        if self._can_prove:  # Without a Verifier jobs wait; they do not fail.
            self.worker.employ(self._scheduler)
        self.work, self.idle = self.worker.work, self.worker.idle
        self._people = People(self.board, self._scheduler, signer)
        self._beat = asyncio.create_task(self._renew(), name="relay-leases")

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        models: Sequence[LanguageModel] | None = None,
        memory: Recollection | None = None,
    ) -> "RelayApp":
        """Take the relay's file and sweep up what a killed process left; nothing connects, no job is begun.

        Raises:
            StoreError: the data directory cannot be used (`StoreLocked`: another relay owns it).
            BadConfiguration: a setting is wrong.
        """
        router = configured_router(settings, models, deadline_s=settings.relay_builder_s)
        at_rest.use(settings.at_rest_key, settings.at_rest_key_before)
        blackboard = await Blackboard.open(settings.data_dir, name=NAME, lease_s=LEASE_S)
        try:
            sandbox, why_not = await _sandbox(settings)
            signer = await asyncio.to_thread(Signer, settings.data_dir)
            app = cls(settings, blackboard, router, sandbox, why_not, memory or RelayMemory(settings.data_dir), signer)
            await app._sweep()
        except BaseException:
            await blackboard.close()
            raise
        return app

    async def close(self) -> None:
        """Stop working; jobs under way stay open and go on at the next start. Safe to call twice."""
        self._beat.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._beat
        await self.worker.close()
        await self._memory.close()
        await self._router.close()
        await self.blackboard.close()

    # -- jobs

    async def start(self, request: Request, order: Order, *, owner: bool) -> JobView:
        """Write a new job and begin it when its turn comes; see `Desk.start`."""
        if not self._router.configured and not self.settings.relay_builder_url:
            raise BadConfiguration(NO_MODEL)
        if not self._can_prove:
            raise Refused(f"{self.why_no_sandbox} Nothing was started.", "sandbox")
        allowed = None if owner else [path for path in self.settings.relay_repositories.split(":") if path]
        spec, _ = await asyncio.to_thread(spec_of, order, allowed)
        view = await self.board.admit(kept.request(request), spec)
        self.worker.changed(view)
        await self.work()
        return view

    async def job(self, tenant: str, job: int) -> JobView:
        """A job as it stands on disk."""
        return await self.board.job(tenant, job)

    async def jobs(self, tenant: str) -> list[JobView]:
        """The jobs of a tenant, newest first."""
        return await self.board.jobs(tenant)

    async def wait(self, tenant: str, job: int, seconds: float) -> JobView:
        """The job when it changed or is no longer open, at the latest after so many seconds."""
        view = await self.board.job(tenant, job)
        if view.state.status in OPEN:
            await self.worker.change(seconds)
        return await self.board.job(tenant, job)

    async def changes(self, cursor: str, seconds: float) -> Changes:
        """The jobs that changed since a cursor; see `Desk.changes`."""
        return await self._news.since(cursor, seconds)

    async def stop(self, tenant: str, job: int, user: str) -> JobView:
        """Stop a job now; see `Desk.stop`."""
        await self.board.job(tenant, job)
        view = await self.worker.stop(job, f"stopped by {user}")
        await self._audit("relay.stop", tenant, user, job)
        await self.work()
        return view

    async def resume(self, tenant: str, job: int, user: str, hint: str) -> JobView:
        """Let a job go on; see `Desk.resume`."""
        view = await self.board.job(tenant, job)
        if view.state.status in OPEN and not self.worker.has(job):  # left by a process that is gone
            await self.work()
            return view
        async with self.worker.in_hand(tenant, job) as held:
            await self._people.go_on(held, user, visible(hint))
        return await self._goes_on(held)

    async def approve(self, tenant: str, job: int, user: str) -> str:
        """Overrule the last defect of a job that waits, or merge one that is done; see `Desk.approve`."""
        async with self.worker.in_hand(tenant, job) as held:
            if held.state.status == "done":
                merged = await self._people.merge(held, user)
                self.worker.changed(held.view)
                await self._audit("relay.merge", tenant, user, job, merged)
                return merged
            await self._people.approve(held, user)
            await self._audit("relay.approve", tenant, user, job, f"as checkpoint {held.state.checkpoints}")
        await self._goes_on(held)
        return f"The refuted proposal was kept as checkpoint {held.state.checkpoints}, approved by {user}."

    async def roll_back(self, tenant: str, job: int, user: str, checkpoint: int) -> JobView:
        """Take a job's branch back; see `Desk.roll_back`."""
        try:
            async with self.worker.in_hand(tenant, job, stop=True) as held:
                await self._people.roll_back(held, user, checkpoint)
                await self._audit("relay.rollback", tenant, user, job, f"to checkpoint {checkpoint}")
        finally:
            await self.work()  # what was at work goes on when there was nothing to roll back to
        self.worker.changed(held.view)
        return held.view

    async def ledger(self, tenant: str, job: int) -> Ledger:
        """A job's sprints, whole."""
        await self.board.job(tenant, job)
        rows, digest = await self.board.ledger(tenant, job)
        return Ledger(tuple(rows), digest)

    async def checkpoints(self, tenant: str, job: int) -> list[Checkpoint]:
        """A job's checkpoints, rolled back ones too."""
        await self.board.job(tenant, job)
        return await self.board.checkpoints(tenant, job)

    async def verify(self, tenant: str, job: int) -> Verified:
        """Hold a job's branch against the signatures."""
        return await asyncio.to_thread(verified, await self.board.job(tenant, job), self._signer.public)

    async def dispatch(self, job: int) -> JobView:
        """Make one transition of a job that nobody is at work on: the Scheduler's verb for callers elsewhere.

        Raises:
            LeaseLost: it is being worked on.
        """
        if self.worker.has(job):
            raise LeaseLost(f"r{job} is being worked on. Nothing was done.")
        held = await self.board.take(job, force=True)
        if held.state.status in OPEN:
            await self._scheduler.dispatch(held)
        return held.view

    async def _audit(self, action: Action, tenant: str, user: str, job: int, detail: str = "") -> None:
        await self.blackboard.audit.record(NewEntry(tenant, action, user, f"r{job}", detail))

    @property
    def _can_prove(self) -> bool:
        return self.sandbox is not None or bool(self.settings.relay_verifier_url)

    async def _goes_on(self, held: Held) -> JobView:
        self.worker.changed(held.view)
        await self.work()
        return held.view

    async def _sweep(self) -> None:
        """Remove working trees that a killed process left."""
        repos = {view.spec.repo for view in await self.board.jobs(None, limit=10_000)}
        await asyncio.to_thread(self._workspaces.sweep, sorted(repos))

    async def _renew(self) -> None:
        pruned = 0.0
        while True:
            await asyncio.sleep(LEASE_S / 3)
            try:
                if time.monotonic() - pruned > PRUNE_EVERY_S:
                    pruned = time.monotonic()
                    await self.blackboard.prune(
                        keep_days=self.settings.keep_days, keep_trace_days=self.settings.keep_trace_days
                    )
                await self.board.renew(self.worker.leases)
            except VesperaError:
                log.exception("leases could not be renewed")

    def _roles(self, settings: Settings, sandbox: Sandbox | None) -> tuple[BuilderRole, VerifierRole]:
        builder: BuilderRole = Builder(
            self._router, budget_s=settings.relay_builder_s, reply_tokens=settings.relay_reply_tokens
        )
        verifier: VerifierRole = Nobody()
        if sandbox is not None:
            verifier = Verifier(
                sandbox, self._workspaces, self._signer, Critic(self._router),
                budget_s=settings.relay_verifier_s, limits=Limits(memory_mb=settings.relay_memory_mb),
            )  # fmt: skip
        if settings.relay_builder_url:
            builder = RemoteBuilder(settings.relay_builder_url, settings.relay_token, settings.relay_builder_s)
        if settings.relay_verifier_url:
            verifier = RemoteVerifier(settings.relay_verifier_url, settings.relay_token, settings.relay_verifier_s)
        return builder, verifier


def default_budget(settings: Settings) -> Budget:
    """What a job may use when nothing else is said."""
    return Budget(
        iterations=settings.relay_iterations,
        calls=settings.relay_calls,
        tokens=settings.relay_tokens,
        cost_usd=settings.relay_cost_usd,
    )


def worktrees_of(settings: Settings) -> Path:
    """The folder for working trees."""
    return Path(settings.relay_worktrees) if settings.relay_worktrees else settings.data_dir / NAME


async def _sandbox(settings: Settings) -> tuple[Sandbox | None, str]:
    """The sandbox, or why there is none: jobs can then be looked at, and none can be begun."""
    worktrees = worktrees_of(settings)
    try:
        await asyncio.to_thread(worktrees.mkdir, mode=0o700, parents=True, exist_ok=True)
        sandbox = await Sandbox.open(
            settings.relay_weak_sandbox == "allow", worktrees=worktrees, private=[settings.data_dir]
        )
    except OSError as error:
        raise BadConfiguration(f"VESPERA_RELAY_WORKTREES: {worktrees} cannot be made ({error.strerror}).") from error
    except Refused as error:
        return None, str(error)
    return sandbox, ""
