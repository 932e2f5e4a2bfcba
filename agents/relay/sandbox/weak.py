"""The weaker mode: limits and a clean environment, for an owner who allowed it where there is no bubblewrap."""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from agents.relay.sandbox.bubblewrap import clean_environment
from agents.relay.sandbox.job import Job
from agents.relay.sandbox.launch import Launch, in_groups, limited
from agents.relay.sandbox.processes import MARK

LACKS = (
    "Commands run as the relay's own user: they can read and change every file that it can, secrets too.",
    "The network is open to them, this machine's own services included.",
    "They see the processes of this machine and can stop those of the same user.",
    "A program that leaves its session and clears its environment may go on running after the job.",
    "The repository's git directory can be written.",
    "No system call is refused.",
)


class Weak(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change between runs."""

    prlimit: str

    @classmethod
    def found(cls) -> "Weak | None":
        """None where util-linux is missing. Touches the disk."""
        prlimit = shutil.which("prlimit")
        return cls(prlimit=prlimit) if prlimit else None

    def launch(self, job: Job, groups: list[Path]) -> Launch:
        """Make a run ready, with a folder of its own for temporary files. Touches the disk."""
        folder = tempfile.mkdtemp(prefix="vespera-job-")
        home = Path(folder, "home")
        home.mkdir(mode=0o700)
        environment = {**clean_environment(job), "HOME": str(home), "TMPDIR": folder, **job.environment}
        mark = secrets.token_hex(12)
        return Launch(
            argv=in_groups(groups, limited(self.prlimit, job.limits, job.command)),
            environment={**environment, MARK: mark},
            folder=job.workspace,
            mark=mark,
            own_folder=Path(folder),
        )


def signal_group(leader: int) -> None:
    """End the session that the run's first process leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def signal_all(pids: Iterable[int]) -> None:
    """End these processes."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
