"""What every benchmark measures about its own process, and how children are run in turn."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def resident_mib() -> float:
    """VmRSS of this process in MiB."""
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1_024


def written_bytes() -> int:
    """Bytes this process has caused to be written to storage (``write_bytes`` of /proc/self/io)."""
    text = Path("/proc/self/io").read_text("ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("write_bytes")))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_child(module: str, *arguments: str, timeout_s: float = 300) -> dict[str, Any]:
    """Run ``python -m module`` and read the one JSON document it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=timeout_s,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def median_of(runs: Sequence[dict[str, Any]], name: str) -> float:
    """Median of one figure over runs."""
    return statistics.median(float(run[name]) for run in runs)
