"""The command tree: errors become sentences, and Discord is told of the commands only when they changed."""

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands

from cogs import replies
from cogs.identify import State

if TYPE_CHECKING:
    from cogs.front import Front

KEY = "command_tree"

_log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["Front"]):
    """Commands work in servers and in direct messages."""

    def __init__(self, client: "Front") -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def sync_if_changed(self, state: State) -> bool:
        """Send the commands to Discord unless the last ones sent are the same; True when sent.

        A failure is logged and tried again at the next start: the commands Discord knows still work.
        """
        payload = [command.to_dict(self) for command in self._all()]
        text = json.dumps([self.client.application_id, payload], sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if await state.get_state(KEY) == digest:
            return False
        try:
            await self.sync()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.error("the commands could not be sent to Discord: %s", error)
            return False
        await state.set_state(KEY, digest)
        _log.info("%d commands sent to Discord", len(payload))
        return True

    async def interaction_check(self, interaction: discord.Interaction["Front"], /) -> bool:
        """The door of every command, menu and completion: who is blocked or too fast goes no further."""
        suggesting = interaction.type is discord.InteractionType.autocomplete
        try:
            await interaction.client.door(interaction, self._task_type(interaction), suggesting=suggesting)
        except Exception as error:
            if suggesting:
                await replies.no_choices(interaction)
            else:
                await replies.failed(interaction, error)
            return False
        return True

    def _task_type(self, interaction: discord.Interaction["Front"]) -> str:
        """What the command is to the policy; a menu is the command that it stands for."""
        command = interaction.command
        if command is None or isinstance(command, app_commands.ContextMenu):
            return "why"
        path = f"/{command.qualified_name}"
        return next((each.task_type for each in self.client.app.commands if each.path == path), "why")

    async def on_error(self, interaction: discord.Interaction["Front"], error: app_commands.AppCommandError, /) -> None:
        """Tell the person, and the log when it is a fault of ours."""
        cause: BaseException = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await replies.failed(interaction, cause)

    def _all(self) -> "list[app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu]":
        kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
        found = [command for kind in kinds for command in self.get_commands(type=kind)]
        return sorted(found, key=lambda command: command.name)
