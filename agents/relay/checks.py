"""The checks of one validation: commands in the sandbox and what their output says, each kept as a `CheckRun`."""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agents.relay.capsules import capsule, of_command
from agents.relay.contracts import CheckRun
from agents.relay.normalise import count_of_tests, coverage
from agents.relay.proposal import Refuted
from agents.relay.sandbox.contracts import Limits, Outcome
from agents.relay.sandbox.sandbox import Sandbox
from agents.relay.steps import Plan, Step
from errors import RelayError

KEPT_CHARACTERS = 6_000
"""Of a check's output in the ledger."""
LEAST_S = 1.0
NOT_FOUND = 127
"""A shell's exit code for a command that is not there."""
_RUNNERS = ("pytest", "unittest", "cargo test")
"""Runners that say how many tests ran: silence on success means that the run was cut short from inside."""


class Checks:
    """Gathers what was run. Stops at the first failure."""

    def __init__(self, sandbox: Sandbox, workspace: Path, git_dir: Path, limits: Limits, deadline: float) -> None:
        self._sandbox, self._workspace, self._git_dir = sandbox, workspace, git_dir
        self._limits, self._deadline = limits, deadline
        self.runs: list[CheckRun] = []
        self.tests: int | None = None
        self.coverage: float | None = None

    @property
    def passed(self) -> list[str]:
        """Names of the checks that passed."""
        return [run.name for run in self.runs if run.ok]

    def note(self, name: str, ok: bool = True, note: str = "", seconds: float = 0.0) -> CheckRun:
        """Keep a check that is no command."""
        run = CheckRun(name=name, ok=ok, note=note, seconds=round(seconds, 3))
        self.runs.append(run)
        return run

    async def run_all(self, plan: Plan, proposed: Sequence[str]) -> None:
        """Run every step in its order.

        Raises:
            Refuted: one failed.
            SandboxFailed: the sandbox could not be made; nothing was proved or refuted.
        """
        for step in plan.steps:
            run = await self._run(step, plan)
            if run.exit_code == NOT_FOUND:
                _hold_there(step, run)
            if not run.ok:
                raise Refuted(of_command(step.kind, run, proposed), "")
            if step.kind == "test":
                self._count(step, run)
        if plan.coverage_min is not None:
            self._hold_coverage(plan.coverage_min)

    def hold_count(self, before: int | None) -> None:
        """Hold that no fewer tests ran than before. Raises Refuted."""
        if before is None or self.tests is None or self.tests >= before:
            return
        raise Refuted(
            capsule(
                "fewer-tests",
                title=f"{self.tests} tests passed, at the last checkpoint {before} did",
                location="",
                failing_check="test-count",
                error=f"{before - self.tests} tests are gone",
                cause="A proposal may not make tests disappear.",
                steps=["Let every test run again."],
            ),
            "test-count",
        )

    async def _run(self, step: Step, plan: Plan) -> CheckRun:
        left = self._deadline - time.monotonic()
        wall = min(step.seconds, left)
        if wall < LEAST_S:
            run = CheckRun(name=step.name, ok=False, command=step.script, note="the Verifier's budget of time is spent")
            self.runs.append(run)
            return run
        outcome = await self._sandbox.run(
            ["sh", "-c", step.script],
            self._workspace,
            limits=_within(self._limits, wall),
            git_dir=self._git_dir,
            read_only=[Path(path) for path in plan.shown],
        )
        run = CheckRun(
            name=step.name,
            ok=outcome.ended == "exit" and outcome.exit_code == 0,
            command=step.script,
            exit_code=outcome.exit_code,
            seconds=round(outcome.seconds, 3),
            output=outcome.output[-KEPT_CHARACTERS:],
            note=_ending(outcome, wall),
        )
        self.runs.append(run)
        return run

    def _count(self, step: Step, run: CheckRun) -> None:
        found = count_of_tests(run.output)
        if found is not None:
            self.tests = (self.tests or 0) + found
        elif any(runner in step.script for runner in _RUNNERS):
            raise Refuted(
                capsule(
                    "tampering",
                    title=f"{step.name} ended with code 0 and without saying how many tests ran",
                    location="",
                    failing_check="test-count",
                    error="the runner was ended before its report",
                    cause="Something in the proposal ends the process that runs the tests.",
                    steps=["Let the test runner come to its end and report."],
                    observations=run.output.split("\n")[-20:],
                    script=step.script,
                ),
                "test-count",
            )
        self.coverage = coverage(run.output) if coverage(run.output) is not None else self.coverage

    def _hold_coverage(self, least: float) -> None:
        found = self.coverage
        if found is not None and found >= least:
            self.note("coverage", note=f"{found:g} % of at least {least:g} %")
            return
        said = "no figure was printed" if found is None else f"{found:g} %"
        raise Refuted(
            capsule(
                "coverage",
                title=f"Coverage is below {least:g} %: {said}",
                location="",
                failing_check="coverage",
                error=f"below {least:g}: {said}",
                cause=f"relay.toml asks for {least:g} %." + (" No test prints a coverage." if found is None else ""),
                steps=["Cover the new code with tests, or simplify it."],
            ),
            "coverage",
            said,
        )


def _hold_there(step: Step, run: CheckRun) -> None:
    """A program that is missing in the sandbox is nobody's defect.

    Raises:
        RelayError: the step's own program is missing.
    """
    program = step.script.split()[0]
    if f"{program}: not found" in run.output or f"{program}: command not found" in run.output:
        raise RelayError(
            f'The check "{step.name}" cannot be run: {program} is not there in the sandbox. Nothing was judged. '
            "Install it for the whole system, or name its folder as readonly in relay.toml; then resume the job."
        )


def _within(limits: Limits, wall: float) -> Limits:
    return msgspec.structs.replace(limits, wall_s=wall, cpu_s=max(1, min(limits.cpu_s, int(wall) + 1)))


def _ending(outcome: Outcome, wall: float) -> str:
    told = {
        "timeout": f"it took longer than {wall:g} s and was ended",
        "output": "it printed more than is allowed and was ended",
        "memory": "it used more memory than is allowed and was ended",
        "disk": "it wrote more than is allowed and was ended",
        "killed": "it was killed from inside",
    }
    return told.get(outcome.ended, "")
