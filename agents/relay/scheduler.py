"""The Scheduler: begins a sprint, hands the baton from Builder to Verifier, decides, commits. Here you see the relay.

Each step below is one committed transition. A kill between two of them loses nothing: the job goes on from the phase
that is on disk. Only `_decide` makes a commit, and making it twice gives the same commit once.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import faults
from agents.relay import decisions, ledger
from agents.relay.board import Board, Held
from agents.relay.branch import Branch, free_name
from agents.relay.contracts import BuildReport, BuildRequest, ValidateRequest, Verdict
from agents.relay.git_reader import tree_of
from agents.relay.jobs import JobView
from agents.relay.plans import plan_at
from agents.relay.posting import NextInput, Poster, Webhook
from agents.relay.recollection import Recollection
from agents.relay.roles import BuilderRole, VerifierRole
from agents.work import step
from blackboard.contracts import Step
from blackboard.relays import Move
from errors import BranchMoved, GitFailed, RelayError, SandboxFailed, UserMistake

OnChange = Callable[[JobView], None]
NEAR = 5
NEAR_ENOUGH = 0.95
"""Similarity from which a remembered failure is worth a warning."""


class Scheduler:
    """Works on jobs, one transition at a time. Holds the only means to commit."""

    def __init__(
        self,
        board: Board,
        builder: BuilderRole,
        verifier: VerifierRole,
        memory: Recollection,
        *,
        poster: Poster | None = None,
        clock: Callable[[], float] = time.time,
        on_change: OnChange = lambda view: None,
    ) -> None:
        self._board, self._builder, self._verifier, self._memory = board, builder, verifier, memory
        self._poster, self._clock, self._on_change = poster or Webhook(), clock, on_change

    async def run(self, held: Held) -> JobView:
        """Work on a job until it is done, waits for a person, or failed. Cancelled, it can be taken up again."""
        while held.state.status in ("queued", "running"):
            await self.dispatch(held)
        return held.view

    async def dispatch(self, held: Held) -> None:
        """Make the job's next transition."""
        match held.state.phase:
            case "idle":
                await self._begin(held)
            case "building":
                await self._build(held)
            case "proposed":
                await self._validate(held)
            case "judged":
                await _unbroken(self._decide(held))
        self._on_change(held.view)

    def branch(self, view: JobView) -> Branch:
        """The job's branch: what a person decides is written through it."""
        return Branch(view.spec.repo, view.state.branch, view.spec.base)

    async def _begin(self, held: Held) -> None:
        """A sprint gets its row before its first call, so that a kill grants no call that is not counted."""
        state, spec = held.state, held.spec
        if state.status == "queued":
            state.status = "running"
            state.branch = await asyncio.to_thread(free_name, spec.repo, f"vespera/{held.view.name}")
            state.tip_tree = await asyncio.to_thread(tree_of, spec.repo, state.tip)
        if over := decisions.spent(spec, state):
            await self._stop_with(held, over)
            return
        state.totals.iterations += 0 if state.again else 1
        state.iteration += 0 if state.again else 1
        state.phase, state.report, state.verdict, state.began = "building", None, None, self._clock()
        await self._board.begin(held)

    async def _build(self, held: Held) -> None:
        state = held.state
        request = await self._request(held)
        state.retrieved = tuple(lesson.memory_id for lesson in request.lessons)
        faults.point("relay.build.before")
        report = await self._builder.run_iteration(request)
        faults.point("relay.build.after")
        state.report, state.phase = report, "proposed" if report.answer else "judged"
        state.totals.malformed += report.malformed
        _count(held, report)
        told = step(
            "Builder", "proposed" if report.answer else "no_proposal", goal=state.goal, iteration=state.iteration,
            provider=report.provider, model=report.model, prompt_tokens=report.prompt_tokens, note=report.note,
            files=[patch.file for patch in report.answer.patch_bundle] if report.answer else [],
            seconds=report.seconds, lessons=len(request.lessons),
        )  # fmt: skip
        move = Move(status="", state=b"", sprint=held.sprint, sprint_steps=(told,), calls=report.calls)
        await self._board.move(held, move, name="relay-proposed")

    async def _validate(self, held: Held) -> None:
        state, spec = held.state, held.spec
        answer = state.report.answer if state.report else None
        if answer is None:
            raise RuntimeError(f"{held.view.name} has nothing to validate")
        faults.point("relay.validate.before")
        try:
            verdict = await self._verifier.validate(
                ValidateRequest(
                    job=held.view.name,
                    sprint=state.sprint,
                    number=state.checkpoints + 1,
                    repo=spec.repo,
                    commit=state.tip,
                    goal=state.goal,
                    changes=answer.patch_bundle,
                    previous=state.previous,
                    failed_trees=state.failed_trees,
                    author=state.report.provider if state.report else "",
                    base=spec.base,
                    allow=spec.allow,
                    tests_before=state.tests,
                    calls_left=_calls_left(held),
                )
            )
        except (RelayError, SandboxFailed, UserMistake) as error:
            await self._fail(held, str(error))
            return
        faults.point("relay.validate.after")
        state.verdict, state.phase = verdict, "judged"
        _count(held, verdict)
        move = Move(
            status="", state=b"", sprint=held.sprint, sprint_steps=ledger.verdict_steps(verdict), calls=verdict.calls
        )
        await self._board.move(held, move, name="relay-judged")

    async def _decide(self, held: Held) -> None:
        """Advance, remediate, try again or escalate. On a pass the commit comes first; it is the same if made twice."""
        state, spec = held.state, held.spec
        report, verdict = state.report or BuildReport(), state.verdict
        decision = decisions.after_report(spec, state, report)
        commit = ""
        if decision is None and verdict is not None:
            decision = decisions.after_verdict(spec, state, verdict)
            if verdict.checkpoint is not None:
                try:
                    commit = await asyncio.to_thread(_commit, held, verdict)
                except (BranchMoved, GitFailed) as error:
                    decision = decisions.Decision("escalate", str(error))
        if decision is None:
            raise RuntimeError(f"{held.view.name} has nothing to decide")
        faults.point("relay.commit.after")
        remembered = await self._remember(held, verdict, commit)
        posted = await self._post(held, commit)
        faults.point("relay.decide.before")
        move = ledger.close_sprint(held, decision, commit, remembered, self._clock(), posted)
        await self._board.move(held, move, name="relay-decided")

    async def _stop_with(self, held: Held, decision: decisions.Decision) -> None:
        held.state.status, held.state.reason = "escalated", decision.reason
        await self._board.move(held, ledger.close_job(held), name="relay-escalated")

    async def _fail(self, held: Held, why: str) -> None:
        """Nothing could be proved or refuted: the sprint stays open and is taken up on resume."""
        held.state.status, held.state.reason = "failed", why
        await self._board.move(held, ledger.close_job(held), name="relay-failed")

    async def _request(self, held: Held) -> BuildRequest:
        state, spec, view = held.state, held.spec, held.view
        plan = await asyncio.to_thread(plan_at, spec.repo, spec.base)
        about = state.capsule.title if state.capsule else state.goal
        return BuildRequest(
            job=view.name,
            repo=spec.repo,
            commit=state.tip,
            mission=spec.goal,
            goal=state.goal,
            iteration=state.iteration,
            synopsis=state.synopsis,
            open_issues=state.open_issues,
            capsule=state.capsule,
            hint=state.hint,
            warnings=state.warnings,
            lessons=tuple(await self._memory.lessons(view.tenant, spec.repo, about, 3)),
            protected=tuple(glob for glob in plan.protected if glob not in spec.allow),
            checks=tuple(dict.fromkeys(run.script for run in plan.steps if run.kind != "probe")),
            keys=state.keys,
            prompt_tokens=spec.prompt_tokens,
            calls_left=_calls_left(held),
        )

    async def _post(self, held: Held, commit: str) -> tuple[Step, ...]:
        """Hand the Builder's next input on to a webhook after a pass; a kill may do it twice, with the same key."""
        state, address = held.state, held.spec.next_input_to
        answer = state.report.answer if state.report else None
        if not commit or answer is None or not answer.next_input.strip() or not address.startswith("http"):
            return ()
        said = NextInput(
            job=held.view.name,
            checkpoint=state.checkpoints + 1,
            commit=commit,
            goal=state.goal,
            next_input=answer.next_input,
        )
        wrong = await self._poster.post(address, said)
        return (step("Scheduler", "posted", checkpoint=said.checkpoint, wrong=wrong),)

    async def _remember(self, held: Held, verdict: Verdict | None, commit: str) -> str:
        """Keep reply, capsule, verdict and checkpoint; note failures that lie near this one for the next prompt."""
        state, view = held.state, held.view
        memos = ledger.memos(held, verdict, commit)
        ids = [await self._memory.remember(memo) for memo in memos]
        state.warnings = ()
        if state.report is not None and verdict is not None and verdict.capsule is not None:
            near = await self._memory.near(view.tenant, held.spec.repo, ledger.reply_text(state.report), NEAR)
            state.warnings = tuple(
                f"your last proposal was much like one that failed before: {found.text[:200]}"
                for found in near
                if found.similarity >= NEAR_ENOUGH and found.memory_id not in ids
            )
        return next((found for found in ids if found), "")


