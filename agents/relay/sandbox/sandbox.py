"""The sandbox: opened once, it runs commands of a repository one after the other or side by side."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from agents.relay.sandbox import cgroups, job, probing
from agents.relay.sandbox.bubblewrap import Bubblewrap
from agents.relay.sandbox.cgroups import Group, Place
from agents.relay.sandbox.contracts import Limits, Outcome, Probe
from agents.relay.sandbox.launch import Launch
from agents.relay.sandbox.running import Running
from agents.relay.sandbox.weak import Weak
from errors import Refused, SandboxFailed

USUAL = Limits()


class Sandbox:
    """Runs commands so that they can reach the working tree and nothing else.

    It holds no state between runs and nothing that must be closed.
    """

    def __init__(self, probe: Probe, walls: Bubblewrap | Weak, place: Place | None, private: Sequence[Path]) -> None:
        self.probe = probe
        self._walls, self._place, self._private = walls, place, tuple(private)

    @classmethod
    async def open(
        cls, allow_weak: bool = False, *, worktrees: Path | None = None, private: Sequence[Path] = ()
    ) -> "Sandbox":
        """Find out what this machine offers by starting a sandbox in it.

        Args:
            allow_weak: Whether commands may run with less where bubblewrap cannot be used.
            worktrees: Where working trees will lie, to say whether that filesystem is bounded.
            private: Folders of which a job is never shown anything but its working tree: Vespera's data directory.

        Raises:
            Refused: bubblewrap is missing or cannot be used, and the weaker mode was not allowed.
        """
        place = await asyncio.to_thread(cgroups.find)
        walls = await asyncio.to_thread(lambda: Bubblewrap.found(memory_is_counted=place is not None))
        trouble = probing.MISSING
        if walls is not None:
            sandbox = cls(Probe(mode="bubblewrap"), walls, place, private)
            try:
                sandbox.probe = await probing.probe(sandbox.run, walls, place, worktrees)
            except SandboxFailed as error:
                trouble = f"{error} {probing.NAMESPACES}"
            else:
                return sandbox
        weak = await asyncio.to_thread(Weak.found)
        if not allow_weak or weak is None:
            raise Refused(probing.refusal(trouble), rule="sandbox")
        return cls(await asyncio.to_thread(probing.weak_probe, place, worktrees), weak, place, private)

    @classmethod
    async def look(cls, allow_weak: bool = False, *, worktrees: Path | None = None) -> Probe:
        """What `open` would find here, for a person to read; mode ``none`` with the reason where it would refuse."""
        try:
            return (await cls.open(allow_weak, worktrees=worktrees)).probe
        except Refused as error:
            return Probe(mode="none", lacks=(str(error),))

    async def run(
        self,
        command: Sequence[str],
        workspace: Path,
        *,
        limits: Limits = USUAL,
        environment: Mapping[str, str] = {},
        read_only: Sequence[Path] = (),
        git_dir: Path | None = None,
    ) -> Outcome:
        """Run one command in a working tree and wait until it and everything it started is gone.

        Args:
            command: Program and arguments; no shell reads them.
            workspace: The working tree; inside it is `/workspace`, and the folder in which the command starts.
            limits: What it may use.
            environment: Added to the few variables a job gets.
            read_only: Tools outside `/usr`, shown under their own paths; a virtual environment brings its interpreter.
            git_dir: The repository's common git directory, shown read-only and without its configuration.

        Raises:
            UserMistake: the request cannot be met as it is written; nothing was run.
            SandboxFailed: the sandbox could not be made; nothing was run.
        """
        checked = await asyncio.to_thread(
            job.checked, command, workspace, limits, environment, read_only, git_dir, self._private
        )
        return await Running(checked, self._ready).outcome()

    def _ready(self, checked: job.Job) -> tuple[Launch, Group | None]:
        group = None
        if self._place is not None:
            try:
                group = self._place.make(checked.limits)
            except OSError as error:
                raise SandboxFailed(f"No control group could be made ({error}). The command was not run.") from error
        try:
            return self._walls.launch(checked, list(group.folders) if group else []), group
        except BaseException:
            if group is not None:
                with suppress(OSError):
                    group.remove()
            raise
