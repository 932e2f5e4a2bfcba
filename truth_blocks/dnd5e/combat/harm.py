"""Damage, and what follows from it: falling, dying, losing concentration, waking."""

from collections.abc import Sequence

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import kill, lose_concentration, relieve, warded_off
from truth_blocks.dnd5e.combat.chance import Rolled, doubled, read_dice
from truth_blocks.dnd5e.combat.saving import save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Combatant


def after_modifiers(target: Combatant, kind: str, amount: int) -> tuple[int, str]:
    """Damage taken after immunity, resistance, vulnerability, in that order; and the word for it."""
    if kind and kind in target.immunities:
        return 0, "immune"
    notes = []
    by_spell = {each for _, mods in target.mods for each in mods.resist}
    resists = kind and (kind in target.resistances or kind in by_spell)
    if resists or "all" in by_spell or "petrified" in target.afflictions:
        amount, notes = amount // 2, ["resistant"]
    if kind and kind in target.vulnerabilities:
        amount, notes = amount * 2, [*notes, "vulnerable"]
    return amount, ", ".join(notes)


def hurt(
    scene: Scene,
    target: Combatant,
    rolls: Sequence[tuple[Rolled, str]],
    source: str,
    *,
    by: str = "",
    half: bool = False,
    crit: bool = False,
    dust: bool = False,
    floor: bool = False,
) -> int:
    """Let somebody take damage, each part of its own type, and return how much.

    ``half`` is a successful save, ``dust`` leaves nothing of who drops to 0, ``floor`` leaves at least 1 hit point.
    """
    parts = []
    for rolled, kind in rolls:
        amount = max(rolled.total, 0)
        taken, note = after_modifiers(target, kind, amount // 2 if half else amount)
        parts.append(ev.Part(rolled, kind, taken, ", ".join(filter(None, ("halved" if half else "", note)))))
    total = sum(part.taken for part in parts)
    temp, before = min(target.temp, total), target.hp
    left = total - temp
    drops = 0 < before <= left
    kept = drops and (floor or any(mods.ward for _, mods in target.mods))
    scene.emit(ev.Damaged(target.name, by, source, tuple(parts), temp, before, 1 if kept else max(before - left, 0)))
    if kept and not floor:
        warded_off(scene, target)
    if drops and not kept:
        _drop(scene, target, left - before, dust)
    elif before == 0 and total:
        _struck_down(scene, target, left, crit)
    else:
        _shake(scene, target, total)
    if total and not target.dead:
        _rouse(scene, target)
    return total


def _drop(scene: Scene, target: Combatant, beyond: int, dust: bool) -> None:
    """At 0 hit points: a monster dies, a player falls, or dies when the rest reaches the maximum."""
    lose_concentration(scene, target, "0 hit points")
    if dust:
        scene.emit(ev.Died(target.name, "dust"))
    elif target.kind == "monster" or beyond >= target.most:
        scene.emit(ev.Died(target.name))
    else:
        scene.emit(ev.Fell(target.name))


def _struck_down(scene: Scene, target: Combatant, amount: int, crit: bool) -> None:
    """Damage at 0 hit points: a failed death save, two from a critical hit, death from as much as the maximum."""
    failures = min(target.failures + (2 if crit else 1), 3)
    if amount < target.most:
        scene.emit(ev.DeathFailures(target.name, failures))
    if failures == 3 or amount >= target.most:
        kill(scene, target)


def _rouse(scene: Scene, target: Combatant) -> None:
    """What damage does to the spells that hold somebody: it ends them, or the save is repeated."""
    for condition in list(target.conditions):
        bond = condition.bond
        if bond is None or not bond.hurt or condition not in target.conditions:
            continue
        if bond.hurt == "ends" or (bond.hurt == "wakes" and condition.name == "unconscious"):
            relieve(scene, target, condition)
        elif bond.hurt in ("save", "save+"):
            mode = "advantage" if bond.hurt == "save+" else ""
            if save(scene, target, bond.save, bond.dc, f"against {bond.spell}", mode, by=bond.by):
                let_go(scene, target, bond.by, bond.spell)
            return


def let_go(scene: Scene, target: Combatant, by: str, spell: str) -> None:
    """Free one creature of everything a casting brought on it."""
    mine = [each for each in target.conditions if each.is_from(by, spell)]
    for place, condition in enumerate(mine, 1):
        relieve(scene, target, condition, alone=place == len(mine))


def concentration_dc(damage: int, edition: str) -> int:
    """10 or half the damage, whichever is higher; at most 30 in 5.2."""
    found = max(10, damage // 2)
    return min(found, 30) if edition == "5.2" else found


def _shake(scene: Scene, target: Combatant, damage: int) -> None:
    """A save to keep concentration after damage."""
    if not target.concentration or damage <= 0:
        return
    dc = concentration_dc(damage, scene.fight.edition)
    if not save(scene, target, "con", dc, f"to concentrate on {target.concentration}"):
        lose_concentration(scene, target, "the save failed")


def damage_order(scene: Scene) -> None:
    """``/combat damage``: dice or a number to one or more targets."""
    scene.dm_only()
    targets = scene.targets()
    text, kind = scene.option("amount"), damage_type(scene.option("type"))
    expression = doubled(text) if scene.option("crit") == "true" and read_dice(text) else read_dice(text)
    rolled = scene.chance.roll(expression)
    for target in targets:
        half = scene.option("half") == "true"
        hurt(scene, target, [(rolled, kind)], "", half=half, crit=scene.option("crit") == "true")


DAMAGE_TYPES = (
    "acid", "bludgeoning", "cold", "fire", "force", "lightning", "necrotic", "piercing", "poison", "psychic",
    "radiant", "slashing", "thunder",
)  # fmt: skip


def damage_type(text: str) -> str:
    """A damage type, or nothing.

    Raises:
        UserMistake: no such type.
    """
    kind = text.lower()
    if kind and kind not in DAMAGE_TYPES:
        raise UserMistake(f'"{text[:20]}" is no damage type. There are {", ".join(DAMAGE_TYPES)}.')
    return kind
