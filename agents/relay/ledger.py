"""The end of a sprint as records: its ledger row, trace, checkpoint and memos, and where the job stands afterwards."""

import msgspec

from agents.relay.board import Held, answer_of
from agents.relay.checkpoint import digest_of
from agents.relay.contracts import BuildReport, Verdict
from agents.relay.decisions import Decision
from agents.relay.jobs import Checkpoint, LedgerRow, ledger_body
from agents.relay.recollection import Memo
from agents.work import step
from blackboard.contracts import CallRecord, Correction, Step, TaskStatus
from blackboard.relays import Ending, Move

STATUS: dict[str, TaskStatus] = {"done": "done", "escalated": "failed", "failed": "failed", "stopped": "cancelled"}
_TRAIL = 12


def verdict_steps(verdict: Verdict) -> tuple[Step, ...]:
    """The Verifier's lines of a sprint's trace: each check, then the word."""
    checks = tuple(
        step("Verifier", "check", name=run.name, passed=run.ok, exit_code=run.exit_code, seconds=run.seconds,
             note=run.note)
        for run in verdict.checks
    )  # fmt: skip
    capsule = verdict.capsule
    if capsule is not None:
        word = step("Verifier", "refuted", defect=capsule.defect_id, title=capsule.title, severity=capsule.severity,
                    check=capsule.failing_check, location=capsule.location, hash=capsule.content_hash)  # fmt: skip
    else:
        word = step("Verifier", "proved", tree=verdict.tree, checks=len(verdict.checks), tests=verdict.tests)
    return (*checks, word)


def close_sprint(
    held: Held, decision: Decision, commit: str, memory_id: str, now: float, posted: tuple[Step, ...] = ()
) -> Move:
    """The transition that ends a sprint; changes the job's state to where it goes on."""
    state, view = held.state, held.view
    if held.sprint is None:
        raise RuntimeError(f"{view.name} has no sprint under way")
    report, verdict = state.report or BuildReport(), state.verdict
    before = msgspec.json.decode(msgspec.json.encode(state), type=type(state))
    passed = bool(commit) and verdict is not None
    checkpoint = _checkpoint(held, verdict, commit) if passed and verdict else None
    _go_on(held, decision, verdict, checkpoint)
    row = LedgerRow(
        task=state.sprint, job=view.id, parent=view.id, number=before.totals.iterations,
        item=before.item if before.item < len(view.spec.roadmap) else None,
        goal=before.goal, iteration=before.iteration, phase="judged" if verdict else "no proposal",
        agent="Builder", model=f"{report.provider} {report.model}".strip(), repo_sha=before.tip,
        repo_tree=before.tip_tree, builder_input=report.prompt, raw_output=report.raw,
        summary=report.answer.synopsis if report.answer else report.note,
        retrieved=before.retrieved, diffs=report.answer.patch_bundle if report.answer else (),
        files=verdict.files if verdict else (), checks=verdict.checks if verdict else (),
        verdict=("pass" if verdict.passed else "fail") if verdict else report.failure,
        capsule=verdict.capsule if verdict else None, checkpoint=checkpoint.number if checkpoint else None,
        commit=commit, tree=verdict.tree if verdict else "",
        tokens_in=sum(call.tokens_in for call in _calls(report, verdict)),
        tokens_out=sum(call.tokens_out for call in _calls(report, verdict)),
        cost_usd=sum(call.cost_usd for call in _calls(report, verdict)), calls=len(_calls(report, verdict)),
        started=before.began, ended=now, decision=decision.kind, reason=decision.reason,
        next_item=state.item, next_goal=state.goal if decision.kind == "advance" else "", memory_id=memory_id,
    )  # fmt: skip
    said = _said(verdict, report, decision)
    told = step("Scheduler", decision.kind, reason=decision.reason, commit=commit, goal=state.goal)
    ending = Ending(
        sprint=held.sprint, status="done", retry_count=0 if passed else 1,
        result=answer_of(state.sprint, passed, said, before, now - before.began), n=before.rows + 1,
        row=msgspec.json.encode(row), hashed=msgspec.json.encode(ledger_body(row), order="sorted"),
        corrections=_corrections(verdict),
    )  # fmt: skip
    job = step("Scheduler", "sprint", number=row.number, verdict=row.verdict, decision=decision.kind, text=said,
               next_input=report.answer.next_input if passed and report.answer else "")  # fmt: skip
    move = Move(status="", state=b"", steps=(job, *posted), sprint=held.sprint, sprint_steps=(told,), ending=ending)
    if checkpoint is not None:
        move = msgspec.structs.replace(move, checkpoint=stored(checkpoint))
    state.rows = before.rows + 1
    return msgspec.structs.replace(move, closed=close_job(held).closed) if state.status != "running" else move


def stored(checkpoint: Checkpoint) -> tuple[int, str, bytes]:
    """A checkpoint as the blackboard takes it."""
    return checkpoint.number, checkpoint.commit, msgspec.json.encode(checkpoint)


def close_job(held: Held) -> Move:
    """The transition that ends a job or leaves it to a person."""
    state, view = held.state, held.view
    told = step("Scheduler", state.status, reason=state.reason, checkpoints=state.checkpoints)
    text = f"{state.status}: {state.reason}"
    closed = (STATUS[state.status], answer_of(view.id, state.status == "done", text, state))
    return Move(status="", state=b"", steps=(told,), closed=closed)


