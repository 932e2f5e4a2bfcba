"""`/status`: how the bot is, as a compact card; admins and the owner see what lies behind it."""

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs import rendering, replies, slash
from cogs.family import Single
from cogs.health import MARKS, Mark, Report, report
from cogs.places import tenant
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front

ACCENTS: dict[Mark, int] = {"well": 0x3BA55D, "strained": 0xD0A215, "wrong": 0xB3423A}


class Status(Single):
    """``/status``; to the asker alone."""

    path = "/status"

    @property
    def run(self) -> slash.Run:
        """Tell, ephemerally."""
        return tell


async def tell(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """Read the health and say it."""
    front = interaction.client
    role = front.role(interaction)
    health = await replies.in_time(interaction, front.app.status(tenant(interaction), role), ephemeral=True)
    left = None if role == "member" else await front.identifies_left()
    told = report(health, latency_s=front.latency, identifies_left=left)
    await replies.send(interaction, rendering.Rendered(card(told)), ephemeral=True)


def card(told: Report) -> ui.LayoutView:
    """The report as one container: headline, lines, a quiet line."""
    lines = "\n".join(f"{MARKS[line.mark]} **{line.name}**  {line.text}" for line in told.lines)
    return rendering.blocks(
        [
            ui.TextDisplay(f"**Vespera**  {told.headline}"),
            ui.Separator(),
            ui.TextDisplay(lines),
            ui.TextDisplay(f"-# {told.closing}"),
        ],
        ACCENTS[told.mark],
    )


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Status(front))
