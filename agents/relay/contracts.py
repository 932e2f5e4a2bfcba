"""What Builder, Verifier and Scheduler hand each other: versioned records, read strictly.

A record of another version, or with a value of another type, is refused; nothing is converted on the quiet.
"""

from typing import Final, Literal

import msgspec

from agents.relay.patches.contracts import FilePatch
from blackboard.contracts import CallRecord

VERSION: Final[Literal[1]] = 1
SYNOPSIS_WORDS = 120
"""Longest synopsis; the next prompt starts from it alone."""

Severity = Literal["critical", "major", "minor", "style"]
Failure = Literal["", "malformed", "timeout", "unavailable"]


class BuilderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a Builder answers. Keys beyond the first three may be left out."""

    synopsis: str
    patch_bundle: tuple[FilePatch, ...]
    verification_hints: tuple[str, ...]
    open_issues: tuple[str, ...] = ()
    next_goal: str = ""
    retrieval_keys: tuple[str, ...] = ()
    next_input: str = ""
    commit_suggestion: str = ""
    version: Literal[1] = VERSION


class Capsule(msgspec.Struct, frozen=True, kw_only=True):
    """One defect, as the next Builder reads it. ``content_hash``: over type, location, failing check and error only."""

    defect_id: str
    title: str
    severity: Severity
    type: str
    location: str
    failing_check: str
    error: str
    """The error without what differs between two runs: times, addresses, temporary paths, line numbers."""
    root_cause_synopsis: str
    prescriptive_fix_steps: tuple[str, ...] = ()
    repro_steps: tuple[str, ...] = ()
    repro_steps_script: str = ""
    observations: tuple[str, ...] = ()
    suspected_files: tuple[str, ...] = ()
    test_suggestion: str = ""
    vector_key: str = ""
    content_hash: str
    version: Literal[1] = VERSION


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a Verifier: a command in the sandbox, or a comparison of its own."""

    name: str
    ok: bool
    command: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""
    """The end of what it printed; bounded."""
    note: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint's signature covers. ``previous``: digest of the statement before it, empty for the first."""

    job: str
    number: int
    parent: str
    tree: str
    report: str
    """Digest of the checks that passed."""
    previous: str
    approved: str = ""
    """Empty when the checks passed; else the content hash of the defect a person overruled."""
    version: Literal[1] = VERSION


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A statement with its Ed25519 signature; ``at`` (Unix seconds) becomes the commit's date."""

    statement: Statement
    signature: str
    key: str
    """The public key, hex."""
    at: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A Verifier's word: a signed checkpoint or exactly one capsule, with the checks that were run."""

    checks: tuple[CheckRun, ...]
    checkpoint: SignedCheckpoint | None = None
    capsule: Capsule | None = None
    tree: str = ""
    """The resulting tree, also of a refuted proposal; empty when it could not be applied."""
    diff: str = ""
    """What the proposal changed, as git shows it; bounded."""
    files: tuple[str, ...] = ()
    tests: int | None = None
    """Tests that ran, where the runner says."""
    calls: tuple[CallRecord, ...] = ()
    seconds: float = 0.0
    version: Literal[1] = VERSION

    def __post_init__(self) -> None:
        if (self.checkpoint is None) == (self.capsule is None):
            raise ValueError("a verdict is a checkpoint or exactly one capsule")

    @property
    def passed(self) -> bool:
        """Whether the step is proved."""
        return self.checkpoint is not None


class Lesson(msgspec.Struct, frozen=True):
    """A resolved defect from memory and what mended it."""

    memory_id: str
    defect: str
    fix: str


class BuildRequest(msgspec.Struct, frozen=True, kw_only=True):
    """All a Builder is told. It starts fresh from this every time."""

    job: str
    repo: str
    commit: str
    """What the proposal is made against."""
    mission: str
    """The job's goal; ``goal`` is what this sprint is for."""
    goal: str
    iteration: int = 1
    synopsis: str = ""
    open_issues: tuple[str, ...] = ()
    capsule: Capsule | None = None
    hint: str = ""
    warnings: tuple[str, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    protected: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """The commands that will be run, so that nobody has to guess them."""
    keys: tuple[str, ...] = ()
    """What the last answer wanted to be found: words that rank files up."""
    prompt_tokens: int = 8_000
    calls_left: int = 100
    version: Literal[1] = VERSION


class BuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a Builder's sprint: an answer, or why there is none."""

    answer: BuilderAnswer | None = None
    failure: Failure = ""
    note: str = ""
    prompt: str = ""
    raw: str = ""
    provider: str = ""
    model: str = ""
    calls: tuple[CallRecord, ...] = ()
    prompt_tokens: int = 0
    """Of the longest prompt: as the provider counted, else characters ÷ 3.5."""
    malformed: int = 0
    """Answers that could not be read: calls, not defects."""
    seconds: float = 0.0
    version: Literal[1] = VERSION


class ValidateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a Verifier is to prove or refute."""

    job: str
    sprint: int
    number: int
    """Number of the checkpoint this would become."""
    repo: str
    commit: str
    goal: str
    changes: tuple[FilePatch, ...]
    synopsis: str = ""
    previous: str = ""
    failed_trees: dict[str, Capsule] = {}
    """Resulting trees of this goal that were refuted, with their capsules."""
    author: str = ""
    """Provider of the proposal; the critique goes elsewhere where it can."""
    base: str = ""
    """The job's first commit: its relay.toml decides the checks, whatever a proposal does to the file."""
    allow: tuple[str, ...] = ()
    """Protected paths that this job may change."""
    tests_before: int | None = None
    """Tests that the last checkpoint ran; fewer now is a defect."""
    calls_left: int = 100
    version: Literal[1] = VERSION
