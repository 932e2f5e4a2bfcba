"""How each end of a task becomes an answer."""

import time

import msgspec

from agents import kept
from agents.arbiter import Route, stored_answer
from agents.contracts import Answer, Request, Status
from agents.deep_critic import Judged, confidence
from agents.passages import quoted
from agents.weaver_stylist import Draft
from agents.work import Work
from blackboard.contracts import CacheEntry, Task, TaskStatus
from truth_blocks.contracts import LookUp


def at_once(route: Route, began: float) -> tuple[Answer, TaskStatus]:
    """The answer of a request that needs no draft: refused, looked up or cached. ``began``: monotonic seconds."""
    elapsed_ms = round((time.monotonic() - began) * 1_000, 2)
    if route.look_up is not None:
        found = route.look_up
        answer = Answer(
            task_id=None, status="direct", text=kept.words(found.text), files=tuple(map(kept.file, found.files)),
            citations=found.citations, confidence=1.0, violations=tuple(map(kept.finding, found.violations)),
            ok=found.ok, ephemeral=found.ephemeral, elapsed_ms=elapsed_ms,
        )  # fmt: skip
        return answer, "done"
    if route.cached is not None:
        answer = stored_answer(route.cached, time.time())
        return msgspec.structs.replace(answer, task_id=None, elapsed_ms=elapsed_ms), "done"
    text = f"{route.refusal} Nothing was sent to a model. (policy rule {route.rule})"
    return Answer(task_id=None, status="refused", text=text, ok=False, ephemeral=True, elapsed_ms=elapsed_ms), "refused"


def accepted(work: Work, draft: Draft, judged: Judged) -> Answer:
    """The answer of a draft that passed."""
    verdict, presented = judged.verdict, judged.presented
    if presented is None:
        raise RuntimeError("a passed draft is always presented")
    status: Status = "partly" if verdict.unverifiable else "verified"
    return Answer(
        task_id=work.task_id, status=status if verdict.checkable else "unchecked",
        text=kept.words(presented.text), files=tuple(map(kept.file, presented.files)), attempts=work.attempt,
        provider=draft.reply.provider, model=draft.reply.model, confidence=confidence(verdict, work.rejected),
        citations=verdict.citations, violations=(*verdict.violations, *verdict.unverifiable), tokens=work.tokens,
        elapsed_ms=work.elapsed_ms, rules_only=verdict.second_opinion == "none",
    )  # fmt: skip


def fallen_back(work: Work, known: LookUp) -> Answer:
    """The safe fallback: what the truth block itself knows, with the findings that rejected the last draft."""
    return Answer(
        task_id=work.task_id, status="fallback", text=kept.words(known.text),
        files=tuple(map(kept.file, known.files)), attempts=work.rejected,
        citations=known.citations, violations=work.findings, tokens=work.tokens, elapsed_ms=work.elapsed_ms, ok=False,
    )  # fmt: skip


def with_quotes(answer: Answer, work: Work) -> Answer:
    """The answer with what people taught about its question below it."""
    text = kept.words(quoted(work.remembered)) if work.remembered is not None else ""
    return msgspec.structs.replace(answer, text=f"{answer.text}\n\n{text}") if text else answer


def failed(work: Work, text: str, *, offer_rules: bool = False) -> Answer:
    """A task that could not be answered; the text says what happened and what to do."""
    return Answer(
        task_id=work.task_id, status="failed", text=text, attempts=work.attempt, tokens=work.tokens,
        elapsed_ms=work.elapsed_ms, ok=False, offer_rules=offer_rules,
    )  # fmt: skip


def of_closed(task: Task) -> Answer:
    """The stored answer of a task that is closed."""
    if task.result:
        return msgspec.structs.replace(msgspec.json.decode(task.result, type=Answer), task_id=task.id)
    return Answer(task_id=task.id, status="failed", text=f"Task {task.id} was cancelled. Nothing was sent.", ok=False)


def unreadable(task: Task) -> Answer:
    """An open task that another version of Vespera wrote in a form this one cannot read."""
    text = f"Task {task.id} was asked under another version and cannot be taken up, so it was closed. Ask again."
    return Answer(task_id=task.id, status="failed", text=text, ok=False)


class Acceptance(msgspec.Struct, frozen=True):
    """What the cache takes: accepted, checked answers of enough confidence, for ``keep_s`` seconds."""

    keep_s: float
    least_confidence: float

    def entry(self, work: Work, answer: Answer) -> CacheEntry | None:
        """The cache row for an answer, or None when it must not be served again."""
        if answer.status not in {"verified", "partly"} or (answer.confidence or 0.0) < self.least_confidence:
            return None
        if not work.payload.topic.cacheable:
            return None
        now = time.time()
        return CacheEntry(
            work.payload.key,
            msgspec.json.encode(answer),
            answer.confidence or 0.0,
            now + self.keep_s,
            work.task_id,
            now,
        )


def new_payload(request: Request, route: Route) -> bytes:
    """The stored form of a request that was answered at once."""
    return msgspec.json.encode({"request": request, "block": route.block, "topic": route.topic, "key": route.key})
