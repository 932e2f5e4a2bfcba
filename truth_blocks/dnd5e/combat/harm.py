"""Damage, healing, saving throws, and what follows from them: falling, dying, losing concentration."""

from collections.abc import Sequence

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import Rolled, doubled, read_dice
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import INCAPACITATING, Combatant, Condition
from truth_blocks.dnd5e.values import ability

FAILS_BY_ITSELF = frozenset({"paralyzed", "petrified", "stunned", "unconscious"})
"""Conditions under which Strength and Dexterity saves fail without a roll (both SRDs)."""


def after_modifiers(target: Combatant, kind: str, amount: int) -> tuple[int, str]:
    """Damage taken after immunity, resistance, vulnerability, in that order; and the word for it."""
    if kind and kind in target.immunities:
        return 0, "immune"
    notes = []
    if (kind and kind in target.resistances) or "petrified" in target.afflictions:
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
) -> None:
    """Let somebody take damage, each part of its own type; ``half`` is a successful save."""
    parts = []
    for rolled, kind in rolls:
        amount = max(rolled.total, 0)
        taken, note = after_modifiers(target, kind, amount // 2 if half else amount)
        parts.append(ev.Part(rolled, kind, taken, ", ".join(filter(None, ("halved" if half else "", note)))))
    total = sum(part.taken for part in parts)
    temp, before = min(target.temp, total), target.hp
    left = total - temp
    scene.emit(ev.Damaged(target.name, by, source, tuple(parts), temp, before, max(before - left, 0)))
    if left <= 0 and not (total and target.down):
        _shake(scene, target, total)
        return
    if before == 0:
        _struck_down(scene, target, left, crit)
    elif target.hp == 0:
        _drop(scene, target, left - before)
    else:
        _shake(scene, target, total)


def _drop(scene: Scene, target: Combatant, beyond: int) -> None:
    """At 0 hit points: a monster dies, a player falls, or dies when the rest reaches the maximum."""
    lose_concentration(scene, target, "0 hit points")
    if target.kind == "monster" or beyond >= target.most:
        scene.emit(ev.Died(target.name))
    else:
        scene.emit(ev.Fell(target.name))


def _struck_down(scene: Scene, target: Combatant, amount: int, crit: bool) -> None:
    """Damage at 0 hit points: a failed death save, two from a critical hit, death from as much as the maximum."""
    failures = min(target.failures + (2 if crit else 1), 3)
    if amount < target.most:
        scene.emit(ev.DeathFailures(target.name, failures))
    if failures == 3 or amount >= target.most:
        scene.emit(ev.Died(target.name))


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


def lose_concentration(scene: Scene, who: Combatant, why: str) -> None:
    """End concentration, when there is any."""
    if who.concentration:
        scene.emit(ev.ConcentrationLost(who.name, who.concentration, why))


def save(scene: Scene, who: Combatant, short: str, dc: int, against: str = "", mode: str = "") -> bool:
    """A saving throw; Strength and Dexterity fail by themselves for the paralyzed and the like."""
    if short in ("str", "dex") and who.afflictions & FAILS_BY_ITSELF:
        scene.emit(ev.Saved(who.name, short, None, dc, False, against))
        return False
    worse = short == "dex" and "restrained" in who.afflictions
    if scene.fight.edition == "5.1" and who.exhaustion >= 3:
        worse = True
    bonus = who.saves.get(short, 0) - (2 * who.exhaustion if scene.fight.edition == "5.2" else 0)
    if worse:
        mode = "" if mode == "advantage" else "disadvantage"
    rolled = scene.chance.d20(bonus, mode)
    scene.emit(ev.Saved(who.name, short, rolled, dc, rolled.total >= dc, against))
    return rolled.total >= dc


def death_save(scene: Scene, who: Combatant) -> None:
    """10 or more succeeds, a 1 fails twice, a 20 wakes with 1 hit point; three of a kind decide."""
    penalty = 2 * who.exhaustion if scene.fight.edition == "5.2" else 0
    worse = scene.fight.edition == "5.1" and who.exhaustion >= 3
    rolled = scene.chance.d20(-penalty, "disadvantage" if worse else "")
    successes, failures = who.successes, who.failures
    if rolled.face == 1:
        failures = min(failures + 2, 3)
    elif rolled.total >= 10 or rolled.face == 20:
        successes += 1
    else:
        failures += 1
    scene.emit(ev.DeathSave(who.name, rolled, min(successes, 3), failures))
    if rolled.face == 20:
        scene.emit(ev.Healed(who.name, "", Rolled("1", (), (), 1), 0, 1))
    elif failures >= 3:
        scene.emit(ev.Died(who.name))
    elif successes >= 3:
        scene.emit(ev.Stabilised(who.name))


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


def heal_order(scene: Scene) -> None:
    """``/combat heal``: hit points, or temporary ones, which do not add up."""
    targets = scene.targets()
    if not scene.order.commands_all:
        scene.actor()
    rolled = scene.chance.roll(read_dice(scene.option("amount")))
    if rolled.total < 0:
        raise UserMistake("Healing is 0 or more. Nothing was changed.")
    for target in targets:
        if scene.option("temporary") == "true":
            scene.emit(ev.Warded(target.name, rolled, max(target.temp, rolled.total)))
        else:
            hp = min(target.hp + rolled.total, target.most)
            scene.emit(ev.Healed(target.name, scene.fight.current, rolled, target.hp, hp))


def save_order(scene: Scene) -> None:
    """``/combat save``: one ability against a DC, for one or more."""
    short, dc = ability(scene.option("ability")), scene.whole("dc", 1, 40)
    if short is None or dc is None:
        raise UserMistake("Say an ability (str, dex, con, int, wis, cha) and a dc from 1 to 40. Nothing was rolled.")
    targets = scene.targets()
    for target in targets:
        scene.allowed(target)
    for target in targets:
        save(scene, target, short, dc, mode=scene.option("mode"))


def afflict(scene: Scene, who: Combatant, condition: Condition) -> None:
    """Begin a condition; what takes the power to act ends concentration."""
    scene.emit(ev.Afflicted(who.name, condition))
    if condition.name in INCAPACITATING:
        lose_concentration(scene, who, condition.name)
    if condition.name == "exhaustion" and condition.level >= 6:
        lose_concentration(scene, who, "death")
        scene.emit(ev.Died(who.name))
