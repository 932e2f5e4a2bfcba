"""The one way to change a fight: a command is carried out whole, or it raises and nothing has changed."""

from collections.abc import Callable

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.combat import attacking, casting, conditions, harm, joining, mending, saving, turns, using
from truth_blocks.dnd5e.combat.chance import Chance
from truth_blocks.dnd5e.combat.log import Entry, Log, Order, fold, undone
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.facts import Facts

ENGINE_VERSION = 2
"""Raised whenever a command would roll or decide otherwise than before."""
MOST_ENTRIES = 2_000

ORDERS: dict[str, Callable[[Scene], None]] = {
    "join": joining.join_order, "add": joining.add_order, "attack": attacking.attack_order,
    "cast": casting.cast_order, "again": casting.again_order, "damage": harm.damage_order, "heal": mending.heal_order,
    "save": saving.save_order, "condition": conditions.condition_order, "use": using.use_order,
    "ready": using.ready_order, "leave": using.leave_order, "next": turns.next_order, "end": turns.end_order,
}  # fmt: skip


def act(log: Log, order: Order, facts: Facts) -> Log:
    """The log with this command carried out.

    Raises:
        UserMistake, NotAllowed: it cannot be; the sentence says why, and nothing has changed.
    """
    if len(log.entries) >= MOST_ENTRIES:
        raise UserMistake(f"This fight has {MOST_ENTRIES} commands already. End it with /combat end.")
    fight = fold(log)
    if fight.xp_each is not None:
        raise UserMistake("This fight is over. Nothing was changed.")
    if order.options.get("hidden") == "true" and not order.commands_all:
        raise UserMistake("Only the DM rolls in secret. Nothing was rolled.")
    chance = Chance(log.seed, log.drawn)
    scene = Scene(fight, chance, facts, order)
    ORDERS[order.do](scene)
    entry = Entry(order, log.drawn, tuple(scene.events))
    return msgspec.structs.replace(log, drawn=chance.drawn, entries=(*log.entries, entry))


def undo(log: Log, steps: int) -> Log:
    """The log without its last commands.

    Raises:
        UserMistake: there are not as many.
    """
    if not 1 <= steps <= len(log.entries):
        raise UserMistake(f"{len(log.entries)} commands can be undone. Nothing was changed.")
    return undone(log, steps)


def replay(log: Log, facts: Facts) -> Log:
    """All commands of a log carried out anew from its seed; the same data give the same log byte for byte."""
    fresh = Log(log.edition, log.dm, log.seed)
    for entry in log.entries:
        fresh = act(fresh, entry.order, facts)
    return fresh
