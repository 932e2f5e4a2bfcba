"""How late the event loop wakes: what everybody waits for when something blocks it."""

import asyncio
import time

import metrics

EVERY_S = 0.5


async def watch() -> None:
    """Measure until cancelled."""
    while True:
        due = time.monotonic() + EVERY_S
        await asyncio.sleep(EVERY_S)
        metrics.LOOP_LAG.observe(max(0.0, time.monotonic() - due))
