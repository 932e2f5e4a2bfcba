"""`/status`: how the bot is, in five lines."""

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs import rendering, replies, slash
from cogs.family import Single
from cogs.places import tenant
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from app import Health
    from cogs.front import Front


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
    health = await replies.in_time(interaction, front.app.status(tenant(interaction)), ephemeral=True)
    view = rendering.blocks([ui.TextDisplay(text(health, front.latency))])
    await replies.send(interaction, rendering.Rendered(view), ephemeral=True)


def text(health: "Health", latency_s: float) -> str:
    """The lines of `/status`. ``latency_s``: seconds of the last heartbeat, NaN before the first."""
    store = health.store
    lines = [
        f"**Answers** {store.running} of {health.running_limit} being made, "
        f"{store.queued} of {health.waiting_limit} waiting, {store.finished_today} finished today",
        f"**Models** {_models(health)}",
        "**Facts** " + ", ".join(f"{name} {version}" for name, version in health.blocks),
        f"**Store** {store.file_bytes / 1e6:.1f} MB, {store.cache_entries} answers cached, "
        f"{store.undelivered} not yet delivered" + (f", {store.quarantined} set aside" if store.quarantined else ""),
        f"-# up {_span(health.uptime_s)} · policy v{health.policy_version}"
        + (f" · Discord answers in {latency_s * 1000:.0f} ms" if 0 <= latency_s < 60 else ""),
    ]
    return "\n".join(lines)


def _models(health: "Health") -> str:
    named = [f"{model.provider} ({model.model or 'its loaded model'}): {model.state}" for model in health.models]
    return ", ".join(named) or "none configured; the embedded offline model drafts from the facts"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Status(front))
