"""The message that shows a fight, edited in place, and the thread that is its log."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import aiohttp
import discord
import msgspec
from discord import ui

from agents.table_contracts import View
from app import App
from cogs import rendering, wording
from cogs.rendering import Rendered
from neutralise import for_discord

if TYPE_CHECKING:
    from cogs.front import Front

ACCENT = 0x8C4A2F
BUTTONS: Sequence[tuple[str, str, discord.ButtonStyle]] = (
    ("Attack", "fight-attack", discord.ButtonStyle.primary),
    ("Cast", "fight-cast", discord.ButtonStyle.secondary),
    ("Next turn", "fight-next", discord.ButtonStyle.success),
    ("⋯", "fight-more", discord.ButtonStyle.secondary),
)
_NOT_TAKEN = (discord.HTTPException, aiohttp.ClientError, OSError, ValueError)

_log = logging.getLogger(__name__)


class Shown(msgspec.Struct, frozen=True):
    """Where a fight is shown, as the blackboard keeps it."""

    channel: int | None = None
    message: int | None = None
    thread: int | None = None

    @classmethod
    def read(cls, text: str) -> "Shown":
        """From the blackboard; empty where nothing was noted."""
        return msgspec.json.decode(text, type=cls) if text else cls()


def message(app: App, place: str, view: View) -> Rendered:
    """The board with its signed buttons; without them once the fight is over."""
    body = for_discord(view.board)[: wording.BODY_LIMIT]
    row: ui.ActionRow[Any] | None = None
    if view.open:
        row = ui.ActionRow()
        subject = f"{view.combat}.{view.version}"
        for label, action, style in BUTTONS:
            row.add_item(ui.Button(label=label, style=style, custom_id=app.component_ids.make(action, place, subject)))
    return Rendered(rendering.blocks([ui.TextDisplay(body)], ACCENT, row))


class Boards:
    """Edits boards one after another, so that an older state never covers a newer one."""

    def __init__(self, front: "Front", app: App) -> None:
        self._front, self._app = front, app
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(self, interaction: "discord.Interaction[Front]", combat: int, message_id: int) -> None:
        """Note where the board is and open the thread of its log, where the bot may."""
        place = interaction.channel_id or 0
        thread = None
        if interaction.guild_id is not None and not isinstance(interaction.channel, discord.Thread):
            channel = self._front.get_partial_messageable(place, guild_id=interaction.guild_id)
            try:
                thread = (await channel.get_partial_message(message_id).create_thread(name=f"Fight {combat}")).id
            except _NOT_TAKEN as error:
                _log.info("no thread for the log of fight %s: %s", combat, error)
        shown = Shown(place, message_id, thread)
        tenant = f"guild:{interaction.guild_id}" if interaction.guild_id else f"user:{interaction.user.id}"
        await self._app.note_fight(tenant, combat, msgspec.json.encode(shown).decode())

    async def update(self, place: str, view: View, public: str) -> None:
        """Show the newest state and add the lines to the log; the fight stands, whatever Discord takes of it."""
        shown = Shown.read(view.message)
        lock = self._locks.setdefault(view.combat, asyncio.Lock())
        async with lock:
            newest = await self._app.fight(place, view.combat) or view
            if shown.channel and shown.message:
                target = self._front.get_partial_messageable(shown.channel).get_partial_message(shown.message)
                try:
                    await target.edit(view=message(self._app, place, newest).view)
                except _NOT_TAKEN as error:
                    _log.warning("the board of fight %s was not edited: %s", view.combat, error)
        await self.tell(shown, public)

    async def tell(self, shown: Shown, public: str) -> None:
        """Add lines to the thread of the log."""
        if not shown.thread or not public:
            return
        text = for_discord(public)[: wording.BODY_LIMIT]
        try:
            await self._front.get_partial_messageable(shown.thread).send(view=rendering.sentence(text).view)
        except _NOT_TAKEN as error:
            _log.warning("the log of a fight was not written: %s", error)
