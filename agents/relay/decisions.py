"""What follows from a sprint: advance, remediate, again, escalate, done. Pure: the same sprint, the same decision."""

from typing import Literal

import msgspec

from agents.relay.contracts import BuildReport, Verdict
from agents.relay.jobs import JobSpec, JobState

Kind = Literal["advance", "done", "remediate", "again", "escalate"]
UNREADABLE_SPRINTS = 2
"""Sprints in a row without one readable answer after which a person is asked."""


class Decision(msgspec.Struct, frozen=True):
    """What is to be done and why; for an advance, where to."""

    kind: Kind
    reason: str
    goal: str = ""
    item: int = 0


def after_report(spec: JobSpec, state: JobState, report: BuildReport) -> Decision | None:
    """What follows from a sprint without a proposal; None when there is one."""
    if report.answer is not None:
        return None
    if report.failure == "malformed":
        if state.unreadable + 1 >= UNREADABLE_SPRINTS:
            return Decision("escalate", f"the Builder's answers cannot be read: {report.note}")
        return spent(spec, state) or Decision("again", "no readable answer; the same goal once more")
    what = "took too long" if report.failure == "timeout" else "could not be reached"
    if state.timeouts:
        return Decision("escalate", f"the Builder {what} twice in a row: {report.note}")
    return spent(spec, state) or Decision("again", f"the Builder {what}; the same prompt once more")


def after_verdict(spec: JobSpec, state: JobState, verdict: Verdict) -> Decision:
    """What follows from a judged proposal."""
    if verdict.capsule is None:
        return following(spec, state)
    capsule = verdict.capsule
    if capsule.content_hash in state.seen:
        return Decision("escalate", f"the same defect came back ({capsule.defect_id}): {capsule.title}")
    if state.iteration >= spec.budget.iterations:
        return Decision("escalate", f"{state.iteration} tries for this goal and none passed; last: {capsule.title}")
    return spent(spec, state) or Decision("remediate", capsule.title)


def spent(spec: JobSpec, state: JobState) -> Decision | None:
    """An escalation when the budget is used up."""
    budget, used, times = spec.budget, state.totals, 1 + state.grants
    if budget.calls and used.llm_calls >= budget.calls * times:
        return Decision("escalate", f"the budget is spent: {used.llm_calls} calls of {budget.calls * times}")
    tokens = used.tokens_in + used.tokens_out
    if budget.tokens and tokens >= budget.tokens * times:
        return Decision("escalate", f"the budget is spent: {tokens:,} tokens of {budget.tokens * times:,}")
    if budget.cost_usd and used.cost_usd >= budget.cost_usd * times:
        return Decision("escalate", f"the budget is spent: ${used.cost_usd:.2f} of ${budget.cost_usd * times:.2f}")
    return None


def following(spec: JobSpec, state: JobState) -> Decision:
    """After a pass: the roadmap's next item; after the last one, or without a roadmap, the Builder's next goal."""
    item = state.item + 1
    if item < len(spec.roadmap):
        return Decision("advance", f"item {item + 1} of {len(spec.roadmap)}", spec.roadmap[item], item)
    answer = state.report.answer if state.report else None
    wanted = answer.next_goal.strip() if answer else ""
    if wanted:
        return Decision("advance", "the Builder's next goal", wanted, item)
    if spec.resubmit and answer and answer.next_input.strip():
        return Decision("advance", "the Builder's next input, resubmitted", answer.next_input.strip(), item)
    return Decision("done", "every item of the roadmap is proved" if spec.roadmap else "the goal is proved", "", item)
