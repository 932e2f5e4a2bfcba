"""Start cost of the sandbox: `true` run in it, against without it, and with layers left out one at a time.

    ./vespera bench sandbox [--rounds 40]

Milliseconds from the request to the outcome, p50 and p95; the variants take turns, so that the machine's moods hit all.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from agents.relay.sandbox.bubblewrap import Bubblewrap
from agents.relay.sandbox.contracts import Limits
from agents.relay.sandbox.sandbox import Sandbox
from agents.relay.sandbox.weak import Weak
from benchmarks.figures import percentile
from errors import Refused

GOAL_MS = 30.0
_BARE_KERNEL = ("--proc", "/proc", "--dev", "/dev")
Variant = Callable[[Path], Awaitable[object]]


def main() -> int:
    """Measure and print; exit code 1 without bubblewrap."""
    parser = argparse.ArgumentParser(prog="vespera bench sandbox", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    try:
        return asyncio.run(_measure(options.rounds))
    except Refused as error:
        print(error)
        return 1


async def _measure(rounds: int) -> int:
    sandbox = await Sandbox.open()
    variants = _variants(sandbox)
    times: dict[str, list[float]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 3):
            for name, run in variants.items():
                began = time.perf_counter()
                await run(Path(folder))
                if number >= 3:  # The first rounds fill the kernel's caches.
                    times[name].append(1_000 * (time.perf_counter() - began))
    whole = percentile(times["the sandbox"], 0.5)
    print(f"{sandbox.probe.version}, goal for the sandbox: p50 at most {GOAL_MS:g} ms")
    for name, taken in times.items():
        p50 = percentile(taken, 0.5)
        print(f"{name:<28} p50 {p50:6.1f}   p95 {percentile(taken, 0.95):6.1f} ms   {p50 / whole:4.2f} of the sandbox")
    return 0


def _variants(sandbox: Sandbox) -> dict[str, Variant]:
    walls = sandbox._walls
    assert isinstance(walls, Bubblewrap)
    found: dict[str, Variant] = {
        "the program alone": _bare,
        "bubblewrap alone": _bubblewrap_alone,
        "the sandbox": _in(sandbox),
        "without the call filter": _in(_with(sandbox, msgspec.structs.replace(walls, filter=b""))),
        "without /proc's covers": _in(_with(sandbox, msgspec.structs.replace(walls, kernel=_BARE_KERNEL))),
        "without a control group": _in(Sandbox(sandbox.probe, walls, None, ())),
    }  # fmt: skip
    weak = Weak.found()
    if weak is not None:
        found["the weaker mode"] = _in(Sandbox(sandbox.probe, weak, sandbox._place, ()))
    return found


def _with(sandbox: Sandbox, walls: Bubblewrap) -> Sandbox:
    return Sandbox(sandbox.probe, walls, sandbox._place, ())


def _in(sandbox: Sandbox) -> Variant:
    async def run(folder: Path) -> None:
        outcome = await sandbox.run(["true"], folder, limits=Limits())
        assert outcome.exit_code == 0, outcome

    return run


async def _bare(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec("true", cwd=folder)
    assert await process.wait() == 0


async def _bubblewrap_alone(folder: Path) -> None:
    options = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    process = await asyncio.create_subprocess_exec("bwrap", *options, cwd=folder)
    assert await process.wait() == 0


if __name__ == "__main__":
    sys.exit(main())
