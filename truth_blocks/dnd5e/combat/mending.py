"""Healing: hit points, temporary ones, conditions that end, and the dead who rise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import afflict, relieve
from truth_blocks.dnd5e.combat.chance import Rolled, read_dice
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Combatant, Condition

if TYPE_CHECKING:
    from truth_blocks.dnd5e.combat.resolving import Casting


def regain(scene: Scene, target: Combatant, rolled: Rolled, by: str, source: str = "", most: int | None = None) -> int:
    """Give hit points, up to the maximum, and return how many; ``most`` caps them."""
    if any(mods.unhealing for _, mods in target.mods):
        scene.emit(ev.Unaffected(target.name, source or "the healing", "cannot regain hit points"))
        return 0
    if any(mods.best_heal for _, mods in target.mods) and rolled.kept:
        rolled = Rolled(rolled.dice, (), (), int(read_dice(rolled.dice).high))
    gained = min(max(rolled.total, 0), target.most - target.hp, *([most] if most is not None else []))
    scene.emit(ev.Healed(target.name, by, rolled, target.hp, target.hp + gained, source))
    return gained


def give_temporary(scene: Scene, target: Combatant, rolled: Rolled, source: str = "") -> None:
    """Temporary hit points: the higher number stays, they do not add up."""
    scene.emit(ev.Warded(target.name, rolled, max(target.temp, rolled.total), source))


def share(casting: "Casting", targets: Sequence[Combatant]) -> None:
    """Healing that is divided: each in turn takes what it lacks."""
    if not casting.rules.shared:
        return
    left = int(casting.dice(casting.rules.heal, casting.rules.heal_up))
    for target in targets:
        left -= regain(casting.scene, target, Rolled(str(left), (), (), left), casting.by.name, casting.name, left)


def mend(casting: "Casting", target: Combatant) -> None:
    """Everything a spell of healing does to one target."""
    rules, scene = casting.rules, casting.scene
    if rules.revives:
        if not target.dead:
            raise UserMistake(f"{target.name} is not dead. Nothing was changed.")
        scene.emit(ev.Revived(target.name, 1))
    if rules.full:
        lacking = target.most - target.hp
        regain(scene, target, Rolled(str(lacking), (), (), lacking), casting.by.name, casting.name)
    if rules.heal and not rules.shared:
        rolled = scene.chance.roll(read_dice(casting.dice(rules.heal, rules.heal_up)))
        regain(scene, target, rolled, casting.by.name, casting.name)
    if rules.temp:
        rolled = scene.chance.roll(read_dice(casting.dice(rules.temp, rules.temp_up)))
        give_temporary(scene, target, rolled, casting.name)
    if rules.stable:
        _steady(scene, target, casting.name)
    if rules.ends:
        _end_conditions(casting, target)


def _steady(scene: Scene, target: Combatant, spell: str) -> None:
    if target.down:
        scene.emit(ev.Stabilised(target.name))
    else:
        scene.emit(ev.Unaffected(target.name, spell, "not at 0 hit points"))


def _end_conditions(casting: "Casting", target: Combatant) -> None:
    """End the conditions a spell names; of ``one``, the one there is or the one chosen."""
    rules, scene = casting.rules, casting.scene
    there = [each for each in target.conditions if each.name in rules.ends]
    names = list(dict.fromkeys(each.name for each in there))
    if rules.one and len(names) > 1:
        if casting.choice not in names:
            raise UserMistake(f"{casting.name} ends one of them: add choice: {', '.join(names)}. Nothing was changed.")
        names = [casting.choice]
    if rules.one and not names:
        scene.emit(ev.Unaffected(target.name, casting.name, f"none of {', '.join(rules.ends)}"))
    for condition in [each for each in there if each.name in names]:
        if condition.name == "exhaustion" and condition.level > 1:
            afflict(scene, target, Condition("exhaustion", condition.level - 1))
        else:
            relieve(scene, target, condition)


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
            give_temporary(scene, target, rolled)
        else:
            regain(scene, target, rolled, scene.fight.current)
