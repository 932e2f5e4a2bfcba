"""How fast a person and a server may ask: a token bucket each, in memory.

A request takes one token, one that needs a draft three more: look-ups stay cheap. What is refused takes nothing.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from errors import TooFast

REQUEST = 1.0
DRAFT = 3.0
"""Tokens that a draft takes besides the request's own."""
HELD = 20_000
"""Buckets kept; the one not asked for longest goes first, which is nearly always a full one."""
MINUTE_S = 60.0


class Rates:
    """Buckets hold a minute's tokens at most and fill evenly. A rate of 0 is no limit."""

    def __init__(self, user: float, tenant: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Rates in tokens a minute; ``clock`` in seconds."""
        self._user, self._tenant, self._clock = user, tenant, clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, tenant: str, user: str, tokens: float = REQUEST) -> None:
        """Take tokens from a person's bucket here and from the place's.

        Raises:
            TooFast: one of them holds too few; nothing was taken.
        """
        now = self._clock()
        wanted = [("user", (tenant, user), self._user), ("tenant", (tenant, ""), self._tenant)]
        left = {}
        for whose, key, rate in wanted:
            if rate:
                there = self._level(key, rate, now) - min(tokens, rate)
                if there < 0:
                    raise TooFast(whose, rate, -there * MINUTE_S / rate)
                left[key] = there
        for key, there in left.items():
            self._buckets[key] = there, now
            self._buckets.move_to_end(key)
        while len(self._buckets) > HELD:
            self._buckets.popitem(last=False)

    def _level(self, key: tuple[str, str], rate: float, now: float) -> float:
        there, then = self._buckets.get(key, (rate, now))
        return min(rate, there + (now - then) * rate / MINUTE_S)
