"""What the relay itself takes per iteration, without the model and without the tests.

    ./vespera bench relay [--iterations 60] [--files 60]

A job of many goals on a repository of so many files, with a model that answers at once in this process and a check
(`true`) that does nothing. What is left is prompt, repository map, working tree, patch, git, signature, ledger, and the
sandbox's start and end, which are measured beside it too. The goal is a p50 of 100 ms for all of it. On a busy machine
look at the CPU.
"""

import argparse
import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agents.contracts import Request
from agents.relay.jobs import OPEN
from agents.relay.orders import Order
from agents.relay.sandbox.sandbox import Sandbox
from benchmarks.figures import percentile, resident_mib
from llm.contracts import ModelCall, ModelReply
from relay_app import RelayApp, default_budget
from settings import Settings

GOAL_MS = 100.0
MODULE = "\n".join(f"def step_{n}(value, scale=1):\n    return value * scale + {n}\n\n" for n in range(40))


class Instant:
    """A model that sets the value a goal names, at once."""

    provider, model = "instant", "none"

    async def complete(self, call: ModelCall, deadline_s: float) -> ModelReply:
        if call.purpose == "critique":
            return ModelReply('{"verdict": "PASS", "violations": []}', self.provider, self.model, 0, 0, 0.0, 0.0)
        found = re.search(r"Your goal now: set (\d+)", call.user)
        number = int(found[1]) if found else 1
        diff = f"--- a/state.txt\n+++ b/state.txt\n@@ -1,2 +1,2 @@\n-value {number - 1}\n+value {number}\n end\n"
        patch = {"file": "state.txt", "diff": diff}
        said = {"synopsis": "Set it.", "patch_bundle": [patch], "verification_hints": []}
        return ModelReply(json.dumps(said), self.provider, self.model, 1_000, 100, 0.0, 0.0)

    async def close(self) -> None:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(prog="vespera bench relay", description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--files", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vespera-bench-") as name:
        asyncio.run(_measure(Path(name), options.iterations, options.files))
    return 0


async def _measure(folder: Path, iterations: int, files: int) -> None:
    repo = await asyncio.to_thread(_repository, folder / "repo", files)
    app = await RelayApp.open(Settings(data_dir=folder / "data"), models=[Instant()])
    runs: list[float] = []
    try:
        if app.sandbox is None:
            print(app.why_no_sandbox)
            return
        _watch(app.sandbox, runs)
        alone = [await _alone(app.sandbox, folder) for _ in range(10)]
        runs.clear()
        cpu = _cpu_s()
        order = Order(
            repo=str(repo), goal="count", roadmap=tuple(f"set {n}" for n in range(1, iterations + 1)),
            budget=default_budget(app.settings),
        )  # fmt: skip
        view = await app.start(Request("local", "bench", "relay.job", "/relay start"), order, owner=True)
        while view.state.status in OPEN:
            view = await app.wait("local", view.id, 10)
        rows = (await app.ledger("local", view.id)).rows
    finally:
        await app.close()
    cpu_ms = (_cpu_s() - cpu) * 1_000 / max(1, len(rows))
    walls = [(row.ended - row.started) * 1_000 for row in rows]
    in_checks = [run * 1_000 for run in runs]
    own = [wall - check for wall, check in zip(walls, in_checks, strict=True)]
    print(f"{len(rows)} iterations, {files} files, outcome {view.outcome}: {view.state.reason}")
    _line("an iteration, all of it", walls)
    _line("  of it the sandbox with the check", in_checks)
    _line("  the rest", own)
    _line("a sandbox alone, running `true`", [each * 1_000 for each in alone])
    print(f"CPU per iteration, children included  {cpu_ms:10.1f} ms")
    word = "reached" if percentile(walls, 0.5) <= GOAL_MS else "missed"
    print(f"goal p50 ≤ {GOAL_MS:g} ms: {word}; resident {resident_mib():.0f} MiB")


def _cpu_s() -> float:
    """CPU seconds of this process and its ended children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _watch(sandbox: Sandbox, runs: list[float]) -> None:
    run = sandbox.run

    async def timed(*arguments: object, **options: object) -> object:
        began = time.monotonic()
        try:
            return await run(*arguments, **options)  # type: ignore[arg-type]
        finally:
            runs.append(time.monotonic() - began)

    sandbox.run = timed  # type: ignore[method-assign,assignment]


async def _alone(sandbox: Sandbox, folder: Path) -> float:
    place = folder / "bare"
    await asyncio.to_thread(place.mkdir, exist_ok=True)
    began = time.monotonic()
    await sandbox.run(["true"], place)
    return time.monotonic() - began


def _line(name: str, values: list[float]) -> None:
    print(f"{name:<38}p50 {percentile(values, 0.5):6.1f} ms   p95 {percentile(values, 0.95):6.1f} ms")


def _repository(path: Path, files: int) -> Path:
    (path / "lib").mkdir(parents=True)
    for number in range(files):
        (path / "lib" / f"part{number:03}.py").write_text(f"import lib.part{(number + 1) % files:03}\n\n{MODULE}")
    (path / "state.txt").write_text("value 0\nend\n")
    (path / "relay.toml").write_text('test = "true"\n')
    who = ("-c", "user.name=b", "-c", "user.email=b@b")
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", "-C", str(path), *arguments], check=True, capture_output=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
