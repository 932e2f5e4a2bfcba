"""The pipeline's door and its workers: route, admit, hold three slots and ten places, resume, stop.

What a worker does with its task is `agents/drafting.py`.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec

import metrics
from agents import outcomes
from agents.arbiter import Arbiter, Route
from agents.contracts import Answer, Request, Stage
from agents.drafting import Drafting
from agents.work import OnStage, Payload, Ticket, Work, step
from blackboard.contracts import OPEN, Claimed, Delivery, Lease, NewTask, Step, Task
from database import Blackboard
from errors import BudgetSpent, Busy, LeaseLost, NotAllowed, Stopping, UserMistake
from llm.budget import BudgetLimits, check_budget
from logs import task_id as logged_task
from truth_blocks.contracts import Violation

log = logging.getLogger("vespera.pipeline")


class Limits(msgspec.Struct, frozen=True):
    """How much at once and for how long."""

    running: int
    waiting: int
    task_deadline_s: float
    budget: BudgetLimits


class Pipeline:
    """Arbiter → Weaver-Stylist → Deep Critic over the blackboard."""

    def __init__(
        self,
        blackboard: Blackboard,
        arbiter: Arbiter,
        drafting: Drafting,
        *,
        models_configured: bool,
        limits: Limits,
        before_a_draft: Callable[[Request], None] = lambda request: None,
    ) -> None:
        self._blackboard = blackboard
        self._arbiter = arbiter
        self._drafting = drafting
        self._models_configured = models_configured
        self._limits = limits
        self._before_a_draft = before_a_draft
        self._slots = asyncio.Semaphore(limits.running)
        self._waiting: dict[int, Work] = {}
        self._workers: dict[int, asyncio.Task[Answer]] = {}
        self._leases: dict[int, Lease] = {}
        self._usual_s = 5.0
        self._stopping = False

    # -- in: a request becomes an answer at once, or an admitted task, or Busy

    async def submit(
        self, request: Request, *, delivery: Delivery | None = None, on_stage: OnStage | None = None
    ) -> Ticket:
        """Decide what becomes of a request; an accepted one is on disk before this returns.

        Raises:
            Busy: all running and waiting places are taken; nothing was queued.
            UserMistake, NotAllowed, TooFast, BudgetSpent: the text is what the person reads; nothing was queued.
        """
        if self._stopping:
            raise Stopping("Vespera is stopping. Nothing was queued. Try again in a minute.")
        known = self._arbiter.knows(request.task_type)  # anything may stand there: it came over the socket
        metrics.REQUESTS.add(request.task_type if known else "unknown")
        try:
            return await self._decided(request, delivery, on_stage)
        except Busy:
            metrics.BUSY.add()
            metrics.OUTCOMES.add("busy")
            raise
        except (UserMistake, NotAllowed, BudgetSpent):
            metrics.OUTCOMES.add("mistake")
            raise

    async def _decided(self, request: Request, delivery: Delivery | None, on_stage: OnStage | None) -> Ticket:
        began = time.monotonic()
        offline = self._is_offline(request)
        # With no slot free the prompt would only wait, or the request is told "busy".
        write = None if offline or self._slots.locked() else self._drafting.commission
        route = await self._arbiter.route(request, "offline" if offline else "models", write)
        metrics.STAGE_SECONDS.observe(time.monotonic() - began, "route")
        if route.kind != "generate":
            return await self._answer_at_once(request, route, began)
        self._before_a_draft(request)
        if not offline:
            await self._hold_budget(request)
        return await self._admit(request, route, began, delivery, on_stage)

    async def _answer_at_once(self, request: Request, route: Route, began: float) -> Ticket:
        answer, status = outcomes.at_once(route, began)
        new = NewTask(
            request.tenant,
            request.user,
            request.task_type,
            outcomes.new_payload(request, route),
            request.interaction_id,
        )
        steps = (_routed(route, began),)
        recorded = await self._blackboard.record(
            new, status, msgspec.json.encode(answer), steps, cache_key=route.key if route.cached else None
        )
        if recorded.known is not None:
            return self._ticket_of(recorded.known)
        metrics.OUTCOMES.add("cached" if answer.cached else answer.status)
        return Ticket(recorded.task_id, answer=msgspec.structs.replace(answer, task_id=recorded.task_id))

    async def _hold_budget(self, request: Request) -> None:
        if self._limits.budget == BudgetLimits():
            return
        day_began = time.time() // 86_400 * 86_400
        spent = await self._blackboard.spent(request.tenant, request.user, day_began)
        check_budget(spent.tenant_tokens, spent.user_tokens, self._limits.budget)

    async def _admit(
        self, request: Request, route: Route, began: float, delivery: Delivery | None, on_stage: OnStage | None
    ) -> Ticket:
        if route.topic is None:
            raise RuntimeError("a route that generates has a topic")
        payload = Payload(request, route.block, route.topic, route.key)
        new = NewTask(
            request.tenant,
            request.user,
            request.task_type,
            msgspec.json.encode(payload),
            request.interaction_id,
            delivery,
        )
        free = not self._slots.locked()
        if free:
            await self._slots.acquire()  # Does not suspend while a slot is free.
        employed = False
        try:
            room = self._limits.running + self._limits.waiting
            admission = await self._blackboard.admit(new, (_routed(route, began),), room=room, run_now=free)
            if admission is None:
                raise Busy(self._limits.running, self._limits.waiting, self._expected_wait_s())
            if admission.known is not None:
                return self._ticket_of(admission.known)
            work = Work(
                admission.task_id, payload, self._is_offline(request), admission.lease, on_stage=on_stage,
                commission=route.commission, started=began,
            )  # fmt: skip
            employed = True
            return self._employ(work, has_slot=free)
        finally:
            if free and not employed:
                self._slots.release()

    async def resume(self) -> list[Ticket]:
        """Take up every open task whose worker is gone: after a restart, or when a lease ran out."""
        tickets = []
        for claimed in await self._blackboard.claim():
            task = claimed.task
            stale = self._workers.pop(task.id, None)
            if stale is not None:  # It stopped renewing: its writes are fenced off from here on.
                stale.cancel()
            try:
                work = await self._taken_up(claimed)
            except (msgspec.MsgspecError, KeyError, TypeError):
                log.exception("task %s cannot be read", task.id)
                await self._give_up(claimed)
                continue
            metrics.RESUMED.add()
            tickets.append(self._employ(work, has_slot=False))
        return tickets

    async def _taken_up(self, claimed: Claimed) -> Work:
        task = claimed.task
        payload = msgspec.json.decode(task.payload, type=Payload)
        # The claim has committed the next attempt's number: the one that was begun may have made its draft.
        work = Work(
            task.id, payload, self._is_offline(payload.request), claimed.lease,
            attempt=task.attempt, rejected=task.retry_count,
        )  # fmt: skip
        work.findings = await self._last_findings(task)
        work.steps.append(step("Pipeline", "resumed", attempt=work.attempt))
        return work

    async def _give_up(self, claimed: Claimed) -> None:
        """Close a task that this version cannot read; it must not keep the others from being taken up."""
        answer = outcomes.unreadable(claimed.task)
        await self._blackboard.finish(
            claimed.lease, status="failed", retry_count=claimed.task.retry_count, result=msgspec.json.encode(answer),
            steps=(step("Pipeline", "failed", message=answer.text),), corrections=(), calls=(), cache=None,
        )  # fmt: skip

    async def cancel(self, tenant: str, task_id: int, user: str, why: str) -> bool:
        """Close an open task as cancelled; False when it was not open."""
        cancelled = await self._blackboard.cancel(tenant, task_id, user, why)
        worker = self._workers.get(task_id)
        if cancelled and worker is not None:
            worker.cancel()
        return cancelled

    async def renew_leases(self) -> None:
        """Heartbeat: renew the leases of running tasks; a task whose lease was lost stops here."""
        held = tuple(self._leases.values())
        for lost in await self._blackboard.renew(held) if held else ():
            worker = self._workers.get(lost.task_id)
            if worker is not None:
                log.warning("task %s was taken over by another worker", lost.task_id)
                worker.cancel()

    async def close(self) -> None:
        """Stop the workers; their tasks stay open and resumable."""
        self._stopping = True
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    # -- the loop: a worker holds a slot and a lease

    async def _work(self, work: Work, has_slot: bool) -> Answer:
        logged_task.set(work.task_id)
        try:
            if not has_slot:
                await self._wait_for_slot(work)
            try:
                if work.lease is None:
                    work.lease = await self._blackboard.start(work.task_id)
                    self._leases[work.task_id] = work.lease
                with metrics.watched(work.task_id, work.payload.request.task_type):
                    answer = await self._drafting.answer(work)
                    metrics.answered(answer.status, answer.elapsed_ms / 1_000, answer.attempts)
                self._usual_s += 0.2 * (answer.elapsed_ms / 1_000 - self._usual_s)
                return answer
            finally:
                self._slots.release()
                self._tell_places()
        except LeaseLost:
            return await self._closed_elsewhere(work)
        except asyncio.CancelledError:
            if self._stopping:
                raise Stopping(
                    f"Vespera is stopping. Task {work.task_id} is kept and goes on at the next start."
                ) from None
            return await self._closed_elsewhere(work)
        finally:
            if self._workers.get(work.task_id) is asyncio.current_task():
                del self._workers[work.task_id]
                self._leases.pop(work.task_id, None)

    # -- workers, tickets, places

    def _employ(self, work: Work, *, has_slot: bool) -> Ticket:
        worker = asyncio.create_task(self._work(work, has_slot), name=f"task {work.task_id}")
        worker.add_done_callback(_log_failure)
        self._workers[work.task_id] = worker
        if work.lease is not None:
            self._leases[work.task_id] = work.lease
        if not has_slot:
            self._waiting[work.task_id] = work
        return Ticket(work.task_id, place=0 if has_slot else len(self._waiting), future=worker)

    async def _wait_for_slot(self, work: Work) -> None:
        work.tell(Stage("waiting", place=self._place(work)))
        try:
            await self._slots.acquire()
        finally:
            self._waiting.pop(work.task_id, None)

    def _tell_places(self) -> None:
        for place, waiting in enumerate(self._waiting.values(), 1):
            waiting.tell(Stage("waiting", place=place))

    def _place(self, work: Work) -> int:
        return list(self._waiting).index(work.task_id) + 1

    def _ticket_of(self, task: Task) -> Ticket:
        """The ticket of a task that an earlier delivery of the same interaction made."""
        if task.status not in OPEN:
            return Ticket(task.id, answer=outcomes.of_closed(task))
        worker = self._workers.get(task.id) or asyncio.create_task(self._watch(task))
        return Ticket(task.id, future=worker)

    async def _watch(self, task: Task) -> Answer:
        """Wait for a task that another worker has."""
        async with asyncio.timeout(self._limits.task_deadline_s):
            while True:
                seen = await self._blackboard.task(task.tenant, task.id)
                if seen is None or seen.status not in OPEN:
                    return outcomes.of_closed(seen or task)
                await asyncio.sleep(0.2)

    async def _closed_elsewhere(self, work: Work) -> Answer:
        task = await self._blackboard.task(work.payload.request.tenant, work.task_id)
        if task is None:
            return outcomes.failed(work, f"Task {work.task_id} is gone from the blackboard.")
        return outcomes.of_closed(task) if task.status not in OPEN else await self._watch(task)

    async def _last_findings(self, task: Task) -> tuple[Violation, ...]:
        verdicts = [
            stored.detail
            for stored in await self._blackboard.steps(task.tenant, task.id)
            if stored.event == "verdict" and stored.detail
        ]
        found = verdicts[-1]["violations"] if verdicts else []
        return tuple(entry for entry in msgspec.convert(found, list[Violation]) if entry.severity == "error")

    def _is_offline(self, request: Request) -> bool:
        return request.offline or not self._models_configured

    def _expected_wait_s(self) -> int:
        rounds = (self._limits.waiting + 1) / self._limits.running
        return max(5, round(self._usual_s * rounds / 5) * 5)


def _routed(route: Route, began: float) -> Step:
    return step(
        "Arbiter", "route", began=began, route=route.kind, rule=route.rule, reason=route.reason,
        policy=route.policy_version, block=route.block, variant=route.topic.variant if route.topic else "",
    )  # fmt: skip


def _log_failure(worker: "asyncio.Task[Answer]") -> None:
    """Nobody may be waiting for a worker, so its failure is told to the log; Stopping is no failure."""
    if worker.cancelled():
        return
    error = worker.exception()
    if error is not None and not isinstance(error, Stopping):
        log.error("%s failed", worker.get_name(), exc_info=error)
