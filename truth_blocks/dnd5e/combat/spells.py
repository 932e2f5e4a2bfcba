"""What spells do, as the table ``spells.toml`` holds it for both editions; and dice that grow with the slot."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from truth_blocks.dnd5e.combat.state import Mods

TABLE = Path(__file__).with_name("spells.toml")
ROUNDS = {"round": 1, "minute": 10, "hour": 600}


class Spell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row. Damage is ``8d6 fire``; ``3d8 radiant|necrotic`` is chosen by the caster, as is ``blinded|deafened``.

    ``MOD`` in dice is the caster's spellcasting modifier, ``CHOICE`` what was chosen. Numbers count from 1.
    """

    save: str = ""
    attack: Literal["", "melee", "ranged"] = ""
    damage: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    """Dice more for each step of the slot, one for each of ``damage``."""
    every: int = 1
    """Slot levels that make one step."""
    half: bool | None = None
    """What a successful save leaves of the damage: half, or nothing."""
    miss_half: bool = False
    rays: int = 0
    """How many attacks or darts, to be split among the targets; ``more_rays`` for each step."""
    more_rays: int = 0
    beams: bool = False
    """One ray more at caster levels 5, 11 and 17, where other cantrips grow in dice."""
    heal: str = ""
    heal_up: str = ""
    shared: bool = False
    """The healing is divided among the targets in their order."""
    full: bool = False
    temp: str = ""
    temp_up: str = ""
    raises: int = 0
    """Hit points and their maximum, the same again for each step."""
    stable: bool = False
    revives: bool = False
    ends: tuple[str, ...] = ()
    """Conditions it ends; ``one``: one of them, by choice."""
    one: bool = False
    targets: int = 0
    """How many at most, ``more`` for each step; 0 is any number."""
    more: int = 0
    me: bool = False
    """For the caster alone."""
    only: tuple[str, ...] = ()
    """Creature types it affects; everybody when empty."""
    never: tuple[str, ...] = ()
    unless_immune: str = ""
    """Does not affect whoever is immune to this condition."""
    eased: bool = False
    """The save has advantage in a fight."""
    weak: tuple[str, ...] = ()
    """Creature types that save with disadvantage."""
    no_cover: bool = False
    sure: bool = False
    """No save on casting; ``sure_again``: none later."""
    sure_again: bool = False
    gives: tuple[str, ...] = ()
    mark: Mods | None = None
    bare: int = 0
    """Armour class without armour, to which Dexterity is added."""
    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    until: Literal["", "caster-start", "caster-end", "target-start", "target-end", "turn"] = ""
    """When conditions end, where that is not the spell's own duration."""
    lasts: int = 0
    """Rounds, where the spell itself is instantaneous."""
    stays: bool = False
    """Its conditions do not end with the spell."""
    again: Literal["", "start", "end"] = ""
    then: str = ""
    pain: str = ""
    pain_up: str = ""
    each: str = ""
    each_up: str = ""
    later: str = ""
    later_up: str = ""
    hurt: Literal["", "ends", "wakes", "save", "save+"] = ""
    after: str = ""
    cast: bool = True
    """Whether it does anything at the moment of casting."""
    held: Literal["", "area", "steps", "act", "move"] = ""
    """What ``/combat again`` does: an area strikes once a turn, or with every step; the caster acts; a mark moves."""
    pool: str = ""
    """Hit points it affects, the weakest first."""
    pool_up: str = ""
    below: int = 0
    """Affects those with at most so many hit points; the others take ``above``."""
    above: str = ""
    kills: bool = False
    dust: bool = False
    drains: bool = False
    """The caster regains half of the damage."""
    reduces: bool = False
    """The hit point maximum falls by the damage; ``floor``: hit points stay at 1 or more."""
    floor: bool = False
    burst: str = ""
    """Damage to all targets after the attack, hit or miss, by the save."""
    burst_up: str = ""
    worse: tuple[str, ...] = ()
    """Creature types that take ``worse_dice`` more."""
    worse_dice: str = ""
    note: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What the caster chooses from; empty where there is no choice."""
        found = [*(part.partition(" ")[2] for part in self.damage), *self.gives]
        options = next((text.split("|") for text in found if "|" in text), [])
        return tuple(options) or self.types or self.words

    @property
    def uses_mod(self) -> bool:
        """Whether the spellcasting modifier counts in it."""
        return any("MOD" in text for text in (*self.damage, self.heal, self.mark.turn if self.mark else ""))


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    both: dict[str, Spell]
    old: dict[str, Spell] = msgspec.field(name="5.1")
    new: dict[str, Spell] = msgspec.field(name="5.2")


@lru_cache(maxsize=1)
def _table() -> _Table:
    return msgspec.convert(tomllib.loads(TABLE.read_text("utf-8")), _Table)


def spell(edition: str, key: str) -> Spell | None:
    """The row of a spell in an edition, or None where the table does not decide it."""
    table = _table()
    own = table.old if edition == "5.1" else table.new
    return own.get(key) or table.both.get(key)


def keys(edition: str) -> set[str]:
    """All spells the table has a row for; the edition itself may lack some."""
    table = _table()
    return {*table.both, *(table.old if edition == "5.1" else table.new)}


def rounds(duration: str | None) -> int | None:
    """A duration of the facts in rounds; None for what outlasts any fight and for the instantaneous."""
    found = re.fullmatch(r"(\d+) (round|minute|hour)s?", duration or "")
    return int(found[1]) * ROUNDS[found[2]] if found and int(found[1]) * ROUNDS[found[2]] <= 600 else None


_TERM = re.compile(r"[+-]?[^+-]+")


def scaled(dice: str, more: str, steps: int) -> str:
    """``2d4+4`` and two steps of ``5`` make ``2d4+14``; ``8d6`` and two of ``1d6`` make ``10d6``."""
    if not more or steps < 1:
        return dice
    count, die, size = more.partition("d")
    added = int(count) * steps
    terms = _TERM.findall(dice)
    for place, term in enumerate(terms):
        mine, its_die, its_size = term.lstrip("+").partition("d")
        if (its_die, its_size) == (die, size) and mine.isdigit():
            terms[place] = f"{'+' if term[0] == '+' else ''}{int(mine) + added}{die}{size}"
            return "".join(terms)
    return f"{dice}+{added}{die}{size}"


def grown(dice: str, level: int) -> str:
    """A cantrip's dice at a caster's level: twice, three and four times as many at 5, 11 and 17."""
    factor = 1 + (level >= 5) + (level >= 11) + (level >= 17)
    count, die, size = dice.partition("d")
    return f"{int(count) * factor}{die}{size}" if die and count.isdigit() else dice


def with_mod(dice: str, mod: int | None) -> str:
    """``1d8+MOD`` with the modifier in its place."""
    return dice.replace("+MOD", f"{mod:+d}" if mod else "")
