"""The gauges: read when somebody asks, bounded in time; what cannot be read is left out rather than guessed."""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import metrics
from errors import VesperaError
from metrics import Gauge

if TYPE_CHECKING:
    from app import App

log = logging.getLogger(__name__)

Readings = dict[Gauge, dict[tuple[str, ...], float]]
"""For each gauge its series, by label values."""

DATABASES = ("vespera", "memory", "relay")
READ_WITHIN_S = 2.0
"""For each part; a scrape waits for at most this."""


class Discord(Protocol):
    """What is known of the connection to Discord."""

    connected: bool

    async def identifies_left(self) -> int:
        """Identifies left of the day's."""
        ...


async def read(app: "App", discord: Discord | None) -> Readings:
    """All gauges that can be read now; the parts are read side by side."""
    parts: list[Callable[[], Awaitable[Readings]]] = [
        lambda: _health(app), lambda: _memory(app), lambda: _relay(app), lambda: _files(app.settings.data_dir),
    ]  # fmt: skip
    if discord is not None:
        parts.append(lambda: _discord(discord))
    found: Readings = {}
    for part in await asyncio.gather(*(_bounded(part) for part in parts)):
        found |= part
    return found


async def _bounded(part: Callable[[], Awaitable[Readings]]) -> Readings:
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await part()
    except (VesperaError, TimeoutError, OSError) as error:
        log.warning("some figures could not be read: %s", error or "too slow")
        return {}


async def _health(app: "App") -> Readings:
    health = await app.status("", "admin")
    store = health.store
    found: Readings = {
        metrics.RESTING: {(model.provider,): float(model.state != "ready") for model in health.models},
        metrics.TASKS: {("running",): store.running, ("queued",): store.queued},
        metrics.PLACES: {("running",): health.running_limit, ("queued",): health.waiting_limit},
        metrics.UNDELIVERED: {(): store.undelivered},
        metrics.CACHED: {(): store.cache_entries},
        metrics.QUARANTINED: {(): store.quarantined},
        metrics.UPTIME: {(): health.uptime_s},
    }
    if health.inside is not None and health.inside.backup_at is not None:
        found[metrics.BACKUP_AGE] = {(): max(0.0, time.time() - health.inside.backup_at)}
    return found


async def _memory(app: "App") -> Readings:
    stats = await app.memory_stats()
    if stats is None:
        return {}
    return {
        metrics.MEMORY_ROWS: _labelled(stats.tiers),
        metrics.MEMORY_BYTES: {(): stats.resident_bytes},
        metrics.MEMORY_UNEMBEDDED: {(): stats.unembedded},
    }


async def _relay(app: "App") -> Readings:
    return {metrics.RELAY_JOBS: _labelled(await app.relay_jobs())}


async def _discord(discord: Discord) -> Readings:
    left = await discord.identifies_left()
    return {metrics.GATEWAY_UP: {(): float(discord.connected)}, metrics.IDENTIFIES_LEFT: {(): left}}


async def _files(data_dir: Path) -> Readings:
    return await asyncio.to_thread(_sizes, data_dir)


def _sizes(data_dir: Path) -> Readings:
    files = {name: data_dir / f"{name}.sqlite" for name in DATABASES}
    logs = {name: path.with_name(f"{path.name}-wal") for name, path in files.items()}
    return {
        metrics.FILE_BYTES: _labelled({name: path.stat().st_size for name, path in files.items() if path.exists()}),
        metrics.WAL_BYTES: _labelled({name: path.stat().st_size for name, path in logs.items() if path.exists()}),
        metrics.DISK_FREE: {(): shutil.disk_usage(data_dir).free},
    }


def _labelled(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(label,): value for label, value in values.items()}
