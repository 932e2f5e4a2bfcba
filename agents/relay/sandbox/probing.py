"""What this machine's sandbox stops and what not, found by starting one, and told in plain sentences."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.relay.sandbox import disk
from agents.relay.sandbox.bubblewrap import Bubblewrap
from agents.relay.sandbox.cgroups import Place
from agents.relay.sandbox.contracts import Limits, Outcome, Probe
from agents.relay.sandbox.weak import LACKS
from errors import SandboxFailed

MISSING = "Bubblewrap (the program bwrap) is not installed. Install it: sudo apt install bubblewrap."
NAMESPACES = (
    "The usual cause is a machine that gives user namespaces to root alone: a container, "
    "kernel.apparmor_restrict_unprivileged_userns=1 (Ubuntu) or user.max_user_namespaces=0."
)
_NO_GROUP = (
    "No control group can be made here, so memory and disk are looked at twenty times a second: "
    "a job may pass its memory limit for a moment, and what the kernel holds for it (pipes, sockets) is not counted."
)
_UNBOUNDED = (
    "Working trees lie on a filesystem that other things use: a job that writes without end is stopped "
    "within about a tenth of a second, not by a full disk of its own."
)
_ROOT = "The relay runs as root: whoever finds a hole in the kernel's isolation is root. Run it as an ordinary user."
_NO_FILTER = "System calls are not filtered on this processor: only x86_64 and aarch64 are known."

# What must be true inside, said by the shell alone: no other program is sure to be there.
_LOOK = r"""
[ "$(echo /root/* /home/* /run/* /var/*)" = "/root/* /home/* /run/* /var/*" ] || echo "the host's folders are seen"
( : > /usr/vespera-probe ) 2> /dev/null && echo "the system can be written"
( : > /vespera-probe ) 2> /dev/null && echo "the root can be written"
( : > /proc/sys/kernel/core_pattern ) 2> /dev/null && echo "the kernel's settings can be written"
( : > /proc/self/mem ) 2> /dev/null && echo "memory of processes can be written"
: > probe || echo "the working tree cannot be written"
while read -r name value rest; do
  case $name in
    CapEff: | CapBnd:) [ "$value" = 0000000000000000 ] || echo "capabilities are left" ;;
    NoNewPrivs:) [ "$value" = 1 ] || echo "new privileges can be had" ;;
    Seccomp:) [ "$value" = "$1" ] || echo "system calls are not filtered" ;;
  esac
done < /proc/self/status
while read -r name rest; do
  case $name in *:) [ "$name" = lo: ] || echo "the network is seen" ;; esac
done < /proc/net/dev
[ $$ -lt 10 ] || echo "the host's processes are seen"
"""


async def probe(
    run: Callable[..., Awaitable[Outcome]], walls: Bubblewrap, place: Place | None, worktrees: Path | None
) -> Probe:
    """Start a sandbox and look around in it.

    Raises:
        SandboxFailed: it cannot be made, or does not hold what it must.
    """
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="vespera-probe-")
    try:
        found = await run(
            ["/bin/sh", "-c", _LOOK, "sh", "2" if walls.filter else "0"],
            Path(folder),
            limits=Limits(wall_s=20, tmp_mb=1, workspace_mb=1),
        )
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if found.exit_code != 0 or found.output.strip():
        seen = "; ".join(dict.fromkeys(found.output.split("\n"))).strip("; ") or f"it ended by {found.ended}"
        raise SandboxFailed(f"A sandbox was started and does not hold: {seen}.")
    lacks = [] if walls.filter else [_NO_FILTER]
    if os.geteuid() == 0:
        lacks.append(_ROOT)
    return Probe(
        mode="bubblewrap",
        lacks=(*lacks, *await asyncio.to_thread(_limits_lack, place, worktrees)),
        version=await asyncio.to_thread(_version, walls.program),
    )


def weak_probe(place: Place | None, worktrees: Path | None) -> Probe:
    """What the weaker mode does not stop. Touches the disk."""
    return Probe(mode="weak", lacks=(*LACKS, *_limits_lack(place, worktrees)))


def refusal(trouble: str) -> str:
    """Why nothing is run, and what allowing the weaker mode would mean."""
    return (
        f"{trouble} Until then no command of a repository is run. The owner can allow the weaker mode "
        "(VESPERA_RELAY_WEAK_SANDBOX=allow), which does not stop this: " + " ".join(LACKS)
    )


def _limits_lack(place: Place | None, worktrees: Path | None) -> tuple[str, ...]:
    lacks = [] if place is not None else [_NO_GROUP]
    if worktrees is None or not disk.bounded(worktrees):
        lacks.append(_UNBOUNDED)
    return tuple(lacks)


def _version(program: str) -> str:
    ran = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return ran.stdout.strip()
