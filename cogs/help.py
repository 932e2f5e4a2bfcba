"""`/help`: what this person may use here, with an example each."""

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs import rendering, replies, slash
from cogs.family import Single
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
    text = front.app.help(chosen.get("command"), front.role(interaction))
    view = rendering.blocks([ui.TextDisplay(fitting(text))])
    await replies.send(interaction, rendering.Rendered(view), ephemeral=True)


def fitting(text: str, limit: int = BODY_LIMIT) -> str:
    """The list within one message: when it is too long, the last examples are left out, never a command."""
    lines = text.split("\n")
    more = "`/help command:` shows the example of any command."
    for place in range(len(lines) - 1, 0, -1):
        if len("\n".join(lines)) <= limit:
            break
        if lines[place].startswith("  e.g. "):
            lines[place:] = [*lines[place + 1 :], *([] if lines[-1] == more else [more])]
    return "\n".join(lines)[:limit]


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Help(front))
