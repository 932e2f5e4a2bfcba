"""What can happen in a fight. Events say what became of it, with the dice; they are never computed again."""

import msgspec

from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.state import Combatant, Condition, Lasting


class _Event(msgspec.Struct, frozen=True, tag_field="e"):
    pass


class Joined(_Event, frozen=True, tag="joined"):
    """Somebody entered the order; ``rolled`` is the initiative, None when it was pinned."""

    who: Combatant
    rolled: Rolled | None


class TurnBegan(_Event, frozen=True, tag="turn"):
    """A turn began."""

    who: str
    round: int


class TurnEnded(_Event, frozen=True, tag="turn-end"):
    """A turn ended."""

    who: str


class Attacked(_Event, frozen=True, tag="attack"):
    """An attack roll. ``why`` names what gave advantage or disadvantage."""

    by: str
    target: str
    name: str
    rolled: Rolled
    ac: int
    hit: bool
    crit: bool
    why: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """Damage of one type: rolled, and taken after resistance, vulnerability and immunity."""

    rolled: Rolled
    kind: str
    taken: int
    note: str = ""


class Damaged(_Event, frozen=True, tag="damage"):
    """Hit points lost. ``temp`` is what temporary hit points took."""

    target: str
    by: str
    source: str
    parts: tuple[Part, ...]
    temp: int
    before: int
    hp: int


class Healed(_Event, frozen=True, tag="heal"):
    """Hit points regained."""

    target: str
    by: str
    rolled: Rolled
    before: int
    hp: int
    source: str = ""


class Warded(_Event, frozen=True, tag="temp"):
    """Temporary hit points; they do not add up."""

    target: str
    rolled: Rolled
    temp: int
    source: str = ""


class Saved(_Event, frozen=True, tag="save"):
    """A saving throw; ``rolled`` is None when it failed by itself (paralyzed …)."""

    who: str
    ability: str
    rolled: Rolled | None
    dc: int
    success: bool
    against: str = ""
    why: tuple[str, ...] = ()
    """What changed the roll: cover, spells."""
    by: str = ""
    """Whose spell it is against."""


class Afflicted(_Event, frozen=True, tag="condition"):
    """A condition began."""

    who: str
    condition: Condition


class Relieved(_Event, frozen=True, tag="condition-end"):
    """A condition ended; ``by`` and ``spell`` say which casting's it was."""

    who: str
    name: str
    by: str = ""
    spell: str = ""


class Unaffected(_Event, frozen=True, tag="unaffected"):
    """A spell did nothing to one of its targets."""

    who: str
    spell: str
    why: str


class Began(_Event, frozen=True, tag="began"):
    """A spell goes on."""

    spell: Lasting


class Again(_Event, frozen=True, tag="again"):
    """A spell that goes on was used again, or struck whoever it reached."""

    by: str
    spell: str
    targets: tuple[str, ...]


class Ceased(_Event, frozen=True, tag="ceased"):
    """A spell without concentration ended."""

    by: str
    spell: str


class Pooled(_Event, frozen=True, tag="pooled"):
    """How many hit points of creatures a spell affects."""

    by: str
    spell: str
    rolled: Rolled


class Maximum(_Event, frozen=True, tag="maximum"):
    """The hit point maximum changed; ``plain`` is what it is without exhaustion."""

    who: str
    most: int
    plain: int
    hp: int
    why: str


class Revived(_Event, frozen=True, tag="revived"):
    """Somebody dead lives again."""

    who: str
    hp: int


class Left(_Event, frozen=True, tag="left"):
    """Somebody left the fight, or came ``back``."""

    who: str
    back: bool = False


class Readied(_Event, frozen=True, tag="readied"):
    """Somebody waits for a trigger."""

    who: str
    what: str


class Concentrating(_Event, frozen=True, tag="concentration"):
    """Somebody concentrates on a spell."""

    who: str
    spell: str


class ConcentrationLost(_Event, frozen=True, tag="concentration-end"):
    """Concentration ended."""

    who: str
    spell: str
    why: str


class DeathSave(_Event, frozen=True, tag="death-save"):
    """A death saving throw, with the counts after it."""

    who: str
    rolled: Rolled
    successes: int
    failures: int


class DeathFailures(_Event, frozen=True, tag="death-failures"):
    """Damage at 0 hit points: failures after it."""

    who: str
    failures: int


class Fell(_Event, frozen=True, tag="fell"):
    """Somebody dropped to 0 hit points and is dying."""

    who: str


class Died(_Event, frozen=True, tag="died"):
    """Somebody died; ``how`` is ``dust`` when nothing else is left."""

    who: str
    how: str = ""


class Stabilised(_Event, frozen=True, tag="stable"):
    """Somebody dying is stable."""

    who: str


class Cast(_Event, frozen=True, tag="cast"):
    """A spell was cast; ``slot`` 0 for a cantrip or an unslotted casting."""

    by: str
    spell: str
    slot: int
    targets: tuple[str, ...]
    note: str = ""


class Used(_Event, frozen=True, tag="used"):
    """A reaction, a legendary action or an ability that recharges was used; ``left`` is how many remain."""

    who: str
    what: str
    left: int


class Recharged(_Event, frozen=True, tag="recharge"):
    """The d6 at the start of a turn for an ability that was used."""

    who: str
    what: str
    rolled: Rolled
    ready: bool


class Ended(_Event, frozen=True, tag="end"):
    """The fight is over. ``unknown`` are monsters whose XP the data does not hold."""

    xp: int
    each: int
    players: int
    counted: tuple[str, ...]
    unknown: tuple[str, ...]


Event = (
    Joined | TurnBegan | TurnEnded | Attacked | Damaged | Healed | Warded | Saved | Afflicted | Relieved
    | Concentrating | ConcentrationLost | DeathSave | DeathFailures | Fell | Died | Stabilised | Cast | Used
    | Recharged | Ended | Unaffected | Began | Again | Ceased | Pooled | Maximum | Revived | Left | Readied
)  # fmt: skip
