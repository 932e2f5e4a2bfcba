"""A narration on its way: the log says what there is to tell, the pipeline drafts and checks, the log is marked."""

import asyncio

import msgspec

from agents.contracts import Answer, Request
from agents.pipeline import Pipeline
from agents.table import Table
from agents.work import OnStage, Ticket
from blackboard.contracts import Delivery

NARRATE = "combat.narrate"
TOLD = frozenset({"verified", "partly", "fallback"})
"""Answers after which the next narration begins where this one ended."""


async def narrate(
    table: Table, pipeline: Pipeline, request: Request, delivery: Delivery | None, on_stage: OnStage | None
) -> Ticket:
    """Submit a narration; the request names the channel alone. Raises as `Pipeline.submit`."""
    excerpt = await table.excerpt(request.tenant, request.options.get("channel", ""))
    asked = msgspec.structs.replace(request, options={"excerpt": msgspec.json.encode(excerpt).decode()})
    ticket = await pipeline.submit(asked, delivery=delivery, on_stage=on_stage)

    async def told() -> Answer:
        answer = await ticket.wait()
        if answer.status in TOLD:
            await table.told(request.tenant, excerpt)
        return answer

    telling = asyncio.create_task(told(), name="narration")
    telling.add_done_callback(lambda task: task.cancelled() or task.exception())  # its asker may be gone
    return Ticket(ticket.task_id, place=ticket.place, future=telling)
