"""The log of a fight: the commands that were accepted, each with its events. It is all that is stored."""

from collections.abc import Mapping

import msgspec

from truth_blocks.dnd5e.combat.events import Event
from truth_blocks.dnd5e.combat.fold import apply
from truth_blocks.dnd5e.combat.state import Combatant, Fight


class Order(msgspec.Struct, frozen=True):
    """One command as it was given: what, by whom, with which options.

    ``commands_all`` is true for the DM and admins. ``sheet`` is the character that joins. ``id`` makes a repeated
    delivery the same command.
    """

    do: str
    user: str
    options: Mapping[str, str] = {}
    commands_all: bool = False
    sheet: Combatant | None = None
    id: str = ""


class Entry(msgspec.Struct, frozen=True):
    """An accepted command: the counter of the dice before it, and what happened."""

    order: Order
    drawn: int
    events: tuple[Event, ...]

    @property
    def hidden(self) -> bool:
        """Rolled in secret by the DM."""
        return self.order.options.get("hidden") == "true"


class Log(msgspec.Struct, frozen=True):
    """A whole fight. ``drawn`` is the counter of the dice after the last entry."""

    edition: str
    dm: str
    seed: int
    drawn: int = 0
    entries: tuple[Entry, ...] = ()


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Log)


def written(log: Log) -> bytes:
    """The log as JSON; the same log gives the same bytes."""
    return _encoder.encode(log)


def read(content: bytes) -> Log:
    """A log as `written` gave it. Raises msgspec.MsgspecError when it is none."""
    return _decoder.decode(content)


def fold(log: Log) -> Fight:
    """The state after all entries."""
    fight = Fight(log.edition, log.dm)
    for entry in log.entries:
        for event in entry.events:
            apply(fight, event)
    return fight


def undone(log: Log, steps: int) -> Log:
    """The log without its last commands; their dice will fall the same way again."""
    kept = log.entries[: len(log.entries) - steps]
    drawn = log.entries[len(kept)].drawn if steps else log.drawn
    return msgspec.structs.replace(log, entries=kept, drawn=drawn)
