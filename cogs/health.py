"""How the bot is, in words: one line each with a mark, and a headline that is the worst of them. Text only."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from agents.health import Health

Mark = Literal["well", "strained", "wrong"]
MARKS: dict[Mark, str] = {"well": "✓", "strained": "◌", "wrong": "▲"}
HEADLINES: dict[Mark, str] = {
    "well": "all is well",
    "strained": "well, with something to note",
    "wrong": "needs a look",
}
_WORST: Sequence[Mark] = ("well", "strained", "wrong")

OLD_BACKUP_S = 2 * 86_400.0
LATEST_FIRST_BACKUP_S = 7 * 86_400.0
LARGEST_LOG = 64 * 2**20
MOST_UNDELIVERED = 5
FACTS = {"dnd5e": "D&D 5e", "terraform": "Terraform"}
"""Blocks whose facts are data; the general one holds none."""


class Line(msgspec.Struct, frozen=True):
    """One thing looked at."""

    mark: Mark
    name: str
    text: str


class Report(msgspec.Struct, frozen=True):
    """What `/status` says."""

    lines: tuple[Line, ...]
    closing: str

    @property
    def mark(self) -> Mark:
        """The worst of the lines."""
        return max((line.mark for line in self.lines), key=_WORST.index)

    @property
    def headline(self) -> str:
        """The whole in a few words."""
        return f"{MARKS[self.mark]} {HEADLINES[self.mark]}"

    def plain(self) -> str:
        """As columns of plain text."""
        rows = (f"{MARKS[line.mark]} {line.name:<9} {line.text}" for line in self.lines)
        return "\n".join((f"Vespera: {self.headline}", *rows, self.closing))


def report(health: "Health", *, latency_s: float = -1.0, identifies_left: int | None = None) -> Report:
    """Put the health into words; what only admins see is told where it was given.

    ``latency_s``: seconds of Discord's last heartbeat; NaN or below 0 where there is none.
    """
    lines = [_answers(health), _models(health), _facts(health)]
    if health.inside is not None:
        lines += [_delivery(health), _store(health), _backup(health), *_rooms(health)]
    return Report(tuple(lines), " · ".join(_closing(health, latency_s, identifies_left)))


def _answers(health: "Health") -> Line:
    store = health.store
    text = (
        f"{store.running} of {health.running_limit} being made, {store.queued} of {health.waiting_limit} waiting, "
        f"{store.finished_today} finished today"
    )
    full = store.queued >= health.waiting_limit and store.running >= health.running_limit
    busy: Mark = "wrong" if full else "strained" if store.queued else "well"
    return Line(busy, "Answers", f"{text}; the next one is told to come back" if full else text)


def _models(health: "Health") -> Line:
    if not health.models:
        return Line("well", "Models", "none configured; drafts come from the facts alone")
    ready = [
        f"{model.provider} ({model.model or 'its loaded model'})" for model in health.models if model.state == "ready"
    ]
    resting = [model.provider for model in health.models if model.state != "ready"]
    if not resting:
        return Line("well", "Models", f"{', '.join(ready)} ready")
    away = f"{', '.join(resting)} left alone after failures"
    if ready:
        return Line("strained", "Models", f"{', '.join(ready)} ready; {away}")
    return Line("wrong", "Models", f"{away}; look-ups, rolls and cached answers work")


def _facts(health: "Health") -> Line:
    known = (f"{FACTS[name]}{_edition(version)}" for name, version in health.blocks if name in FACTS)
    return Line("well", "Facts", ", ".join(known))


def _edition(version: str) -> str:
    """The month of the data, where its version holds one."""
    found = re.search(r"\b\d{4}-\d{2}\b", version)
    return f" ({found[0]})" if found else ""


def _delivery(health: "Health") -> Line:
    waiting = health.store.undelivered
    mark: Mark = "wrong" if waiting > MOST_UNDELIVERED else "strained" if waiting else "well"
    if not waiting:
        return Line(mark, "Delivery", "every answer has arrived")
    text = f"{waiting} answer{'s' if waiting > 1 else ''} not yet with the reader"
    return Line(mark, "Delivery", text)


def _store(health: "Health") -> Line:
    store = health.store
    text = f"{store.file_bytes / 1e6:.1f} MB, {store.cache_entries} answers cached"
    if store.quarantined:
        return Line("wrong", "Store", f"{text}, {store.quarantined} rows failed their check and are set aside")
    if store.wal_bytes > LARGEST_LOG:
        return Line("wrong", "Store", f"{text}, its log has grown to {store.wal_bytes / 1e6:.0f} MB")
    return Line("well", "Store", f"{text}, no damage seen")


def _backup(health: "Health") -> Line:
    at = health.inside.backup_at if health.inside else None
    if at is None:
        late = health.uptime_s > LATEST_FIRST_BACKUP_S
        return Line("wrong" if late else "strained", "Backup", "none was made yet")
    age = max(0.0, time.time() - at)
    return Line("wrong" if age > OLD_BACKUP_S else "well", "Backup", f"{_span(age)} old")


def _rooms(health: "Health") -> Iterator[Line]:
    inside = health.inside
    if inside is not None and inside.memories is not None:
        yield Line("well", "Memory", f"{inside.memories:,} records")
    if inside is not None and inside.relay_jobs:
        waits = inside.relay_jobs.get("escalated", 0)
        counts = ", ".join(f"{count} {state}" for state, count in sorted(inside.relay_jobs.items()))
        yield Line("strained" if waits else "well", "Relay", f"{counts}{'; a person is asked' if waits else ''}")


def _closing(health: "Health", latency_s: float, identifies_left: int | None) -> Iterator[str]:
    yield f"up {_span(health.uptime_s)}"
    yield f"policy v{health.policy_version}"
    if 0 <= latency_s < 60:
        yield f"Discord answers in {latency_s * 1000:.0f} ms"
    if identifies_left is not None:
        yield f"{identifies_left} identifies left today"


def _span(seconds: float) -> str:
    minutes = max(0, int(seconds // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
