"""What each `/relay …` does."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import discord
import msgspec

from agents.relay.shown import Wish
from cogs import files, rendering, replies, slash
from cogs.places import tenant
from cogs.relay import lists, render
from cogs.relay.people import job_meant, number, person
from cogs.rendering import Rendered
from errors import UserMistake
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front

LEDGER_BYTES = 8 * 2**20
"""Largest ledger attached; Discord takes 10 MiB."""
Act = Callable[["discord.Interaction[Front]", slash.Chosen], Awaitable[Rendered]]


async def run(interaction: "discord.Interaction[Front]", command: Command, chosen: slash.Chosen) -> None:
    """The way of every command of the group."""
    if not interaction.client.first_time(interaction):
        return
    if command.task_type == "relay.start":
        await _start(interaction, chosen)
        return
    message = await replies.in_time(interaction, ACTS[command.task_type](interaction, chosen), ephemeral=True)
    await replies.send(interaction, message, ephemeral=True)


async def _start(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> None:
    """The reply is the job's board; its thread opens from it."""
    front = interaction.client
    wish = await _wish(interaction, chosen)
    with front.follower.beginning():
        view = await replies.in_time(interaction, front.app.relay.start(person(interaction), wish), ephemeral=False)
        async with front.follower.lock(view.id):
            await front.follower.open(interaction, view)
    front.follower.wake(view.id)


async def _wish(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Wish:
    given = {name: value for name, value in chosen.items() if value not in (None, False)}
    roadmap = str(given.get("roadmap", "")).replace(";", "\n")
    attached = given.get("file")
    if isinstance(attached, discord.Attachment):
        if roadmap:
            raise UserMistake("Give the steps as roadmap: or as file:, not both. Nothing was started.")
        roadmap = (await files.read(attached, "file")).content
    command = slash.request(interaction, _START, given, ()).command
    return Wish(
        repo=str(given["repo"]), goal=str(given["goal"]), roadmap=roadmap, tries=str(given.get("tries", "")),
        allow=str(given.get("allow", "")), next_input=str(given.get("next_input", "")),
        resubmit=bool(given.get("resubmit")), channel=interaction.channel_id or 0, command=command,
        interaction_id=str(interaction.id),
    )  # fmt: skip


_START = Command("/relay start", "relay.start", "", "")


async def _status(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    office, asker = interaction.client.app.relay, person(interaction)
    if not chosen.get("job"):
        return render.listed(await office.status(asker, None))
    (view,) = await office.status(asker, number(str(chosen["job"])))
    shown = await office.following.shown(view.id)
    return render.status(view, await office.checkpoints(asker.tenant, view.id), shown, _sign(interaction))


async def _stop(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job = await job_meant(interaction, chosen.get("job"))
    view = await interaction.client.app.relay.stop(person(interaction), job)
    return _done(interaction, job, render.stopped(view))


async def _approve(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job = await job_meant(interaction, chosen.get("job"))
    said = await interaction.client.app.relay.approve(person(interaction), job)
    return _done(interaction, job, said)


async def _hint(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job, hint = await job_meant(interaction, chosen.get("job")), str(chosen["text"]).strip()
    if not hint:
        raise UserMistake("The hint is empty. Nothing was changed.")
    view = await interaction.client.app.relay.go_on(person(interaction), job, hint)
    return _done(interaction, job, f"{view.name} goes on with your hint.")


async def _resume(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job = await job_meant(interaction, chosen.get("job"))
    view = await interaction.client.app.relay.go_on(person(interaction), job)
    return _done(interaction, job, f"{view.name} goes on.")


async def _rollback(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job = await job_meant(interaction, chosen.get("job"))
    typed = str(chosen["checkpoint"]).strip()
    if not (typed.isascii() and typed.isdigit()):
        raise UserMistake("checkpoint: is a number; 0 is where the job began. Nothing was changed.")
    view = await interaction.client.app.relay.roll_back(person(interaction), job, int(typed))
    return _done(interaction, job, render.rolled_back(view))


async def _ledger(interaction: "discord.Interaction[Front]", chosen: slash.Chosen) -> Rendered:
    job = await job_meant(interaction, chosen.get("job"))
    view, ledger = await interaction.client.app.relay.ledger(person(interaction), job)
    document = {"job": view.name, "hash": ledger.digest, "rows": msgspec.to_builtins(ledger.rows)}
    content = msgspec.json.format(msgspec.json.encode(document), indent=1)
    return render.ledger(view, ledger.rows, ledger.digest, content if len(content) <= LEDGER_BYTES else None)


ACTS: dict[str, Act] = {
    "relay.status": _status, "relay.stop": _stop, "relay.approve": _approve, "relay.hint": _hint,
    "relay.resume": _resume, "relay.rollback": _rollback, "relay.ledger": _ledger,
    "relay.repos": lists.repos, "relay.allow": lists.allow,
}  # fmt: skip


def _done(interaction: "discord.Interaction[Front]", job: int, text: str) -> Rendered:
    interaction.client.follower.wake(job)
    return render.said(text)


def _sign(interaction: "discord.Interaction[Front]") -> rendering.Sign:
    place = tenant(interaction)
    return lambda action, subject: interaction.client.app.component_ids.make(action, place, subject)
