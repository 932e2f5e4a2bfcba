"""A cog for one family of questions: the slash commands that its truth block declares, under one group."""

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from agents.table_contracts import PLAYED_TASKS
from cogs import slash, table
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front


class Family(commands.Cog):
    """``/group …``: all commands of the App whose path begins with the group's name."""

    group: str
    about: str

    def __init__(self, front: "Front") -> None:
        self._front = front

    async def cog_load(self) -> None:
        """Put the group into the tree."""
        group = app_commands.Group(name=self.group, description=self.about)
        for command in self._front.app.commands:
            if command.path.startswith(f"/{self.group} "):
                group.add_command(slash.build(self._front, command, self.run_of(command)))
        self._front.tree.add_command(group)

    def run_of(self, command: Command) -> slash.Run:
        """What a command does: it is carried out at once, or the pipeline is asked."""
        return table.run if command.task_type in PLAYED_TASKS else slash.submit

    async def cog_unload(self) -> None:
        """Take it out again."""
        self._front.tree.remove_command(self.group)


class Single(commands.Cog):
    """One command without a group; ``run`` says what it does, by default it asks the pipeline."""

    path: str

    def __init__(self, front: "Front") -> None:
        self._front = front

    @property
    def run(self) -> slash.Run:
        """What the command does."""
        return slash.submit

    async def cog_load(self) -> None:
        """Put the command into the tree."""
        command = next(command for command in self._front.app.commands if command.path == self.path)
        self._front.tree.add_command(slash.build(self._front, command, self.run))

    async def cog_unload(self) -> None:
        """Take it out again."""
        self._front.tree.remove_command(self.path.lstrip("/"))
