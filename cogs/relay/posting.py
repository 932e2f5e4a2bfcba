"""Where a job's messages go: its thread, else its channel, else they are kept for `/relay status`.

A message is noted before it is sent and after Discord has it. Found noted and not confirmed, after a crash, its place
is read: the message carries its number, so that it is not posted twice. An edit repeated shows the same text again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

import faults
from agents.relay.jobs import Checkpoint, JobView
from agents.relay.shown import Look, Shown
from app import App
from cogs import rendering
from cogs.relay import render, sprints
from cogs.relay.render import one_line
from cogs.rendering import Rendered, Sign
from neutralise import for_discord

if TYPE_CHECKING:
    from cogs.front import Front

T = TypeVar("T")
SEND_WITHIN_S = 30.0
"""Seconds for one call to Discord, its own waits for rate limits included."""
REREAD = 30
"""Messages read back after a crash."""
UNFIT = frozenset({50035, 40005})
"""Invalid form; too large."""
DISCORDS_TEXT = 2_000
THREAD_NAME = 90

_log = logging.getLogger(__name__)


class Later(Exception):
    """Discord cannot take it just now."""


class Poster:
    """Sends and edits the messages of jobs."""

    def __init__(self, front: "Front", app: App) -> None:
        self._front, self._app = front, app
        self._drawn: dict[int, bytes] = {}
        """What each message last showed; lost at a restart, when the first edit draws it anew."""

    def board(self, view: JobView, checkpoints: Sequence[Checkpoint]) -> Rendered:
        """A job's board."""
        return render.board(view, checkpoints, self._sign(view.tenant))

    async def open_thread(self, view: JobView, shown: Shown) -> None:
        """Open the job's thread from its board, where the bot may."""
        if shown.threadless or shown.thread or not shown.board or not shown.tenant.startswith("guild:"):
            return
        guild = int(shown.tenant.removeprefix("guild:"))
        channel = self._front.get_partial_messageable(shown.channel, guild_id=guild)
        board = channel.get_partial_message(shown.board)
        name = f"{view.name} {one_line(view.spec.goal, THREAD_NAME)}"[:100]
        try:
            shown.thread = (await _within(board.create_thread(name=name))).id
        except discord.HTTPException as error:
            _log.info("no thread for %s: %s", view.name, error)
            shown.threadless = True

    async def tell(self, look: Look, shown: Shown) -> bool:
        """Send the next message of what happened. True when more waits."""
        begun = shown.posting if shown.posting > shown.cursor else 0
        said = sprints.told(look, self._sign(look.view.tenant), begun)
        if said is None:
            return False
        if said.message is not None and not (begun and await self._arrived(shown)):
            shown.posting = said.last
            await self._note(look.view, shown)
            await self._post(look.view, shown, said.message, f"r{look.view.id}-{said.last}", said.mention)
            faults.point("relay.posted")
        for seq, text in said.inputs:
            await self._next_input(look.view, shown, seq, text)
        shown.cursor, shown.rows = said.last, shown.rows + said.rows
        await self._note(look.view, shown)
        return look.events[-1].seq > said.last

    async def refresh(self, look: Look, shown: Shown, *, away: bool) -> None:
        """Edit the board and the progress where they show something else than they should."""
        if shown.lost:
            return
        view = look.view
        board, progress = self.board(view, look.checkpoints), render.progress(view, away=away)
        if not await self._edit(shown.board_in or shown.channel, shown.board, board):
            sent = await self._post(view, shown, board, f"r{view.id}-board-{shown.cursor}")
            if sent is not None:
                shown.board, shown.board_in = sent.id, sent.channel.id
                await self._note(view, shown)
                await self.open_thread(view, shown)
        if not await self._edit(shown.progress_in, shown.progress, progress):
            sent = await self._post(view, shown, progress, f"r{view.id}-progress-{shown.cursor}")
            if sent is not None:
                shown.progress, shown.progress_in = sent.id, sent.channel.id
                self._drawn[sent.id] = _digest(progress)
                await self._note(view, shown)

    async def _post(
        self, view: JobView, shown: Shown, message: Rendered, nonce: str, mention: int = 0
    ) -> "discord.Message | None":
        """Send to the thread, else to the channel; None when neither takes it, with the reason noted."""
        pings = discord.AllowedMentions(users=[discord.Object(mention)]) if mention else discord.AllowedMentions.none()
        why = ""
        for place in filter(None, (shown.thread, shown.channel)):
            try:
                sent = await self._send(view, place, message, pings, nonce[:25])
            except discord.HTTPException as error:
                why = f"Discord takes no message in <#{place}>: {for_discord(error.text) or error.status}"
                _log.warning("%s: %s", view.name, why)
                if place == shown.thread:
                    shown.thread, shown.threadless = 0, True
                continue
            shown.lost = ""
            await self._note(view, shown)
            return sent
        shown.lost = why or "No place is known where this job could be shown."
        await self._note(view, shown)
        return None

    async def _send(
        self, view: JobView, place: int, message: Rendered, pings: discord.AllowedMentions, nonce: str
    ) -> "discord.Message":
        """Send to a place; where Discord takes the place and not the message's form, say so there instead."""
        channel = self._place(place)
        try:
            work = channel.send(view=message.view, files=message.files(), allowed_mentions=pings, nonce=nonce)
            return await _within(work)
        except discord.HTTPException as error:
            if error.code not in UNFIT:
                raise
            _log.error("%s: a message was not fit for Discord: %s", view.name, error)
            plain = rendering.sentence(f"Discord did not take a message of {view.name}. /relay ledger has it.")
            return await _within(channel.send(view=plain.view, nonce=f"{nonce[:20]}-x"))

    async def _edit(self, place: int, message_id: int, message: Rendered) -> bool:
        """Draw a message anew where it shows something else. False when it is not there."""
        if not (place and message_id):
            return False
        digest = _digest(message)
        if self._drawn.get(message_id) == digest:
            return True
        try:
            await _within(self._place(place).get_partial_message(message_id).edit(view=message.view))
        except discord.HTTPException as error:
            _log.info("a message of a job was not edited: %s", error)
            return error.status != 404
        self._drawn[message_id] = digest
        return True

    async def _arrived(self, shown: Shown) -> bool:
        """Whether the message that was under way when the bot died is in its place."""
        mark = sprints.MARK + shown.posting
        for place in filter(None, (shown.thread, shown.channel)):
            try:
                async with asyncio.timeout(SEND_WITHIN_S):
                    async for message in self._place(place).history(limit=REREAD):
                        marks = {getattr(part, "id", 0) for part in message.components}
                        if message.author == self._front.user and mark in marks:
                            return True
            except discord.HTTPException as error:
                _log.info("<#%s> could not be read back: %s", place, error)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                raise Later(str(error)) from error
        return False

    async def _next_input(self, view: JobView, shown: Shown, seq: int, text: str) -> None:
        """Give a next input to the job's webhook, once: what a crash cuts off is not sent again."""
        kind, _, name = view.spec.next_input_to.partition(":")
        if kind != "webhook" or seq <= shown.sent_input:
            return
        shown.sent_input = seq
        await self._note(view, shown)
        address = await self._app.relay.lists.webhook(view.tenant, name)
        why = "it was taken out of the list"
        if address is not None:
            number, token = address
            harmless = for_discord(text)
            files = [] if len(harmless) <= DISCORDS_TEXT else [("next-input.md", harmless.encode())]
            body = harmless if not files else harmless[: DISCORDS_TEXT - 60] + "\n… the whole of it is in the file"
            hook = discord.Webhook.partial(number, token, client=self._front)
            attached = Rendered(rendering.blocks([]), files).files()
            try:
                await _within(
                    hook.send(body, files=attached, allowed_mentions=discord.AllowedMentions.none(), wait=True)
                )
                return
            except (discord.HTTPException, Later) as error:
                why = "it could not be reached" if isinstance(error, Later) else "Discord did not take it"
                _log.warning("%s: the webhook %s got no next input: %s", view.name, name, why)
        lost = rendering.sentence(f"The next input was not given to the webhook {name}: {why}.")
        await self._post(view, shown, lost, f"r{view.id}-input-{seq}")

    def _place(self, channel: int) -> discord.PartialMessageable:
        return self._front.get_partial_messageable(channel)

    def _sign(self, tenant: str) -> Sign:
        return lambda action, subject: self._app.component_ids.make(action, tenant, subject)

    async def _note(self, view: JobView, shown: Shown) -> None:
        await self._app.relay.following.note(view.id, shown)


async def _within(work: Awaitable[T]) -> T:
    """A call to Discord. Raises Later when it cannot be reached, HTTPException when it says no."""
    try:
        async with asyncio.timeout(SEND_WITHIN_S):
            return await work
    except discord.HTTPException as error:
        if error.status in (401, 429) or error.status >= 500:
            raise Later(str(error)) from error
        raise
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        raise Later(str(error)) from error


def _digest(message: Rendered) -> bytes:
    view: Any = message.view  # whose method is not typed
    return blake2b(repr(view.to_components()).encode(), digest_size=16).digest()
