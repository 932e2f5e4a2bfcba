"""The command line of bubblewrap for one run."""

import os
import shutil
from pathlib import Path

import msgspec

from agents.relay.sandbox import git_view, seccomp, system_view, toolchains
from agents.relay.sandbox.contracts import WORKSPACE, Limits
from agents.relay.sandbox.job import Job
from agents.relay.sandbox.launch import Launch, as_file, counted, in_groups, limited
from agents.relay.sandbox.syscalls import processor

_MIB = 1_024 * 1_024
_ISOLATION = (
    "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
    "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", str(system_view.UID), "--gid",
    str(system_view.UID), "--hostname", "vespera",
)  # fmt: skip
_SEALED = ("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/")
"""`/` and `/dev` are memory without end; `/proc/1/mem` is the memory of bubblewrap's own first process."""
HOME_INSIDE = "/tmp/home"  # noqa: S108 (a folder of the job's own, not the machine's)


class Bubblewrap(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change between runs, found once."""

    program: str
    prlimit: str
    system: tuple[str, ...]
    kernel: tuple[str, ...]
    filter: bytes
    """The seccomp program; empty on a processor whose calls are not known here."""

    @classmethod
    def found(cls, *, memory_is_counted: bool) -> "Bubblewrap | None":
        """Look for the programs; None without bubblewrap. Touches the disk.

        Args:
            memory_is_counted: Whether a control group counts memory that belongs to no process.
        """
        program, prlimit, arch = shutil.which("bwrap"), shutil.which("prlimit"), processor()
        if program is None or prlimit is None:
            return None
        return cls(
            program=program,
            prlimit=prlimit,
            system=tuple(system_view.system()),
            kernel=tuple(system_view.kernel_files()),
            filter=seccomp.program(arch, system_v_memory=memory_is_counted) if arch else b"",
        )

    def launch(self, job: Job, groups: list[Path]) -> Launch:
        """Make a run ready. Touches the disk."""
        view = _View()
        try:
            return self._launch(job, groups, view)
        except BaseException:
            view.close()
            raise

    def _launch(self, job: Job, groups: list[Path], view: "_View") -> Launch:
        options = [*_ISOLATION, *self.system, *self.kernel, *_memory_disks(job.limits)]
        for path, text in system_view.FILES.items():
            options += view.shown_file(path, text)
        options += self._tools(job)
        options += _tree(job, view)
        options += [*_SEALED, "--chdir", WORKSPACE, "--clearenv"]
        for name, value in clean_environment(job).items():
            options += ["--setenv", name, value]
        if self.filter:
            options += ["--seccomp", view.file(self.filter)]
        reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        view.descriptors += [reading, writing]
        options += ["--json-status-fd", str(writing)]
        arguments = view.file(b"".join(os.fsencode(option) + b"\0" for option in options))
        view.descriptors.remove(reading)
        # The other limits hold bubblewrap's own first process too: a job can write to its memory.
        inside = counted(self.prlimit, job.limits, job.command)
        command = limited(self.prlimit, job.limits, [self.program, "--args", arguments, "--", *inside])
        return Launch(
            argv=in_groups(groups, command),
            # Not the job's: with LD_PRELOAD in it a file of the working tree would be loaded before the walls stand.
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            folder=Path("/"),
            inherited=view.descriptors,
            status=reading,
        )

    def _tools(self, job: Job) -> list[str]:
        options = [part for path in job.read_only for part in ("--ro-bind", str(path), str(path))]
        secrets = [secret for path in job.read_only for secret in toolchains.secrets_in(path)]
        return options + [part for path in secrets for part in ("--ro-bind", "/dev/null", str(path))]


class _View:
    """Collects the descriptors from which bubblewrap reads files while it starts."""

    def __init__(self) -> None:
        self.descriptors: list[int] = []

    def file(self, text: bytes) -> str:
        """The number under which the child finds the text."""
        self.descriptors.append(as_file(text))
        return str(self.descriptors[-1])

    def close(self) -> None:
        """Let go of everything, where no run comes of it."""
        while self.descriptors:
            os.close(self.descriptors.pop())

    def shown_file(self, path: str, text: str) -> list[str]:
        """Options that show a text under a path, read-only."""
        return ["--perms", "0444", "--ro-bind-data", self.file(text.encode()), path]


def clean_environment(job: Job) -> dict[str, str]:
    """All a job inherits: nothing of the relay's own environment."""
    return {
        "PATH": toolchains.search_path(job.read_only),
        "HOME": HOME_INSIDE,
        "USER": "job",
        "LOGNAME": "job",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "TMPDIR": "/tmp",  # noqa: S108
        # The repository may belong to another user of the host; it is read-only and carries no configuration here.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_OPTIONAL_LOCKS": "0",
        **job.environment,
    }


def _memory_disks(limits: Limits) -> list[str]:
    size = str(max(limits.tmp_mb, 1) * _MIB)
    return [
        *("--perms", "1777", "--size", size, "--tmpfs", "/tmp"),  # noqa: S108
        *("--perms", "1777", "--size", size, "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--perms", "0700", "--dir", HOME_INSIDE),
    ]


def _tree(job: Job, view: _View) -> list[str]:
    """The working tree, writable, and over it what must not be written."""
    options = ["--bind", str(job.workspace), WORKSPACE]
    inside = job.workspace / ".git"
    if inside.exists():
        options += ["--ro-bind", str(inside), f"{WORKSPACE}/.git"]
    if inside.is_dir():
        options += _covered(inside, f"{WORKSPACE}/.git", view)
    if job.git_dir is not None and job.git_dir != inside:
        options += ["--ro-bind", str(job.git_dir), str(job.git_dir)]
        options += _covered(job.git_dir, str(job.git_dir), view)
    return options


def _covered(git_dir: Path, shown_at: str, view: _View) -> list[str]:
    files, folders = git_view.covers(git_dir)
    options = []
    for name, text in files.items():
        options += view.shown_file(f"{shown_at}/{name}", text)
    for name in folders:
        options += ["--tmpfs", f"{shown_at}/{name}", "--remount-ro", f"{shown_at}/{name}"]
    return options
