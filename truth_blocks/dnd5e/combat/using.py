"""Reactions, legendary actions, abilities that recharge, readied actions, and leaving the fight."""

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.scene import Scene, plain_name
from truth_blocks.dnd5e.combat.state import Combatant


def use_order(scene: Scene) -> None:
    """``/combat use``: a reaction, a legendary action, or an ability that recharges.

    Raises:
        UserMistake: it is spent, or there is none.
    """
    if scene.fight.turn is None:
        raise UserMistake("The fight has not begun. Nothing was changed.")
    who = scene.named(scene.option("by")) if scene.option("by") else scene.fight.of(scene.fight.current)
    scene.allowed(who)
    if not who.acts:
        raise UserMistake(f"{who.name} cannot act. Nothing was changed.")
    spend(scene, who, scene.option("what").lower())


def spend(scene: Scene, who: Combatant, what: str) -> None:
    """Use up a reaction, one legendary action, or a named ability."""
    if what == "reaction":
        if any(mods.still for _, mods in who.mods):
            raise UserMistake(f"{who.name} cannot take reactions now. Nothing was changed.")
        if not who.reaction:
            raise UserMistake(f"{who.name} has used the reaction of this round already. Nothing was changed.")
        scene.emit(ev.Used(who.name, "reaction", 0))
    elif what in ("legendary", "legendary action"):
        if who.name == scene.fight.current:
            raise UserMistake("Legendary actions are taken at the end of another creature's turn. Nothing was changed.")
        if who.legendary_left < 1:
            raise UserMistake(f"{who.name} has no legendary action left. Nothing was changed.")
        scene.emit(ev.Used(who.name, "legendary action", who.legendary_left - 1))
    else:
        _use_ability(scene, who, what)


def _use_ability(scene: Scene, who: Combatant, what: str) -> None:
    found = next((each for each in who.abilities if each.name.lower() == what), None)
    if found is None:
        known = ", ".join(["reaction", "legendary", *(each.name for each in who.abilities)])
        raise UserMistake(f'{who.name} has no "{what[:40]}" to use. There is: {known}. Nothing was changed.')
    if not found.ready:
        raise UserMistake(f"{found.name} of {who.name} has not recharged. Nothing was changed.")
    if who.name != scene.fight.current:
        raise UserMistake(f"It is not {who.name}'s turn. Nothing was changed.")
    scene.emit(ev.Used(who.name, found.name, 0))


def leave_order(scene: Scene) -> None:
    """``/combat leave``: somebody is out of the fight, or with ``back`` in it again; the place in the order stays."""
    for who in [scene.named(name) for name in scene.option("target").split(",") if name.strip()] or [_mine(scene)]:
        scene.allowed(who)
        back = scene.option("back") == "true"
        if who.kind == "lair" or who.dead:
            raise UserMistake(f"{who.name} {'is dead' if who.dead else 'cannot leave'}. Nothing was changed.")
        if who.gone != back:
            raise UserMistake(f"{who.name} {'is in the fight' if back else 'has left already'}. Nothing was changed.")
        scene.emit(ev.Left(who.name, back))


def _mine(scene: Scene) -> Combatant:
    mine = [each for each in scene.fight.order if each.kind == "player" and each.user == scene.order.user]
    if len(mine) != 1:
        raise UserMistake("Say who leaves: target:. Nothing was changed.")
    return mine[0]


def ready_order(scene: Scene) -> None:
    """``/combat ready``: an action held for a trigger; the reaction that takes it is `reaction: yes` of a command."""
    actor = scene.actor()
    what = plain_name(scene.option("what"), 80)
    if not what:
        raise UserMistake("Say what for: /combat ready what: attack whoever opens the door. Nothing was changed.")
    if not actor.reaction:
        raise UserMistake(f"{actor.name} has no reaction left to take it with. Nothing was changed.")
    scene.emit(ev.Readied(actor.name, what))
