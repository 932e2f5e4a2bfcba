"""What the operator's terminal asks of the memory, and what it is told."""

from typing import Literal

import msgspec

from memory.contracts import Hit, Kind, MemoryStats


class MemoryAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One of ``./vespera memory …``. Whoever owns the data directory may ask for any tenant."""

    do: Literal["add", "search", "forget", "stats", "check", "reindex"]
    tenant: str
    user: str = ""
    text: str = ""
    kind: Kind | None = None
    tags: tuple[str, ...] = ()
    k: int = 10
    ids: tuple[int, ...] = ()


class MemoryTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts that belong to what was asked."""

    hits: tuple[Hit, ...] = ()
    plan: str = ""
    model: str = ""
    note: str = ""
    ids: tuple[int, ...] = ()
    """Numbers of what was added."""
    count: int = 0
    """Records forgotten, or indexed anew."""
    stats: MemoryStats | None = None
    problems: tuple[str, ...] = ()
