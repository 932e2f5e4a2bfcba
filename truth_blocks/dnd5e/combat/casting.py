"""``/combat cast``: what the spell's facts decide is rolled; what they do not say is said, not guessed."""

from collections.abc import Sequence
from typing import Any

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.attacking import strike
from truth_blocks.dnd5e.combat.chance import read_dice
from truth_blocks.dnd5e.combat.harm import hurt, lose_concentration, save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Attack, Combatant
from truth_blocks.dnd5e.combat.turns import spend
from truth_blocks.dnd5e.facts import Row
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.values import ability

HALF_ON_SAVE = frozenset({
    "blade barrier", "blight", "burning hands", "call lightning", "chain lightning", "circle of death", "cloudkill",
    "cone of cold", "delayed blast fireball", "dissonant whispers", "finger of death", "fire storm", "fireball",
    "flame strike", "flaming sphere", "freezing sphere", "harm", "hellish rebuke", "ice storm", "incendiary cloud",
    "insect plague", "lightning bolt", "meteor swarm", "moonbeam", "shatter", "spirit guardians", "sunburst",
    "thunderwave", "wall of fire", "wall of ice",
})  # fmt: skip
NOTHING_ON_SAVE = frozenset({"acid splash", "disintegrate", "sacred flame", "vicious mockery"})
"""What a successful save does, by spell, the same in both SRDs. A spell in neither list must be told."""


def cast_order(scene: Scene) -> None:
    """A spell on its targets."""
    actor = scene.actor()
    row = _spell(scene)
    slot = _slot(scene, actor, row)
    targets = scene.targets() if scene.option("target") else []
    kinds = row["damage_type"] or []
    dice = _dice(scene, row, slot, actor)
    if scene.option("reaction") == "true":
        spend(scene, actor, "reaction")
    decided = bool(dice) and len(kinds) == 1 and bool(row["save"] or row["attack"])
    note = "" if decided or not targets else _unknown(row, dice, kinds)
    if decided and row["attack"] and row["save"]:
        note = "after the attack, /combat save and /combat damage roll what its save decides"
    half = _half(scene, row) if decided and targets and row["save"] and not row["attack"] else False
    scene.emit(ev.Cast(actor.name, row["name"], slot, tuple(target.name for target in targets), note))
    if row["concentration"]:
        lose_concentration(scene, actor, f"now on {row['name']}")
        scene.emit(ev.Concentrating(actor.name, row["name"]))
    if decided and row["attack"]:
        bonus = _bonus(scene, actor, "bonus", actor.spell_attack, -5, 30)
        for target in targets:
            strike(scene, actor, target, Attack(row["name"], bonus, dice, kinds[0], ranged=bool(row["range_ft"])))
    elif targets and row["save"]:
        _saves(scene, actor, row, targets, dice if decided else "", kinds, half)


def _spell(scene: Scene) -> Row:
    edition = scene.fight.edition
    text = scene.option("spell")
    key = scene.facts.key("spell", edition, text)
    name = text if key else Names(scene.facts, "spell", edition).resolve(text)[0]
    row = scene.facts.row("spell", edition, name)
    if row is None:
        raise UserMistake(f'"{text[:40]}" is not in SRD {edition}. Nothing was changed.')
    return row


def _slot(scene: Scene, actor: Combatant, row: Row) -> int:
    """The slot that is spent: the one asked for, else the spell's own level.

    Raises:
        UserMistake: below the spell's level, or none is left.
    """
    slot = scene.whole("slot", 0, 9)
    if row["level"] == 0:
        if slot:
            raise UserMistake(f"{row['name']} is a cantrip and takes no slot. Nothing was changed.")
        return 0
    slot = row["level"] if slot is None else slot
    if slot < row["level"]:
        raise UserMistake(f"{row['name']} needs a slot of level {row['level']} or more. Nothing was changed.")
    if actor.slots and (str(slot) not in actor.slots or actor.slots[str(slot)].left < 1):
        raise UserMistake(f"{actor.name} has no slot of level {slot} left. Nothing was changed.")
    return int(slot)


def _dice(scene: Scene, row: Row, slot: int, actor: Combatant) -> str:
    """Damage at this slot, for a cantrip at the caster's level; empty when the data does not say."""
    steps = scene.facts.scaling(row["ed"], row["key"])
    found: Any = row["damage"]
    if slot > row["level"]:
        known = [step["damage"] for step in steps if step["slot"] == slot]
        found = known[0] if known else None if any(step["damage"] for step in steps) else row["damage"]
    elif row["level"] == 0 and actor.level:
        known = [s["damage"] for s in steps if s["caster_level"] and s["caster_level"] <= actor.level and s["damage"]]
        found = known[-1] if known else row["damage"]
    return found if isinstance(found, str) and "MOD" not in found else ""


def _unknown(row: Row, dice: str, kinds: Sequence[str]) -> str:
    """What the data leaves open of a spell."""
    if row["save"] and not row["damage"]:
        return "what a failed save does stands in the spell's text; /combat condition or /combat damage applies it"
    said = f" ({dice}{' ' + ' or '.join(kinds) if kinds else ''})" if dice else ""
    return f"the data does not decide its effect{said}; /combat damage, heal or condition applies it"


def _half(scene: Scene, row: Row) -> bool:
    given = scene.option("on_save")
    if given in ("half", "none"):
        return given == "half"
    if row["key"] in HALF_ON_SAVE:
        return True
    if row["key"] in NOTHING_ON_SAVE:
        return False
    raise UserMistake(
        f"The data does not say what a successful save against {row['name']} does: add on_save: half or none. "
        "Nothing was changed."
    )


def _bonus(scene: Scene, actor: Combatant, option: str, known: int | None, low: int, high: int) -> int:
    given = scene.whole(option, low, high)
    value = known if given is None else given
    if value is None:
        what = "spell save DC" if option == "dc" else "spell attack bonus"
        raise UserMistake(f"The {what} of {actor.name} is not known: give {option}:. Nothing was changed.")
    return value


def _saves(
    scene: Scene, actor: Combatant, row: Row, targets: Sequence[Combatant], dice: str, kinds: Sequence[str], half: bool
) -> None:
    """One damage roll for all, a save each."""
    dc = _bonus(scene, actor, "dc", actor.spell_dc, 1, 40)
    short = ability(row["save"]) or "con"
    rolled = scene.chance.roll(read_dice(dice)) if dice else None
    for target in targets:
        made = save(scene, target, short, dc, f"against {row['name']}")
        if rolled is not None and (half or not made):
            hurt(scene, target, [(rolled, kinds[0])], row["name"], by=actor.name, half=made)
