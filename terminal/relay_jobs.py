"""What `./vespera relay COMMAND` does."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from agents.relay.desk import Desk, Window
from agents.relay.jobs import OPEN, JobView, LedgerRow
from agents.relay.reading import NO_JOB
from agents.relay.socket import RemoteDesk
from errors import NoJobs, UserMistake
from terminal import exits, output, relay_text, start
from terminal.front import USER
from terminal.relay_desk import looking, opened
from terminal.relay_run import TENANT, follow

T = TypeVar("T")


def number(text: str) -> int:
    """The number of a job: ``r12`` or ``12``. Raises UserMistake."""
    digits = text.strip().lower().removeprefix("r")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise UserMistake(f'"{text}" is no job. Jobs are named r1, r2, …; ./vespera relay status lists them.')
    return int(digits)


def status(job: str | None, *, watch: bool, as_json: bool) -> int:
    """One job, or all of them."""
    wanted = None if job is None else number(job)

    async def act(desk: Window) -> int:
        if wanted is None:
            views = await desk.jobs(TENANT)
            if as_json:
                output.write_json({"jobs": [msgspec.to_builtins(_short(view)) for view in views]})
            else:
                for view in views:
                    output.say(relay_text.list_line(view))
                if not views:
                    output.say(NO_JOB)
            return exits.FINE
        if watch and isinstance(desk, RemoteDesk):
            await follow(desk, wanted, quiet=False)
        view = await desk.job(TENANT, wanted)
        checkpoints = await desk.checkpoints(TENANT, view.id)
        if as_json:
            output.write_json({**msgspec.to_builtins(_short(view)),
                               "checkpoints": msgspec.to_builtins(checkpoints)})  # fmt: skip
        else:
            for line in relay_text.job_lines(view, checkpoints):
                output.say(line)
            if view.state.status in OPEN and not isinstance(desk, RemoteDesk):
                output.say(f"  no relay is at work: ./vespera relay resume {view.name}, or ./vespera relay serve")
        return exits.FINE

    try:
        return _looking(act)
    except NoJobs:
        if wanted is not None:
            raise
        output.write_json({"jobs": []}) if as_json else output.say(NO_JOB)
        return exits.FINE


def approve(job: str) -> int:
    """Overrule the last defect of a waiting job, or merge one that is done."""
    wanted = number(job)

    async def act(desk: Desk) -> int:
        before = await desk.job(TENANT, wanted)
        output.say(await desk.approve(TENANT, wanted, USER))
        if before.state.status == "done":
            return exits.FINE
        view = await follow(desk, wanted, quiet=False)
        return await _ended(desk, view)

    return _at_desk(act)


def stop(job: str) -> int:
    """Stop a job now."""
    wanted = number(job)

    async def act(desk: Desk) -> int:
        view = await desk.stop(TENANT, wanted, USER)
        output.say(f"{view.name} was stopped; what was proved stays on {view.state.branch}.")
        return exits.FINE

    return _at_desk(act)


def resume(job: str, hint: str) -> int:
    """Let a job go on, and follow it to its end."""
    wanted = number(job)

    async def act(desk: Desk) -> int:
        await desk.resume(TENANT, wanted, USER, hint)
        return await _ended(desk, await follow(desk, wanted, quiet=False))

    return _at_desk(act)


def rollback(job: str, checkpoint: int) -> int:
    """Take a job's branch back to a checkpoint."""
    wanted = number(job)

    async def act(desk: Desk) -> int:
        view = await desk.roll_back(TENANT, wanted, USER, checkpoint)
        output.say(f"{view.state.branch} is at {view.state.tip[:12]} again. {view.name} waits: relay resume goes on.")
        return exits.FINE

    return _at_desk(act)


def verify(job: str, *, as_json: bool) -> int:
    """Hold a job's branch against its signatures."""
    wanted = number(job)

    async def act(desk: Window) -> int:
        found = await desk.verify(TENANT, wanted)
        if as_json:
            output.write_json({"job": f"r{wanted}", "ok": found.ok, **msgspec.to_builtins(found)})
        else:
            for line in relay_text.verified_lines(f"r{wanted}", found):
                output.say(line)
        return exits.FINE if found.ok else exits.NOT_FINE

    return _looking(act)


def ledger(job: str, *, as_json: bool) -> int:
    """A job's sprints."""
    wanted = number(job)

    async def act(desk: Window) -> int:
        found = await desk.ledger(TENANT, wanted)
        if as_json:
            output.write_json({"job": f"r{wanted}", "hash": found.digest, "rows": msgspec.to_builtins(found.rows)})
        else:
            for row in found.rows:
                output.say(f"r{row.task}{relay_text.sprint_line(row)} → {row.decision}: {row.reason}")
            output.say(f"ledger {found.digest or '(no sprint yet)'}")
        return exits.FINE

    return _looking(act)


def export(job: str | None, out: Path | None) -> int:
    """Sprints as JSONL of prompt, action and outcome, for training."""

    async def act(desk: Window) -> int:
        jobs = [number(job)] if job else [view.id for view in reversed(await desk.jobs(TENANT))]
        lines = [_example(row) for each in jobs for row in (await desk.ledger(TENANT, each)).rows]
        text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        if out is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        else:
            await asyncio.to_thread(_write, out, text)
            output.tell(f"{len(lines)} sprints written to {out}")
        return exits.FINE

    return _looking(act)


def _example(row: LedgerRow) -> dict[str, object]:
    outcome = {
        "verdict": row.verdict, "decision": row.decision, "checks": [[check.name, check.ok] for check in row.checks],
        "capsule": msgspec.to_builtins(row.capsule), "commit": row.commit,
    }  # fmt: skip
    return {"task": f"r{row.task}", "job": f"r{row.job}", "goal": row.goal, "model": row.model,
            "prompt": row.builder_input, "action": row.raw_output, "outcome": outcome}  # fmt: skip


async def _ended(desk: Desk, view: JobView) -> int:
    for line in relay_text.ending(view, await desk.checkpoints(TENANT, view.id)):
        output.say(line)
    return exits.FINE if view.outcome == "checkpoint" else exits.NOT_FINE


def _short(view: JobView) -> msgspec.Struct:
    """A job without the prompt and reply under way."""
    state = msgspec.structs.replace(view.state, report=None, verdict=None)
    return msgspec.structs.replace(view, state=state)


def _looking(act: Callable[[Window], Awaitable[int]]) -> int:
    async def run() -> int:
        async with looking(start.settings()) as desk:
            return await act(desk)

    return asyncio.run(run())


def _at_desk(act: Callable[[Desk], Awaitable[int]]) -> int:
    async def run() -> int:
        async with opened(start.settings()) as desk:
            return await act(desk)

    return asyncio.run(run())


def _write(path: Path, text: bytes) -> None:
    try:
        path.write_bytes(text)
    except OSError as error:
        raise UserMistake(f"{path} cannot be written: {error.strerror}.") from None
