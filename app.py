"""Composition root: Settings → App. The one place where the parts are wired together."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import at_rest
from agents import kept
from agents.admin_commands import ADMIN_COMMANDS
from agents.admins import Admins
from agents.bounds import check_remark
from agents.component_ids import ComponentIds
from agents.contracts import Request, Role
from agents.core_commands import CORE_COMMANDS
from agents.guard import Guard
from agents.guide import guide
from agents.health import Health, Inside, ModelState, last_backup
from agents.memories import Memories
from agents.memory_commands import MEMORY_COMMANDS
from agents.memory_contracts import MemoryAsk, MemoryTold
from agents.narrating import NARRATE, narrate
from agents.policy import Policy
from agents.rates import Rates
from agents.recollection import Recollection
from agents.relay.commands import COMMANDS as RELAY_COMMANDS
from agents.relay.commands import TASKS as RELAY_TASKS
from agents.relay.office import Office
from agents.relay.reading import job_counts, relay_why
from agents.standing import Standings
from agents.table import Table
from agents.table_contracts import ADMIN_TASKS, MEMORY_TASKS, TABLE_TASKS, Play, Played, View
from agents.truth_thread import TruthThread
from agents.why import Why, why
from agents.work import OnStage, Ticket
from blackboard.audit import Action, NewEntry
from blackboard.backups.contracts import Backup
from blackboard.backups.online import Backups
from blackboard.contracts import Delivery, Feedback
from database import Blackboard
from errors import NotAllowed, StoreError, UserMistake
from llm.contracts import LanguageModel
from llm.router import Router
from settings import Settings
from stores import order
from truth_blocks import load_blocks
from truth_blocks.contracts import TruthBlock
from truth_blocks.dnd5e.combat.commands import COMMANDS as TABLE_COMMANDS
from wiring import build_pipeline, configured_router, open_memory

if TYPE_CHECKING:
    from memory.contracts import MemoryStats

log = logging.getLogger("vespera.app")

LEASE_S = 30.0
MEMORY_FILE = "memory.sqlite"
EDITIONED = frozenset({"dnd.rule", "dnd.spell", "dnd.monster", "dnd.item", "dnd.class"})
"""Questions that take the campaign's edition when they name none."""
OF_A_CHARACTER = frozenset({"dnd.roll", "dnd.odds"})
"""Dice whose ``@names`` the asker's character fills where ``values:`` does not."""


