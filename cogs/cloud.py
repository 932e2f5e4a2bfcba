"""`/cloud`: Terraform planned from a sentence, checked, explained, and compared."""

from typing import TYPE_CHECKING

from cogs.family import Family

if TYPE_CHECKING:
    from cogs.front import Front


class Cloud(Family):
    """The commands of the block ``terraform``."""

    group = "cloud"
    about = "Terraform: plans, checks, explanations, comparisons."


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Cloud(front))
