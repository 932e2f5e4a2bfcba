"""One run from its start until nothing of it is left."""

import asyncio
import shutil
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from agents.relay.sandbox import processes, weak
from agents.relay.sandbox.cgroups import Group
from agents.relay.sandbox.contracts import WORKSPACE, Ended, Outcome
from agents.relay.sandbox.job import Job
from agents.relay.sandbox.launch import Launch
from agents.relay.sandbox.output import Output
from agents.relay.sandbox.status import Status
from agents.relay.sandbox.watch import EVERY_S, Watch
from errors import SandboxFailed

_SIGNALLED = 128
_BY_SIGNAL: dict[int, Ended] = {24: "timeout", 25: "disk"}  # SIGXCPU, SIGXFSZ: what the kernel sends at a limit
_LAST_WORDS_S = 2.0
_TRIES, _PAUSE_S = 200, 0.01


class Running:
    """Starts a run, watches it, ends it. Whatever happens, also a cancellation, `end` leaves nothing behind."""

    def __init__(self, job: Job, prepare: Callable[[Job], tuple[Launch, Group | None]]) -> None:
        self._job, self._prepare = job, prepare
        self._output = Output(job.limits.output_kb * 1_024)
        self._launch: Launch | None = None
        self._group: Group | None = None
        self._status: Status | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watch = Watch(
            limits=job.limits,
            workspace=job.workspace,
            members=self._members,
            memory_disks=self._memory_disks,
        )
        self._had_an_end = True
        self._out_of_memory = False
        self._peak_kb = 0

    async def outcome(self) -> Outcome:
        """How it ended.

        Raises:
            SandboxFailed: the sandbox could not be made; the command was not run.
        """
        began = time.monotonic()
        passed: Ended | None = None
        try:
            # What was begun to be made must be known before it can be taken away again.
            await _undisturbed(self._make_ready())
            await _undisturbed(self._start())
            passed = await self._over()
            seconds = time.monotonic() - began
        finally:
            await _undisturbed(self._end())
        return await asyncio.to_thread(self._told, passed, seconds)

    async def _make_ready(self) -> None:
        launch, group = await asyncio.to_thread(self._prepare, self._job)
        self._launch = launch
        self._group = self._watch.group = group
        if launch.status is not None:
            self._status = Status(launch.status)
        await asyncio.to_thread(self._watch.begin)

    async def _start(self) -> None:
        assert self._launch is not None
        self._process = await asyncio.create_subprocess_exec(
            *self._launch.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._output.writing,
            stderr=self._output.writing,
            env=self._launch.environment,
            cwd=self._launch.folder,
            pass_fds=self._launch.inherited,
            start_new_session=True,
        )
        self._launch.close()
        self._output.given()

    async def _over(self) -> Ended | None:
        """Wait for the end; the limit that was passed, or None when it ended by itself."""
        assert self._process is not None
        exited = asyncio.create_task(self._process.wait())
        overflowed = asyncio.create_task(self._output.overflowed.wait())
        watched = asyncio.create_task(self._watched())
        tasks: set[asyncio.Task[object]] = {exited, overflowed, watched}
        try:
            await asyncio.wait(tasks, timeout=self._job.limits.wall_s, return_when=asyncio.FIRST_COMPLETED)
            if watched.done():
                return watched.result()
            if overflowed.done():
                return "output"
            return None if exited.done() else "timeout"
        finally:
            for task in tasks:
                task.cancel()

    async def _watched(self) -> Ended:
        if self._status is not None:
            await self._status.hold_first()
        while True:
            passed = await asyncio.to_thread(self._watch.look)
            if passed:
                return passed
            await asyncio.sleep(EVERY_S)

    async def _end(self) -> None:
        """Kill everything of the run, wait until it is gone, and take away what was made for it."""
        if self._launch is not None:
            self._launch.close()
        self._output.given()
        if self._process is not None:
            await self._kill(self._process)
            try:
                async with asyncio.timeout(_LAST_WORDS_S):
                    await self._output.ended.wait()
            except TimeoutError:
                pass  # In the weaker mode something may have got away with the pipe.
        self._output.close()
        if self._status is not None:
            self._had_an_end = self._status.ended_by_itself
            self._status.close()
        await asyncio.to_thread(self._clear)

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        if self._status is not None:
            # First the one inside is taken hold of: it might outlive a bubblewrap killed in the middle of its start.
            await self._status.hold_first()
            await self._status.kill_first()
        if process.returncode is None:
            # Not process.kill(): that asks for the exit status first, which is the child watcher's to fetch.
            weak.signal_all([process.pid])
        await asyncio.to_thread(self._kill_others, process.pid)
        await process.wait()

    def _kill_others(self, leader: int) -> None:
        for _ in range(_TRIES):
            if self._group is not None:
                self._group.kill()
            if self._status is None:
                weak.signal_group(leader)
                weak.signal_all(self._marked())
            if not self._left():
                return
            time.sleep(_PAUSE_S)

    def _left(self) -> bool:
        if self._group is not None and self._group.members():
            return True
        return self._status is None and bool(self._marked())

    def _clear(self) -> None:
        self._peak_kb = self._watch.peak_kb
        if self._group is not None:
            self._peak_kb = max(self._peak_kb, self._group.peak_kb())
            self._out_of_memory = self._group.ran_out_of_memory()
            for _ in range(_TRIES):
                if self._group.remove():
                    break
                time.sleep(_PAUSE_S)
        if self._launch is not None and self._launch.own_folder is not None:
            shutil.rmtree(self._launch.own_folder, ignore_errors=True)

    def _told(self, passed: Ended | None, seconds: float) -> Outcome:
        assert self._process is not None
        code = self._process.returncode or 0
        text = self._output.text()
        if self._status is None:
            text = text.replace(str(self._job.workspace), WORKSPACE)
        ended = "memory" if self._out_of_memory else passed or self._by_itself(code, text)
        stopped = passed is not None or ended not in ("exit", "killed")
        return Outcome(
            exit_code=None if stopped else code if code >= 0 else _SIGNALLED - code,
            ended=ended,
            output=text,
            seconds=seconds,
            max_rss_kb=self._peak_kb,
        )

    def _by_itself(self, code: int, text: str) -> Ended:
        if not self._had_an_end and code >= 0:
            raise SandboxFailed(
                "The sandbox could not be made, so the command was not run. "
                f"Bubblewrap says: {text.strip()[-500:] or 'nothing'}. See docs/sandbox.md."
            )
        signal = -code if code < 0 else code - _SIGNALLED
        return _BY_SIGNAL.get(signal, "killed" if 0 < signal <= 64 else "exit")

    def _members(self) -> list[int]:
        if self._group is not None:
            return self._group.members()
        if self._process is None:
            return []
        found = processes.descendants(self._process.pid)
        return found if self._status else sorted({*found, *self._marked()})

    def _marked(self) -> list[int]:
        return processes.marked(self._launch.mark) if self._launch and self._launch.mark else []

    def _memory_disks(self) -> list[Path]:
        first = self._status.first_pid if self._status else None
        return [processes.PROC / str(first) / "root" / name for name in ("tmp", "dev/shm")] if first else []


async def _undisturbed(work: Coroutine[None, None, None]) -> None:
    """Carry the work to its end through any number of cancellations, then pass the last one on."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
