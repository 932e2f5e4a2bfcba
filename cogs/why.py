"""`/why` and the message menu "Why this?": the trace of an answer, to its asker and to admins."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from cogs import replies, slash, timeline
from cogs.family import Single
from cogs.places import tenant
from errors import NotAllowed, UserMistake, VesperaError
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front

MENU = "Why this?"


class WhyCog(Single):
    """``/why task:`` and its menu."""

    path = "/why"

    @property
    def run(self) -> slash.Run:
        """Tell, ephemerally."""
        return tell

    async def cog_load(self) -> None:
        """Put the command and the menu into the tree."""
        await super().cog_load()
        self._front.tree.add_command(app_commands.ContextMenu(name=MENU, callback=_why_this))

    async def cog_unload(self) -> None:
        """Take both out again."""
        await super().cog_unload()
        self._front.tree.remove_command(MENU, type=discord.AppCommandType.message)


async def tell(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """``/why task:``; the last task of this person when none is named; ``r481`` is a coding job or a sprint."""
    typed = str(chosen.get("task") or "").strip().lower()
    if typed.startswith("r") and typed[1:].isdecimal() and len(typed) < 18:
        await show(interaction, int(typed[1:]), relay=True)
    else:
        await show(interaction, _number(chosen.get("task")))


async def show(interaction: "discord.Interaction[Front]", task_id: int | None, *, relay: bool = False) -> None:
    """The trace as an ephemeral reply; ``relay``: of a coding job or sprint.

    Raises:
        UserMistake: no such task. NotAllowed: somebody else's.
    """
    front, place = interaction.client, tenant(interaction)
    user, role = str(interaction.user.id), front.role(interaction)
    if relay and task_id is not None:
        reading = front.app.relay_why(place, task_id, user=user, role=role)
    else:
        reading = front.app.why(place, task_id, user=user, role=role)
    found = await replies.in_time(interaction, reading, ephemeral=True)
    kind = "relay-detail" if relay else "detail"
    message = timeline.message(found, lambda _, subject: front.app.component_ids.make(kind, place, subject))
    await replies.send(interaction, message, ephemeral=True)


async def _why_this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    try:
        await show(interaction, _task_of(interaction, message))
    except VesperaError as error:
        await replies.failed(interaction, error)


def _task_of(interaction: "discord.Interaction[Front]", message: discord.Message) -> int:
    """The task of a message of ours, by the signed ids of its buttons."""
    front = interaction.client
    for custom_id in _custom_ids(message.components):
        try:
            _, subject = front.app.component_ids.read(custom_id, tenant(interaction))
        except NotAllowed:
            continue
        if subject.isdecimal():
            return int(subject)
    raise UserMistake("That message is not an answer of mine, so there is nothing to explain.")


def _custom_ids(components: Iterable[Any]) -> Iterable[str]:
    for component in components:
        if custom_id := getattr(component, "custom_id", None):
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))


def _number(text: str | None) -> int | None:
    if not text:
        return None
    plain = text.strip().lstrip("#").removeprefix("task").strip()
    if not plain.isdecimal() or len(plain) > 18:
        raise UserMistake(
            f'"{text[:40]}" is not a task number. It stands in the last line of an answer: /why task: 481'
        )
    return int(plain)


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(WhyCog(front))
