"""`./vespera ask` and `./vespera why`."""

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from errors import VesperaError
from terminal import asking, exits, output, start
from terminal.front import Front
from terminal.session import Session

if TYPE_CHECKING:
    from agents.why import Why


def ask(text: str, *, as_json: bool, tenant: str, offline: bool, out: Path | None) -> int:
    """One slash command through the pipeline; the exit code."""
    line = asking.Line(text, f"terminal:{uuid.uuid4().hex}", asking.tenant(tenant), offline)
    return asyncio.run(_ask(line, as_json, out))


async def _ask(line: asking.Line, as_json: bool, out: Path | None) -> int:
    progress = output.Progress(live=not as_json)

    async def act(front: Front) -> int:
        with progress:
            replied = await asking.reply(front, line, progress)
        if as_json:
            from terminal.documents import answer_document

            if out is not None:
                for file in replied.answer.files:
                    output.save(file, out)
            output.write_json(answer_document(replied.answer))
        else:
            output.show_answer(replied.answer, replied.task_type, out=out)
        return exits.of_answer(replied.answer)

    try:
        async with Session(start.settings(), tell=output.tell) as session:
            return await session.do(act)
    except asyncio.CancelledError:
        output.tell(gave_up(progress.task_id))
        raise
    except VesperaError as error:
        error.task_id = progress.task_id
        raise


def gave_up(task_id: int | None) -> str:
    """What a person reads after Ctrl-C."""
    if task_id is None:
        return "stopped; nothing was queued."
    return f"task {task_id} was cancelled; its trace is kept: ./vespera why {task_id}"


def why(task: str | None, *, as_json: bool, tenant: str) -> int:
    """The trace of a task, or of the tenant's last one; the exit code."""
    tenant = asking.tenant(tenant)
    if task is not None and task.strip().lower().removeprefix("task").strip().startswith("r"):
        return asyncio.run(_relay_why(task, tenant, as_json))
    task_id = None if task is None else asking.task_number(task)

    async def act(front: Front) -> int:
        return _show_why(await front.why(tenant, task_id), as_json)

    async def run() -> int:
        async with Session(start.settings(), tell=output.tell) as session:
            return await session.do(act)

    return asyncio.run(run())


async def _relay_why(task: str, tenant: str, as_json: bool) -> int:
    """The trace of a coding job or sprint, read from the relay's file."""
    from agents.relay.reading import relay_why

    number = asking.task_number(task.lower().replace("task", "").strip().removeprefix("r"))
    return _show_why(await relay_why(start.settings().data_dir, tenant, number, user=None, role="owner"), as_json)


def _show_why(told: "Why", as_json: bool) -> int:
    if as_json:
        output.write_json(told)
        return exits.FINE
    from terminal.timeline import why_lines

    for line in why_lines(told):
        output.say(line)
    return exits.FINE
