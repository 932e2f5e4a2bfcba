"""What a fight is at one moment. Only `fold.apply` changes it."""

from typing import Literal

import msgspec

INCAPACITATING = frozenset({"incapacitated", "paralyzed", "petrified", "stunned", "unconscious"})
SURPRISED = "surprised"
"""No action and no reaction until the first turn has ended (SRD 5.1, "Surprise"); 5.2 knows no such state."""


class Attack(msgspec.Struct, frozen=True):
    """One way to attack. ``kind`` of damage is empty where the data does not say."""

    name: str
    to_hit: int
    damage: str
    kind: str = ""
    extra: str = ""
    extra_kind: str = ""
    ranged: bool = False


class Mods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a spell changes on whoever bears it. Dice are text; +1 is advantage, -1 disadvantage."""

    attack: str = ""
    """Added to its attack rolls: ``+1d4``."""
    save: str = ""
    ac: int = 0
    least_ac: int = 0
    own: int = 0
    """Its attack rolls."""
    against: int = 0
    """Attack rolls against it."""
    saves: dict[str, int] = {}
    """By ability, ``all`` for each of them, ``death`` for death saves."""
    dex: int = 0
    """Added to its Dexterity saves."""
    resist: tuple[str, ...] = ()
    """Damage types, ``all`` for each of them."""
    immune: tuple[str, ...] = ()
    """Conditions."""
    shields: str = ""
    """A spell that does it no harm."""
    weapon: str = ""
    """Added to the damage of its weapon hits: ``1d4 radiant``."""
    hunted: str = ""
    """Added to the damage when whoever cast the spell hits it; of the type ``weapon`` when it is the weapon's."""
    hunted_by: Literal["attack", "weapon"] = "attack"
    turn: str = ""
    """At the start of each of its turns: ``temp 3`` or ``heal 1``."""
    once: bool = False
    """Over after the next attack roll it bears on."""
    seen: bool = False
    """Being invisible does not help it."""
    still: bool = False
    """No reactions."""
    unhealing: bool = False
    """Cannot regain hit points."""
    best_heal: bool = False
    """Healing gives the most its dice can."""
    ward: bool = False
    """Drops to 1 hit point instead of 0, once."""
    breaks: bool = False
    """Ends when its bearer attacks or casts a spell."""


class Bond(msgspec.Struct, frozen=True):
    """Where a condition comes from, and what may end it or follow from it. Dice carry their damage type."""

    by: str
    spell: str
    save: str = ""
    dc: int = 0
    again: Literal["", "start", "end"] = ""
    """At which edge of the bearer's turns the save is repeated."""
    then: str = ""
    """The condition that takes its place when the repeated save fails."""
    pain: str = ""
    """Damage when the repeated save fails."""
    each: str = ""
    """Damage at the start of each of the bearer's turns."""
    later: str = ""
    """Damage at the end of the bearer's next turn, which also ends it."""
    hurt: Literal["", "ends", "wakes", "save", "save+"] = ""
    """What damage does: end it, end it for a sleeper, or let the save be repeated (``+``: with advantage)."""
    after: str = ""
    """The condition that follows until the end of the bearer's next turn."""


class Condition(msgspec.Struct):
    """A condition or spell on somebody; it goes at the start or end of the turns of ``of``, after ``left`` of them."""

    name: str
    level: int = 0
    left: int | None = None
    edge: Literal["start", "end"] = "end"
    of: str = ""
    bond: Bond | None = None
    mods: Mods | None = None
    word: str = ""
    """What was chosen: ``flee``."""

    def is_from(self, by: str, spell: str) -> bool:
        """Whether that casting brought it."""
        return self.bond is not None and self.bond.by == by and self.bond.spell == spell


class Lasting(msgspec.Struct):
    """A spell that goes on: an area, or something its caster can use again; ``left`` of the caster's turns."""

    by: str
    spell: str
    slot: int
    left: int | None = None
    dc: int | None = None
    bonus: int | None = None
    mod: int | None = None
    choice: str = ""
    concentration: bool = False
    held: str = ""
    """How it is used again: ``area``, ``steps``, ``act``, ``move``; empty when it only holds creatures."""
    struck: list[str] = []
    """Whom it struck in this turn."""


