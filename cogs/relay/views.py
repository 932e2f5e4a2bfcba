"""Clicks on a job's buttons, its form and its select. Validated anew: it exists, is as it was drawn, they may."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from cogs import rendering, replies
from cogs.places import tenant
from cogs.relay import render
from cogs.relay.people import person
from cogs.rendering import Rendered
from errors import UserMistake

if TYPE_CHECKING:
    from cogs.front import Front

CHOICES = 24
"""Checkpoints offered, and the beginning: a select takes 25."""
MODAL_LIFE_S = 15 * 60.0
HINT = 1_000


async def clicked(interaction: "discord.Interaction[Front]", action: str, subject: str) -> None:
    """Do what a button, form or select of a job says.

    Raises:
        UserMistake, NotAllowed, RelayGone: the sentence says why; nothing was changed.
    """
    job, _, sprint = subject.partition(".")
    if not (job.isdecimal() and sprint.isdecimal()):
        raise UserMistake("This button is from another version and does nothing any more.")
    if interaction.client.first_time(interaction):
        await ACTIONS[action](interaction, int(job), int(sprint))


async def _stop(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    """Stopping is never too late: what was drawn does not matter."""
    work = interaction.client.app.relay.stop(person(interaction), job)
    view = await replies.in_time(interaction, work, ephemeral=True)
    await _answer(interaction, job, render.stopped(view))


async def _approve(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    work = interaction.client.app.relay.approve(person(interaction), job, sprint)
    said = await replies.in_time(interaction, work, ephemeral=True)
    await _answer(interaction, job, said)


async def _hint(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    view = await interaction.client.app.relay.check(person(interaction), job, "hint", sprint)
    modal = ui.Modal(
        title=f"A hint for {view.name}"[:45], custom_id=_sign(interaction, "relay-hinted", job, sprint),
        timeout=MODAL_LIFE_S,
    )  # fmt: skip
    box: ui.TextInput[Any] = ui.TextInput(
        custom_id="hint", style=discord.TextStyle.paragraph, required=True, max_length=HINT
    )
    modal.add_item(ui.Label(text="What the next Builder should know", component=box))
    await interaction.response.send_modal(modal)


async def _hinted(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    data = cast(Mapping[str, Any], interaction.data or {})
    hint = dict(replies.written(data.get("components", ()))).get("hint", "").strip()
    if not hint:
        raise UserMistake("The hint is empty. Nothing was changed.")
    work = interaction.client.app.relay.go_on(person(interaction), job, hint[:HINT], sprint)
    view = await replies.in_time(interaction, work, ephemeral=True)
    await _answer(interaction, job, f"{view.name} goes on with your hint.")


async def _back(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    """Offer the checkpoints, the newest first, and the beginning."""
    office, asker = interaction.client.app.relay, person(interaction)
    view = await office.check(asker, job, "rollback")
    kept = [each for each in await office.checkpoints(asker.tenant, job) if not each.undone]
    options = [
        discord.SelectOption(
            label=f"{each.number}. {each.goal}"[:100], value=str(each.number), description=each.commit[:12]
        )
        for each in reversed(kept[-CHOICES:])
    ]
    options.append(discord.SelectOption(label="Where the job began", value="0", description=view.spec.base[:12]))
    select: ui.Select[Any] = ui.Select(
        custom_id=_sign(interaction, "relay-back-to", job, view.state.sprint), options=options,
        placeholder="Back to which checkpoint",
    )  # fmt: skip
    text = f"**{view.name}** What came after the checkpoint leaves {view.state.branch}; a job at work is stopped first."
    row: ui.ActionRow[Any] = ui.ActionRow(select)
    await replies.send(interaction, Rendered(rendering.blocks([ui.TextDisplay(text)], below=row)), ephemeral=True)


async def _back_to(interaction: "discord.Interaction[Front]", job: int, sprint: int) -> None:
    values = cast(Mapping[str, Any], interaction.data or {}).get("values") or [""]
    if not str(values[0]).isdecimal():
        raise UserMistake("That choice is from another version. Nothing was changed.")
    work = interaction.client.app.relay.roll_back(person(interaction), job, int(values[0]))
    view = await replies.in_time(interaction, work, ephemeral=True)
    await _answer(interaction, job, render.rolled_back(view))


async def _answer(interaction: "discord.Interaction[Front]", job: int, text: str) -> None:
    interaction.client.follower.wake(job)
    await replies.send(interaction, render.said(text), ephemeral=True)


def _sign(interaction: "discord.Interaction[Front]", action: str, job: int, sprint: int) -> str:
    return interaction.client.app.component_ids.make(action, tenant(interaction), f"{job}.{sprint}")


ACTIONS: dict[str, Callable[["discord.Interaction[Front]", int, int], Awaitable[None]]] = {
    "relay-stop": _stop, "relay-approve": _approve, "relay-hint": _hint, "relay-hinted": _hinted,
    "relay-back": _back, "relay-back-to": _back_to,
}  # fmt: skip