class App:
    """Everything a front may do. Fronts and cogs talk to this class only."""

    def __init__(
        self,
        settings: Settings,
        blackboard: Blackboard,
        blocks: Sequence[TruthBlock],
        policy: Policy,
        router: Router,
        truth: TruthThread,
        *,
        remembers: bool,
    ) -> None:
        self.settings = settings
        self.blackboard = blackboard
        self.blocks = tuple(blocks)
        self.commands = tuple(command for block in blocks for command in block.commands)
        self.commands += TABLE_COMMANDS + RELAY_COMMANDS + MEMORY_COMMANDS + ADMIN_COMMANDS + CORE_COMMANDS
        self._table = Table(blackboard.combats, truth, policy, settings.default_edition)
        self.relay = Office(settings, blackboard, policy)
        self.component_ids = ComponentIds(blackboard.key)
        self._policy = policy
        by_task = {command.task_type: command for command in self.commands}
        policy.paths = {task_type: command.path for task_type, command in by_task.items()}
        rates = Rates(settings.user_per_minute, settings.tenant_per_minute)
        self._guard = Guard(policy, blackboard.audit, rates, by_task)
        self._admins = Admins(policy, blackboard, self.commands)
        self._router = router
        self._truth = truth
        self._backups = Backups(blackboard, partial(order, settings))
        self._began = time.monotonic()
        self._recollection = Recollection(
            blackboard, partial(open_memory, settings, blackboard), exists=remembers, tokens=settings.memory_tokens
        )
        self._by_task = {command.task_type: block for block in blocks for command in block.commands}
        self._pipeline = build_pipeline(
            settings, blackboard, blocks, policy, router, truth, self._recollection, self._guard.drafts
        )
        self._memories = Memories(
            self._recollection, blackboard, policy, self._pipeline.cancel, keep_backup_days=settings.backup_days
        )
        self._heartbeat = asyncio.create_task(self._beat(), name="leases")

    @classmethod
    async def open(cls, settings: Settings, *, models: Sequence[LanguageModel] | None = None) -> "App":
        """Open the data directory and wire the parts; no model SDK is imported and nothing connects.

        Raises:
            StoreError: the data directory cannot be used (`StoreLocked`: another process owns it).
            BadConfiguration: a setting or the policy file is wrong.
        """
        policy = await asyncio.to_thread(Policy.load, settings.policy_file)
        blocks = await asyncio.to_thread(load_blocks, settings.default_edition, settings.insecure_terraform == "fail")
        router = configured_router(settings, models, deadline_s=settings.model_deadline_s)
        at_rest.use(settings.at_rest_key, settings.at_rest_key_before)
        blackboard = await Blackboard.open(settings.data_dir, lease_s=LEASE_S, checkpoints=settings.litestream == "off")
        try:
            policy.standings = Standings(await blackboard.grants.all())
            remembers = await asyncio.to_thread((settings.data_dir / MEMORY_FILE).exists)
        except BaseException:
            await blackboard.close()
            raise
        return cls(settings, blackboard, blocks, policy, router, TruthThread(), remembers=remembers)

    async def close(self) -> None:
        """Stop taking work, leave open tasks resumable, close everything; safe to call twice."""
        self._backups.stop()
        self._heartbeat.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._heartbeat
        await self._pipeline.close()
        await self._recollection.close()
        await self._router.close()
        self._truth.close()
        await self.relay.close()
        await self.blackboard.close()

    async def submit(
        self, request: Request, *, delivery: Delivery | None = None, on_stage: OnStage | None = None
    ) -> Ticket:
        """Decide at once what becomes of a request; see `Pipeline.submit`, and `Guard.enter` for what comes before."""
        request = await self._guard.enter(kept.request(request))
        if request.task_type == NARRATE:
            return await narrate(self._table, self._pipeline, request, delivery, on_stage)
        if request.task_type in EDITIONED and not request.options.get("edition"):
            edition = await self._table.edition(request.tenant)
            request = msgspec.structs.replace(request, options={**request.options, "edition": edition})
        if request.task_type in OF_A_CHARACTER:
            request = await self._table.with_character(request)
        return await self._pipeline.submit(request, delivery=delivery, on_stage=on_stage)

    async def play(self, play: Play) -> Played:
        """A command carried out at once; committed before this returns. Raises UserMistake, NotAllowed, StoreError."""
        play = msgspec.structs.replace(play, request=kept.request(play.request), name=kept.whole(play.name))
        request = await self._guard.enter(play.request)
        if request.task_type in ADMIN_TASKS:
            return await self._admins.play(play)
        play = msgspec.structs.replace(play, request=request)
        if play.request.task_type in MEMORY_TASKS:
            return await self._memories.play(play)
        return await self._table.play(play)

    async def door(self, tenant: str, user: str, role: Role, task_type: str, *, suggesting: bool = False) -> None:
        """Ask before anything else whether an interaction may go on, and count it; see `Guard.door`."""
        await self._guard.door(tenant, user, role, task_type, suggesting=suggesting)

    def role_of(self, tenant: str, user: str, role: Role) -> Role:
        """The role that counts in a place: the one a front knows of, or a higher one that was granted."""
        return self._policy.role_of(tenant, user, role)

    def check_relay(self, tenant: str, user: str, role: Role) -> None:
        """Raise NotAllowed unless a person may start coding jobs here; see `Policy.check_relay`."""
        self._policy.check_relay(tenant, user, role)

    async def audit(self, action: Action, tenant: str, actor: str, *, subject: str = "", detail: str = "") -> None:
        """Write something into the audit log; on disk before this returns."""
        await self.blackboard.audit.record(NewEntry(tenant, action, actor, subject, detail))

    async def memory(self, ask: MemoryAsk) -> MemoryTold:
        """The operator's look at the memory. Raises UserMistake, StoreError."""
        return await self._memories.told(ask)

    async def nightly(self) -> None:
        """What is done once a day: old tasks, traces and answers are dropped, episodes retold. Raises StoreError."""
        from agents.episodes import Episodes

        settings = self.settings
        await self.blackboard.prune(
            keep_days=settings.keep_days,
            keep_trace_days=settings.keep_trace_days,
            keep_audit_days=settings.keep_audit_days,
        )
        await self._recollection.retell(Episodes(self.blackboard, self._router))

    async def fight(self, tenant: str, combat_id: int) -> View | None:
        """A fight by its number."""
        return await self._table.view(tenant, combat_id)

    async def note_fight(self, tenant: str, combat_id: int, message: str) -> None:
        """Remember where a front shows a fight."""
        await self.blackboard.combats.note(tenant, combat_id, message=message)

    async def resume(self) -> list[Ticket]:
        """Take up what an earlier process left open; the answers go out through the outbox."""
        return await self._pipeline.resume()

    async def suggest(
        self,
        task_type: str,
        option: str,
        prefix: str,
        chosen: Mapping[str, str],
        *,
        tenant: str = "local",
        channel: str = "local",
    ) -> list[str]:
        """Up to 25 completions for an option, from memory; of who is in a fight, from its channel's."""
        if task_type in ADMIN_TASKS:
            return self._admins.suggest(prefix)
        if task_type in TABLE_TASKS:
            return await self._table.suggest(task_type, option, prefix, chosen, tenant, channel)
        if task_type in RELAY_TASKS:
            return await self.relay.suggest(option, prefix, tenant)
        block = self._by_task.get(task_type)
        if block is None:
            return []
        return await self._truth.call(lambda: block.suggest(task_type, option, prefix, chosen))

    async def why(self, tenant: str, task_id: int | None, *, user: str | None, role: Role) -> Why:
        """The story of an answer; see `agents.why.why`."""
        role = await self._guard.admit(tenant, user, role, "why") if user is not None else role
        return await why(self.blackboard, tenant, task_id, user=user, role=role)

    async def relay_why(self, tenant: str, task_id: int, *, user: str | None, role: Role) -> Why:
        """The story of a coding job or sprint (``r481``), read from the relay's own file."""
        role = await self._guard.admit(tenant, user, role, "why") if user is not None else role
        return await relay_why(self.settings.data_dir, tenant, task_id, user=user, role=role)

    async def cancel(self, tenant: str, task_id: int, *, user: str, role: Role) -> bool:
        """Close an open task as cancelled; its asker and admins may."""
        role = await self._guard.admit(tenant, user, role, "cancel")
        task = await self.blackboard.task(tenant, task_id)
        if task is None:
            raise UserMistake(f"There is no task {task_id} here.")
        if task.user != user and role == "member":
            raise NotAllowed(f"Only the person who asked and admins may cancel task {task_id}.")
        return await self._pipeline.cancel(tenant, task_id, user, "asked to")

    async def feedback(self, tenant: str, feedback: Feedback, *, role: Role) -> None:
        """Record what a person said of an answer; *Wrong* evicts it from the cache and goes into the audit log."""
        await self._guard.admit(tenant, feedback.user, role, "feedback")
        check_remark(feedback)
        feedback = msgspec.structs.replace(
            feedback, wrong=kept.whole(feedback.wrong), should_be=kept.whole(feedback.should_be)
        )
        if await self.blackboard.task(tenant, feedback.task_id) is None:
            raise UserMistake(f"Task {feedback.task_id} is no longer known, so nothing was recorded.")
        await self.blackboard.feedback(tenant, feedback)
        if not feedback.right:
            await self.audit("feedback.wrong", tenant, feedback.user, detail=f"task {feedback.task_id}")
        self._recollection.wake(urgent=True)

    async def backup(self, target: Path) -> Backup:
        """Back every database and the key up, in use; see `Backups.make`."""
        made = await self._backups.make(target)
        await self.audit("backup", "local", "operator", detail=f"{made.file}, {made.bytes} bytes")
        return made

    async def status(self, tenant: str, role: Role = "member") -> Health:
        """How this process is; the same for every tenant, and without any tenant's data. Raises StoreError."""
        return Health(
            store=await self.blackboard.health(),
            running_limit=self.settings.running,
            waiting_limit=self.settings.waiting,
            models=tuple(ModelState(*state) for state in self._router.states()),
            blocks=tuple((block.name, block.version) for block in self.blocks),
            policy_version=self._policy.version,
            uptime_s=round(time.monotonic() - self._began, 1),
            inside=None if role == "member" else await self._inside(role),
        )

    async def _inside(self, role: Role) -> Inside:
        memory = await self.memory_stats()
        jobs = {}
        if role == "owner":
            with contextlib.suppress(StoreError):  # another process's file: what is wrong there is told by doctor
                jobs = await self.relay_jobs()
        return Inside(await last_backup(self.blackboard), memory.records if memory else None, jobs)

    async def memory_stats(self) -> "MemoryStats | None":
        """Figures of the memory over all tenants; None while nothing has used it. Raises StoreError."""
        return await self._recollection.stats()

    async def relay_jobs(self) -> dict[str, int]:
        """How many coding jobs are in which state, of all tenants; empty before the first. Raises StoreError."""
        return await job_counts(self.settings.data_dir)

    def help(self, command: str | None, role: Role, *, tenant: str = "local", user: str = "") -> str:
        """Markdown: every command this person may use here, a family of them, or one with its options.

        Raises:
            UserMistake: no such command; names the closest.
        """
        may = self._policy.access
        return guide([each for each in self.commands if not may(tenant, user, role, each.task_type)], command)

    async def _beat(self) -> None:
        """Renew leases, and take over tasks whose worker stopped renewing."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            try:
                await self._pipeline.renew_leases()
                await self._pipeline.resume()
            except Exception:  # Without a beat every lease would run out.
                log.exception("leases could not be renewed")
