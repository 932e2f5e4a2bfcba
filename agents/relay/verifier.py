"""The Verifier: proves or refutes one proposal, in a fresh working tree and a sandbox. Open this file to see how.

It holds the sandbox, working trees and the signing key. It makes no commit and moves no branch: what it hands back is a
signed checkpoint or exactly one capsule.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import faults
from agents.relay.checkpoint import Signer, report_digest
from agents.relay.checks import Checks
from agents.relay.contracts import Capsule, SignedCheckpoint, Statement, ValidateRequest, Verdict
from agents.relay.critique import Critic, of_objections
from agents.relay.git_reader import common_dir
from agents.relay.patches.contracts import Policy
from agents.relay.plans import plan_at
from agents.relay.proposal import Proposal, Refuted, apply_proposal, check_protected, check_tree
from agents.relay.sandbox.contracts import Limits
from agents.relay.sandbox.sandbox import Sandbox
from agents.relay.steps import Plan
from agents.relay.workspace import Workspaces, Worktree
from llm.contracts import CallRecord


class Verifier:
    """Runs. ``budget_s`` (seconds) bounds one validation; one is under way at a time."""

    def __init__(
        self,
        sandbox: Sandbox,
        workspaces: Workspaces,
        signer: Signer,
        critic: Critic,
        *,
        budget_s: float,
        limits: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sandbox, self._workspaces, self._signer, self._critic = sandbox, workspaces, signer, critic
        self._budget_s, self._limits, self._clock = budget_s, limits, clock
        self._one = asyncio.Lock()

    async def validate(self, request: ValidateRequest) -> Verdict:
        """The verdict on a proposal.

        Raises:
            GitFailed, SandboxFailed: nothing could be proved or refuted.
        """
        async with self._one:
            began = time.monotonic()
            name = f"{request.job}-{request.sprint}"
            tree = await asyncio.to_thread(self._workspaces.open, request.repo, request.commit, name)
            faults.point("relay.worktree.after")
            try:
                return await self._judge(request, tree, began)
            finally:
                await asyncio.shield(asyncio.to_thread(self._workspaces.close, tree))

    async def _judge(self, request: ValidateRequest, tree: Worktree, began: float) -> Verdict:
        plan, git_dir = await asyncio.to_thread(_prepared, request)
        checks = Checks(self._sandbox, tree.path, git_dir, self._limits, began + self._budget_s)
        calls: list[CallRecord] = []
        proposal: Proposal | None = None
        signed: SignedCheckpoint | None = None
        capsule: Capsule | None = None
        try:
            policy = Policy(plan.protected, request.allow)
            proposal = await asyncio.to_thread(apply_proposal, tree, request, policy)
            checks.note("apply", note="; ".join((proposal.method, *proposal.tolerated)))
            check_tree(proposal, request.failed_trees)
            check_protected(proposal.files, policy, "by the proposal")
            checks.note("tests-unchanged")
            await checks.run_all(plan, proposal.files)
            altered = await asyncio.to_thread(tree.changed_since, proposal.tree)
            check_protected(altered, policy, "while the checks ran")
            checks.hold_count(None if request.allow else request.tests_before)
            await self._critique(request, proposal, checks, calls)
            signed = self._sign(request, proposal, checks)
        except Refuted as refuted:
            capsule = refuted.capsule
            if refuted.check:
                checks.note(refuted.check, ok=False, note=refuted.note)
        return Verdict(
            checks=tuple(checks.runs),
            checkpoint=signed,
            capsule=capsule,
            tree=proposal.tree if proposal else "",
            diff=proposal.diff if proposal else "",
            files=proposal.files if proposal else (),
            tests=checks.tests,
            calls=tuple(calls),
            seconds=round(time.monotonic() - began, 3),
        )

    async def _critique(
        self, request: ValidateRequest, proposal: Proposal, checks: Checks, calls: list[CallRecord]
    ) -> None:
        """Ask for objections. Raises Refuted when there are any."""
        if not self._critic.configured or request.calls_left <= 0:
            return
        began = time.monotonic()
        objections, critic = await self._critic.critique(
            request.goal, proposal.diff, checks.passed, request.author, calls.append
        )
        seconds = time.monotonic() - began
        if objections:
            run = checks.note("critique", ok=False, note=critic, seconds=seconds)
            raise Refuted(of_objections(objections, run), "")
        checks.note("critique", note=f"{critic} agrees" if critic else "no vote: nobody answered", seconds=seconds)

    def _sign(self, request: ValidateRequest, proposal: Proposal, checks: Checks) -> SignedCheckpoint:
        statement = Statement(
            job=request.job,
            number=request.number,
            parent=request.commit,
            tree=proposal.tree,
            report=report_digest(checks.runs),
            previous=request.previous,
        )
        return self._signer.sign(statement, self._clock())


def _prepared(request: ValidateRequest) -> tuple[Plan, Path]:
    return plan_at(request.repo, request.base or request.commit), common_dir(request.repo)
