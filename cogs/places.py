"""Whose memory, cache and traces an interaction may touch."""

from typing import Any

import discord


def tenant(interaction: discord.Interaction[Any]) -> str:
    """``guild:ID``, or ``user:ID`` in a direct message."""
    if interaction.guild_id is not None:
        return f"guild:{interaction.guild_id}"
    return f"user:{interaction.user.id}"


def channel(interaction: discord.Interaction[Any]) -> str:
    """Whose fight a command means: the channel's, also when it is given in one of its threads."""
    return str(getattr(interaction.channel, "parent_id", None) or interaction.channel_id)
