"""What a person decides about a job: go on with a hint, approve, roll back, merge. Each is recorded with who did it."""

import asyncio
import time
from typing import Any

import msgspec

from agents.relay import ledger
from agents.relay.board import Board, Held
from agents.relay.checkpoint import Signer, digest_of
from agents.relay.contracts import SignedCheckpoint, Statement
from agents.relay.decisions import following
from agents.relay.jobs import Checkpoint
from agents.relay.scheduler import Scheduler
from agents.work import step
from blackboard.relays import Move
from errors import UserMistake


class People:
    """Decisions of people, written through the Scheduler's branch."""

    def __init__(self, board: Board, scheduler: Scheduler, signer: Signer) -> None:
        self._board, self._scheduler, self._signer = board, scheduler, signer

    async def go_on(self, held: Held, user: str, hint: str) -> None:
        """Let a job that waits, was stopped or failed go on; a fresh count of tries, and the budget once more if spent.

        Raises:
            UserMistake: it is done, or at work.
        """
        state = held.state
        if state.status not in ("escalated", "stopped", "failed"):
            raise UserMistake(f"{held.view.name} is {state.status}; there is nothing to resume. Nothing was changed.")
        state.grants += state.reason.startswith("the budget is spent")
        state.status, state.reason, state.hint = "running", "", hint.strip() or state.hint
        state.iteration = 0 if state.phase == "idle" else 1
        state.timeouts, state.unreadable, state.again = 0, 0, False
        state.seen = {}
        await self._write(held, "resumed", user, hint=hint)

    async def approve(self, held: Held, user: str) -> None:
        """Keep the refuted proposal of a job that waits, on a person's word: signed as overruled, then the job goes on.

        Raises:
            UserMistake: it does not wait, or its last proposal could not be applied.
        """
        state, verdict = held.state, held.state.verdict
        if state.status != "escalated":
            raise UserMistake(f"{held.view.name} is {state.status}: nothing waits for approval. Nothing was changed.")
        if verdict is None or verdict.capsule is None or not verdict.tree:
            raise UserMistake(
                "The last proposal could not be applied, so there is nothing to approve. Nothing was changed. Give a "
                "hint, or stop the job."
            )
        statement = Statement(
            job=held.view.name,
            number=state.checkpoints + 1,
            parent=state.tip,
            tree=verdict.tree,
            report="overruled",
            previous=state.previous,
            approved=verdict.capsule.content_hash,
        )
        signed = self._signer.sign(statement, time.time())
        subject = f"{state.goal} (approved by {user})"
        commit = await asyncio.to_thread(self._scheduler.branch(held.view).commit, signed, subject)
        checkpoint = _checkpoint(held, signed, commit)
        state.checkpoints, state.tip, state.tip_tree = statement.number, commit, statement.tree
        state.previous = checkpoint.statement
        decision = following(held.spec, state)
        state.status, state.reason = ("done", decision.reason) if decision.kind == "done" else ("running", "")
        ledger.new_goal(held, decision.goal or state.goal, decision.item)
        await self._write(held, "approved", user, checkpoint=checkpoint, defect=verdict.capsule.defect_id)

    async def roll_back(self, held: Held, user: str, number: int) -> None:
        """Take the branch back to a checkpoint (0: the base); the job then waits for a person.

        Raises:
            UserMistake: there is no such checkpoint, or it was rolled back already.
        """
        state = held.state
        kept = [each for each in await self._board.checkpoints(held.view.tenant, held.view.id) if not each.undone]
        target = next((each for each in kept if each.number == number), None)
        if number != 0 and target is None:
            raise UserMistake(f"{held.view.name} has no checkpoint {number} to go back to. Nothing was changed.")
        commit = target.commit if target else held.spec.base
        await asyncio.to_thread(self._scheduler.branch(held.view).roll_back, commit)
        undone = [each for each in kept if each.number > number]
        state.tip, state.previous = commit, target.statement if target else ""
        state.tip_tree, state.tests = (target.tree, target.tests) if target else ("", None)
        state.synopsis = target.synopsis if target else ""
        if undone:
            ledger.new_goal(held, undone[0].goal, undone[0].item)
        state.phase, state.verdict, state.report = "idle", None, None
        state.status, state.reason = "escalated", f"rolled back to checkpoint {number} by {user}"
        await self._write(held, "rolled_back", user, undo_after=number, to=number)

    async def merge(self, held: Held, user: str) -> str:
        """Fast-forward the branch that the job began on; what was done. Raises UserMistake."""
        view = held.view
        if not view.spec.base_branch:
            raise UserMistake(f"{view.name} began without a branch checked out. Nothing was changed.")
        text = await asyncio.to_thread(self._scheduler.branch(view).merge_into, view.spec.base_branch)
        await self._write(held, "merged", user, text=text)
        return text

    async def _write(
        self,
        held: Held,
        event: str,
        user: str,
        *,
        checkpoint: Checkpoint | None = None,
        undo_after: int | None = None,
        **detail: Any,
    ) -> None:
        told = step("Person", event, by=user, **detail)
        move = Move(
            status="",
            state=b"",
            steps=(told,),
            checkpoint=ledger.stored(checkpoint) if checkpoint else None,
            undo_after=undo_after,
        )
        if held.state.status not in ("queued", "running"):
            closed = ledger.close_job(held)
            move = msgspec.structs.replace(move, steps=(told, *closed.steps), closed=closed.closed)
        await self._board.move(held, move, name=f"relay-{event.replace('_', '-')}")


def _checkpoint(held: Held, signed: SignedCheckpoint, commit: str) -> Checkpoint:
    state, statement = held.state, signed.statement
    answer = state.report.answer if state.report else None
    return Checkpoint(
        number=statement.number, commit=commit, tree=statement.tree, report=statement.report, proof=signed.signature,
        statement=digest_of(statement), sprint=state.sprint, goal=state.goal, item=state.item, tests=state.tests,
        synopsis=answer.synopsis if answer else "", at=signed.at,
    )  # fmt: skip
