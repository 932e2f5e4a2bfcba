"""Defect capsules: one failed check as the next Builder needs to read it."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from agents.relay.contracts import Capsule, CheckRun, Severity
from agents.relay.normalise import headline, normalised, places, plain, telling

OBSERVED_LINES = 40
OBSERVED_CHARACTERS = 3_000
_SEVERITIES: dict[str, Severity] = {
    "patch": "major", "build": "critical", "lint": "minor", "test": "major", "probe": "major", "coverage": "minor",
    "tampering": "critical", "fewer-tests": "critical", "critique": "major", "sandbox": "major",
}  # fmt: skip
_STEPS = {
    "build": "Make the build pass; nothing else is looked at before it does.",
    "lint": "Mend what the linter names.",
    "test": "Make the failing test pass by mending the code it tests; the test itself is fixed.",
    "probe": "Make the probe's check pass.",
}


def content_hash(kind: str, location: str, failing_check: str, error: str) -> str:
    """SHA-256 over what makes two defects the same one; prose is left out, because it varies."""
    return sha256(msgspec.json.encode([kind, location, failing_check, normalised(error)])).hexdigest()


def capsule(
    kind: str,
    *,
    title: str,
    location: str,
    failing_check: str,
    error: str,
    cause: str,
    steps: Sequence[str] = (),
    observations: Sequence[str] = (),
    script: str = "",
    files: Sequence[str] = (),
    suggestion: str = "",
    severity: Severity | None = None,
) -> Capsule:
    """A capsule with its hash. ``defect_id`` is the hash's beginning: the same defect has the same id."""
    error = normalised(error)
    digest = content_hash(kind, location, failing_check, error)
    return Capsule(
        defect_id=f"d-{digest[:12]}",
        title=_line(title),
        severity=severity or _SEVERITIES.get(kind, "major"),
        type=kind,
        location=location,
        failing_check=failing_check,
        error=error,
        root_cause_synopsis=cause,
        prescriptive_fix_steps=tuple(steps),
        repro_steps=(f"Apply the proposal to the parent commit, then run: {script}",) if script else (),
        repro_steps_script=script,
        observations=tuple(observations),
        suspected_files=tuple(files),
        test_suggestion=suggestion,
        vector_key=f"{kind}:{digest[:24]}",
        content_hash=digest,
    )


def of_command(kind: str, run: CheckRun, proposed: Sequence[str]) -> Capsule:
    """The capsule of a command that failed; ``proposed`` are the files the proposal touched."""
    error = telling(run.output) or run.note or f"exit code {run.exit_code}"
    seen = places(run.output)
    own = [path for path, _ in seen if path in proposed]
    location = own[0] if own else (seen[0][0] if seen else "")
    first = headline(error)
    cause = run.note or f"`{run.command}` ended with exit code {run.exit_code}: {first}"
    return capsule(
        kind,
        title=f"{run.name} failed: {first}",
        location=location,
        failing_check=run.name,
        error=error,
        cause=_line(cause),
        steps=[_STEPS.get(kind, "Mend what the check names.")],
        observations=_tail(run.output),
        script=run.command,
        files=tuple(dict.fromkeys([*own, *(path for path, _ in seen)]))[:8] or tuple(proposed[:8]),
        suggestion=f"Keep `{run.command}` green." if kind == "test" else "",
    )


def _tail(output: str) -> list[str]:
    """The end of an output, within bounds; the beginning of long lines."""
    lines = [line.rstrip()[:300] for line in plain(output).split("\n") if line.strip()][-OBSERVED_LINES:]
    while lines and sum(map(len, lines)) > OBSERVED_CHARACTERS:
        lines.pop(0)
    return lines


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
