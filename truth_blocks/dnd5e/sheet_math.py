"""Calculations from a sheet: hit points, skills, worn armour, missiles, what a roll must show."""

from truth_blocks.dnd5e.arithmetic import COVERS
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.ledgers import slots
from truth_blocks.dnd5e.operands import (
    Claim,
    NotComputable,
    Result,
    given,
    optional,
    valued,
    whole,
    whole_list,
    within,
    yes,
)
from truth_blocks.dnd5e.operands import yes_if_given as flagged
from truth_blocks.dnd5e.values import word

MISSILES = {"magic missile": (3, 1), "scorching ray": (3, 2)}
"""Missiles at the spell's own level, and that level; each slot above adds one."""
BEAM_LEVELS = (1, 5, 11, 17)
"""Character levels from which Eldritch Blast has one beam more."""


def max_hp(claim: Claim, edition: str, facts: Facts) -> Result:
    """Hit points at a level: the whole die at level 1, half the die plus 1 for each level after it."""
    level, con = within(claim, 1, 20, "level"), optional(claim, "con", "constitution", "mod", "modifier")
    die = whole(claim, "hit_die") if given(claim, ("hit_die",)) else _class(claim, edition, facts)["hit_die"]
    return valued(claim, die + con + (level - 1) * max(die // 2 + 1 + con, 1), "value", "hp")


def instant_death(claim: Claim, edition: str) -> Result:
    """Damage left over at 0 hit points kills when it is at least the maximum (both editions)."""
    over = whole(claim, "damage") - whole(claim, "hp")
    dead, said = over >= whole(claim, "max_hp", "hp_max"), yes(claim, "dead", "dies")
    return Result(dead == said, dead, said)


def hit_dice_regained(claim: Claim, edition: str) -> Result:
    """Hit dice that a long rest gives back: half the level, at least 1 (5.1); all (5.2)."""
    level = within(claim, 1, 20, "level")
    return valued(claim, max(level // 2, 1) if edition == "5.1" else level, "value", "dice")


def hold_breath(claim: Claim, edition: str) -> Result:
    """Minutes: 1 plus the Constitution modifier; below 1 it is half a minute."""
    minutes = 1 + whole(claim, "con", "mod", "modifier")
    if minutes < 1:
        return Result(str(claim.get("value")) == "0.5", 0.5, claim.get("value"))
    return valued(claim, minutes, "value", "minutes")


def missiles(claim: Claim, edition: str) -> Result:
    """Darts and rays by the slot, beams by the character's level."""
    spell = word(claim.get("spell") or "")
    if spell == "eldritch blast":
        level = within(claim, 1, 20, "level", "character_level")
        return valued(claim, sum(level >= step for step in BEAM_LEVELS), "value", "count")
    if spell not in MISSILES:
        raise NotComputable("needs spell as magic missile, scorching ray or eldritch blast")
    count, least = MISSILES[spell]
    return valued(claim, count + within(claim, least, 9, "slot", "slot_level") - least, "value", "count")


def needed_roll(claim: Claim, edition: str) -> Result:
    """The least face that reaches an AC or DC: an attack always needs 2 and always hits on 20."""
    least = whole(claim, "ac", "dc", "target") - whole(claim, "bonus", "to_hit", "mod", "modifier")
    least = min(max(least, 2), 20) if given(claim, ("ac",)) else max(least, 1)
    return valued(claim, least, "value", "roll", "d20")


def slots_total(claim: Claim, edition: str, facts: Facts) -> Result:
    """All spell slots that a class has at a level, or with ``highest`` the highest level of them."""
    row, level = _class(claim, edition, facts), within(claim, 1, 20, "level")
    counts = [slots(row, level, rank) for rank in range(1, 10)]
    if flagged(claim, "highest"):
        return valued(claim, max((rank for rank, count in enumerate(counts, 1) if count), default=0), "value")
    return valued(claim, sum(counts), "value", "count")


def first_slot(claim: Claim, edition: str, facts: Facts) -> Result:
    """The class level at which the first slot of a level comes."""
    row, rank = _class(claim, edition, facts), within(claim, 1, 9, "slot_level", "slot")
    level = next((level for level in range(1, 21) if slots(row, level, rank)), None)
    if level is None:
        raise NotComputable("needs slot_level that the class ever has")
    return valued(claim, level, "value", "level")


def worn_ac(claim: Claim, edition: str, facts: Facts) -> Result:
    """AC in a suit of armour with a Dexterity modifier, a shield's 2, and what ``cover`` adds."""
    name = claim.get("armor", claim.get("armour"))
    row = facts.row("armor", edition, name) if isinstance(name, str) else None
    if row is None or row["base_ac"] is None or row["base_ac"] < 10:
        raise NotComputable("needs armor as a suit of armour of the edition")
    dex = 0 if not row["dex"] else whole(claim, "dex", "dexterity", "mod", "modifier")
    behind = COVERS.get(word(claim.get("cover") or "none"), 0)
    counted = 0 if not row["dex"] else min(dex, row["dex_cap"]) if row["dex_cap"] is not None else dex
    return valued(claim, row["base_ac"] + counted + behind + (2 if flagged(claim, "shield") else 0), "value", "ac")


def skill_bonus(claim: Claim, edition: str) -> Result:
    """Ability modifier plus the proficiency bonus, twice with expertise, half with half proficiency."""
    bonus = whole(claim, "prof") if given(claim, ("prof",)) else 2 + (within(claim, 1, 20, "level") - 1) // 4
    share = 2 if flagged(claim, "expertise") else 1
    return valued(claim, whole(claim, "mod", "modifier") + share * bonus, "value", "bonus")


def xp_between(claim: Claim, edition: str, facts: Facts) -> Result:
    """Experience from one level to another."""
    table: list[int] = facts.figures("level_xp")
    need = table[within(claim, 1, 20, "to") - 1] - table[within(claim, 1, 20, "from") - 1]
    return valued(claim, need, "value", "xp")


def lay_on_hands(claim: Claim, edition: str) -> Result:
    """The pool of Lay on Hands: five points a paladin level."""
    return valued(claim, 5 * within(claim, 1, 20, "level"), "value", "points")


def added(claim: Claim, edition: str) -> Result:
    """A plain sum of ``parts``."""
    return valued(claim, sum(whole_list(claim, 10, "parts")), "value", "total")


def _class(claim: Claim, edition: str, facts: Facts) -> Row:
    name = claim.get("class")
    row = facts.row("class", edition, name) if isinstance(name, str) else None
    if row is None:
        raise NotComputable("needs class as one of the twelve")
    return row
