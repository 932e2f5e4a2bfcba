"""`./vespera relay run`: a job to its end, followed sprint by sprint."""

import asyncio
import contextlib
import sys
import uuid
from pathlib import Path
from typing import NamedTuple

import msgspec

from agents.contracts import Request
from agents.relay.desk import Desk
from agents.relay.jobs import OPEN, JobView
from agents.relay.orders import Order, read_roadmap
from errors import RelayGone, UserMistake
from settings import Settings
from terminal import exits, output, relay_text, start
from terminal.front import USER
from terminal.relay_desk import opened

TENANT = "local"
POLL_S = 10.0
RELAYS = 10
"""Relays that may go away under one job before it is left to itself."""


class Wanted(NamedTuple):
    """A job as it was typed."""

    repo: Path
    goal: str
    roadmap: Path | None
    allow: tuple[str, ...]
    iterations: int | None
    webhook: str
    resubmit: bool


def run(wanted: Wanted, *, as_json: bool) -> int:
    """A job to its end; the exit code."""
    settings = start.settings()
    order = _order(settings, wanted)
    command = f"/relay start goal: {wanted.goal}"
    request = Request(TENANT, USER, "relay.job", command, role="owner", interaction_id=f"terminal:{uuid.uuid4().hex}")
    return asyncio.run(_run(settings, request, order, as_json))


async def _run(settings: Settings, request: Request, order: Order, as_json: bool) -> int:
    """Where the relay goes away under a job, the same request goes to the next one, which may be this process."""
    for _ in range(RELAYS):
        with contextlib.suppress(RelayGone):
            return await _at(settings, request, order, as_json)
    raise RelayGone("The relay keeps going away; look at its log. What it had accepted is kept: relay status lists it.")


async def _at(settings: Settings, request: Request, order: Order, as_json: bool) -> int:
    async with opened(settings) as desk:
        view = await desk.start(request, order, owner=True)
        try:
            view = await follow(desk, view.id, quiet=as_json)
        except asyncio.CancelledError:
            await desk.stop(TENANT, view.id, USER)
            output.tell(f"{view.name} was stopped; what was proved stays. ./vespera relay resume {view.name} goes on.")
            raise
        checkpoints = await desk.checkpoints(TENANT, view.id)
        if as_json:
            output.write_json(relay_text.run_document(view, checkpoints))
        else:
            for line in relay_text.ending(view, checkpoints):
                output.say(line)
        return exits.FINE if view.outcome == "checkpoint" else exits.NOT_FINE


async def follow(desk: Desk, job: int, *, quiet: bool) -> JobView:
    """Wait until a job is no longer open; tell each sprint as it ends."""
    told = 0
    with output.Line(live=not quiet) as line:
        while True:
            view = await desk.wait(TENANT, job, POLL_S)
            if not quiet and view.state.rows > told:
                rows = (await desk.ledger(TENANT, job)).rows
                for row in rows[told:]:
                    line.clear()
                    output.say(relay_text.sprint_line(row))
                    sys.stdout.flush()
                told = len(rows)
            if view.state.status not in OPEN:
                return view
            line.show(relay_text.progress(view))


def _order(settings: Settings, wanted: Wanted) -> Order:
    from relay_app import default_budget

    budget = default_budget(settings)
    if wanted.iterations is not None:
        budget = msgspec.structs.replace(budget, iterations=wanted.iterations)
    return Order(
        repo=str(wanted.repo),
        goal=wanted.goal,
        roadmap=read_roadmap(_read(wanted.roadmap)) if wanted.roadmap else (),
        budget=budget,
        allow=wanted.allow,
        next_input_to=wanted.webhook,
        resubmit=wanted.resubmit,
        prompt_tokens=settings.relay_prompt_tokens,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UserMistake(f"{path} cannot be read: {error.strerror}. Nothing was started.") from None
    except UnicodeDecodeError:
        raise UserMistake(f"{path} is not UTF-8 text. Nothing was started.") from None
