"""One accepted task on its way through the pipeline, and the ticket its asker holds."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from agents.contracts import Answer, Request, Stage, Tokens
from agents.passages import Remembered
from agents.weaver_stylist import Commission
from blackboard.contracts import CallRecord, Lease, Step
from logs import redact
from truth_blocks.contracts import Topic, Violation

OnStage = Callable[[Stage], None]


class Payload(msgspec.Struct, frozen=True):
    """What ``agent_tasks.payload`` holds: all that a resumed process needs to go on."""

    request: Request
    block: str
    topic: Topic
    key: str = ""


@dataclass(slots=True)
class Work:
    """A task while a worker has it. What must survive a crash is on the blackboard, not here."""

    task_id: int
    payload: Payload
    offline: bool
    lease: Lease | None = None
    attempt: int = 1
    rejected: int = 0
    findings: tuple[Violation, ...] = ()
    on_stage: OnStage | None = None
    commission: Commission | None = None
    """What the first draft's model is asked, when it is written already."""
    started: float = field(default_factory=time.monotonic)
    remembered: Remembered | None = None
    """What the memory held on it; None while it was not asked."""
    steps: list[Step] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    sent: int = 0
    received: int = 0

    @property
    def held(self) -> Lease:
        """The lease of a task that runs."""
        if self.lease is None:
            raise RuntimeError(f"task {self.task_id} runs without a lease")
        return self.lease

    def tell(self, stage: Stage) -> None:
        """Report a stage that has begun to whoever asked."""
        if self.on_stage is not None:
            self.on_stage(stage)

    def called(self, call: CallRecord) -> None:
        """Note a model call for the trace, the budget and the answer's token count."""
        self.calls.append(call)
        self.sent += call.tokens_in
        self.received += call.tokens_out
        if call.outcome != "ok":
            agent = "Weaver" if call.purpose == "draft" else "Critic"
            self.steps.append(step(agent, "call", provider=call.provider, outcome=call.outcome, note=call.note))

    def take(self) -> tuple[tuple[Step, ...], tuple[CallRecord, ...]]:
        """The steps and calls not yet committed; they are the next transaction's."""
        taken = tuple(self.steps), tuple(self.calls)
        self.steps.clear()
        self.calls.clear()
        return taken

    @property
    def tokens(self) -> Tokens:
        """Tokens of all calls since the task was taken up."""
        return Tokens(self.sent, self.received)

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the task was taken up."""
        return round((time.monotonic() - self.started) * 1_000, 1)


class Ticket:
    """What an asker holds: an answer that is there already, or the promise of one."""

    def __init__(
        self,
        task_id: int | None,
        *,
        answer: Answer | None = None,
        place: int = 0,
        future: "asyncio.Future[Answer] | None" = None,
    ) -> None:
        self.task_id = task_id
        self.answer = answer
        self.place = place
        self._future = future

    async def wait(self) -> Answer:
        """The answer; a task's own failure is an answer with status ``failed``.

        Raises:
            Stopping: the process is closing; the task is kept and goes on at the next start.
        """
        if self._future is not None:
            self.answer = await asyncio.shield(self._future)
        if self.answer is None:
            raise RuntimeError("a ticket has an answer or the promise of one")
        return self.answer


def step(agent: str, event: str, *, began: float | None = None, **detail: Any) -> Step:
    """A trace step of now; ``began`` (monotonic seconds) gives its duration. Secrets in the detail are redacted."""
    duration = 0.0 if began is None else round((time.monotonic() - began) * 1_000, 3)
    text = msgspec.json.encode(detail).decode()
    clean = redact(text)
    kept = detail if clean == text else msgspec.json.decode(clean)
    return Step(agent, event, kept, time.time(), duration)
