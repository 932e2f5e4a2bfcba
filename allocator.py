"""Memory that numeric work has freed goes back to the system.

glibc raises the size from which it maps an allocation by itself with every larger one that is freed (up to 32 MiB).
After the first index is built its arrays come from the heap, and what lies above them keeps them resident: 26 MiB here.
A size that is set stays as it is set.
"""

import ctypes
import sys
from typing import Any

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""mallopt(3)."""
MAPPED_BYTES = 256 * 1024
ARENAS = 2
"""Heaps for all threads together; by default each of a process's threads may have one of its own."""


def keep_small() -> bool:
    """Set it for this process; False where the C library has no such call (musl, macOS), which then stays as it is."""
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)) and bool(mallopt(M_ARENA_MAX, ARENAS))


def give_back() -> None:
    """Free pages between allocations go back to the system, after work that made many. Takes a few milliseconds."""
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


def _of_glibc(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
