"""`/combat`: fights whose dice and figures are the engine's."""

from typing import TYPE_CHECKING

from cogs import slash, table
from cogs.family import Family
from truth_blocks.contracts import Command

if TYPE_CHECKING:
    from cogs.front import Front


class Combat(Family):
    """The commands of a fight."""

    group = "combat"
    about = "Fights: the engine rolls and keeps the order, the story is told from its log."

    def run_of(self, command: Command) -> slash.Run:
        """A narration is asked for, everything else is played."""
        return table.narrate if command.task_type == "combat.narrate" else super().run_of(command)


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Combat(front))
