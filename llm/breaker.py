"""Circuit breaker: a model that keeps failing is left alone for a while, then probed by one call."""

import time
from collections.abc import Callable
from typing import Literal


class Breaker:
    """Opens after ``failures`` consecutive failures; then lets one call through every ``rest_s`` seconds."""

    def __init__(self, failures: int = 3, rest_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold, self._rest_s, self._clock = failures, rest_s, clock
        self._failures = 0
        self._next_probe: float | None = None
        self._probing = False

    @property
    def state(self) -> Literal["closed", "open", "half_open"]:
        """``half_open`` while the probe is under way."""
        if self._next_probe is None:
            return "closed"
        return "half_open" if self._probing else "open"

    @property
    def rests_for_s(self) -> float:
        """Seconds until the next probe may go out; 0 when calls may pass."""
        return 0.0 if self._next_probe is None else max(0.0, self._next_probe - self._clock())

    def allow(self) -> bool:
        """Whether a call may go out now. While open, True makes the caller's call the probe."""
        if self._next_probe is None:
            return True
        if self._clock() < self._next_probe:
            return False
        # The next probe is due a full rest later even if this one is cancelled and never reports.
        self._next_probe = self._clock() + self._rest_s
        self._probing = True
        return True

    def succeeded(self) -> None:
        """A call got an answer from a living server: close."""
        self._failures, self._next_probe, self._probing = 0, None, False

    def failed(self) -> None:
        """A call failed: count it, and open or stay open for a full rest."""
        self._failures += 1
        if self._next_probe is None and self._failures < self._threshold:
            return
        if self._next_probe is None or self._probing:
            self._next_probe = self._clock() + self._rest_s
        self._probing = False
