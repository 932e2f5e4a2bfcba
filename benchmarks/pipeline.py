"""CPU, latency, memory and disk of one task, against LangGraph with its SQLite checkpointer on the same pipeline.

    ./vespera bench pipeline [--rounds 5] [--tasks 300]

Both sides run three nodes (arbiter, weaver, critic) with a model without latency and every acknowledged step synced to
disk, each in a process of its own, in turn, so that the ratios hold on a noisy machine. LangGraph is in
`requirements-bench.txt` alone.
"""

import argparse
import sys
from importlib.util import find_spec
from typing import Any

from benchmarks.figures import median_of, run_child

OURS, THEIRS = "benchmarks.sides.vespera_pipeline", "benchmarks.sides.langgraph_pipeline"
FIGURES = {
    "cpu_ms": "CPU per task, ms",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "tasks_s": "tasks per second",
    "disk_bytes": "disk bytes per task",
    "resident_mib": "resident memory, MiB",
}


def main() -> int:
    """Run the rounds and print a table for each concurrency."""
    parser = argparse.ArgumentParser(prog="vespera bench pipeline", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=300)
    options = parser.parse_args()
    peer = find_spec("langgraph") is not None
    if not peer:
        print("LangGraph is not installed (pip install -r requirements-bench.txt): Vespera's figures alone.")
    bare = run_child("benchmarks.sides.bare_python")
    for concurrency in (1, 3):
        arguments = ("--tasks", str(options.tasks), "--concurrency", str(concurrency))
        ours: list[dict[str, Any]] = []
        theirs: list[dict[str, Any]] = []
        for _ in range(options.rounds):
            ours.append(run_child(OURS, *arguments))
            if peer:
                theirs.append(run_child(THEIRS, *arguments))
        print(f"\nconcurrency {concurrency}, medians of {options.rounds} interleaved rounds of {options.tasks} tasks")
        _table(ours, theirs, bare)
    return 0


def _table(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], bare: dict[str, Any]) -> None:
    print(f"  {'':<34}{'Vespera':>11}{'LangGraph':>11}{'ratio':>9}")
    rows = [
        (label, median_of(ours, name), median_of(theirs, name) if theirs else None) for name, label in FIGURES.items()
    ]
    resident, peers = rows[-1][1], rows[-1][2]
    for name, base in (("the interpreter", "interpreter_mib"), ("a loop and SQLite", "with_loop_mib")):
        added = None if peers is None else peers - bare[base]
        rows.append((f"memory added over {name}, MiB", resident - bare[base], added))
    for label, mine, other in rows:
        ratio = "" if not other else f"1/{other / mine:.1f}" if mine < other else f"{mine / other:.2f}"
        print(f"  {label:<34}{mine:>11,.2f}{other or 0:>11,.2f}{ratio:>9}" if other else f"  {label:<34}{mine:>11,.2f}")


if __name__ == "__main__":
    sys.exit(main())
