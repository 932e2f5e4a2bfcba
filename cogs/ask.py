"""`/ask`: any question; marked as unchecked where no truth block covers it."""

from typing import TYPE_CHECKING

from cogs.family import Single

if TYPE_CHECKING:
    from cogs.front import Front


class Ask(Single):
    """``/ask question:``."""

    path = "/ask"


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Ask(front))
