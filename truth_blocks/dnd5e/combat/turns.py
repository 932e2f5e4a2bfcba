"""Turns and rounds: what ends with a turn, what begins with the next, and the end of the fight."""

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import afflict, end_spell, relieve
from truth_blocks.dnd5e.combat.chance import Rolled, read_dice
from truth_blocks.dnd5e.combat.harm import hurt, let_go
from truth_blocks.dnd5e.combat.mending import give_temporary, regain
from truth_blocks.dnd5e.combat.saving import death_save, save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Bond, Combatant, Condition, Fight


def next_order(scene: Scene) -> None:
    """``/combat next``: end the turn and begin the next one that somebody can have."""
    fight = scene.fight
    living = [each for each in fight.order if each.kind != "lair" and not each.dead and not each.gone]
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
        if who.kind == "lair" or not (who.dead or who.gone):
            return
        # Neither the dead nor those who left have a turn, but what lasts until their turn ends with it.
        end_turn(scene, who.name)


def end_turn(scene: Scene, name: str) -> None:
    """What is rolled or ends at the end of a turn."""
    who = scene.fight.of(name)
    if not who.gone:
        _saves_again(scene, who, "end")
    scene.emit(ev.TurnEnded(name))
    _expire(scene)


def begin_turn(scene: Scene, who: Combatant, round_now: int) -> None:
    """What ends or is rolled at the start of a turn: durations, spells, recharge, death saves."""
    absent = who.dead or who.gone
    scene.emit(ev.TurnBegan(who.name, round_now))
    _expire(scene)
    if absent:
        return
    _spells_at_start(scene, who)
    _saves_again(scene, who, "start")
    if who.dead:
        return
    for ability in who.abilities:
        if not ability.ready:
            rolled = scene.chance.roll(read_dice("1d6"))
            scene.emit(ev.Recharged(who.name, ability.name, rolled, rolled.total >= ability.on))
    if who.down and not who.stable and who.kind == "player":
        death_save(scene, who)


def _spells_at_start(scene: Scene, who: Combatant) -> None:
    """Hit points, damage and a fall that spells bring at the start of the bearer's turn."""
    for condition, mods in who.mods:
        what, _, amount = mods.turn.partition(" ")
        rolled = Rolled(amount, (), (), int(amount or 0))
        spell = condition.bond.spell if condition.bond is not None else ""
        if what == "temp" and rolled.total:
            give_temporary(scene, who, rolled, spell)
        elif what == "heal" and who.hp < who.most:
            regain(scene, who, rolled, "", spell)
    for condition in list(who.conditions):
        if condition.word == "grovel" and "prone" not in who.afflictions:
            afflict(scene, who, Condition("prone"))
        bond = condition.bond
        if bond is not None and bond.each and condition in who.conditions and not who.dead:
            _pain(scene, who, bond, bond.each)


def _pain(scene: Scene, who: Combatant, bond: Bond, text: str) -> None:
    dice, _, kind = text.partition(" ")
    hurt(scene, who, [(scene.chance.roll(read_dice(dice)), kind)], bond.spell, by=bond.by)


def _saves_again(scene: Scene, who: Combatant, edge: str) -> None:
    """The saves that end a spell on somebody, one for each casting; and the damage that comes later."""
    done: set[tuple[str, str]] = set()
    for condition in list(who.conditions):
        bond = condition.bond
        if bond is None or condition not in who.conditions or who.dead or (bond.by, bond.spell) in done:
            continue
        if bond.later and edge == "end" and condition.left == 1:
            done.add((bond.by, bond.spell))
            _pain(scene, who, bond, bond.later)
            if condition in who.conditions:
                relieve(scene, who, condition)
        elif bond.again == edge:
            done.add((bond.by, bond.spell))
            _save_again(scene, who, condition, bond)


def _save_again(scene: Scene, who: Combatant, condition: Condition, bond: Bond) -> None:
    if save(scene, who, bond.save, bond.dc, f"against {bond.spell}", by=bond.by):
        let_go(scene, who, bond.by, bond.spell)
        return
    if bond.pain:
        _pain(scene, who, bond, bond.pain)
    if bond.then and condition in who.conditions and not who.dead:
        later = msgspec.structs.replace(bond, again="", then="")
        scene.emit(ev.Relieved(who.name, condition.name, bond.by, bond.spell))
        if bond.then in who.condition_immunities:
            scene.emit(ev.Unaffected(who.name, bond.spell, f"cannot be {bond.then}"))
            return
        afflict(scene, who, msgspec.structs.replace(condition, name=bond.then, bond=later))


def _expire(scene: Scene) -> None:
    for each in scene.fight.order:
        for condition in list(each.conditions):
            if condition.left is not None and condition.left <= 0 and condition in each.conditions:
                relieve(scene, each, condition)
    for spell in list(scene.fight.lasting):
        if spell.left is not None and spell.left <= 0 and spell in scene.fight.lasting:
            end_spell(scene, spell, "its time is over")


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
