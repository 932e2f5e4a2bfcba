"""What a fight is at one moment. Only `fold.apply` changes it."""

from typing import Literal

import msgspec

INCAPACITATING = frozenset({"incapacitated", "paralyzed", "petrified", "stunned", "unconscious"})


class Attack(msgspec.Struct, frozen=True):
    """One way to attack. ``kind`` of damage is empty where the data does not say."""

    name: str
    to_hit: int
    damage: str
    kind: str = ""
    extra: str = ""
    extra_kind: str = ""
    ranged: bool = False


class Condition(msgspec.Struct):
    """A condition on somebody. It goes at the start or end of the turns of ``of``, after ``left`` of them, or never."""

    name: str
    level: int = 0
    left: int | None = None
    edge: Literal["start", "end"] = "end"
    of: str = ""


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
        return not self.dead and not self.down and not (self.afflictions & INCAPACITATING)

    @property
    def afflictions(self) -> frozenset[str]:
        """Names of all conditions; at 0 hit points that is unconscious and prone too."""
        fallen = ("unconscious", "prone") if self.down else ()
        return frozenset((*(condition.name for condition in self.conditions), *fallen))

    @property
    def exhaustion(self) -> int:
        """Level of exhaustion, 0 for none."""
        return max((condition.level for condition in self.conditions if condition.name == "exhaustion"), default=0)

    @property
    def words(self) -> str:
        """Hit points as players see them of a monster."""
        if self.dead:
            return "dead"
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

    def of(self, name: str) -> Combatant:
        """The combatant of exactly this name."""
        return next(each for each in self.order if each.name == name)

    @property
    def turn(self) -> Combatant | None:
        """Whose turn it is; None before the first."""
        return self.of(self.current) if self.current else None
