"""The log as beats: one thing that happened with all that followed from it. Lines and narration are made from these."""

from collections.abc import Iterator, Sequence

import msgspec

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.log import Entry

_SILENT = (ev.Joined, ev.TurnBegan, ev.TurnEnded, ev.Ended, ev.Recharged)


class Beat(msgspec.Struct, frozen=True):
    """One thing that happened, as a narration must tell it. Lists hold everything it may name or number."""

    number: int
    kind: str
    """attack, cast, save, damage, heal, condition, relief, death-save, use"""
    line: str
    actor: str = ""
    targets: tuple[str, ...] = ()
    what: str = ""
    """The attack, spell, condition or ability."""
    success: bool | None = None
    """Whether the attack hit or the save was made; None where there was neither."""
    crit: bool = False
    numbers: tuple[int, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    """Damage taken of each known type."""
    fell: tuple[str, ...] = ()
    died: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """Spells whose concentration ended."""


def groups(events: Sequence[ev.Event]) -> Iterator[list[ev.Event]]:
    """Events in groups: what began it, then what followed from it."""
    current: list[ev.Event] = []
    for event in events:
        if current and _follows(current, event):
            current.append(event)
            continue
        if current:
            yield current
        current = [] if isinstance(event, _SILENT) else [event]
    if current:
        yield current


def _follows(current: Sequence[ev.Event], event: ev.Event) -> bool:
    first = current[0]
    if isinstance(event, (ev.Fell, ev.Died, ev.DeathFailures, ev.ConcentrationLost, ev.Stabilised, ev.Concentrating)):
        return True
    if isinstance(event, ev.Damaged):
        return (isinstance(first, ev.Attacked) and first.target == event.target) or (
            isinstance(first, ev.Saved) and first.who == event.target and bool(event.by)
        )
    if isinstance(event, ev.Saved):
        return event.against.startswith("to concentrate")
    return isinstance(event, ev.Healed) and isinstance(first, ev.DeathSave)


def beats(entries: Sequence[Entry], most: int = 24) -> tuple[list[Beat], int]:
    """The first beats of some entries, and how many entries they cover: whole ones, until there are ``most`` beats.

    Of what the DM rolled in secret only who fell or died.
    """
    found: list[Beat] = []
    for covered, entry in enumerate(entries):
        told = [_beat(group) for group in groups(entry.events)]
        if entry.hidden:
            told = [_fates(beat) for beat in told if beat.fell or beat.died]
        if found and len(found) + len(told) > most:
            return _numbered(found), covered
        found += told
    return _numbered(found), len(entries)


def _numbered(found: Sequence[Beat]) -> list[Beat]:
    return [msgspec.structs.replace(beat, number=place) for place, beat in enumerate(found, 1)]


def _fates(beat: Beat) -> Beat:
    line = " ".join([*(f"{who} falls." for who in beat.fell), *(f"{who} dies." for who in beat.died)])
    return Beat(0, "fate", line, targets=(*beat.fell, *beat.died), fell=beat.fell, died=beat.died)


def _beat(group: Sequence[ev.Event]) -> Beat:
    actor, targets, what = _roles(group[0])
    first = group[0]
    success = first.hit if isinstance(first, ev.Attacked) else first.success if isinstance(first, ev.Saved) else None
    damage = [event for event in group if isinstance(event, ev.Damaged)]
    numbers = sorted({n for event in group for n in _numbers(event)})
    return Beat(
        0, _KINDS.get(type(first), "fate"), line(group), actor, targets, what, success,
        isinstance(first, ev.Attacked) and first.crit, tuple(numbers),
        tuple((part.kind, part.taken) for each in damage for part in each.parts if part.kind),
        tuple(event.who for event in group if isinstance(event, ev.Fell)),
        tuple(event.who for event in group if isinstance(event, ev.Died)),
        tuple(event.spell for event in group if isinstance(event, ev.ConcentrationLost)),
    )  # fmt: skip


_KINDS: dict[type, str] = {
    ev.Attacked: "attack", ev.Cast: "cast", ev.Saved: "save", ev.Damaged: "damage", ev.Healed: "heal",
    ev.Warded: "heal", ev.Afflicted: "condition", ev.Relieved: "relief", ev.DeathSave: "death-save", ev.Used: "use",
}  # fmt: skip


def _roles(event: ev.Event) -> tuple[str, tuple[str, ...], str]:
    """Who acts, on whom, with what."""
    match event:
        case ev.Attacked():
            return event.by, (event.target,), event.name
        case ev.Cast():
            return event.by, event.targets, event.spell
        case ev.Damaged():
            return event.by, (event.target,), event.source
        case ev.Healed() | ev.Warded():
            return "", (event.target,), ""
        case ev.Saved():
            return "", (event.who,), event.against.removeprefix("against ")
        case ev.Afflicted():
            return "", (event.who,), event.condition.name
        case ev.Relieved():
            return "", (event.who,), event.name
        case ev.Used():
            return event.who, (), event.what
    who = getattr(event, "who", "")
    return "", (who,) if isinstance(who, str) and who else (), getattr(event, "spell", "")


def _numbers(event: ev.Event) -> Iterator[int]:
    """Every number a narration may say of the event: what was lost or gained, never a die, an AC or a DC."""
    match event:
        case ev.Damaged():
            yield sum(part.taken for part in event.parts)
            yield from (part.taken for part in event.parts)
        case ev.Healed():
            yield event.hp - event.before
        case ev.Warded():
            yield event.temp
        case ev.Cast() if event.slot:
            yield event.slot


def line(group: Sequence[ev.Event]) -> str:
    """The factual line of a group, with its dice."""
    return " ".join(filter(None, map(_said, group)))


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
            return f"{event.target} regains {event.hp - event.before} ({shown(event.rolled)})."
        case ev.Warded():
            return f"{event.target} has {event.temp} temporary hit points ({shown(event.rolled)})."
        case ev.Saved():
            return _saved(event)
        case ev.Afflicted():
            level = f" {event.condition.level}" if event.condition.level else ""
            return f"{event.who} is now {_condition(event.condition.name)}{level}."
        case ev.Relieved():
            return f"{event.who} is no longer {_condition(event.name)}."
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
            return f"{event.who} dies."
        case ev.Stabilised():
            return f"{event.who} is stable."
        case ev.DeathFailures():
            return f"{event.who}: {event.failures} of 3 death saves failed."
        case ev.Concentrating():
            return f"{event.who} concentrates on {event.spell}."
        case ev.ConcentrationLost():
            return f"{event.who} no longer concentrates on {event.spell} ({event.why})."
    return ""


def _condition(name: str) -> str:
    return "exhausted" if name == "exhaustion" else name


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
    return f"{event.who}, {event.ability.upper()} save{against}: {rolled}, {result}."


def _casting(event: ev.Cast) -> str:
    slot = f" with a level {event.slot} slot" if event.slot else ""
    at = f" on {', '.join(event.targets)}" if event.targets else ""
    note = f" {event.note[0].upper()}{event.note[1:]}." if event.note else ""
    return f"{event.by} casts {event.spell}{slot}{at}.{note}"
