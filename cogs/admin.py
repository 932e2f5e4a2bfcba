"""`/admin`: who may what on this server, and what was done about it. Everything is checked where it is carried out."""

from typing import TYPE_CHECKING

from cogs.family import Family

if TYPE_CHECKING:
    from cogs.front import Front


class Admin(Family):
    """``/admin …``."""

    group = "admin"
    about = "Who may what on this server: grants, blocks, the audit log."


async def setup(front: "Front") -> None:
    """Load the cog."""
    await front.add_cog(Admin(front))
