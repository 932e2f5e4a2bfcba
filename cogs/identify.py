"""At most 900 IDENTIFYs in any 24 hours, whatever restarts.

Discord allows 1,000 a day and resets the token of a bot that needs more. The budget is on disk, so that a restart
loop cannot burn it; when it is spent the process sleeps instead of ending, because systemd would only start it again.
"""

import asyncio
import logging
import time
from typing import Protocol

import msgspec

A_DAY = 900
WINDOW_S = 24 * 3600.0
KEY = "identifies"

_log = logging.getLogger(__name__)


class State(Protocol):
    """Where the times are kept: the blackboard."""

    async def get_state(self, key: str) -> str | None:
        """The value under a key."""
        ...

    async def set_state(self, key: str, value: str) -> None:
        """Keep a value under a key; returns after it is on disk."""
        ...


class IdentifyBudget:
    """Counts IDENTIFYs over a sliding day. Times are Unix seconds, since they must outlive the process."""

    def __init__(self, state: State, *, a_day: int = A_DAY, window_s: float = WINDOW_S) -> None:
        self._state, self._a_day, self._window_s = state, a_day, window_s
        self._lock = asyncio.Lock()

    async def spend(self) -> None:
        """Take one; sleeps while none is left. Committed before it returns."""
        async with self._lock:
            while (wait := await self._take()) > 0:
                _log.warning("the day's identifies are spent; waiting %.0f s", wait)
                await asyncio.sleep(wait)

    async def left(self) -> int:
        """How many may still be sent now."""
        return max(0, self._a_day - len(await self._times(time.time())))

    async def _times(self, now: float) -> list[float]:
        known = msgspec.json.decode(await self._state.get_state(KEY) or "[]", type=list[float])
        return [at for at in known if now - self._window_s < at <= now + 60]  # a clock set back must not block us

    async def _take(self) -> float:
        now = time.time()
        times = await self._times(now)
        if len(times) >= self._a_day:
            return times[-self._a_day] + self._window_s - now
        await self._state.set_state(KEY, msgspec.json.encode([*times, round(now, 3)]).decode())
        return 0.0
