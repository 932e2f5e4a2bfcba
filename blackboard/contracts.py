"""What is written on the blackboard and read from it. Times are Unix seconds (UTC)."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

TaskStatus = Literal["queued", "running", "done", "failed", "cancelled", "refused"]
Purpose = Literal["draft", "critique"]
OPEN: frozenset[str] = frozenset({"queued", "running"})


class Step(msgspec.Struct, frozen=True):
    """One line of a trace: who did what, by which rule, for how long. ``detail`` is JSON-ready and already redacted."""

    agent: str
    event: str
    detail: Mapping[str, Any] = {}
    at: float = 0.0
    duration_ms: float = 0.0


class StoredStep(msgspec.Struct, frozen=True):
    """A committed step. ``digest`` chains it to the one before it; ``detail`` is None when its text was erased."""

    seq: int
    agent: str
    event: str
    detail: Mapping[str, Any] | None
    at: float
    duration_ms: float
    digest: str


class CallRecord(msgspec.Struct, frozen=True):
    """One HTTP call as it happened, for the trace and the budget; a fail-over is a call, not a draft."""

    provider: str
    model: str
    purpose: Purpose
    outcome: Literal["ok", "timeout", "rate_limited", "unavailable", "rejected", "skipped"]
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    duration_ms: float = 0.0
    note: str = ""
    """What went wrong, redacted and short; empty when the call succeeded."""


class Delivery(msgspec.Struct, frozen=True):
    """Where an answer must arrive. ``token`` is the interaction token; it is stored encrypted."""

    application_id: int
    token: str
    token_expires_at: float
    channel_id: int | None
    ephemeral: bool
    message_id: int | None = None


class NewTask(msgspec.Struct, frozen=True):
    """A task about to be written. ``payload`` holds all a resumed process needs, as JSON."""

    tenant: str
    user: str
    task_type: str
    payload: bytes
    interaction_id: str | None = None
    delivery: Delivery | None = None


class Task(msgspec.Struct, frozen=True):
    """A row of ``agent_tasks``. ``result`` is the answer's JSON once there is one."""

    id: int
    tenant: str
    user: str
    task_type: str
    status: TaskStatus
    payload: bytes
    retry_count: int
    attempt: int
    logic_trace: tuple[Mapping[str, Any], ...]
    result: bytes | None
    created_at: float
    updated_at: float


class Lease(msgspec.Struct, frozen=True):
    """The right to write to one task; a write with an old fence raises LeaseLost and changes nothing."""

    task_id: int
    owner: str
    fence: int


class Admission(msgspec.Struct, frozen=True):
    """What became of a task at the door.

    ``known`` is the earlier task when the interaction was delivered before (nothing was inserted). ``lease`` is held
    when the task runs at once. ``place`` counts from 1 while it waits.
    """

    task_id: int
    lease: Lease | None
    place: int
    known: Task | None = None


class Claimed(msgspec.Struct, frozen=True):
    """An open task taken over from a process that is gone or a worker whose lease ran out."""

    task: Task
    lease: Lease
    delivery: Delivery | None


class Correction(msgspec.Struct, frozen=True):
    """A rejected draft's lesson: the rule it broke and what the critic said."""

    rule_violated: str
    critic_feedback: str
    draft: str = ""


class StoredCorrection(msgspec.Struct, frozen=True):
    """A row of ``system_corrections``."""

    id: int
    task_id: int
    rule_violated: str
    critic_feedback: str
    corrected_at: float


class CacheEntry(msgspec.Struct, frozen=True):
    """An accepted answer that may be served again until ``expires_at``."""

    key: str
    response: bytes
    confidence: float
    expires_at: float
    task_id: int
    created_at: float


class Outgoing(msgspec.Struct, frozen=True):
    """An answer that has not yet reached its reader."""

    id: int
    task: Task
    delivery: Delivery
    tries: int


class Feedback(msgspec.Struct, frozen=True):
    """What a person said of an answer. One row per task and user; the last word counts."""

    task_id: int
    user: str
    right: bool
    wrong: str = ""
    should_be: str = ""
    at: float = 0.0


class Spent(msgspec.Struct, frozen=True):
    """Model tokens and money used since a moment, by a tenant and by one of its users."""

    tenant_tokens: int
    user_tokens: int
    tenant_usd: float
    user_usd: float


class StoreHealth(msgspec.Struct, frozen=True):
    """What `/status` and `doctor` tell of the blackboard."""

    queued: int
    running: int
    finished_today: int
    cache_entries: int
    undelivered: int
    file_bytes: int
    wal_bytes: int
    sqlite: str
    quarantined: int
