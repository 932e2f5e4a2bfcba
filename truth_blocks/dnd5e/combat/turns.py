"""Turns and rounds: what ends with a turn, what begins with the next, and the end of the fight."""

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import read_dice
from truth_blocks.dnd5e.combat.harm import death_save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Combatant, Fight


def next_order(scene: Scene) -> None:
    """``/combat next``: end the turn and begin the next one that somebody can have."""
    fight = scene.fight
    living = [each for each in fight.order if each.kind != "lair" and not each.dead]
    if not living:
        raise UserMistake("Nobody who could act is in this fight. /combat join or /combat add first.")
    if fight.turn is not None:
        scene.allowed(fight.turn)
        end_turn(scene, fight.current)
    else:
        scene.dm_only()
    place = next((i for i, each in enumerate(fight.order) if each.name == fight.current), -1)
    round_now = max(fight.round, 1)
    for _ in fight.order:  # Once round at most: a death save may have killed the last of them.
        place += 1
        if place == len(fight.order):
            place, round_now = 0, round_now + 1
        who = fight.order[place]
        begin_turn(scene, who, round_now)
        if not who.dead or who.kind == "lair":
            return
        # The dead have no turn, but what lasts until their turn ends with it.
        end_turn(scene, who.name)


def end_turn(scene: Scene, name: str) -> None:
    """What ends at the end of a turn."""
    scene.emit(ev.TurnEnded(name))
    _expire(scene)


def begin_turn(scene: Scene, who: Combatant, round_now: int) -> None:
    """What ends or is rolled at the start of a turn: durations, recharge, death saves."""
    was_dead = who.dead
    scene.emit(ev.TurnBegan(who.name, round_now))
    _expire(scene)
    if was_dead:
        return
    for ability in who.abilities:
        if not ability.ready:
            rolled = scene.chance.roll(read_dice("1d6"))
            scene.emit(ev.Recharged(who.name, ability.name, rolled, rolled.total >= ability.on))
    if who.down and not who.stable and who.kind == "player":
        death_save(scene, who)


def _expire(scene: Scene) -> None:
    for each in scene.fight.order:
        for condition in list(each.conditions):
            if condition.left is not None and condition.left <= 0:
                scene.emit(ev.Relieved(each.name, condition.name))


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


def end_order(scene: Scene) -> None:
    """``/combat end``: XP of the monsters that died (or of all), shared evenly among the players."""
    scene.dm_only()
    scene.emit(award(scene.fight, everyone=scene.option("xp") == "all"))


def award(fight: Fight, *, everyone: bool) -> ev.Ended:
    """The XP; both editions add up and divide among the characters, rounded down."""
    beaten = [each for each in fight.order if each.kind == "monster" and (each.dead or everyone)]
    players = sum(each.kind == "player" for each in fight.order)
    xp = sum(each.xp or 0 for each in beaten)
    return ev.Ended(
        xp, xp // players if players else 0, players, tuple(each.name for each in beaten if each.xp is not None),
        tuple(each.name for each in beaten if each.xp is None),
    )  # fmt: skip
