"""Coding jobs as lines of text, and as the JSON that programs read."""

import time
from collections.abc import Iterator, Sequence

from agents.relay.desk import Verified
from agents.relay.jobs import Checkpoint, JobView, LedgerRow, RunDocument
from neutralise import one_line

MARKS = {"done": "✓", "escalated": "▲", "stopped": "■", "failed": "✗", "running": "…", "queued": "·"}


def run_document(view: JobView, checkpoints: Sequence[Checkpoint]) -> RunDocument:
    """What `relay run --json` prints."""
    state, totals = view.state, view.state.totals
    return RunDocument(
        outcome=view.outcome,
        reason=state.reason,
        iterations=totals.iterations,
        llm_calls=totals.llm_calls,
        defects=totals.defects,
        checkpoints=tuple({"commit": each.commit, "proof": each.proof} for each in checkpoints if not each.undone),
        http_errors=totals.http_errors,
        max_prompt_tokens=totals.max_prompt_tokens,
        seconds=round(totals.seconds, 3),
        job=view.name,
        branch=state.branch,
    )


def progress(view: JobView) -> str:
    """What a job is doing now, one line."""
    state, spec = view.state, view.spec
    where = f"item {state.item + 1} of {len(spec.roadmap)}, " if state.item < len(spec.roadmap) else ""
    doing = {"idle": "beginning", "building": "building", "proposed": "verifying", "judged": "deciding"}[state.phase]
    return f"{view.name}: {where}try {state.iteration}: {doing} …"


def sprint_line(row: LedgerRow) -> str:
    """One sprint: what decided it."""
    if row.capsule is not None:
        return f"  ✗ try {row.iteration}: {one_line(row.capsule.title)}"
    if row.verdict == "pass":
        checks = ", ".join(check.name for check in row.checks)
        return f"  ✓ try {row.iteration}: {one_line(row.goal)} · {checks} · {row.commit[:12]}"
    return f"  – try {row.iteration}: {row.verdict}: {one_line(row.summary)}"


def ending(view: JobView, checkpoints: Sequence[Checkpoint]) -> Iterator[str]:
    """How a job ended, and what to do now."""
    state, totals = view.state, view.state.totals
    yield f"{MARKS[state.status]} {view.name} {state.status}: {one_line(state.reason)}"
    count = len([each for each in checkpoints if not each.undone])
    tries = _many(totals.iterations, "try", "tries")
    yield (
        f"  {_many(count, 'checkpoint')}, {tries}, {_many(totals.defects, 'defect')}, "
        f"{_many(totals.llm_calls, 'call')}, {totals.tokens_in + totals.tokens_out:,} tokens, ${totals.cost_usd:.4f}"
    )
    if state.status == "escalated":
        yield from (f"  │ {one_line(line)}" for line in state.trail[-5:])
        yield f"  next: ./vespera relay resume {view.name} --hint '…', approve, rollback or stop"
    elif state.status == "done" and count:
        yield f"  the work is on {state.branch}; ./vespera relay approve {view.name} merges it"


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def job_lines(view: JobView, checkpoints: Sequence[Checkpoint]) -> Iterator[str]:
    """One job: its board."""
    state, spec = view.state, view.spec
    yield f"{MARKS[state.status]} {view.name} {state.status}: {one_line(spec.goal)}"
    if state.reason:
        yield f"  {one_line(state.reason)}"
    yield f"  {spec.repo} · {state.branch} · begun {time.strftime('%Y-%m-%d %H:%M', time.localtime(view.created_at))}"
    for number, item in enumerate(spec.roadmap):
        mark = "✓" if number < state.item else "▸" if number == state.item and state.status != "done" else " "
        yield f"  {mark} {number + 1}. {one_line(item)}"
    if state.goal != spec.goal and state.item >= len(spec.roadmap):
        yield f"  ▸ {one_line(state.goal)}"
    for each in checkpoints:
        undone = " (rolled back)" if each.undone else ""
        yield f"  checkpoint {each.number}  {each.commit[:12]}  {one_line(each.goal)}{undone}"
    for line in state.trail[-5:]:
        yield f"  │ {one_line(line)}"
    totals, budget = state.totals, spec.budget
    yield (
        f"  used {totals.llm_calls} of {budget.calls or '∞'} calls, {totals.tokens_in + totals.tokens_out:,} tokens, "
        f"${totals.cost_usd:.4f}; longest prompt {totals.max_prompt_tokens:,} tokens"
    )


def list_line(view: JobView) -> str:
    """One job in a list."""
    state = view.state
    goal = one_line(view.spec.goal)[:70]
    return f"{MARKS[state.status]} {view.name:<6} {state.status:<9} {state.checkpoints:>3} ✓  {goal}"


def verified_lines(name: str, found: Verified) -> Iterator[str]:
    """What the verification found."""
    if not found.tip and found.ok:
        yield f"{name} has no checkpoint yet."
        return
    word = "✓ every one holds" if found.ok else f"✗ {len(found.broken)} wrong"
    yield f"{found.branch}: {_many(found.checkpoints, 'checkpoint')}, {word} (key {found.key[:16]}…)"
    for each in found.broken:
        yield f"  ✗ {each.commit[:12]} {each.message}"
