"""A proposal put into a working tree by the patches' rules, and looked at as git sees it: tree, files, diff."""

from collections.abc import Mapping

import msgspec

from agents.relay.capsules import capsule
from agents.relay.contracts import Capsule, ValidateRequest
from agents.relay.patches import apply, plan
from agents.relay.patches.contracts import Policy, Refusal
from agents.relay.patches.names import is_protected
from agents.relay.workspace import Worktree

HOSTILE = "path-"
"""Refusals whose code begins so are about where a patch wants to write."""


class Refuted(Exception):
    """Ends a validation with its capsule. ``check`` is the check that failed."""

    def __init__(self, capsule: Capsule, check: str, note: str = "") -> None:
        super().__init__(capsule.title)
        self.capsule, self.check, self.note = capsule, check, note


class Proposal(msgspec.Struct, frozen=True):
    """What became of the tree."""

    tree: str
    files: tuple[str, ...]
    diff: str
    method: str
    tolerated: tuple[str, ...]


def apply_proposal(worktree: Worktree, request: ValidateRequest, policy: Policy) -> Proposal:
    """Apply a bundle, all of it or nothing; blocks.

    Raises:
        Refuted: the bundle was refused, or changes nothing.
    """
    planned = plan(worktree.path, request.changes, policy)
    done = planned if isinstance(planned, Refusal) else apply(planned)
    if isinstance(done, Refusal):
        raise Refuted(_of_refusal(done), "apply", done.message)
    tree = worktree.stage(done.files)
    names, diff = worktree.changes(tree)
    if not names:
        nothing = Refusal("no-change", "", 0, "The proposal leaves every file as it is.")
        raise Refuted(_of_refusal(nothing), "apply", nothing.message)
    return Proposal(tree, tuple(names), diff, done.method, done.tolerated)


def check_tree(proposal: Proposal, failed: Mapping[str, Capsule]) -> None:
    """Refute a proposal whose resulting tree was refuted before: it is that defect again.

    Raises:
        Refuted: with the earlier capsule.
    """
    before = failed.get(proposal.tree)
    if before is not None:
        raise Refuted(before, "same-tree", f"this gives the very tree that failed before with {before.defect_id}")


def check_protected(files: tuple[str, ...] | list[str], policy: Policy, when: str) -> None:
    """Hold that no protected file differs from the parent's.

    Raises:
        Refuted: one does; ``when`` says how it came about.
    """
    touched = [path for path in files if is_protected(path, policy)]
    if touched:
        title = f"{touched[0]} is protected and was changed {when}"
        raise Refuted(
            capsule(
                "tampering",
                title=title,
                location=touched[0],
                failing_check="tests-unchanged",
                error=f"changed {when}: {', '.join(touched[:10])}",
                cause="What judges a proposal must stay as it is.",
                steps=["Leave tests and other protected files alone; change the code they test."],
                files=touched[:8],
            ),
            "tests-unchanged",
            title,
        )


def _of_refusal(refusal: Refusal) -> Capsule:
    where = f"{refusal.file}:{refusal.line}" if refusal.line else refusal.file
    steps = ["Copy context lines exactly from the file as it is shown; nothing of the refused bundle was applied."]
    if refusal.code.startswith(HOSTILE):
        steps = ["Propose files inside the repository that are not protected."]
    if refusal.code in ("empty", "no-change"):
        steps = ["Propose a change that reaches the goal."]
    return capsule(
        "patch",
        title=f"The patch was refused: {refusal.message}",
        location=refusal.file,
        failing_check="apply",
        error=f"{refusal.code} {refusal.file}",
        cause=f"{refusal.message} ({refusal.code}{', at ' + where if where else ''})",
        steps=steps,
        observations=["The real lines nearest the miss:", *refusal.nearest.split("\n")] if refusal.nearest else (),
        files=[refusal.file] if refusal.file else (),
    )
