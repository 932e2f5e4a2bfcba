"""`/dnd`: rulings, spells, monsters, dice."""

from typing import TYPE_CHECKING

from cogs.family import Family

if TYPE_CHECKING:
    from cogs.front import Front


class Dnd(Family):
    """The commands of the block ``dnd5e``."""

    group = "dnd"
    about = "D&D 5e: rulings, spells, monsters and dice."


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Dnd(front))
