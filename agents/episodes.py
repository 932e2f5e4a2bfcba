"""Nightly: what is old enough is told in a few sentences. The records themselves stay, in the historical tier.

An episode is the answers and corrections of one kind of question in one week. Its synopsis names them in
``depends_on``, so that erasing one erases the synopsis that retells it. A model writes it where there is one, as a task
of its own with its calls and cost on the blackboard; else the most central sentences are taken as they stand.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec

import prompts
from agents import kept
from agents.contracts import Answer
from agents.work import step
from blackboard.contracts import CallRecord, NewTask, TaskStatus
from database import Blackboard
from errors import VesperaError
from llm.contracts import ModelCall
from llm.router import Router
from memory.contracts import AllOf, Between, Filter, Is, NewRecord, Record
from memory.extract import central_sentences
from memory.facade import Memory

AGE_S = 14 * 86_400.0
WEEK_S = 7 * 86_400.0
FEWEST = 4
"""Records that make an episode."""
MOST = 48
"""Records one synopsis retells; a busier week has several."""
CHARACTERS = 800
"""Of an extract; about 120 words."""
BY_MODEL = 8
"""Synopses a night that a model writes; the rest waits for the next."""
TASK = "memory.synopsis"
_ROOM = 3
_SCHEMA = {
    "type": "object",
    "properties": {"synopsis": {"type": "string"}},
    "required": ["synopsis"],
    "additionalProperties": False,
}


class _Synopsis(msgspec.Struct, forbid_unknown_fields=True):
    synopsis: str


class Episodes:
    """Goes through every tenant, one after the other."""

    def __init__(self, blackboard: Blackboard, router: Router, *, now: Callable[[], float] = time.time) -> None:
        self._blackboard, self._router, self._now = blackboard, router, now

    async def retell(self, memory: Memory) -> int:
        """Write the synopses that are due; returns how many. Raises StoreError."""
        written = 0
        for tenant in await memory.tenants():
            for once, records in (await self._due(memory, tenant)).items():
                if self._router.configured and written >= BY_MODEL:
                    return written
                written += await self._retell(memory, tenant, once, records)
        return written

    async def _due(self, memory: Memory, tenant: str) -> dict[str, list[Record]]:
        """Episodes that are over and have no synopsis, by the key of the one they would get."""
        told = {record.new.once for record in await _all(memory, tenant, Is("kind", ("synopsis",)))}
        old = AllOf((Is("kind", ("answer", "correction")), Between(end=self._now() - AGE_S)))
        weeks: dict[str, list[Record]] = defaultdict(list)
        for record in await _all(memory, tenant, old):
            subject = record.new.tags[0] if record.new.tags else ""
            weeks[f"synopsis:{subject}:{int(record.new.created_at // WEEK_S)}"].append(record)
        due = {}
        for week, records in weeks.items():
            for part in range(0, len(records), MOST):
                chosen = records[part : part + MOST]
                if len(chosen) >= FEWEST and (once := f"{week}:{part // MOST}") not in told:
                    due[once] = chosen
        return due

    async def _retell(self, memory: Memory, tenant: str, once: str, records: Sequence[Record]) -> int:
        texts = [record.new.text for record in records]
        text = await self._by_model(tenant, texts) if self._router.configured else ""
        text = text or await central_sentences(texts, CHARACTERS)
        if not text:
            return 0
        newest = records[-1].new
        await memory.remember(
            [
                NewRecord(
                    tenant=tenant, kind="synopsis", text=text, agent_id="weaver", tags=newest.tags[:1],
                    created_at=newest.created_at, depends_on=tuple(record.id for record in records), once=once,
                )
            ]
        )  # fmt: skip
        return 1

    async def _by_model(self, tenant: str, texts: Sequence[str]) -> str:
        """A model's synopsis, its calls and cost noted; empty when there is no room or no usable reply."""
        new = NewTask(tenant, "vespera", TASK, b"{}")
        admission = await self._blackboard.admit(new, (), room=_ROOM, run_now=True)
        if admission is None or admission.lease is None:
            return ""
        calls: list[CallRecord] = []
        text, note = "", "written"
        try:
            call = await asyncio.to_thread(_call, texts)
            reply = await self._router.complete(call, on_call=calls.append)
            said = msgspec.json.decode(reply.text, type=_Synopsis).synopsis
            text = " ".join(kept.words(said).split())[: 2 * CHARACTERS]
        except (VesperaError, msgspec.MsgspecError) as error:
            note = f"taken from the texts instead: {error}"
        steps = [step("Memory", "synopsis", of=len(texts), note=note)]
        status: TaskStatus = "done" if text else "failed"
        told = Answer(task_id=None, status="unchecked" if text else "failed", text=text or note, ok=bool(text))
        await self._blackboard.finish(
            admission.lease, status=status, retry_count=0, result=msgspec.json.encode(told), steps=steps, calls=calls
        )
        return text


def _call(texts: Sequence[str]) -> ModelCall:
    shortened = [text[:600] for text in texts]
    return ModelCall(
        "draft", TASK, system="You summarise for a rules assistant. You answer with one JSON document.",
        user=prompts.render("synopsis", {"texts": shortened}), schema_name="synopsis", schema=_SCHEMA, max_tokens=400,
    )  # fmt: skip


async def _all(memory: Memory, tenant: str, where: Filter) -> list[Record]:
    found: list[Record] = []
    after = 0
    while page := await memory.records(tenant, where, after=after):
        found += page
        after = page[-1].id
    return found