async def _unbroken(work: Coroutine[Any, Any, None]) -> None:
    """Let a transition that commits come to its end, also when the job is being stopped."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _commit(held: Held, verdict: Verdict) -> str:
    """The checkpoint's commit on the job's branch."""
    if verdict.checkpoint is None:
        raise RuntimeError("only a signed checkpoint is committed")
    state, report = held.state, held.state.report
    answer = report.answer if report else None
    branch = Branch(held.spec.repo, state.branch, held.spec.base)
    faults.point("relay.commit.before")
    return branch.commit(verdict.checkpoint, (answer.commit_suggestion if answer else "") or state.goal)


def _calls_left(held: Held) -> int:
    budget = held.spec.budget.calls * (1 + held.state.grants)
    return max(1, budget - held.state.totals.llm_calls) if budget else 1_000_000


def _count(held: Held, used: BuildReport | Verdict) -> None:
    totals = held.state.totals
    for call in used.calls:
        totals.llm_calls += call.outcome != "skipped"
        totals.http_errors += call.outcome not in ("ok", "skipped")
        totals.tokens_in += call.tokens_in
        totals.tokens_out += call.tokens_out
        totals.cost_usd += call.cost_usd
        totals.max_prompt_tokens = max(totals.max_prompt_tokens, call.tokens_in)
    if isinstance(used, BuildReport):
        totals.max_prompt_tokens = max(totals.max_prompt_tokens, used.prompt_tokens)
    totals.seconds += used.seconds
