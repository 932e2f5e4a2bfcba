"""What systemd is told: ready, alive, stopping. Nothing happens outside systemd."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable

LAG_S = 5.0
"""A loop that wakes later than this is not alive enough to say so."""

_log = logging.getLogger(__name__)


def notify(state: str) -> bool:
    """Tell systemd, e.g. ``READY=1``; False when there is nobody to tell."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)
            line.sendto(state.encode(), address)
    except OSError as error:
        _log.warning("systemd could not be told %s: %s", state, error)
        return False
    return True


def watchdog_s() -> float | None:
    """Seconds after which systemd takes a silent process for dead, or None when it does not watch this one."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    micros = os.environ.get("WATCHDOG_USEC", "")
    return int(micros) / 1e6 if micros.isdecimal() and int(micros) else None


async def feed_watchdog(check: Callable[[], Awaitable[object]], within_s: float) -> None:
    """Say ``WATCHDOG=1`` three times per period while the loop keeps time and the database answers.

    Nothing else counts: neither Discord nor a model being away is a reason to be restarted.
    """
    pause = within_s / 3
    while True:
        before = time.monotonic()
        await asyncio.sleep(pause)
        lag = time.monotonic() - before - pause
        try:
            async with asyncio.timeout(pause):
                await check()
        except Exception:
            _log.exception("the database did not answer; the watchdog is not fed")
            continue
        if lag > LAG_S:
            _log.warning("the event loop was late by %.1f s; the watchdog is not fed", lag)
            continue
        notify("WATCHDOG=1")
