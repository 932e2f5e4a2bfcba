"""`/help`: what this person may use here, with an example each."""

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs import rendering, replies, slash
from cogs.family import Single
from cogs.places import tenant
from cogs.wording import BODY_LIMIT
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front


class Help(Single):
    """``/help command:``; to the asker alone."""

    path = "/help"

    @property
    def run(self) -> slash.Run:
        """Tell, ephemerally."""
        return tell


async def tell(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """Answer from the App's own list, so that no command can be advertised that does not exist."""
    front = interaction.client
    person = {"tenant": tenant(interaction), "user": str(interaction.user.id)}
    text = front.app.help(chosen.get("command"), front.native_role(interaction), **person)
    view = rendering.blocks([ui.TextDisplay(text[:BODY_LIMIT])])
    await replies.send(interaction, rendering.Rendered(view), ephemeral=True)


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Help(front))
