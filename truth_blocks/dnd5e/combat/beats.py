"""The log as beats: one thing that happened with all that followed from it. Lines and narration are made from these."""

from collections.abc import Iterator, Sequence

import msgspec

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.log import Entry
from truth_blocks.dnd5e.combat.state import Condition

_SILENT = (ev.Joined, ev.TurnBegan, ev.TurnEnded, ev.Ended, ev.Recharged)
_FATES = (
    ev.Fell, ev.Died, ev.DeathFailures, ev.ConcentrationLost, ev.Stabilised, ev.Concentrating, ev.Maximum, ev.Pooled,
    ev.Ceased,
)  # fmt: skip


class Beat(msgspec.Struct, frozen=True):
    """One thing that happened, as a narration must tell it. Lists hold everything it may name or number."""

    number: int
    kind: str
    """attack, cast, save, damage, heal, temp, condition, relief, death-save, use, fate"""
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
    gained: tuple[str, ...] = ()
    """Conditions and spells that took hold of somebody."""
    freed: tuple[str, ...] = ()
    """Conditions and spells that let go of somebody."""
    others: tuple[str, ...] = ()
    """Who else has a part in it: those a spell lets go of when it ends, or does nothing to."""
    unhurt: bool = False
    """Damage that did nothing: immune."""
    counts: tuple[int, ...] = ()
    """Death saves made and failed, after this one."""
    kept: tuple[str, ...] = ()
    """Spells whose concentration held."""
    halved: bool = False
    stable: bool = False
    slot: int = 0
    darts: int = 0
    """How many dice a spell's sure damage rolled: one for each dart."""


def groups(events: Sequence[ev.Event]) -> Iterator[list[ev.Event]]:
    """Events in groups: what began it, then what followed from it."""
    current: list[ev.Event] = []
    for event in events:
        if isinstance(event, ev.Began):
            continue  # what it brings is told by events of its own
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
    match event:
        case ev.Damaged():
            return (isinstance(first, ev.Attacked) and first.target == event.target) or (
                isinstance(first, ev.Saved) and first.who == event.target and bool(event.by)
            )
        case ev.Saved():
            return event.against.startswith("to concentrate")
        case ev.Healed():
            return isinstance(first, ev.DeathSave)
        case ev.Afflicted():
            bond = event.condition.bond
            return bond is not None and _spell_of(first, event.who) == bond.spell
        case ev.Unaffected():
            return isinstance(first, (ev.Cast, ev.Again)) and first.spell == event.spell
        case ev.Relieved():
            lost = {each.spell for each in current if isinstance(each, ev.ConcentrationLost)}
            mine = _spell_of(first, event.who) == event.spell or (isinstance(first, ev.Attacked) and bool(event.spell))
            return bool(event.spell) and (event.spell in lost or mine or _whose(first) == event.who)
    return isinstance(event, _FATES)


def _spell_of(first: ev.Event, who: str) -> str:
    """The spell a group is about, as far as it concerns somebody."""
    match first:
        case ev.Cast() | ev.Again():
            return first.spell
        case ev.Saved() if first.who == who:
            return first.against.removeprefix("against ")
        case ev.Attacked() if first.target == who:
            return first.name
        case ev.Afflicted() if first.who == who and first.condition.bond is not None:
            return first.condition.bond.spell
    return ""


def _whose(first: ev.Event) -> str:
    return first.who if isinstance(first, (ev.Saved, ev.Relieved)) else first.target if isinstance(first, ev.Damaged) else ""


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
    success = _success(first)
    damage = [event for event in group if isinstance(event, ev.Damaged)]
    numbers = sorted({n for event in group for n in _numbers(event)})
    gained = [event.condition for event in group if isinstance(event, ev.Afflicted)]
    freed = [event for event in group if isinstance(event, ev.Relieved)]
    others = {event.who for event in group if isinstance(event, (ev.Relieved, ev.Unaffected, ev.Afflicted))}
    return Beat(
        0, _KINDS.get(type(first), "fate"), line(group), actor, targets, what, success,
        isinstance(first, ev.Attacked) and first.crit, tuple(numbers),
        tuple((part.kind, part.taken) for each in damage for part in each.parts if part.kind),
        tuple(event.who for event in group if isinstance(event, ev.Fell)),
        tuple(event.who for event in group if isinstance(event, ev.Died)),
        tuple(event.spell for event in group if isinstance(event, ev.ConcentrationLost)),
        tuple(dict.fromkeys(condition.name for condition in gained)),
        tuple(dict.fromkeys(name for event in freed for name in (event.name, event.spell) if name)),
        tuple(sorted(others - {actor, *targets})),
        bool(damage) and not any(part.taken for each in damage for part in each.parts),
        (first.successes, first.failures) if isinstance(first, ev.DeathSave) else (),
        tuple(
            event.against.removeprefix("to concentrate on ")
            for event in group if isinstance(event, ev.Saved) and event.success and event.against.startswith("to conc")
        ),
        any("halved" in part.note for each in damage for part in each.parts),
        any(isinstance(event, ev.Stabilised) for event in group),
        first.slot if isinstance(first, ev.Cast) else 0,
        len(first.parts[0].rolled.kept) if isinstance(first, ev.Damaged) and first.by else 0,
    )  # fmt: skip


def _success(first: ev.Event) -> bool | None:
    """Whether an attack hit or a save was made; None for everything else."""
    match first:
        case ev.Attacked():
            return first.hit
        case ev.Saved():
            return first.success
        case ev.DeathSave():
            return first.rolled.total >= 10 or first.rolled.face == 20
    return None


_KINDS: dict[type, str] = {
    ev.Attacked: "attack", ev.Cast: "cast", ev.Again: "cast", ev.Saved: "save", ev.Damaged: "damage",
    ev.Healed: "heal", ev.Revived: "heal", ev.Warded: "temp", ev.Afflicted: "condition", ev.Relieved: "relief",
    ev.DeathSave: "death-save", ev.Used: "use", ev.Readied: "use",
}  # fmt: skip


def _roles(event: ev.Event) -> tuple[str, tuple[str, ...], str]:
    """Who acts, on whom, with what."""
    match event:
        case ev.Attacked():
            return event.by, (event.target,), event.name
        case ev.Cast() | ev.Again():
            return event.by, event.targets, event.spell
        case ev.Damaged():
            return event.by, (event.target,), event.source
        case ev.Healed() if event.source:
            return event.by, (event.target,), event.source
        case ev.Healed() | ev.Warded():
            return "", (event.target,), event.source
        case ev.Saved():
            return "", (event.who,), event.against.removeprefix("against ")
        case ev.Afflicted():
            return "", (event.who,), event.condition.name
        case ev.Relieved():
            return "", (event.who,), event.name
        case ev.Used() | ev.Readied():
            return event.who, (), event.what
        case ev.Pooled() | ev.Ceased():
            return event.by, (), event.spell
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
        case ev.Revived():
            yield event.hp
        case ev.Afflicted() if event.condition.level:
            yield event.condition.level


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
