"""Which boot and which process this is, and a clock that nobody can set."""

import os
import secrets
import time
from pathlib import Path


def uptime() -> float:
    """Seconds since boot, time asleep included (CLOCK_BOOTTIME); leases are counted in it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall() -> float:
    """Unix seconds by the machine's clock, which anybody may set at any time."""
    return time.time()


def new_owner() -> str:
    """A name for this process that no other process, on this boot or a later one, will have."""
    return f"{_boot_id()}.{os.getpid()}.{secrets.token_hex(4)}"


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text("ascii").strip() if path.exists() else secrets.token_hex(16)
