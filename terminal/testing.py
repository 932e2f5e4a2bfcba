"""`./vespera test`: lint, types and all tests, then what was skipped and why, in the closing lines."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from settings import HOME
from terminal import reliability

_AT_ONCE = ("-q", "-n", str(min(os.cpu_count() or 1, 4)))
"""How a whole run is made: one process a core. Where arguments are given they alone decide."""


class Step(NamedTuple):
    """One tool's outcome."""

    name: str
    ok: bool
    seconds: float
    text: str = ""


def test(arguments: Sequence[str]) -> int:
    """Run everything, also after a failure; 0 only when all of it passed and tests were run at all.

    When all passed, docs/reliability.md gets the figures: after a whole run outside continuous integration, or with
    ``--write``. Every other argument goes to pytest.
    """
    pytest_arguments = [argument for argument in arguments if argument != "--write"]
    write = len(pytest_arguments) < len(arguments) or not (pytest_arguments or os.environ.get("CI"))
    steps = [
        _run("lint", "ruff", "check", "."),
        _run("format", "ruff", "format", "--check", "."),
        _run("types", "mypy", "."),
    ]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ran = _run("tests", "pytest", f"--junitxml={report}", *(pytest_arguments or _AT_ONCE))
        counts, skips = _read(report)
        steps.append(ran._replace(ok=ran.ok and counts.ran > 0, text=str(counts)))
        told = reliability.update(report, write=write) if all(step.ok for step in steps) else ""
    sys.stdout.write("\n" + "\n".join(_line(step) for step in steps) + "\n")
    for reason in skips:
        sys.stdout.write(f"  skipped  {reason}\n")
    sys.stdout.write(f"  {told}\n" if told else "")
    sys.stdout.flush()
    return 0 if all(step.ok for step in steps) else 1


def _run(name: str, *tool: str) -> Step:
    sys.stdout.write(f"== {' '.join(tool[:3])}\n")
    sys.stdout.flush()
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", *tool], cwd=HOME, stdin=subprocess.DEVNULL, check=False)
    return Step(name, done.returncode == 0, time.monotonic() - began)


class Counts(NamedTuple):
    """What pytest reported."""

    passed: int
    failed: int
    skipped: int

    @property
    def ran(self) -> int:
        """Tests that really ran."""
        return self.passed + self.failed

    def __str__(self) -> str:
        if not self.ran:
            return "no test ran"
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def _read(report: Path) -> tuple[Counts, list[str]]:
    if not report.exists():
        return Counts(0, 0, 0), []
    failed = total = 0
    skips: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (pytest wrote it a moment ago)
        total += 1
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif (skipped := case.find("skipped")) is not None:
            reason = re.sub(r"^Skipped: ", "", skipped.get("message") or "no reason given")
            skips.setdefault(reason, []).append(f"{case.get('classname', '')}::{case.get('name', '')}")
    skipped_count = sum(len(names) for names in skips.values())
    lines = [f"{len(names)} × {reason} ({names[0]}{' …' if len(names) > 1 else ''})" for reason, names in skips.items()]
    return Counts(total - failed - skipped_count, failed, skipped_count), lines


def _line(step: Step) -> str:
    return f"{'✓' if step.ok else '✗'} {step.name:<7} {step.seconds:6.1f} s  {step.text}".rstrip()
