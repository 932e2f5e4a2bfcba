"""What flows between the fronts and the table: a command of a fight or a character, and what came of it."""

import msgspec

from agents.contracts import Request

TABLE_TASKS = frozenset(
    {
        "combat.start", "combat.join", "combat.add", "combat.attack", "combat.cast", "combat.again", "combat.damage",
        "combat.heal", "combat.save", "combat.condition", "combat.use", "combat.ready", "combat.leave", "combat.next",
        "combat.undo", "combat.status", "combat.end",
        "dnd.character", "dnd.rest", "dnd.encounter", "dnd.campaign",
    }
)  # fmt: skip
"""Task types that are played, not asked. Stands here so that a terminal need not load the engine to know them."""


class Play(msgspec.Struct, frozen=True):
    """One command of the table. ``channel`` is where it was given, ``local`` in a terminal."""

    request: Request
    channel: str
    name: str = ""
    """The person's name, for a character that has none."""
    expected: int | None = None
    """Version of the fight a button was drawn for; on another version nothing is done."""


class View(msgspec.Struct, frozen=True):
    """A fight as a front shows it."""

    combat: int
    version: int
    open: bool
    board: str
    """Markdown: heading, order, last lines."""
    message: str
    """The front's own note of where the board is shown."""
    current: str
    may_act: tuple[str, ...]
    """Users who may act for whose turn it is, admins aside: the player and the DM."""
    attacks: tuple[str, ...]
    targets: tuple[str, ...]


class Played(msgspec.Struct, frozen=True):
    """What came of a command."""

    text: str
    """For whoever gave it, secret rolls included."""
    public: str = ""
    """For everyone; empty when nothing happened that concerns them."""
    view: View | None = None
    """The fight after it, when it belongs to one."""
    ephemeral: bool = False
