"""What is remembered, how it is asked for, and what comes back. Times are Unix seconds (UTC)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal[
    "answer", "correction", "warning", "synopsis", "reply", "defect_capsule", "resolution", "verdict", "checkpoint",
    "note", "message",
]  # fmt: skip
Tier = Literal["hot", "project", "historical"]


class NewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something about to be remembered. ``text`` is untrusted wherever it came from, unless ``trusted``."""

    tenant: str
    kind: Kind
    text: str
    project_id: str = ""
    agent_id: str = ""
    """Who wrote it: ``weaver``, ``builder``, or the user of a `/remember`."""
    role: str = ""
    """Whom it is meant for, where that matters: ``builder``, ``verifier``."""
    task_id: str = ""
    """``481`` of the bot, ``r12`` of the relay; empty for what people taught."""
    status: str = ""
    depends_on: tuple[int, ...] = ()
    """Ids of records this one rests on or replies to."""
    requires_reply: bool = False
    priority: int = 0
    created_at: float = 0.0
    """0: now."""
    expires_at: float | None = None
    tags: tuple[str, ...] = ()
    user: str = ""
    """Whose words these are: `/forget` and `/privacy delete` go by it."""
    trusted: bool = False
    """True for what the critic accepted; everything else is quoted as untrusted in prompts."""
    once: str = ""
    """When not empty: the tenant gets no second record with the same value (safe repetition after a crash)."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A committed record. ``lsn`` grows with every commit of the memory; ``id`` never comes back."""

    id: int
    lsn: int
    new: NewRecord
    model: str
    """Which embedder made its vector; empty while it has none."""


class AllOf(msgspec.Struct, frozen=True, tag=True):
    """Every part holds."""

    parts: tuple["Filter", ...]


class AnyOf(msgspec.Struct, frozen=True, tag=True):
    """At least one part holds."""

    parts: tuple["Filter", ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The part does not hold."""

    part: "Filter"


class Is(msgspec.Struct, frozen=True, tag=True):
    """A field has one of these values; ``tags``: carries one of them. ``priority`` and ``depends_on`` take numbers."""

    field: Literal[
        "kind", "project_id", "agent_id", "role", "task_id", "status", "tags", "user", "priority", "depends_on",
        "trusted", "requires_reply",
    ]  # fmt: skip
    values: tuple[str | int, ...]


class Between(msgspec.Struct, frozen=True, tag=True):
    """``created_at`` from ``start`` (included) to ``end`` (excluded)."""

    start: float = 0.0
    end: float = float("inf")


Filter = AllOf | AnyOf | Not | Is | Between


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the memory. The tenant is no filter but a wall: nothing is recalled across it."""

    tenant: str
    text: str
    where: Filter | None = None
    k: int = 10
    tiers: tuple[Tier, ...] = ("hot", "project", "historical")


class Hit(msgspec.Struct, frozen=True):
    """A recalled record. ``cosine`` is exact; ``score`` is the fused rank score it is sorted by, higher is nearer."""

    record: Record
    score: float
    cosine: float
    tier: Tier
    by_words: bool
    """True when the text index found it (also or alone)."""


class Recalled(msgspec.Struct, frozen=True):
    """Hits, nearest first, and how they were found: for the trace."""

    hits: tuple[Hit, ...]
    plan: str
    """Per tier how many rows the filter let through: ``hot: all of 1,024; project: 312 of 98,976; words: 37``."""
    model: str
    note: str = ""
    """What a reader of the trace should know, e.g. that the embedding endpoint failed and the embedded one served."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What `Memory.watch` delivers: new records of one tenant that a filter lets through."""

    tenant: str
    where: Filter | None = None
    """For example ``Is("task_id", ("r12",))``, ``Is("requires_reply", (1,))`` or ``Is("depends_on", (17,))``."""
    after: int | None = None
    """Begin after this record, which the watcher saw last; None: with what is remembered from now on."""


class MemoryStats(msgspec.Struct, frozen=True, kw_only=True):
    """Figures about the memory, for `/status` and ``./vespera memory stats``. Sizes in bytes."""

    records: int
    """Of the tenant asked about; of all tenants when none was named."""
    tiers: dict[str, int]
    """Rows of each tier of the serving model."""
    model: str
    dimension: int
    coming_model: str
    """The model whose vectors are being made; empty when none is."""
    unembedded: int
    """Records known to have no vector of the model that is wanted."""
    text_lag: int
    """Records the text index does not have yet."""
    waiting: int
    """Records found by reading SQLite, because no tier has them yet."""
    quarantined: int
    forgotten: int
    """Forgotten records that index files still hold the numbers of, until the next compaction."""
    file_bytes: int
    log_bytes: int
    index_bytes: int
    resident_bytes: int
    """Anonymous memory of the tiers."""
    subscriptions: int
    notes: tuple[str, ...]
    """What was found damaged and rebuilt since the start, a sentence each."""


class Embedder(Protocol):
    """Turns texts into unit vectors. Raises a `ModelError` subclass when an endpoint fails."""

    model: str
    """Name with version; stored with every vector: vectors of two names are never compared."""
    dimension: int

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Shape ``(len(texts), dimension)``, rows of length 1 (or 0 for a text without content)."""
        ...

    async def close(self) -> None:
        """Close connections; safe to call twice."""
        ...
