"""`/remember`, `/recall`, `/forget`, `/privacy`: what people teach, look for, take back, and own."""

from typing import TYPE_CHECKING

from cogs import slash, table
from cogs.family import Family, Single

if TYPE_CHECKING:
    from cogs.front import Front


class _Played(Single):
    """A command without a group that is carried out at once."""

    @property
    def run(self) -> slash.Run:
        """Carry it out."""
        return table.run


class Remember(_Played):
    """``/remember text:``."""

    path = "/remember"


class Recall(_Played):
    """``/recall text:``."""

    path = "/recall"


class Forget(_Played):
    """``/forget note:``."""

    path = "/forget"


class Privacy(Family):
    """``/privacy export`` and ``/privacy delete``."""

    group = "privacy"
    about = "What is stored about you: see it, erase it."


async def setup(front: "Front") -> None:
    """Load the cog."""
    for cog in (Remember(front), Recall(front), Forget(front), Privacy(front)):
        await front.add_cog(cog)
