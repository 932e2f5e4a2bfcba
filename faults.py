"""Named fault points: places where a test kills the process to prove that nothing acknowledged is lost.

A point is a call ``faults.point("verdict.commit.before")``. It does nothing unless ``VESPERA_FAULT`` names it, as
``NAME`` or ``NAME:N`` for the N-th time it is reached: then the process gets SIGKILL on the spot. With
``VESPERA_FAULT_LIST`` set to a path, every point reached is appended there, so that a test can enumerate them. A point
that no scenario of ``tests/faults`` reaches fails the suite: add one there with the point.
"""

import os
import signal
from pathlib import Path

_armed, _, _count = os.environ.get("VESPERA_FAULT", "").partition(":")
_left = int(_count or 1)
_list = os.environ.get("VESPERA_FAULT_LIST", "")


def point(name: str) -> None:
    """Mark a fault point; free when no fault is armed."""
    if not _armed and not _list:
        return
    _reached(name)


def _reached(name: str) -> None:
    global _left
    if _list:
        with Path(_list).open("a") as seen:
            seen.write(name + "\n")
    if name == _armed:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
