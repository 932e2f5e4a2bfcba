"""``/combat condition``: conditions and how long they last."""

from errors import UserMistake
from truth_blocks.dnd5e.combat.bonds import afflict, relieve
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Combatant, Condition

CONDITIONS = (
    "blinded", "charmed", "deafened", "exhaustion", "frightened", "grappled", "incapacitated", "invisible",
    "paralyzed", "petrified", "poisoned", "prone", "restrained", "stunned", "unconscious",
)  # fmt: skip
UNTIL = ("end of this turn", "start of next turn", "end of next turn")
MOST_ROUNDS = 1_000


def condition_order(scene: Scene) -> None:
    """Begin or, with ``off``, end a condition."""
    scene.dm_only()
    name = scene.option("condition").lower()
    if name not in CONDITIONS:
        raise UserMistake(f'"{name[:30]}" is no condition. There are {", ".join(CONDITIONS)}. Nothing was changed.')
    targets = scene.targets()
    for target in targets:
        if scene.option("off") == "true":
            _off(scene, target, name)
        elif name in target.condition_immunities or any(name in mods.immune for _, mods in target.mods):
            source = target.source if name in target.condition_immunities else "by a spell"
            raise UserMistake(f"{target.name} is immune to being {name} ({source}). Nothing was changed.")
        else:
            afflict(scene, target, _lasting(scene, target, name))


def _off(scene: Scene, target: Combatant, name: str) -> None:
    mine = [condition for condition in target.conditions if condition.name == name]
    if not mine:
        raise UserMistake(f"{target.name} is not {name}. Nothing was changed.")
    for condition in mine:
        if condition in target.conditions:  # ending one may end the spell that brought another
            relieve(scene, target, condition)


def _lasting(scene: Scene, target: Combatant, name: str) -> Condition:
    """The condition with its end.

    Raises:
        UserMistake: ``rounds`` and ``until`` together, or an end before the fight has begun.
    """
    level = (scene.whole("level", 1, 6) or target.exhaustion + 1) if name == "exhaustion" else 0
    rounds, until = scene.whole("rounds", 1, MOST_ROUNDS), scene.option("until")
    if rounds and until:
        raise UserMistake("Give rounds: or until:, not both. Nothing was changed.")
    current = scene.fight.current
    if rounds:  # N rounds end at the same point of the order, N turns of whoever acts now later.
        return Condition(name, level, rounds, "start", current or target.name)
    if not until:
        return Condition(name, level)
    if until not in UNTIL:
        raise UserMistake(f"until: is one of {', '.join(UNTIL)}. Nothing was changed.")
    if until == UNTIL[0]:
        if not current:
            raise UserMistake("No turn is under way yet. Nothing was changed.")
        return Condition(name, level, 1, "end", current)
    if until == UNTIL[1]:
        return Condition(name, level, 1, "start", target.name)
    return Condition(name, level, 2 if current == target.name else 1, "end", target.name)
