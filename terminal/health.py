"""`./vespera health`: does the process that owns the data directory answer? For health checks; opens nothing itself.

As the watchdog, it minds neither Discord nor a model: their being away is no reason to restart the bot.
"""

import asyncio
from pathlib import Path

import msgspec

from errors import StoreLocked, VesperaError
from owner_socket import wire
from owner_socket.client import OwnerConnection, OwnerGone
from terminal import exits, output, start

WITHIN_S = 8.0


class _Seen(msgspec.Struct):
    """The part of its health that is told; all of it would load the whole App here."""

    uptime_s: float


class Answer(msgspec.Struct):
    """What `health --json` prints."""

    ok: bool
    text: str
    uptime_s: float | None = None


def health(*, as_json: bool) -> int:
    """0 while the owner answers within `WITHIN_S`; 1 with a sentence otherwise."""
    answer = asyncio.run(_look(start.settings().data_dir))
    if as_json:
        output.write_json(answer)
    else:
        output.say(answer.text)
    return exits.FINE if answer.ok else exits.NOT_FINE


async def _look(data_dir: Path) -> Answer:
    try:
        async with asyncio.timeout(WITHIN_S):
            seen = await _ask(data_dir)
    except (OwnerGone, StoreLocked):
        return Answer(False, "No process that owns the data directory answers.")
    except TimeoutError:
        return Answer(False, f"The process that owns the data directory did not answer within {WITHIN_S:g} s.")
    except VesperaError as error:
        return Answer(False, str(error))
    return Answer(True, f"The bot answers; up {seen.uptime_s:.0f} s.", seen.uptime_s)


async def _ask(data_dir: Path) -> _Seen:
    owner = await OwnerConnection.open(data_dir)
    try:
        return await owner.ask(wire.AskStatus("local"), _Seen)
    finally:
        await owner.close()
