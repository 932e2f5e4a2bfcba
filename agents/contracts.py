"""What flows through the pipeline, from a request to an answer."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from truth_blocks.contracts import SourceFile, Violation

Role = Literal["member", "admin", "owner"]
Status = Literal["verified", "partly", "unchecked", "direct", "fallback", "busy", "refused", "failed"]


class Request(msgspec.Struct, frozen=True):
    """One slash command by one person, from Discord or a terminal."""

    tenant: str
    """``guild:ID``, ``user:ID`` in a direct message, ``local`` in the terminal."""
    user: str
    task_type: str
    command: str
    """The command as typed, for people: ``/dnd rule topic: grappled``."""
    options: Mapping[str, str] = {}
    files: tuple[SourceFile, ...] = ()
    role: Role = "member"
    interaction_id: str | None = None
    """Unique per delivery of one interaction; a repeated one is the same task."""
    offline: bool = False
    """The person asked for the rules data alone (no remote model)."""


class Tokens(msgspec.Struct, frozen=True, rename={"sent": "in", "received": "out"}):
    """Tokens over all calls of a task."""

    sent: int = 0
    received: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a person gets. ``msgspec.json.encode(answer)`` is the documented answer JSON."""

    task_id: int | None
    status: Status
    text: str
    cached: bool = False
    files: tuple[SourceFile, ...] = ()
    attempts: int = 0
    provider: str | None = None
    model: str | None = None
    confidence: float | None = None
    citations: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    tokens: Tokens = Tokens()
    elapsed_ms: float = 0.0
    rules_only: bool = False
    """True when no second opinion was had."""
    cached_age_s: float | None = None
    ok: bool = True
    """False when a check command found its subject invalid, and for every status that exits 1."""
    ephemeral: bool = False
    offer_rules: bool = False
    """True when no model answered, but the rules data alone could."""


class Stage(msgspec.Struct, frozen=True):
    """A real step that has begun, for the progress message: ``Checking: attempt 2 of 3, the range was wrong``."""

    name: Literal["waiting", "drafting", "checking", "resumed"]
    attempt: int = 0
    of: int = 0
    detail: str = ""
    place: int = 0
    """Place in the queue while waiting, 1 is next."""


class Verdict(msgspec.Struct, frozen=True):
    """The Deep Critic's word on one draft."""

    passed: bool
    violations: tuple[Violation, ...]
    unverifiable: tuple[Violation, ...]
    checkable: int
    verified: int
    citations: tuple[str, ...]
    second_opinion: Literal["agrees", "objects", "none"]
    critic: str
    """Provider and model of the second opinion, empty when there was none."""
