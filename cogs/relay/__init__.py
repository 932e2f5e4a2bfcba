"""`/relay`: coding jobs of the relay, which is another process. Parse, ask, show."""

from typing import TYPE_CHECKING

from cogs import slash
from cogs.family import Family
from cogs.relay import commands
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front


class Relay(Family):
    """The commands of coding jobs; jobs are shown as long as the bot runs."""

    group = "relay"
    about = "Coding jobs: every step is tested before it is kept."

    def run_of(self, command: Command) -> slash.Run:
        """All of them ask the relay."""
        return commands.run

    async def cog_load(self) -> None:
        """Put the group into the tree and begin to show jobs."""
        await super().cog_load()
        await self._front.follower.take_up()


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Relay(front))
