"""The relay's memory, on the tiered memory: replies, capsules, verdicts, checkpoints and what mended a defect.

Texts are compared as code records: the first line names a file, so that its language's syntax tree takes part. The
memory has a file of its own beside ``relay.sqlite``; deleting it loses no more than what it would have reminded of.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING

from agents.relay.contracts import Lesson
from agents.relay.recollection import Memo, Near
from errors import VesperaError
from memory.contracts import AllOf, Filter, Hit, Is, NewRecord, Query
from memory.embedders.code_record import DIMENSION, MODEL, CodePiece
from redaction import without_secrets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from memory.facade import Memory

log = logging.getLogger("vespera.relay.memory")

NAME = "relay-memory"
WITHIN_S = 5.0
"""Longest wait for the memory; a sprint goes on without it."""
MENDED = "\n\nMended by:\n"
"""Stands in a resolution's text between the defect and what mended it; the vector is the defect's alone."""
LIKE = 0.5
"""Cosine from which a resolved defect is told as a lesson."""
_AGENTS = {"reply": "builder", "checkpoint": "scheduler"}


class RelayMemory:
    """Opens the memory when it is first used; numpy is not loaded before. Never raises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory: Memory | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close the memory if it was opened."""
        async with self._opening:
            if self._memory is not None:
                await self._memory.close()
                self._memory = None

    async def remember(self, memo: Memo) -> str:
        """Keep it; its number, empty when it could not be kept."""
        record = NewRecord(
            tenant=memo.tenant, kind=memo.kind, text=_text(memo), project_id=memo.repo[-200:], task_id=memo.job,
            agent_id=_AGENTS.get(memo.kind, "verifier"), status="failed" if memo.failed else "",
            tags=(memo.vector_key[:200],) if memo.vector_key else (), once=memo.once,
        )  # fmt: skip
        try:
            async with asyncio.timeout(WITHIN_S):
                memory = await self._opened()
                (number,) = await memory.remember([record])
                return str(number)
        except (VesperaError, TimeoutError) as error:
            log.warning("%s of %s was not remembered: %s", memo.kind, memo.job, error or "too slow")
            return ""

    async def lessons(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Lesson]:
        """Resolved defects like this one, with their fixes: the repository's own first, the nearest first."""
        hits = await self._near(tenant, text, Is("kind", ("resolution",)), 4 * limit)
        alike = [hit for hit in hits if hit.cosine >= LIKE]
        alike.sort(key=lambda hit: hit.record.new.project_id != repo[-200:])
        return [_lesson(hit) for hit in alike[:limit]]

    async def near(self, tenant: str, repo: str, text: str, limit: int) -> Sequence[Near]:
        """The failed replies nearest to a text, within the repository."""
        where = AllOf((Is("kind", ("reply",)), Is("status", ("failed",)), Is("project_id", (repo[-200:],))))
        return [
            Near(str(hit.record.id), hit.record.new.kind, hit.record.new.text, max(0.0, hit.cosine))
            for hit in await self._near(tenant, text, where, limit)
        ]

    async def _near(self, tenant: str, text: str, where: Filter, k: int) -> Sequence[Hit]:
        try:
            async with asyncio.timeout(WITHIN_S):
                memory = await self._opened()
                query = Query(tenant=tenant, text=_bounded(text), where=where, k=k)
                return sorted((await memory.recall(query)).hits, key=lambda hit: -hit.cosine)
        except (VesperaError, TimeoutError) as error:
            log.warning("nothing was recalled for the relay: %s", error or "too slow")
            return ()

    async def _opened(self) -> "Memory":
        async with self._opening:
            if self._memory is None:
                from memory.facade import Memory

                opening = Memory.open(self._folder, _Records(), _Records(), name=NAME)
                # Its upkeep outlives the sprint that opens it and must not carry that sprint's context.
                self._memory = await asyncio.create_task(opening, context=Context())
            return self._memory


def _text(memo: Memo) -> str:
    text = _bounded(memo.text)
    return f"{text}{MENDED}{_bounded(memo.fix)}" if memo.fix else text


def _bounded(text: str) -> str:
    """As much of a text as the memory takes, without secrets; a lone surrogate, which no file can hold, becomes `?`."""
    return without_secrets(text)[:12_000].encode("utf-8", "replace")[:15_000].decode("utf-8", "ignore") or "-"


class _Records:
    """Code records of the relay's texts: a resolution by its defect alone, prose as code without a file's name."""

    model = f"relay-{MODEL}"
    dimension = DIMENSION

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Shape ``(len(texts), 1536)``."""
        from memory.embedders.code_record import code_records

        return await asyncio.to_thread(lambda: code_records([_piece(text) for text in texts]))

    async def close(self) -> None:
        """Nothing is open."""


def _piece(text: str) -> CodePiece:
    compared = text.partition(MENDED)[0]
    name, _, rest = compared.partition("\n")
    named = bool(rest.strip()) and " " not in name and ("." in name or "/" in name)
    return CodePiece(name, rest) if named else CodePiece("", compared)


def _lesson(hit: Hit) -> Lesson:
    defect, _, fix = hit.record.new.text.partition(MENDED)
    return Lesson(str(hit.record.id), defect, fix)
