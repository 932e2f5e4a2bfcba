"""Events as factual lines, with their dice."""

from collections.abc import Sequence

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.state import Condition


def line(group: Sequence[ev.Event]) -> str:
    """The factual line of a group, with its dice."""
    first, *rest = group
    begins = _opened(first) if isinstance(first, ev.Damaged) else _said(first)
    return " ".join(filter(None, (begins, *map(_said, rest))))


def _opened(event: ev.Damaged) -> str:
    """Damage that begins a line says whose it is."""
    return f"{event.by}, {event.source} → {event.target}: {_damage(event)}" if event.by else _damage(event)


def shown(rolled: Rolled) -> str:
    """``1d20+5 = **14**+5 = 19``."""
    if not rolled.kept:
        return str(rolled.total)
    dice = f"**{'+'.join(map(str, rolled.kept))}**"
    dropped = f" (dropped {', '.join(map(str, rolled.dropped))})" if rolled.dropped else ""
    rest = rolled.total - sum(rolled.kept)
    if any(sign in rolled.dice for sign in "*/("):
        return f"{rolled.dice} = {dice} → {rolled.total}{dropped}"
    if not rest and len(rolled.kept) == 1:
        return f"{rolled.dice} = {dice}{dropped}"
    return f"{rolled.dice} = {dice}{f'{rest:+d}' if rest else ''} = {rolled.total}{dropped}"


def _said(event: ev.Event) -> str:
    match event:
        case ev.Attacked():
            result = "critical hit" if event.crit else "hit" if event.hit else "miss"
            why = f" ({', '.join(event.why)})" if event.why else ""
            rolled = f"{shown(event.rolled)} against AC {event.ac}"
            return f"{event.by} → {event.target}, {event.name}: {rolled}, {result}{why}."
        case ev.Damaged():
            return _damage(event)
        case ev.Healed():
            source = f" by {event.source}" if event.source else ""
            return f"{event.target} regains {event.hp - event.before}{source} ({shown(event.rolled)})."
        case ev.Warded():
            source = f" by {event.source}" if event.source else ""
            return f"{event.target} has {event.temp} temporary hit points{source} ({shown(event.rolled)})."
        case ev.Saved():
            return _saved(event)
        case ev.Afflicted():
            return _afflicted(event.who, event.condition)
        case ev.Relieved():
            return f"{event.who} is no longer {_state(event.name, event.spell)}."
        case ev.Unaffected():
            return f"{event.spell} does nothing to {event.who} ({event.why})."
        case ev.Again():
            at = f" → {', '.join(event.targets)}" if event.targets else ""
            return f"{event.by}, {event.spell} again{at}."
        case ev.Cast():
            return _casting(event)
        case ev.Used():
            return f"{event.who} uses {event.what}{f', {event.left} left' if event.what.startswith('leg') else ''}."
        case ev.DeathSave():
            counts = f"{event.successes} of 3 made, {event.failures} of 3 failed"
            return f"{event.who}, death save: {shown(event.rolled)}. {counts}."
    return _fate(event)


def _fate(event: ev.Event) -> str:
    match event:
        case ev.Fell():
            return f"{event.who} falls and is dying."
        case ev.Died():
            return f"{event.who} dies{', and only dust is left' if event.how == 'dust' else ''}."
        case ev.Ceased():
            return f"{event.by}'s {event.spell} ends."
        case ev.Pooled():
            return f"{event.spell} affects {shown(event.rolled)} hit points of creatures."
        case ev.Maximum():
            return f"{event.who} has a hit point maximum of {event.most} now ({event.why})."
        case ev.Revived():
            return f"{event.who} lives again, with {event.hp} hit point."
        case ev.Left():
            return f"{event.who} {'is back in' if event.back else 'leaves'} the fight."
        case ev.Readied():
            return f"{event.who} waits: {event.what}."
        case ev.Stabilised():
            return f"{event.who} is stable."
        case ev.DeathFailures():
            return f"{event.who}: {event.failures} of 3 death saves failed."
        case ev.Concentrating():
            return f"{event.who} concentrates on {event.spell}."
        case ev.ConcentrationLost():
            return f"{event.who} no longer concentrates on {event.spell} ({event.why})."
    return ""


def _state(name: str, spell: str) -> str:
    """``paralyzed``, ``exhausted``, ``under Bless``."""
    if spell and name == spell.lower():
        return f"under {spell}"
    return "exhausted" if name == "exhaustion" else name


def _afflicted(who: str, condition: Condition) -> str:
    level = f" {condition.level}" if condition.level else ""
    word = f" ({condition.word})" if condition.word else ""
    state = _state(condition.name, condition.bond.spell if condition.bond is not None else "")
    return f"{who} is now {state}{level}{word}."


def _damage(event: ev.Damaged) -> str:
    parts = []
    for part in event.parts:
        note = f" ({part.note}: {part.taken})" if part.note else ""
        parts.append(f"{shown(part.rolled)}{' ' + part.kind if part.kind else ''}{note}")
    who = "" if event.by else f"{event.target} takes damage: "
    temp = f" Temporary hit points take {event.temp}." if event.temp else ""
    return f"{who}{', '.join(parts)}.{temp}"


def _saved(event: ev.Saved) -> str:
    result = "made" if event.success else "failed"
    rolled = f"{shown(event.rolled)} against DC {event.dc}" if event.rolled else "no roll"
    against = f" {event.against}" if event.against else ""
    why = f" ({', '.join(event.why)})" if event.why else ""
    return f"{event.who}, {event.ability.upper()} save{against}: {rolled}, {result}{why}."


def _casting(event: ev.Cast) -> str:
    slot = f" with a level {event.slot} slot" if event.slot else ""
    at = f" on {', '.join(event.targets)}" if event.targets else ""
    note = f" {event.note[0].upper()}{event.note[1:]}." if event.note else ""
    return f"{event.by} casts {event.spell}{slot}{at}.{note}"