class Ability(msgspec.Struct):
    """Something that recharges on a d6 of at least ``on``."""

    name: str
    on: int
    ready: bool = True


class Slots(msgspec.Struct):
    """Spell slots of one level."""

    most: int
    left: int


class Combatant(msgspec.Struct):
    """Anyone in the order of a fight. Bonuses are whole numbers; hit points never pass their bounds."""

    name: str
    kind: Literal["player", "monster", "lair"]
    user: str
    ac: int
    hp: int
    most: int
    """Hit point maximum as it is now."""
    dexterity: int
    initiative: int
    seat: int
    """When it joined; decides the last ties."""
    saves: dict[str, int] = {}
    attacks: tuple[Attack, ...] = ()
    resistances: tuple[str, ...] = ()
    immunities: tuple[str, ...] = ()
    vulnerabilities: tuple[str, ...] = ()
    condition_immunities: tuple[str, ...] = ()
    xp: int | None = None
    level: int = 0
    spell_dc: int | None = None
    spell_attack: int | None = None
    source: str = ""
    """What it was read from: ``SRD 5.2, "Goblin Warrior"``."""
    type: str = ""
    """``humanoid``, ``undead`` …; empty where nobody said."""
    plain_most: int = 0
    """Hit point maximum without exhaustion; 0 while it is ``most``."""
    gone: bool = False
    """Has left the fight."""
    readied: str = ""
    temp: int = 0
    conditions: list[Condition] = []
    concentration: str = ""
    successes: int = 0
    failures: int = 0
    stable: bool = False
    dead: bool = False
    reaction: bool = True
    legendary: int = 0
    legendary_left: int = 0
    abilities: list[Ability] = []
    slots: dict[str, Slots] = {}
    """By level, ``"1"`` to ``"9"``."""

    @property
    def down(self) -> bool:
        """At 0 hit points and not dead."""
        return self.kind != "lair" and self.hp == 0 and not self.dead

    @property
    def acts(self) -> bool:
        """Able to act."""
        return (
            not self.dead
            and not self.down
            and not self.gone
            and not (self.afflictions & (INCAPACITATING | {SURPRISED}))
        )

    @property
    def afflictions(self) -> frozenset[str]:
        """Names of all conditions; at 0 hit points that is unconscious and prone too."""
        fallen = ("unconscious", "prone") if self.down else ()
        return frozenset((*(condition.name for condition in self.conditions), *fallen))

    @property
    def mods(self) -> list[tuple["Condition", Mods]]:
        """What spells change on it; of castings of one spell only the last counts, for they do not add up."""
        return list({each.name: (each, each.mods) for each in self.conditions if each.mods is not None}.values())

    @property
    def armour(self) -> int:
        """Armour class with what spells change."""
        mods = [mods for _, mods in self.mods]
        return max([self.ac, *(each.least_ac for each in mods)]) + sum(each.ac for each in mods)

    @property
    def exhaustion(self) -> int:
        """Level of exhaustion, 0 for none."""
        return max((condition.level for condition in self.conditions if condition.name == "exhaustion"), default=0)

    @property
    def words(self) -> str:
        """Hit points as players see them of a monster."""
        if self.dead or self.gone:
            return "dead" if self.dead else "gone"
        if self.hp == self.most:
            return "unhurt"
        if self.hp * 2 > self.most:
            return "hurt"
        return "bloodied" if self.hp * 4 > self.most else "nearly dead"


class Fight(msgspec.Struct):
    """A fight at one moment. ``order`` is highest initiative first and changes only when somebody joins."""

    edition: str
    dm: str
    order: list[Combatant] = []
    round: int = 0
    current: str = ""
    xp_each: int | None = None
    lasting: list[Lasting] = []

    def held(self, by: str, spell: str) -> Lasting | None:
        """The spell that goes on, of that caster."""
        return next((each for each in self.lasting if (each.by, each.spell) == (by, spell)), None)

    def of(self, name: str) -> Combatant:
        """The combatant of exactly this name."""
        return next(each for each in self.order if each.name == name)

    @property
    def turn(self) -> Combatant | None:
        """Whose turn it is; None before the first."""
        return self.of(self.current) if self.current else None
