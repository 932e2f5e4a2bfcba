"""The doctor's look at Python, packages, memory and the service."""

import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from settings import HOME
from terminal.findings import Finding

LEAST_MEMORY_MIB = 256
"""The unit's MemoryHigh is 350 MiB and a working bot takes up to 200."""
_UNIT = Path("/etc/systemd/system/vespera.service")


def python() -> Finding:
    """Python 3.11 or newer."""
    return Finding(
        "python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.machine()}",
        "sudo apt install python3 python3-venv",
    )  # fmt: skip


def packages() -> Finding:
    """Every package of requirements.txt in its pinned version."""
    wrong = []
    pins = re.findall(r"^([\w.-]+)==([\w.]+)(.*)$", (HOME / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    for name, version, marker in pins:
        if marker and sys.version_info < (3, 13):
            continue
        try:
            if metadata.version(name) != version:
                wrong.append(f"{name} is {metadata.version(name)}, not {version}")
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
    text = "; ".join(wrong[:3]) if wrong else f"{len(pins)} as pinned"
    return Finding("packages", not wrong, text, f"remove {HOME / '.venv'} and run the command again")


def memory() -> Finding:
    """Enough memory left to run."""
    match = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
    free = int(match.group(1)) // 1024 if match else 0
    return Finding("memory", free >= LEAST_MEMORY_MIB, f"{free} MiB available", "stop something, or add swap")


def service() -> list[Finding]:
    """The systemd unit, where one is installed."""
    if not shutil.which("systemctl") or not Path("/run/systemd/system").is_dir():
        return [Finding("service", True, "no systemd here; ./vespera bot runs in the foreground")]
    if not _UNIT.exists():
        return [Finding("service", True, "no unit installed; docs/install.md tells how")]
    done = subprocess.run(
        ["systemctl", "is-active", "vespera.service"], capture_output=True, text=True, timeout=10, check=False
    )
    state = done.stdout.strip() or "unknown"
    return [Finding("service", state == "active", state, "journalctl -u vespera -n 50 says why")]
