"""What the relay remembers and is reminded of. The memory is written against this; without it nothing is lost."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from agents.relay.contracts import Lesson

MemoKind = Literal["reply", "defect_capsule", "verdict", "checkpoint", "resolution"]


class Memo(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be remembered. ``once`` makes a repetition after a crash harmless."""

    tenant: str
    repo: str
    job: str
    kind: MemoKind
    text: str
    once: str
    vector_key: str = ""
    failed: bool = False
    """Of a reply: it was refuted."""
    fix: str = ""
    """Of a resolution: what mended the defect."""


class Near(msgspec.Struct, frozen=True):
    """Something remembered that lies near a text. ``similarity`` is 0 to 1."""

    memory_id: str
    kind: str
    text: str
    similarity: float


class Recollection(Protocol):
    """The relay's memory. Never raises: what cannot be remembered is forgone."""

    async def remember(self, memo: Memo) -> str:
        """Keep it; its id, empty when it could not be kept."""
        ...

    async def lessons(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Lesson]:
        """Resolved defects like this one, with their fixes, the nearest first."""
        ...

    async def near(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Near]:
        """The failed replies nearest to a text."""
        ...

    async def close(self) -> None:
        """Let go; safe to call twice."""
        ...


class NoRecollection:
    """Where there is no memory."""

    async def remember(self, memo: Memo) -> str:
        """Nothing is kept."""
        return ""

    async def lessons(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Lesson]:
        """None."""
        return ()

    async def near(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Near]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""
