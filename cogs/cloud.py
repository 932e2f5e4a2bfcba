"""`/cloud`: Terraform planned from a sentence, and checked."""

from typing import TYPE_CHECKING

from cogs.family import Family

if TYPE_CHECKING:
    from cogs.front import Front


class Cloud(Family):
    """The commands of the block ``terraform``."""

    group = "cloud"
    about = "Terraform: plans and checks."


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Cloud(front))
