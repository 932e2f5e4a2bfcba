"""First replies to an interaction, and what becomes of errors."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord
from discord import app_commands

import logs
from cogs import rendering
from cogs.rendering import Rendered
from errors import Busy, NotAllowed, Refused, StoreError, TooFast, UserMistake, VesperaError

if TYPE_CHECKING:
    from cogs.front import Front

ACKNOWLEDGED_ALREADY = 40060
INVALID_FORM = 50035
DEFERRED = "deferred"

DECIDE_WITHIN_S = 1.5
"""Discord waits 3 s for an acknowledgement; what takes longer than this is acknowledged first."""

Found = TypeVar("Found")

_log = logging.getLogger(__name__)


async def in_time(interaction: "discord.Interaction[Front]", work: Awaitable[Found], *, ephemeral: bool) -> Found:
    """The result of work that is usually quick; the interaction is deferred when it is not."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=DECIDE_WITHIN_S)
        if not done:
            await defer(interaction, ephemeral=ephemeral)
        return await task
    finally:
        task.cancel()


async def send(interaction: "discord.Interaction[Front]", message: Rendered, *, ephemeral: bool) -> bool:
    """The first reply, or the edit of a deferred one. True when Discord has it.

    An interaction that Discord calls acknowledged already is one whose acknowledgement got lost on the way back (the
    library tried again after a 502), so that the reply is there: done.
    """
    try:
        await _say(interaction, message, ephemeral)
    except discord.HTTPException as error:
        if error.code == ACKNOWLEDGED_ALREADY:
            return True
        _log.warning("Discord did not take a reply: %s", error)
        if error.code == INVALID_FORM and message.attachments:
            plain = rendering.sentence("Discord did not take this answer. /why shows how it was made.")
            return await send(interaction, plain, ephemeral=ephemeral)
        return False
    except (aiohttp.ClientError, OSError) as error:
        _log.warning("a reply did not reach Discord: %s", error)
        return False
    return True


async def _say(interaction: "discord.Interaction[Front]", message: Rendered, ephemeral: bool) -> None:
    if _acknowledged(interaction):
        await interaction.edit_original_response(view=message.view, attachments=message.files())
    else:
        await interaction.response.send_message(view=message.view, files=message.files(), ephemeral=ephemeral)


async def defer(interaction: "discord.Interaction[Front]", *, ephemeral: bool) -> bool:
    """Acknowledge within the three seconds Discord gives. False when the interaction is gone."""
    if _acknowledged(interaction):
        return True
    try:
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
    except discord.HTTPException as error:
        if error.code == ACKNOWLEDGED_ALREADY:
            interaction.extras[DEFERRED] = True  # the library does not know; what follows must be an edit
            return True
        _log.warning("an interaction could not be acknowledged: %s", error)
        return False
    except (aiohttp.ClientError, OSError) as error:
        _log.warning("an interaction could not be acknowledged: %s", error)
        return False
    return True


def _acknowledged(interaction: "discord.Interaction[Front]") -> bool:
    return interaction.response.is_done() or DEFERRED in interaction.extras


async def failed(interaction: "discord.Interaction[Front]", cause: BaseException) -> None:
    """Tell the person what happened, ephemerally; an error that is not on purpose goes to the log with its trace."""
    await send(interaction, rendering.sentence(wording_of(cause), rendering.ACCENTS["failed"]), ephemeral=True)


async def no_choices(interaction: "discord.Interaction[Front]") -> None:
    """Answer a completion with nothing, so that it says nothing either."""
    try:
        await interaction.response.autocomplete([])
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("a completion was not answered: %s", error)


def wording_of(cause: BaseException) -> str:
    """What a person reads of an error: our own text for errors on purpose, never a trace."""
    if isinstance(cause, StoreError):
        _log.error("the store failed: %s", cause)
        return f"{logs.redact(str(cause))} Nothing was queued. Tell the operator if it stays so."
    if isinstance(cause, (Busy, TooFast, UserMistake, NotAllowed, Refused)):
        return str(cause)
    if isinstance(cause, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
        return "Discord shows an older form of this command. Reload Discord (Ctrl+R) and try again."
    if isinstance(cause, VesperaError):
        return logs.redact(str(cause))
    _log.error("an interaction failed", exc_info=cause)
    return "That failed because of a fault in Vespera. The log has the details. Try again, or tell the operator."


def written(components: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """Every text input of a submitted modal, however deep Discord nests it."""
    for component in components:
        if "value" in component and "custom_id" in component:
            yield str(component["custom_id"]), str(component["value"] or "")
        if "component" in component:
            yield from written((component["component"],))
        yield from written(component.get("components", ()))
