"""How a long piece of work leaves room for others, and how it is told to stop."""

import threading
import time

from errors import Stopping

PORTION_S = 0.01
"""Seconds of work between two rests at least."""


class Pace:
    """Called between portions of work, in the thread that does it."""

    def __init__(self, rest: float = 1.0) -> None:
        """`rest`: seconds of rest for each second of work; 0 for none."""
        self._rest = rest
        self._stopped = threading.Event()
        self._since = time.monotonic()

    def breathe(self) -> None:
        """Rest in proportion to the work since the last rest.

        Raises:
            Stopping: `stop` was called.
        """
        worked = time.monotonic() - self._since
        if self._stopped.is_set() or (worked >= PORTION_S and self._stopped.wait(worked * self._rest)):
            raise Stopping("Vespera is stopping, so the backup was given up. Nothing of it was kept. Try again.")
        if worked >= PORTION_S:
            self._since = time.monotonic()

    def stop(self) -> None:
        """Give the work up at its next breath; from any thread."""
        self._stopped.set()
