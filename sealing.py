"""A process that holds secrets leaves no picture of its memory behind."""

import ctypes
import logging
import resource
import sys

PR_SET_DUMPABLE = 4
"""prctl(2)."""
log = logging.getLogger("vespera.sealing")


def seal() -> None:
    """No core dumps, also not into a pipe; no other process of this user reads the memory (ptrace, ``/proc/…/mem``).

    Programs it starts begin with that core limit and may set their own; the seal itself is not handed on. Where the
    kernel does not know the call this is logged and the process goes on.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))  # the sandbox sets its commands' own limits below the same
    if not sys.platform.startswith("linux"):
        return
    # A pipe in kernel.core_pattern is not bound by the limit, but by this.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        log.warning("the kernel refused to seal this process; its core dumps may hold secrets")
