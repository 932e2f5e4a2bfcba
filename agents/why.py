"""`/why`: the story of one answer, read from committed rows only."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from agents.contracts import Answer, Request, Role, Tokens
from agents.relay.telling import TELLERS as RELAY_TELLERS
from blackboard.contracts import OPEN, Feedback, StoredCorrection, StoredStep, Task
from blackboard.reads import Reads
from errors import NotAllowed, UserMistake
from neutralise import one_line


class WhyLine(msgspec.Struct, frozen=True):
    """One line of the timeline; ``at_s`` counts from when the task was asked."""

    at_s: float
    agent: str
    text: str
    detail: Mapping[str, Any]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """All that explains an answer. ``chain_ok`` is False when a committed step was altered."""

    task_id: int
    command: str
    user: str
    asked_at: float
    status: str
    route: str
    lines: tuple[WhyLine, ...]
    attempts: int
    retry_count: int
    provider: str | None
    model: str | None
    confidence: float | None
    cached: bool
    tokens: Tokens
    cost_usd: float
    elapsed_ms: float
    footer: str
    chain_ok: bool
    corrections: tuple[StoredCorrection, ...]
    feedback: tuple[Feedback, ...]
    name: str = ""
    """How people call the task: ``481``, or ``r481`` for a coding job or sprint."""


async def why(blackboard: Reads, tenant: str, task_id: int | None, *, user: str | None, role: Role) -> Why:
    """The story of a task; without an id, of the last one this person asked for, or of the tenant's last one when
    ``user`` is None (a terminal, where the reader is the owner).

    Raises:
        UserMistake: there is no such task here.
        NotAllowed: somebody else's task, and the person is no admin.
    """
    if task_id is None:
        task = await blackboard.last_task(tenant, user)
    else:
        task = await blackboard.task(tenant, task_id)
    if task is None:
        which = "No task of yours is known" if task_id is None else f"There is no task {task_id}"
        raise UserMistake(f"{which} here. Old tasks are pruned; ask the question again for a fresh trace.")
    if task.user != user and role == "member":
        raise NotAllowed(f"Only the person who asked and admins may see why task {task.id} was answered as it was.")
    steps = await blackboard.steps(tenant, task.id)
    calls = await blackboard.calls(tenant, task.id)
    corrections = await blackboard.corrections_of(tenant, task.id)
    return _story(
        task,
        steps,
        cost_usd=sum(call.cost_usd for call in calls),
        tokens=Tokens(sum(call.tokens_in for call in calls), sum(call.tokens_out for call in calls)),
        chain_ok=await blackboard.verify_chain(tenant, task.id),
        corrections=tuple(corrections),
        feedback=tuple(await blackboard.feedbacks(tenant, task.id)),
    )


def _story(
    task: Task,
    steps: list[StoredStep],
    *,
    cost_usd: float,
    tokens: Tokens,
    chain_ok: bool,
    corrections: tuple[StoredCorrection, ...],
    feedback: tuple[Feedback, ...],
) -> Why:
    request = _request(task)
    answer = msgspec.json.decode(task.result, type=Answer) if task.result else None
    seen = [(stored.agent, stored.event, stored.detail or {}, stored.at) for stored in steps]
    if not steps:  # Pruned: the compact trace on the task's row outlives the detailed one.
        seen = [
            (str(row["agent"]), str(row["event"]), row.get("detail", {}), float(row["at"])) for row in task.logic_trace
        ]
    began = task.created_at
    lines = tuple(
        WhyLine(round(max(0.0, at - began), 3), agent, sentence(event, detail), detail)
        for agent, event, detail, at in seen
    )
    route = next((detail for _, event, detail, _ in seen if event == "route"), {})
    return Why(
        task_id=task.id,
        name=f"r{task.id}" if task.task_type.startswith("relay.") else str(task.id),
        command=one_line(request.command) if request else task.task_type,
        user=task.user,
        asked_at=task.created_at,
        status=answer.status if answer else task.status,
        route=f"{route.get('route', '')}: {route.get('reason', '')}".strip(": "),
        lines=lines,
        attempts=answer.attempts if answer else task.attempt,
        retry_count=task.retry_count,
        provider=answer.provider if answer else None,
        model=answer.model if answer else None,
        confidence=answer.confidence if answer else None,
        cached=bool(answer and answer.cached),
        tokens=tokens,
        cost_usd=cost_usd,
        elapsed_ms=answer.elapsed_ms if answer else 0.0,
        footer=_footer(seen, task),
        chain_ok=chain_ok,
        corrections=corrections,
        feedback=feedback,
    )


def sentence(event: str, detail: Mapping[str, Any]) -> str:
    """One human line for a step; an event this version does not know is shown by its name."""
    teller = _TELLERS.get(event)
    return one_line(teller(detail) if teller else event.replace("_", " "))


def _route(detail: Mapping[str, Any]) -> str:
    words = {"refuse": "refused", "direct": "looked up, no model", "cached": "from the cache"}
    kind = words.get(str(detail.get("route")), str(detail.get("reason", "")))
    return f"{kind} (rule {detail.get('rule')}, policy v{detail.get('policy')})"


def _draft(detail: Mapping[str, Any]) -> str:
    again = f" again, with {detail['findings']} finding(s) ·" if detail.get("findings") else ""
    cost = float(detail.get("cost_usd") or 0) * 100
    price = f" · {cost:.3f} ¢" if cost else ""
    used = f"{detail.get('tokens_in')} → {detail.get('tokens_out')} tokens"
    return f"draft {detail.get('attempt')}:{again} {detail.get('provider')} · {detail.get('model')} · {used}{price}"


def _resumed(detail: Mapping[str, Any]) -> str:
    if "by" in detail:
        return RELAY_TELLERS["resumed"](detail)
    return f"taken up again after a restart, at draft {detail.get('attempt')}"


def _verdict(detail: Mapping[str, Any]) -> str:
    if "passed" not in detail:
        return "a verdict whose text was erased"
    if not detail["passed"]:
        errors = [found for found in detail.get("violations", ()) if found.get("severity", "error") == "error"]
        if not errors:
            return "✗ rejected: the findings were pruned"
        first = f"{errors[0]['message']} ({errors[0]['rule']} at {errors[0]['location']})"
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        return f"✗ rejected: {first}{more}"
    opinion = f"second opinion: {detail['critic']} agrees" if detail.get("second_opinion") == "agrees" else "rules only"
    if not detail.get("checkable"):
        return f"◌ nothing in it can be checked · {opinion}"
    open_parts = f" · {detail['unverifiable']} unverifiable" if detail.get("unverifiable") else ""
    return f"✓ {detail.get('verified')} of {detail.get('checkable')} claims hold{open_parts} · {opinion}"


def _recalled(detail: Mapping[str, Any]) -> str:
    used = detail.get("used") or ()
    shown = ", ".join(f"{each['kind']} {each['id']} ({each['score']:.3f}, {each['age']} old)" for each in used)
    note = f" · {detail['note']}" if detail.get("note") else ""
    return f"recalled {shown or 'nothing near enough'}{note}"


_TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **RELAY_TELLERS,
    "route": _route,
    "draft": _draft,
    "recalled": _recalled,
    "verdict": _verdict,
    "call": lambda detail: f"{detail.get('provider')} did not answer: {detail.get('note') or detail.get('outcome')}",
    "resumed": _resumed,
    "fallback": lambda detail: f"▲ {detail.get('rejected')} drafts rejected: the facts alone answer",
    "answered": lambda detail: f"answered: {detail.get('status', 'erased')}, confidence {detail.get('confidence')}",
    "failed": lambda detail: str(detail.get("message") or detail.get("reason") or "failed"),
    "cancelled": lambda detail: f"cancelled: {detail.get('why', '')}",
}


def _footer(seen: list[tuple[str, str, Mapping[str, Any], float]], task: Task) -> str:
    said: dict[str, Any] = {}
    for _, event, detail, _ in seen:
        said.update({f"{event}.{name}": value for name, value in detail.items()})
    facts = f"{said.get('route.block', '')} {said.get('route.variant', '')}".strip()
    parts = [facts, str(said.get("verdict.facts") or ""), str(said.get("draft.prompt") or "")]
    if hours := said.get("answered.cached_h"):
        parts.append(f"cached for {hours:g} h with confidence {said.get('answered.confidence')}")
    if task.status in OPEN:
        parts.append("still being answered")
    return " · ".join(part for part in parts if part)


def _request(task: Task) -> Request | None:
    try:
        return msgspec.convert(msgspec.json.decode(task.payload)["request"], Request)
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None
