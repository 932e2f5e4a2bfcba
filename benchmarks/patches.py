"""Model-like diffs of real commits: how many are applied exactly, wrongly or not at all, beside git and patch."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from agents.relay.patches import Policy, Refusal, apply, plan, read_patches
from benchmarks import patch_faults as faults
from benchmarks import patch_sources as sources
from benchmarks.patch_faults import Case


class Outcome(NamedTuple):
    """What a tool did with one case."""

    verdict: str
    """``exact``, ``wrong`` (said yes, left another text), ``refused``, ``dirty`` (said no, changed the tree)."""
    seconds: float
    note: str = ""


Tool = Callable[[Path, Case], tuple[bool, str]]


def ours(root: Path, case: Case) -> tuple[bool, str]:
    planned = plan(root, read_patches(case.reply), Policy(protected=()))
    done = planned if isinstance(planned, Refusal) else apply(planned)
    if isinstance(done, Refusal):
        return False, f"{done.code}: {done.message}"
    return True, done.method


def _command(*arguments: str) -> Tool:
    def run(root: Path, case: Case) -> tuple[bool, str]:
        done = subprocess.run(arguments, cwd=root, input=case.reply.encode(), capture_output=True, check=False)
        return done.returncode == 0, ""

    return run


OTHERS: dict[str, Tool] = {
    "git apply": _command("git", "apply", "-"),
    "git apply --recount": _command("git", "apply", "--recount", "-"),
    "patch -l -F3": _command("patch", "-p1", "-l", "-F3", "-f", "-s", "--no-backup-if-mismatch"),
}


def attempt(tool: Tool, case: Case) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in case.before.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text)
        began = time.perf_counter()
        said_yes, note = tool(root, case)
        seconds = time.perf_counter() - began
        there = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    if said_yes:
        return Outcome("exact" if there == case.after else "wrong", seconds, note)
    return Outcome("refused" if there == case.before else "dirty", seconds, note)


def cases(edits: Sequence[sources.Edit], births: Sequence[sources.Edit], seed: int, each: int) -> Iterator[Case]:
    """`each` cases of every fault, from edits drawn at random."""
    chance = random.Random(seed)
    makers: list[Callable[[sources.Edit, random.Random], Case | None]] = list(faults.SPECIAL)
    makers += [partial(faults.case, fault) for fault in (*faults.DIFFS, *faults.FORMS)]
    for make in makers:
        found = (case for edit in chance.sample(edits, len(edits)) if (case := make(edit, chance)) is not None)
        yield from islice(found, each)
    yield from (faults.birth(edit, chance) for edit in chance.sample(births, min(each, len(births))))
    for _ in range(each):
        chosen = {edit.path: edit for edit in chance.sample(edits, chance.randint(2, 3))}
        yield faults.several_files(list(chosen.values()), chance)


def main() -> int:
    options = _options()
    edits = [edit for edit in (*sources.history(), *sources.releases(options.seed)) if edit.held_out != options.dev]
    births = [edit for edit in sources.births(options.seed) if edit.held_out != options.dev]
    found = list(cases(edits, births, options.seed, options.each))
    diffs = {case.fault for case in found} - {fault.__name__ for fault in faults.FORMS}
    which = "development" if options.dev else "held-out"
    print(f"{len(found)} cases of {len({case.fault for case in found})} kinds from {len(edits)} {which} edits")
    outcomes = [(case, attempt(ours, case)) for case in found]
    _by_fault(outcomes)
    _failures(outcomes, options.show)
    print(f"\n  {'':<28}{'cases':>7}{'exact':>9}{'wrong':>9}{'refused':>9}{'dirty':>7}{'median':>10}{'slowest':>10}")
    _row("Vespera, all forms", [outcome for _, outcome in outcomes])
    _row("Vespera, diffs", [outcome for case, outcome in outcomes if case.fault in diffs])
    for name, tool in ({} if options.alone else OTHERS).items():
        _row(name, [attempt(tool, case) for case in found if case.fault in diffs])
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--each", type=int, default=20, help="cases of each kind of fault")
    parser.add_argument("--dev", action="store_true", help="the half of the files that the locator was made with")
    parser.add_argument("--alone", action="store_true", help="leave git and patch out")
    parser.add_argument("--show", type=int, default=0, help="print so many of the cases that were not exact")
    return parser.parse_args()


def _row(name: str, outcomes: Sequence[Outcome]) -> None:
    counts = Counter(outcome.verdict for outcome in outcomes)
    times = sorted(outcome.seconds * 1000 for outcome in outcomes)
    total = len(outcomes)
    shares = "".join(f"{counts[verdict] / total:>9.1%}" for verdict in ("exact", "wrong", "refused"))
    print(f"  {name:<28}{total:>7}{shares}{counts['dirty']:>7}{times[total // 2]:>7.1f} ms{times[-1]:>7.0f} ms")


def _by_fault(outcomes: Sequence[tuple[Case, Outcome]]) -> None:
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for case, outcome in outcomes:
        by[case.fault][outcome.verdict] += 1
    for fault, counts in by.items():
        rest = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()) if verdict != "exact")
        print(f"  {fault:<28}{counts['exact']:>4} of {counts.total():>3} exact{'; ' + rest if rest else ''}")


def _failures(outcomes: Sequence[tuple[Case, Outcome]], show: int) -> None:
    missed = [(case, outcome) for case, outcome in outcomes if outcome.verdict != "exact"]
    for case, outcome in sorted(missed, key=lambda pair: pair[1].verdict != "wrong")[:show]:
        where = f"{case.fault} {case.origin} {', '.join(case.before or case.after)}"
        print(f"\n=== {where}: {outcome.verdict} ({outcome.note})\n{case.reply[:3000]}")


if __name__ == "__main__":
    sys.exit(main())
