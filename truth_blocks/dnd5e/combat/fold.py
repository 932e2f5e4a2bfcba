"""The one place where the state of a fight changes: an event is applied to it."""

from collections.abc import Callable
from typing import Any

import msgspec

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.state import Combatant, Condition, Fight


def apply(fight: Fight, event: ev.Event) -> None:
    """Change the fight by one event."""
    _APPLY[type(event)](fight, event)


def _joined(fight: Fight, event: ev.Joined) -> None:
    # Decoded anew, because the event in the log must not change with the fight.
    fight.order.append(msgspec.convert(msgspec.to_builtins(event.who), Combatant))
    fight.order.sort(key=lambda each: (-each.initiative, each.kind == "lair", -each.dexterity, each.seat))


def _turn(fight: Fight, event: ev.TurnBegan) -> None:
    fight.current, fight.round = event.who, event.round
    who = fight.of(event.who)
    who.reaction, who.legendary_left, who.readied = True, who.legendary, ""
    for spell in fight.lasting:
        spell.struck = []
        if spell.by == event.who and spell.left is not None:
            spell.left -= 1
    _tick(fight, event.who, "start")


def _turn_end(fight: Fight, event: ev.TurnEnded) -> None:
    _tick(fight, event.who, "end")


def _tick(fight: Fight, who: str, edge: str) -> None:
    for each in fight.order:
        for condition in each.conditions:
            if condition.left is not None and condition.of == who and condition.edge == edge:
                condition.left -= 1


def _damaged(fight: Fight, event: ev.Damaged) -> None:
    target = fight.of(event.target)
    target.temp -= event.temp
    target.hp = event.hp


def _healed(fight: Fight, event: ev.Healed) -> None:
    target = fight.of(event.target)
    target.hp = event.hp
    if target.hp:
        target.successes = target.failures = 0
        target.stable = False


def _warded(fight: Fight, event: ev.Warded) -> None:
    fight.of(event.target).temp = event.temp


def _afflicted(fight: Fight, event: ev.Afflicted) -> None:
    who = fight.of(event.who)
    new = event.condition
    who.conditions = [each for each in who.conditions if (each.name, *_origin(each)) != (new.name, *_origin(new))]
    who.conditions.append(msgspec.structs.replace(new))


def _origin(condition: Condition) -> tuple[str, str]:
    """The casting a condition comes from; a second casting's counts beside it."""
    return (condition.bond.by, condition.bond.spell) if condition.bond is not None else ("", "")


def _relieved(fight: Fight, event: ev.Relieved) -> None:
    who = fight.of(event.who)
    gone = (event.name, event.by, event.spell)
    who.conditions = [each for each in who.conditions if (each.name, *_origin(each)) != gone]


def _concentrating(fight: Fight, event: ev.Concentrating) -> None:
    fight.of(event.who).concentration = event.spell


def _concentration_lost(fight: Fight, event: ev.ConcentrationLost) -> None:
    fight.of(event.who).concentration = ""
    _cease(fight, event.who, event.spell)


def _cease(fight: Fight, by: str, spell: str) -> None:
    fight.lasting = [each for each in fight.lasting if (each.by, each.spell) != (by, spell)]


def _ceased(fight: Fight, event: ev.Ceased) -> None:
    _cease(fight, event.by, event.spell)


def _began(fight: Fight, event: ev.Began) -> None:
    _cease(fight, event.spell.by, event.spell.spell)
    fight.lasting.append(msgspec.structs.replace(event.spell, struck=list(event.spell.struck)))


def _again(fight: Fight, event: ev.Again) -> None:
    held = fight.held(event.by, event.spell)
    if held is not None:
        held.struck = [*held.struck, *event.targets]


def _maximum(fight: Fight, event: ev.Maximum) -> None:
    who = fight.of(event.who)
    if event.hp and not who.hp:
        who.successes, who.failures, who.stable = 0, 0, False
    who.most, who.plain_most, who.hp = event.most, event.plain, event.hp


def _revived(fight: Fight, event: ev.Revived) -> None:
    who = fight.of(event.who)
    who.dead, who.hp, who.successes, who.failures, who.stable = False, event.hp, 0, 0, False


def _left(fight: Fight, event: ev.Left) -> None:
    fight.of(event.who).gone = not event.back


def _readied(fight: Fight, event: ev.Readied) -> None:
    fight.of(event.who).readied = event.what


def _death_save(fight: Fight, event: ev.DeathSave) -> None:
    who = fight.of(event.who)
    who.successes, who.failures = event.successes, event.failures


def _death_failures(fight: Fight, event: ev.DeathFailures) -> None:
    who = fight.of(event.who)
    who.failures, who.stable = event.failures, False


def _fell(fight: Fight, event: ev.Fell) -> None:
    who = fight.of(event.who)
    who.successes, who.failures, who.stable = 0, 0, False


def _died(fight: Fight, event: ev.Died) -> None:
    who = fight.of(event.who)
    who.dead, who.hp, who.temp = True, 0, 0


def _stabilised(fight: Fight, event: ev.Stabilised) -> None:
    who = fight.of(event.who)
    who.stable, who.successes, who.failures = True, 0, 0


def _cast(fight: Fight, event: ev.Cast) -> None:
    slots = fight.of(event.by).slots.get(str(event.slot))
    if slots is not None:
        slots.left -= 1


def _used(fight: Fight, event: ev.Used) -> None:
    who = fight.of(event.who)
    if event.what == "reaction":
        who.reaction, who.readied = False, ""
    elif event.what == "legendary action":
        who.legendary_left = event.left
    for ability in who.abilities:
        if ability.name == event.what:
            ability.ready = False


def _recharged(fight: Fight, event: ev.Recharged) -> None:
    for ability in fight.of(event.who).abilities:
        if ability.name == event.what:
            ability.ready = event.ready


def _ended(fight: Fight, event: ev.Ended) -> None:
    fight.xp_each = event.each


def _nothing(fight: Fight, event: ev.Event) -> None:
    """Rolls change nothing by themselves; what follows from them is an event of its own."""


_APPLY: dict[type, Callable[[Fight, Any], None]] = {
    ev.Joined: _joined, ev.TurnBegan: _turn, ev.TurnEnded: _turn_end, ev.Attacked: _nothing, ev.Damaged: _damaged,
    ev.Healed: _healed, ev.Warded: _warded, ev.Saved: _nothing, ev.Afflicted: _afflicted, ev.Relieved: _relieved,
    ev.Concentrating: _concentrating, ev.ConcentrationLost: _concentration_lost, ev.DeathSave: _death_save,
    ev.DeathFailures: _death_failures, ev.Fell: _fell, ev.Died: _died, ev.Stabilised: _stabilised, ev.Cast: _cast,
    ev.Used: _used, ev.Recharged: _recharged, ev.Ended: _ended, ev.Unaffected: _nothing, ev.Began: _began,
    ev.Again: _again, ev.Ceased: _ceased, ev.Pooled: _nothing, ev.Maximum: _maximum, ev.Revived: _revived,
    ev.Left: _left, ev.Readied: _readied,
}  # fmt: skip
