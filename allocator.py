"""Memory that numeric work has freed goes back to the system.

glibc raises the size from which it maps an allocation by itself with every larger one that is freed (up to 32 MiB).
After the first index is built its arrays come from the heap, and what lies above them keeps them resident: 26 MiB here.
A size that is set stays as it is set.
"""

import ctypes
import sys

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""mallopt(3)."""
MAPPED_BYTES = 256 * 1024
ARENAS = 2
"""Heaps for all threads together; by default each of a process's threads may have one of its own."""


def keep_small() -> bool:
    """Set it for this process; False where the C library has no such call (musl, macOS), which then stays as it is."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)) and bool(mallopt(M_ARENA_MAX, ARENAS))
