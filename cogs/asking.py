"""One question from Discord to its answer: submit first, then the first reply or a deferred one.

What can be decided at once (busy, a mistake, a look-up, the cache) is the first reply. Otherwise the reply is deferred
and edited: progress, then the answer. Whatever is cut short in between is in the outbox and goes out from there.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import discord

import logs
from agents.contracts import Answer, Request
from blackboard.contracts import Delivery
from cogs import rendering, replies
from cogs.progress import Progress
from errors import Stopping

if TYPE_CHECKING:
    from agents.work import Ticket
    from cogs.front import Front

TOKEN_LIFE_S = 15 * 60.0
TOKEN_MARGIN_S = 20.0


async def ask(
    interaction: "discord.Interaction[Front]", compose: Callable[[], Awaitable[Request]], *, ephemeral: bool = False
) -> None:
    """Compose a request, submit it and see its answer to the person; errors are told, never raised."""
    front = interaction.client
    if not front.first_time(interaction):
        return
    progress = Progress(lambda message: interaction.edit_original_response(view=message.view))
    try:
        work = _submit(interaction, compose, progress, ephemeral)
        request, ticket = await replies.in_time(interaction, work, ephemeral=ephemeral)
    except Exception as error:
        await replies.failed(interaction, error)
        return
    logs.task_id.set(ticket.task_id)
    if ticket.answer is not None:
        await _reply(interaction, request, ticket.answer, ephemeral or ticket.answer.ephemeral)
    else:
        await _follow(interaction, ticket, progress, ephemeral)


async def _submit(
    interaction: "discord.Interaction[Front]",
    compose: Callable[[], Awaitable[Request]],
    progress: Progress,
    ephemeral: bool,
) -> "tuple[Request, Ticket]":
    request = await compose()
    delivery = delivery_of(interaction, ephemeral)
    return request, await interaction.client.app.submit(request, delivery=delivery, on_stage=progress.note)


async def _reply(interaction: "discord.Interaction[Front]", request: Request, answer: Answer, ephemeral: bool) -> None:
    """An answer that is there at once is the first reply."""
    front = interaction.client
    with front.deliverer.in_hand(answer.task_id) as mine:
        if mine:
            message = front.deliverer.message(answer, request.task_type, request.tenant)
            await replies.send(interaction, message, ephemeral=ephemeral)


async def _follow(
    interaction: "discord.Interaction[Front]", ticket: "Ticket", progress: Progress, ephemeral: bool
) -> None:
    """Defer, show progress, wait, and send the answer from the outbox."""
    deliverer = interaction.client.deliverer
    with deliverer.in_hand(ticket.task_id) as mine:
        if not mine:
            busy = rendering.sentence(f"Task {ticket.task_id} is being answered already.")
            await replies.send(interaction, busy, ephemeral=True)
            return
        if await replies.defer(interaction, ephemeral=ephemeral):
            progress.start()
        try:
            await ticket.wait()
        except Stopping as stopping:
            await progress.say(str(stopping))
            return
        finally:
            await progress.stop()
        await deliverer.send_ready(ticket.task_id)


def delivery_of(interaction: "discord.Interaction[Front]", ephemeral: bool) -> Delivery:
    """Where an answer to this interaction belongs."""
    return Delivery(
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=time.time() + TOKEN_LIFE_S - TOKEN_MARGIN_S,
        channel_id=interaction.channel_id,
        ephemeral=ephemeral,
    )