def memos(held: Held, verdict: Verdict | None, commit: str) -> list[Memo]:
    """What is worth remembering of a sprint, successes and failures alike."""
    view, state = held.view, held.state
    report, sprint = state.report, state.sprint
    found: list[tuple[str, str, str, str]] = []
    if report is not None and report.answer is not None:
        found.append(("reply", reply_text(report), "", ""))
    if verdict is not None and verdict.capsule is not None:
        capsule = verdict.capsule
        found.append(("defect_capsule", f"{capsule.title}\n{capsule.error}\n{capsule.root_cause_synopsis}", "",
                      capsule.vector_key))  # fmt: skip
    if verdict is not None:
        found.append(("verdict", f"{state.goal}: {'proved' if verdict.passed else 'refuted'}", "", ""))
    if commit and verdict is not None:
        found.append(("checkpoint", f"{state.goal}\n{commit}", "", ""))
        if state.capsule is not None:
            fix = report.answer.synopsis if report and report.answer else ""
            text = f"{state.capsule.title}\n{state.capsule.error}"
            found.append(("resolution", text, f"{fix}\n{verdict.diff}"[:4_000], state.capsule.vector_key))
    return [
        Memo(tenant=view.tenant, repo=view.spec.repo, job=view.name, kind=kind, text=text, fix=fix,  # type: ignore[arg-type]
             vector_key=key, once=f"{view.name}:{sprint}:{kind}",
             failed=kind == "reply" and verdict is not None and not verdict.passed)
        for kind, text, fix, key in found
    ]  # fmt: skip


def reply_text(report: BuildReport) -> str:
    """A reply as it is remembered and compared: the first file's name, then every diff."""
    bundle = report.answer.patch_bundle if report.answer else ()
    diffs = "\n".join(patch.diff for patch in bundle)
    return f"{bundle[0].file if bundle else ''}\n{diffs}"[:6_000]


def _go_on(held: Held, decision: Decision, verdict: Verdict | None, checkpoint: Checkpoint | None) -> None:
    """Move the job's state to what the decision says."""
    state, report = held.state, held.state.report or BuildReport()
    answer = report.answer
    _note_failures(held, decision, report)
    if answer is not None:
        state.synopsis, state.open_issues, state.keys = answer.synopsis, answer.open_issues, answer.retrieval_keys
        state.next_input = answer.next_input
    state.trail = (*state.trail, _trail_line(held, verdict, report))[-_TRAIL:]
    if verdict is not None and verdict.capsule is not None:
        state.totals.defects += 1
        state.seen = {verdict.capsule.content_hash: state.iteration, **state.seen}
        state.capsule = verdict.capsule
        if verdict.tree:
            state.failed_trees = {**state.failed_trees, verdict.tree: verdict.capsule}
    if checkpoint is not None and verdict is not None and verdict.checkpoint is not None:
        state.checkpoints, state.tip, state.tip_tree = checkpoint.number, checkpoint.commit, checkpoint.tree
        state.previous = checkpoint.statement
        state.tests = verdict.tests if verdict.tests is not None else state.tests
    state.phase = "idle"
    if decision.kind in ("advance", "done"):
        new_goal(held, decision.goal or state.goal, decision.item)
    if decision.kind == "done":
        state.status, state.reason = "done", decision.reason
    if decision.kind == "escalate":
        state.status, state.reason = "escalated", decision.reason


def new_goal(held: Held, goal: str, item: int) -> None:
    """Begin a goal afresh: what failed for the one before is no longer held against anybody."""
    state = held.state
    if goal != state.goal or item != state.item:
        state.goal_number += 1
    state.goal, state.item = goal, item
    state.iteration, state.capsule, state.hint = 0, None, ""
    state.seen, state.failed_trees, state.trail = {}, {}, ()
    state.timeouts = state.unreadable = 0
    state.again = False


def _note_failures(held: Held, decision: Decision, report: BuildReport) -> None:
    state = held.state
    state.timeouts = state.timeouts + 1 if report.failure in ("timeout", "unavailable") else 0
    state.unreadable = state.unreadable + 1 if report.failure == "malformed" else 0
    state.again = decision.kind == "again"


def _checkpoint(held: Held, verdict: Verdict, commit: str) -> Checkpoint:
    state, signed = held.state, verdict.checkpoint
    if signed is None:
        raise RuntimeError("no checkpoint without a signature")
    answer = state.report.answer if state.report else None
    return Checkpoint(
        number=signed.statement.number, commit=commit, tree=signed.statement.tree, report=signed.statement.report,
        proof=signed.signature, statement=digest_of(signed.statement), sprint=state.sprint, goal=state.goal,
        item=state.item, tests=verdict.tests, synopsis=answer.synopsis if answer else "", at=signed.at,
    )  # fmt: skip


def _said(verdict: Verdict | None, report: BuildReport, decision: Decision) -> str:
    if verdict is None:
        return f"no proposal: {report.note or report.failure} ({decision.kind})"
    if verdict.capsule is not None:
        return f"refuted by {verdict.capsule.failing_check}: {verdict.capsule.title} ({decision.kind})"
    names = ", ".join(run.name for run in verdict.checks)
    return f"proved by {names} ({decision.kind})"


def _trail_line(held: Held, verdict: Verdict | None, report: BuildReport) -> str:
    number = held.state.iteration
    if verdict is None:
        return f"try {number}: {report.failure}: {report.note}"[:200]
    return f"try {number}: {verdict.capsule.title if verdict.capsule else 'passed'}"[:200]


def _corrections(verdict: Verdict | None) -> tuple[Correction, ...]:
    if verdict is None or verdict.capsule is None:
        return ()
    capsule = verdict.capsule
    return (Correction(f"relay.{capsule.type}", f"{capsule.location or capsule.failing_check}: {capsule.title}"),)


def _calls(report: BuildReport, verdict: Verdict | None) -> tuple[CallRecord, ...]:
    return (*report.calls, *(verdict.calls if verdict else ()))
