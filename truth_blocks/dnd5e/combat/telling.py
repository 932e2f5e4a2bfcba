"""A fight as text: the board, and the lines of what just happened."""

from collections.abc import Iterator, Sequence

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.beats import groups
from truth_blocks.dnd5e.combat.lines import line, shown
from truth_blocks.dnd5e.combat.log import Entry
from truth_blocks.dnd5e.combat.state import Combatant, Fight

IN_SECRET = "The DM rolls in secret."  # noqa: S105


def entry_lines(entry: Entry) -> list[str]:
    """Everything an entry did, with its dice."""
    found: list[str] = []
    joined = [event for event in entry.events if isinstance(event, ev.Joined)]
    found += [_joined(event) for event in joined]
    for event in entry.events:
        if isinstance(event, ev.Recharged):
            found.append(
                f"{event.who}, {event.what}: {shown(event.rolled)}, {'ready' if event.ready else 'not ready'}."
            )
        elif isinstance(event, ev.TurnBegan):
            found.append(f"Round {event.round}: {event.who}'s turn.")
        elif isinstance(event, ev.Ended):
            found.append(_ended(event))
    found += [line(group) for group in groups(entry.events)]
    dead = {event.who for event in entry.events if isinstance(event, ev.TurnEnded)}
    last = next((event.who for event in reversed(entry.events) if isinstance(event, ev.TurnBegan)), "")
    passed = {f": {who}'s turn." for who in dead if who != last}
    return [each for each in found if not each.endswith(tuple(passed))] if passed else found


def public_lines(entry: Entry) -> list[str]:
    """What all may read: of a secret roll only who fell or died."""
    if not entry.hidden:
        return entry_lines(entry)
    fates = [f"{event.who} falls." for event in entry.events if isinstance(event, ev.Fell)]
    return [IN_SECRET, *fates, *(f"{event.who} dies." for event in entry.events if isinstance(event, ev.Died))]


def _joined(event: ev.Joined) -> str:
    rolled = shown(event.rolled) if event.rolled else "pinned"
    return f"{event.who.name} joins, initiative {event.who.initiative} ({rolled})."


def _ended(event: ev.Ended) -> str:
    each = f", {event.each:,} each for {event.players}" if event.players else ""
    unknown = f" Not counted, for the data has no XP: {', '.join(event.unknown)}." if event.unknown else ""
    return f"The fight is over. {event.xp:,} XP{each}.{unknown}"


def heading(fight: Fight) -> str:
    """``**Round 3** · turn: **Mira** (initiative 17)``."""
    turn = fight.turn
    if turn is None:
        state = "waiting for the first turn: /combat next" if fight.order else "nobody has joined yet"
        return f"**Fight** · SRD {fight.edition} · {state}"
    return f"**Round {fight.round}** · turn: **{turn.name}** (initiative {turn.initiative}) · SRD {fight.edition}"


def roster(fight: Fight) -> Iterator[str]:
    """One line each, in order."""
    for each in fight.order:
        mark = "▸" if each.name == fight.current else "·"
        going = [s.spell for s in fight.lasting if s.by == each.name and s.held and not s.concentration]
        yield f"{mark} {each.initiative:>2} {_standing(each, going)}"


def _standing(who: Combatant, going: Sequence[str]) -> str:
    if who.kind == "lair":
        return f"{who.name}: lair actions"
    temp = f"+{who.temp}" if who.temp else ""
    health = f"{who.hp}/{who.most}{temp}" if who.kind == "player" else who.words
    if who.kind == "player" and who.dead:
        health = "dead"
    elif who.kind == "player" and who.down:
        marks = "●" * who.successes + "○" * (3 - who.successes), "✗" * who.failures + "○" * (3 - who.failures)
        health = "stable at 0" if who.stable else f"dying, saves {marks[0]} {marks[1]}"
    shown = dict.fromkeys(_condition(c.name, c.level, c.word) for c in who.conditions)
    parts = [f"**{who.name}** {health}", *shown]
    if who.gone:
        parts = [f"**{who.name}** has left"]
    if who.concentration:
        parts.append(f"concentrating on *{who.concentration}*")
    parts += [f"*{spell}* goes on" for spell in going]
    if who.readied:
        parts.append(f"waits: {who.readied}")
    if who.legendary and not who.dead:
        parts.append(f"legendary {who.legendary_left}/{who.legendary}")
    parts += [f"{ability.name} used" for ability in who.abilities if not ability.ready]
    return ", ".join(parts)


def _condition(name: str, level: int, word: str) -> str:
    return f"{name} {level}" if level else f"{name} ({word})" if word else name


def board(fight: Fight, entries: Sequence[Entry], lines: int = 4) -> str:
    """The whole board: heading, order, the last lines."""
    last = [text for entry in entries[-lines:] for text in public_lines(entry)][-lines:]
    return "\n".join([heading(fight), *roster(fight), *(f"-# {text}" for text in last)])
