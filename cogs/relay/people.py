"""Who asks, and which job is meant."""

from typing import TYPE_CHECKING

import discord

from agents.relay.shown import Person
from cogs.places import tenant
from errors import UserMistake

if TYPE_CHECKING:
    from cogs.front import Front


def person(interaction: "discord.Interaction[Front]") -> Person:
    """The person as Discord states them with this interaction; never remembered."""
    member = interaction.user
    roles = frozenset(role.id for role in member.roles) if isinstance(member, discord.Member) else frozenset()
    return Person(tenant(interaction), str(member.id), interaction.client.role(interaction), roles)


async def job_meant(interaction: "discord.Interaction[Front]", typed: str | None) -> int:
    """The job named, else the one this thread is about, else the only one under way. Raises UserMistake."""
    if typed:
        return number(typed)
    following = interaction.client.app.relay.following
    found = await following.shown_in(tenant(interaction), interaction.channel_id or 0)
    if found is None:
        raise UserMistake("Which job? Name it, or ask in its thread: job: r12. Nothing was changed.")
    return found


def number(typed: str) -> int:
    """The number of a job: ``r12`` or ``12``. Raises UserMistake."""
    digits = typed.strip().lower().removeprefix("r")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise UserMistake(f'"{typed[:20]}" is no job. Jobs are named r1, r2, …; /relay status lists them.')
    return int(digits)
