"""`./vespera memory add|search|forget|stats|check|reindex`."""

import asyncio
import time
from collections.abc import Callable
from typing import get_args

import msgspec

from agents.memory_contracts import MemoryAsk, MemoryTold
from agents.passages import age
from errors import UserMistake
from memory.contracts import Kind, MemoryStats
from terminal import asking, exits, output, start
from terminal.front import USER, Front
from terminal.session import Session

PREVIEW = 300
KINDS: tuple[str, ...] = get_args(Kind)


def add(text: str, *, tags: str, tenant: str, as_json: bool) -> int:
    """Keep a note; the exit code."""
    filed = tuple(dict.fromkeys(tag for raw in tags.split(",") if (tag := raw.strip().casefold())))
    asked = MemoryAsk(do="add", tenant=asking.tenant(tenant), user=USER, text=text, kind="note", tags=filed)
    return _do(asked, as_json, lambda told: output.say(f"Kept as note {told.ids[0]}."))


def search(text: str, *, kind: str, k: int, tenant: str, as_json: bool) -> int:
    """The nearest records; the exit code."""
    if kind and kind not in KINDS:
        raise UserMistake(f'There is no kind "{kind[:40]}". Known: {", ".join(KINDS)}.')
    wanted = msgspec.convert(kind, Kind) if kind else None
    asked = MemoryAsk(do="search", tenant=asking.tenant(tenant), text=text, kind=wanted, k=k)
    return _do(asked, as_json, _show_hits)


def forget(numbers: list[int], *, tenant: str, as_json: bool) -> int:
    """Erase records by number; the exit code."""
    asked = MemoryAsk(do="forget", tenant=asking.tenant(tenant), user=USER, ids=tuple(numbers))
    return _do(asked, as_json, lambda told: output.say(f"Forgotten: {told.count}."))


def stats(*, tenant: str, as_json: bool) -> int:
    """Figures; the exit code."""
    return _do(MemoryAsk(do="stats", tenant=asking.tenant(tenant)), as_json, _show_stats)


def check(*, as_json: bool) -> int:
    """Read everything and say what is wrong; 1 when anything is."""
    return _do(MemoryAsk(do="check", tenant="local"), as_json, _show_problems)


def reindex(*, as_json: bool) -> int:
    """Make every index anew from the records; the exit code."""
    return _do(
        MemoryAsk(do="reindex", tenant="local"),
        as_json,
        lambda told: output.say(f"Indexed anew: {told.count} records."),
    )


def _do(asked: MemoryAsk, as_json: bool, show: Callable[[MemoryTold], None]) -> int:
    async def act(front: Front) -> int:
        told = await front.memory(asked)
        if as_json:
            output.write_json(told)
        else:
            show(told)
        return exits.NOT_FINE if told.problems else exits.FINE

    async def run() -> int:
        async with Session(start.settings(), tell=output.tell) as session:
            return await session.do(act)

    return asyncio.run(run())


def _show_hits(told: MemoryTold) -> None:
    for hit in told.hits:
        new = hit.record.new
        old = age(time.time() - new.created_at)
        found = "words" if hit.by_words else "likeness"
        text = " ".join(new.text.split())[:PREVIEW]
        output.say(f"{hit.record.id:>8}  {hit.cosine:5.2f}  {new.kind:<14} {old:>7}  {text}")
        output.quiet(f"          found by {found} in {hit.tier}{f' · task {new.task_id}' if new.task_id else ''}")
    if not told.hits:
        output.say("Nothing is remembered there.")
    output.quiet(f"{told.plan} · {told.model}{f' · {told.note}' if told.note else ''}")


def _show_stats(told: MemoryTold) -> None:
    figures = told.stats or _nothing()
    for name, value in msgspec.to_builtins(figures).items():
        shown = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        output.say(f"{name.replace('_', ' '):<16} {shown if shown not in ('', [], ()) else '–'}")


def _nothing() -> MemoryStats:
    raise UserMistake("The memory told no figures.")


def _show_problems(told: MemoryTold) -> None:
    for line in told.problems or ("The memory is sound.",):
        output.say(line)
