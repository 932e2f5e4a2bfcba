"""The three roles as the Scheduler knows them: here, or elsewhere over loopback HTTP."""

from typing import Protocol

from agents.relay.contracts import BuildReport, BuildRequest, ValidateRequest, Verdict
from errors import SandboxFailed


class BuilderRole(Protocol):
    """Proposes, and has no other tool."""

    async def run_iteration(self, request: BuildRequest) -> BuildReport:
        """One sprint's proposal, or why there is none."""
        ...


class VerifierRole(Protocol):
    """Runs, and has no other tool."""

    async def validate(self, request: ValidateRequest) -> Verdict:
        """A signed checkpoint or exactly one capsule."""
        ...


class Nobody:
    """Where no sandbox can be had: there is no Verifier, so nothing is proved."""

    async def validate(self, request: ValidateRequest) -> Verdict:
        """Refuse."""
        raise SandboxFailed("There is no sandbox on this machine, so nothing was run.")
