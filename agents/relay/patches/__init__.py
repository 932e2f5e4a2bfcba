"""Patches that models write: read with patience, held against the path policy, applied whole or not at all.

``read_patches`` → ``plan`` → ``apply``; see docs/patches.md.
"""

from agents.relay.patches.contracts import Applied, FileChange, FilePatch, Plan, Policy, Refusal
from agents.relay.patches.planning import plan
from agents.relay.patches.protected import policy_of
from agents.relay.patches.reading import read_patches
from agents.relay.patches.writing import apply

__all__ = [
    "Applied",
    "FileChange",
    "FilePatch",
    "Plan",
    "Policy",
    "Refusal",
    "apply",
    "plan",
    "policy_of",
    "read_patches",
]
