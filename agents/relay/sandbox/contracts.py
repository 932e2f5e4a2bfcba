"""What the sandbox is asked for and what it answers.

``Sandbox`` itself lies in ``agents.relay.sandbox.sandbox``: ``await Sandbox.open(allow_weak)``, then
``await sandbox.run(command, workspace, limits=…, git_dir=…)`` as often as needed.
"""

from typing import Literal

import msgspec

Mode = Literal["bubblewrap", "weak", "none"]
Ended = Literal["exit", "timeout", "output", "memory", "disk", "killed"]

WORKSPACE = "/workspace"
"""Where a job finds its working tree, whatever the host calls it: reports of two runs can be compared as text."""
KEPT_HEAD = 16 * 1_024
KEPT_TAIL = 48 * 1_024
"""Characters of output kept from the beginning and from the end; what lies between is counted and left out."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one run may use. Reaching one ends the run or makes the program's own call fail, never harms the machine."""

    wall_s: float = 300.0
    """Seconds from start to end."""
    cpu_s: int = 300
    """Seconds of CPU of any one process."""
    memory_mb: int = 400
    """MiB of all processes together, `/tmp` and `/dev/shm` included where a cgroup counts."""
    processes: int = 128
    """Processes and threads at a time."""
    open_files: int = 1_024
    """Open files of any one process."""
    file_mb: int = 128
    """MiB of any one file."""
    output_kb: int = 4_096
    """KiB on standard output and error together."""
    tmp_mb: int = 64
    """MiB of `/tmp`, and of `/dev/shm` again as much."""
    workspace_mb: int = 512
    """MiB by which the working tree may grow."""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when a sandbox was really started."""

    mode: Mode
    lacks: tuple[str, ...] = ()
    """Plain sentences: what is not stopped here."""
    version: str = ""
    """``bubblewrap 0.8.0``; empty without one."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one run ended. Nothing of it is left running."""

    exit_code: int | None
    """As a shell counts: 128 + signal. None when the sandbox ended the run."""
    ended: Ended
    """``exit``: by itself. ``memory``, ``disk``, ``output``, ``timeout``: at a limit. ``killed``: by a signal."""
    output: str
    """Standard output and error as they came, head and tail, without control characters."""
    seconds: float
    max_rss_kb: int
    """Highest memory seen of all processes together, in KiB; 0 when it was over before the first look."""
