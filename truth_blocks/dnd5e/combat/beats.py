"""The log as beats: one thing that happened with all that followed from it. Lines and narration are made from these."""

from collections.abc import Iterator, Sequence

import msgspec

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.lines import line
from truth_blocks.dnd5e.combat.log import Entry

_SILENT = (ev.Joined, ev.TurnBegan, ev.TurnEnded, ev.Ended, ev.Recharged)
_FATES = (
    ev.Fell, ev.Died, ev.DeathFailures, ev.ConcentrationLost, ev.Stabilised, ev.Concentrating, ev.Maximum, ev.Pooled,
    ev.Ceased,
)  # fmt: skip


class Beat(msgspec.Struct, frozen=True):
    """One thing that happened, as a narration must tell it. Lists hold everything it may name or number."""

    number: int
    kind: str
    """attack, cast, again, save, damage, heal, temp, condition, relief, death-save, use, ready, leave, back, spell-end,
    unaffected, fate"""
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
            return event.against.startswith(CONCENTRATION)
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
    return (
        first.who
        if isinstance(first, (ev.Saved, ev.Relieved))
        else first.target
        if isinstance(first, ev.Damaged)
        else ""
    )


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
    first = group[0]
    actor, targets, what = _roles(first)
    damage = [event for event in group if isinstance(event, ev.Damaged)]
    parts = [part for event in damage for part in event.parts]
    gained = [event.condition.name for event in group if isinstance(event, ev.Afflicted)]
    freed = [name for event in group if isinstance(event, ev.Relieved) for name in (event.name, event.spell) if name]
    saves = [event for event in group if isinstance(event, ev.Saved) and event.against.startswith(CONCENTRATION)]
    return Beat(
        number=0, kind=_kind(first), line=line(group), actor=actor, targets=targets, what=what,
        success=_success(first), crit=isinstance(first, ev.Attacked) and first.crit,
        numbers=tuple(sorted({number for event in group for number in _numbers(event)})),
        shares=tuple((part.kind, part.taken) for part in parts if part.kind),
        fell=tuple(event.who for event in group if isinstance(event, ev.Fell)),
        died=tuple(event.who for event in group if isinstance(event, ev.Died)),
        lost=tuple(event.spell for event in group if isinstance(event, ev.ConcentrationLost)),
        kept=tuple(event.against.removeprefix(CONCENTRATION) for event in saves if event.success),
        gained=tuple(dict.fromkeys(gained)), freed=tuple(dict.fromkeys(freed)),
        others=tuple(sorted(_concerned(group) - {actor, *targets})),
        unhurt=bool(damage) and not any(part.taken for part in parts),
        halved=any("halved" in part.note for part in parts),
        counts=(first.successes, first.failures) if isinstance(first, ev.DeathSave) else (),
        stable=any(isinstance(event, ev.Stabilised) for event in group),
        slot=first.slot if isinstance(first, ev.Cast) else 0,
        darts=len(first.parts[0].rolled.kept) if isinstance(first, ev.Damaged) and first.by else 0,
    )  # fmt: skip


CONCENTRATION = "to concentrate on "


def _kind(first: ev.Event) -> str:
    return "back" if isinstance(first, ev.Left) and first.back else _KINDS.get(type(first), "fate")


def _concerned(group: Sequence[ev.Event]) -> set[str]:
    """Who else has a part: those a spell lets go of or does nothing to, and whoever cast it."""
    kinds = (ev.Relieved, ev.Unaffected, ev.Afflicted, ev.ConcentrationLost)
    here = {event.who for event in group if isinstance(event, kinds)}
    return here | {event.by for event in group if isinstance(event, (ev.Saved, ev.Damaged)) and event.by}


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
    ev.Attacked: "attack", ev.Cast: "cast", ev.Again: "again", ev.Saved: "save", ev.Damaged: "damage",
    ev.Healed: "heal", ev.Revived: "heal", ev.Warded: "temp", ev.Afflicted: "condition", ev.Relieved: "relief",
    ev.DeathSave: "death-save", ev.Used: "use", ev.Readied: "ready", ev.Left: "leave", ev.Unaffected: "unaffected",
    ev.ConcentrationLost: "spell-end", ev.Ceased: "spell-end",
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
        case ev.Used():
            return event.who, (), event.what
        case ev.Pooled() | ev.Ceased():
            return event.by, (), event.spell
        case ev.ConcentrationLost():
            return event.who, (), event.spell
        case ev.Readied():
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
        case ev.Revived():
            yield event.hp
        case ev.Afflicted() if event.condition.level:
            yield event.condition.level
