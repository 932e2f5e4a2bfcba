"""A job as it stands on the blackboard: what was asked, where it is, what it used. All of it survives a kill."""

from typing import Any, Literal

import msgspec

from agents.contracts import Request
from agents.relay.contracts import VERSION, BuildReport, Capsule, CheckRun, Verdict
from agents.relay.patches.contracts import FilePatch

JobStatus = Literal["queued", "running", "escalated", "stopped", "done", "failed"]
Phase = Literal["idle", "building", "proposed", "judged"]
Outcome = Literal["checkpoint", "escalated", "stopped", "failed"]
OPEN: frozenset[str] = frozenset({"queued", "running"})


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a job may use; 0 is no limit."""

    iterations: int = 6
    """Sprints per goal."""
    calls: int = 1_000
    tokens: int = 3_000_000
    cost_usd: float = 10.0


class JobSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it was asked for; never changed afterwards."""

    repo: str
    goal: str
    roadmap: tuple[str, ...] = ()
    base: str
    """The commit it starts from."""
    base_branch: str = ""
    """The branch that was checked out, for the merge; empty when HEAD was detached."""
    budget: Budget = Budget()
    allow: tuple[str, ...] = ()
    """Protected paths that this job may change."""
    next_input_to: str = ""
    """Where the Builder's ``next_input`` goes after a pass: empty, ``thread``, ``webhook:NAME`` or a web address."""
    resubmit: bool = False
    """The Builder's ``next_input`` becomes the job's next request, within the budget."""
    prompt_tokens: int = 8_000
    version: Literal[1] = VERSION


class JobPayload(msgspec.Struct, frozen=True):
    """``agent_tasks.payload`` of a job; ``request`` is what `/why` names."""

    request: Request
    spec: JobSpec


class SprintPayload(msgspec.Struct, frozen=True):
    """``agent_tasks.payload`` of a sprint."""

    request: Request
    job: int
    number: int
    goal: str


class Totals(msgspec.Struct):
    """What a job has used so far."""

    iterations: int = 0
    llm_calls: int = 0
    http_errors: int = 0
    defects: int = 0
    malformed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    max_prompt_tokens: int = 0
    seconds: float = 0.0


class JobState(msgspec.Struct, kw_only=True):
    """Where a job is. Written whole with every transition."""

    status: JobStatus = "queued"
    phase: Phase = "idle"
    reason: str = ""
    """Why it ended or waits for a person: a sentence."""
    goal: str
    item: int = 0
    """The roadmap's pointer: items before it are proved."""
    goal_number: int = 1
    iteration: int = 0
    """Sprints of this goal so far, the one under way included."""
    retrieved: tuple[str, ...] = ()
    """Memories that the sprint's prompt held."""
    again: bool = False
    """The sprint that follows repeats the last one's prompt: no new try."""
    rows: int = 0
    """Ledger rows so far."""
    sprint: int = 0
    """Task of the sprint under way or the last one."""
    branch: str = ""
    """The job's own branch, ``vespera/r481``; made with the first checkpoint."""
    tip: str
    """The branch's commit; the base until there is a checkpoint."""
    tip_tree: str = ""
    checkpoints: int = 0
    previous: str = ""
    """Digest of the last checkpoint's statement."""
    tests: int | None = None
    """Tests that the last checkpoint ran, where the runner says."""
    synopsis: str = ""
    open_issues: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    capsule: Capsule | None = None
    hint: str = ""
    warnings: tuple[str, ...] = ()
    seen: dict[str, int] = {}
    """Content hashes of this goal's capsules, with the iteration they came in."""
    failed_trees: dict[str, Capsule] = {}
    timeouts: int = 0
    """Sprints in a row whose Builder did not answer."""
    unreadable: int = 0
    """Sprints in a row without one readable answer."""
    report: BuildReport | None = None
    verdict: Verdict | None = None
    began: float = 0.0
    """When the sprint under way began (Unix seconds)."""
    totals: Totals = msgspec.field(default_factory=Totals)
    grants: int = 0
    """How often a person gave the budget again."""
    trail: tuple[str, ...] = ()
    """One line for each sprint of this goal: what a person reads on escalation."""
    next_input: str = ""
    version: Literal[1] = VERSION


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sprint, whole. ``UNHASHED`` names what the ledger's digest leaves out."""

    task: int
    job: int
    parent: int
    children: tuple[int, ...] = ()
    number: int
    item: int | None
    goal: str
    iteration: int
    phase: str
    agent: str
    model: str
    repo_sha: str
    repo_tree: str
    builder_input: str
    raw_output: str
    summary: str
    retrieved: tuple[str, ...]
    diffs: tuple[FilePatch, ...]
    files: tuple[str, ...]
    checks: tuple[CheckRun, ...]
    verdict: str
    capsule: Capsule | None
    checkpoint: int | None
    commit: str
    tree: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    calls: int
    started: float
    ended: float
    decision: str
    reason: str
    next_item: int
    next_goal: str
    memory_id: str = ""
    version: Literal[1] = VERSION


UNHASHED = frozenset({"task", "job", "parent", "children", "repo_sha", "commit", "cost_usd", "started", "ended",
                      "memory_id", "retrieved"})  # fmt: skip
"""Times, cost, and what follows from them or from where the job ran: task numbers and commit ids (a commit holds its
date and signature; its tree is covered)."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A proved step and its commit; ``proof`` is the signature."""

    number: int
    commit: str
    tree: str
    report: str
    proof: str
    statement: str
    """Digest of the signed statement."""
    sprint: int
    goal: str
    item: int
    tests: int | None
    synopsis: str
    at: float
    undone: bool = False
    """Rolled back."""


class RunDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `./vespera relay run --json` prints."""

    outcome: Outcome
    reason: str
    iterations: int
    llm_calls: int
    defects: int
    checkpoints: tuple[dict[str, str], ...]
    http_errors: int
    max_prompt_tokens: int
    seconds: float
    job: str
    branch: str


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as a front shows it."""

    id: int
    tenant: str
    user: str
    spec: JobSpec
    state: JobState
    created_at: float

    @property
    def name(self) -> str:
        """``r481``."""
        return f"r{self.id}"

    @property
    def outcome(self) -> Outcome:
        """How it ended, or stands."""
        words: dict[str, Outcome] = {"done": "checkpoint", "escalated": "escalated", "stopped": "stopped"}
        return words.get(self.state.status, "failed")


def branch_of(job: int) -> str:
    """The branch a job works on."""
    return f"vespera/r{job}"


def ledger_body(row: LedgerRow) -> dict[str, Any]:
    """The part of a row that the same answers give again."""
    body = {name: value for name, value in msgspec.to_builtins(row).items() if name not in UNHASHED}
    body["checks"] = [{"name": check.name, "ok": check.ok, "exit_code": check.exit_code} for check in row.checks]
    if body["capsule"]:
        body["capsule"] = row.capsule and row.capsule.content_hash
    return body
