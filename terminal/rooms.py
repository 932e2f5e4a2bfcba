"""The doctor's look at the memory, the relay and its sandbox, the limits on memory, and who may read the figures."""

import asyncio
import contextlib
import ipaddress
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import quote

from errors import NoJobs, RelayGone, StoreError, VesperaError
from settings import Settings
from terminal.findings import Finding

SERVICES = {"vespera": 200, "vespera-relay": 300}
"""Units and the MiB that each needs at least; see their files."""
_NO_LIMIT = 1 << 60
"""The kernel and systemd write limits this large where there is none."""


def tiers(data_dir: Path) -> list[Finding]:
    """A quick look at the memory's file; every row and index is read by ``./vespera memory check``."""
    path = data_dir / "memory.sqlite"
    if not path.exists():
        return [Finding("memories", True, "nothing was remembered yet")]
    fix = "./vespera memory check says what; restore a backup"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as found:
            ((word,),) = found.execute("PRAGMA quick_check(1)").fetchall()
            ((records, damaged),) = found.execute(
                "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM quarantine)"
            ).fetchall()
    except sqlite3.Error as error:
        return [Finding("memories", False, f"{path} cannot be read: {error}", fix)]
    if word != "ok":
        return [Finding("memories", False, f"{path} is damaged: {word}", fix)]
    aside = f", {damaged} set aside because a check failed" if damaged else ""
    return [Finding("memories", not damaged, f"{records} records, {path.stat().st_size / 2**20:.1f} MiB{aside}", fix)]


async def relay(settings: Settings) -> list[Finding]:
    """The sandbox, and whether somebody works on the coding jobs."""
    used = bool(settings.relay_repositories) or (settings.data_dir / "relay.sqlite").exists()
    return [await _sandbox(settings, used), *await _jobs(settings)]


async def _sandbox(settings: Settings, used: bool) -> Finding:
    from agents.relay.sandbox.sandbox import Sandbox

    worktrees = Path(settings.relay_worktrees) if settings.relay_worktrees else None
    try:
        found = await Sandbox.look(settings.relay_weak_sandbox == "allow", worktrees=worktrees)
    except VesperaError as error:
        return Finding("sandbox", not used, str(error), "docs/sandbox.md")
    if found.mode == "bubblewrap":
        version = found.version or "bubblewrap"
        return Finding("sandbox", True, " ".join((f"{version} holds.", *found.lacks)) if used else f"{version} holds")
    lacks = " ".join(found.lacks)
    if found.mode == "weak":
        return Finding("sandbox", True, f"the weaker mode, as VESPERA_RELAY_WEAK_SANDBOX allows. {lacks}")
    text = lacks.partition(" Until then")[0]
    return Finding("sandbox", not used, text if used else f"only coding jobs need it: {text}", "docs/sandbox.md")


async def _jobs(settings: Settings) -> list[Finding]:
    from agents.relay.reading import job_counts
    from agents.relay.socket import RemoteDesk

    fix = "sudo systemctl start vespera-relay, or ./vespera relay serve"
    try:
        counts = await job_counts(settings.data_dir)
    except (StoreError, NoJobs, OSError) as error:
        return [Finding("relay", False, f"its file cannot be read: {error}", "restore a backup: docs/operations.md")]
    if not counts:
        return [Finding("relay", True, "no coding job was started yet")]
    text = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    try:
        async with asyncio.timeout(10):
            desk = await RemoteDesk.open(settings.data_dir)
            await desk.close()
    except (RelayGone, TimeoutError, OSError):
        waiting = counts.get("queued", 0) + counts.get("running", 0)
        return [Finding("relay", not waiting, f"jobs: {text}; no relay is running", fix)]
    except VesperaError as error:
        return [Finding("relay", False, f"jobs: {text}; the relay does not answer: {error}", fix)]
    return [Finding("relay", True, f"jobs: {text}; the relay answers")]


def limits() -> list[Finding]:
    """What holds the memory of the services, or of this container."""
    if shutil.which("systemctl") and Path("/run/systemd/system").is_dir():
        return [finding for unit, least in SERVICES.items() if (finding := _of_unit(unit, least)) is not None]
    limit = container_limit(Path("/sys/fs/cgroup"))
    if limit is None:
        return [Finding("limits", True, "nothing limits the memory here but the machine")]
    mib = limit // 2**20
    return [Finding("limits", mib >= 256, f"this container may use {mib} MiB", "give it 450 MiB: mem_limit")]


def _of_unit(unit: str, least_mib: int) -> Finding | None:
    done = subprocess.run(
        ["systemctl", "show", unit, "-p", "LoadState,MemoryHigh,MemoryMax"],
        capture_output=True, text=True, timeout=10, check=False,
    )  # fmt: skip
    told = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    if told.get("LoadState") != "loaded":
        return None
    most = told.get("MemoryMax", "infinity")
    if not most.isdecimal() or int(most) >= _NO_LIMIT:
        fix = f"sudo cp systemd/{unit}.service /etc/systemd/system/ && sudo systemctl daemon-reload"
        return Finding("limits", False, f"{unit} may use all memory of this machine", fix)
    mib = int(most) // 2**20
    return Finding("limits", mib >= least_mib, f"{unit} may use {mib} MiB", f"MemoryMax= in systemd/{unit}.service")


def container_limit(root: Path) -> int | None:
    """Bytes that the control group at this mount point may use; None where nothing limits it."""
    for path in (root / "memory.max", root / "memory" / "memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            limit = int(path.read_text("ascii"))
            return limit if limit < _NO_LIMIT else None
    return None


def figures(settings: Settings) -> list[Finding]:
    """Who may read /metrics, and whether spans can leave."""
    from telemetry import otel

    found = []
    address = settings.metrics_address
    if settings.metrics_port:
        place = f"http://{address}:{settings.metrics_port}/metrics"
        loopback = ipaddress.ip_address(address).is_loopback
        text = place if loopback else f"{place}: whoever reaches that address reads them"
        found.append(Finding("metrics", True, text))
    if settings.otel_url and not otel.installed():
        fix = ".venv/bin/python -m pip install --only-binary :all: -r requirements-otel.txt"
        found.append(Finding("otel", False, "VESPERA_OTEL_URL is set and its packages are missing", fix))
    elif settings.otel_url:
        found.append(Finding("otel", True, "spans of tasks and model calls leave; no text of them"))
    return found
