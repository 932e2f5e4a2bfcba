"""Commands carried out at once: told to the one who gave them; a fight's also on its board and in the log's thread."""

from typing import TYPE_CHECKING

import discord
import msgspec

from agents.contracts import Request
from agents.table_contracts import ADMIN_TASKS, Play, Played
from cogs import asking, boards, files, rendering, replies, slash
from cogs.places import channel, tenant
from neutralise import for_discord
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front


async def run(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """The way of every command that is played."""
    front = interaction.client
    if not front.first_time(interaction):
        return
    given = {name: value for name, value in chosen.items() if value not in (None, False)}
    attached = {option: item for option, item in given.items() if isinstance(item, discord.Attachment)}
    request = slash.request(interaction, command, given, await files.read_all(attached))
    played = await front.app.play(play_of(interaction, request))
    if command.task_type == "combat.start":
        await _begin(interaction, played)
    elif played.view is None:
        message = rendering.told(played.text, played.files, people=command.task_type in ADMIN_TASKS)
        await replies.send(interaction, message, ephemeral=played.ephemeral)
    elif command.task_type == "combat.status":
        message = boards.message(front.app, tenant(interaction), played.view)
        await replies.send(interaction, message, ephemeral=True)
    else:
        await _answer(interaction, played)


def play_of(interaction: "discord.Interaction[Front]", request: Request, expected: int | None = None) -> Play:
    """A request at this table."""
    name = for_discord(interaction.user.display_name)[:40]
    return Play(request, channel(interaction), name, expected)


async def _begin(interaction: "discord.Interaction[Front]", played: Played) -> None:
    """The board is the reply; its thread is the log."""
    front, view = interaction.client, played.view
    if view is None or not await replies.send(
        interaction, boards.message(front.app, tenant(interaction), view), ephemeral=False
    ):
        return
    sent = await interaction.original_response()
    await front.boards.open(interaction, view.combat, sent.id)


async def _answer(interaction: "discord.Interaction[Front]", played: Played) -> None:
    """Quiet where the log has a thread; otherwise the reply is the log."""
    front, view = interaction.client, played.view
    if view is None:
        return
    quiet = played.ephemeral or boards.Shown.read(view.message).thread is not None
    await replies.send(interaction, rendering.sentence(played.text), ephemeral=quiet)
    await front.boards.update(tenant(interaction), view, played.public)


async def narrate(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """Ask the pipeline to tell what happened."""

    async def compose() -> Request:
        request = slash.request(interaction, command, {}, ())
        return msgspec.structs.replace(request, options={"channel": channel(interaction)})

    await asking.ask(interaction, compose)
