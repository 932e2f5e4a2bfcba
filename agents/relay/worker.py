"""Who is at work: jobs begun in their order, ended when people say so, and everybody told of what changed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import msgspec

from agents.relay import ledger
from agents.relay.board import Board, Held
from agents.relay.jobs import OPEN, JobView
from agents.relay.scheduler import Scheduler
from blackboard.contracts import Lease
from errors import UserMistake, VesperaError

log = logging.getLogger("vespera.relay")


class Worker:
    """Runs the Scheduler on open jobs, oldest first, at most `most` at a time."""

    def __init__(self, board: Board, most: int) -> None:
        self._board, self._most = board, most
        self._scheduler: Scheduler | None = None
        self._at_work: dict[int, tuple[Held, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        """Who is at work is decided by one caller at a time."""
        self._changes = asyncio.Condition()
        self._wakes: set[asyncio.Task[None]] = set()
        self.watchers: set[Callable[[JobView], None]] = set()

    def employ(self, scheduler: Scheduler) -> None:
        """From now on there is a Scheduler; without one jobs wait."""
        self._scheduler = scheduler

    @property
    def leases(self) -> list[Lease]:
        """What must be renewed."""
        return [lease for held, _ in self._at_work.values() for lease in held.leases]

    def has(self, job: int) -> bool:
        """Whether a job is at work."""
        return job in self._at_work

    async def work(self) -> None:
        """Take up open jobs, oldest first, as many as may run at a time."""
        if self._scheduler is None:
            return
        async with self._turn:
            for view in reversed(await self._board.jobs(None, limit=10_000, open_only=True)):
                if len(self._at_work) >= self._most:
                    return
                if view.id not in self._at_work:
                    await self._begin(view.id, self._scheduler)

    async def idle(self) -> None:
        """Wait until nothing is at work, and nothing that waits can be begun."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))
            await asyncio.sleep(0)

    async def change(self, seconds: float) -> None:
        """Wait until any job has changed, at most so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changes:
                await self._changes.wait()

    async def stop(self, job: int, why: str) -> JobView:
        """End a job's work now and close it as stopped. Raises UserMistake when it has ended already."""
        async with self._turn:
            view = await self._board.job(None, job)
            if view.state.status in ("done", "stopped"):
                raise UserMistake(f"{view.name} is {view.state.status} already. Nothing was changed.")
            await self._let_go(job)
            held = await self._board.take(job, force=True)
            held.state.status, held.state.reason = "stopped", why
            await self._board.move(held, ledger.close_job(held), name="relay-stopped")
        self.changed(held.view)
        return held.view

    async def close(self) -> None:
        """End all work; the jobs stay open."""
        self._scheduler = None
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def in_hand(self, tenant: str, job: int, *, stop: bool = False) -> AsyncIterator[Held]:
        """A job of this tenant that is not at work, for a person's decision; closed again when that cannot be done.

        `stop`: end its work first where it is at work.

        Raises:
            UserMistake: it is at work.
        """
        async with self._turn:
            view = await self._board.job(tenant, job)
            if view.state.status in OPEN and not stop:
                raise UserMistake(f"{view.name} is {view.state.status}. Nothing was changed. Stop it first.")
            await self._let_go(job)
            held = await self._board.take(job, force=True)
            try:
                yield held
            except VesperaError:
                as_it_was = await self._board.take(job, force=True)
                if as_it_was.state.status not in OPEN:
                    closed = msgspec.structs.replace(ledger.close_job(as_it_was), steps=())
                    await self._board.move(as_it_was, closed, name="relay-undecided")
                raise

    def changed(self, view: JobView) -> None:
        """Tell whoever watches or waits."""
        for watcher in tuple(self.watchers):
            watcher(view)
        task = asyncio.ensure_future(self._wake())
        self._wakes.add(task)
        task.add_done_callback(self._wakes.discard)

    async def _wake(self) -> None:
        async with self._changes:
            self._changes.notify_all()

    async def _begin(self, job: int, scheduler: Scheduler) -> None:
        held = await self._board.take(job, force=True)
        task = asyncio.create_task(self._run(held, scheduler), name=f"relay-r{job}")
        self._at_work[job] = (held, task)
        self._tasks.add(task)  # longer than at work: at its end a task begins the next job
        task.add_done_callback(self._tasks.discard)

    async def _run(self, held: Held, scheduler: Scheduler) -> None:
        try:
            await scheduler.run(held)
        except VesperaError as error:
            log.warning("r%s could not go on: %s", held.view.id, error)
            await self._give_up(held, str(error))
        except Exception:
            log.exception("r%s failed", held.view.id)
            await self._give_up(held, "something inside the relay failed; its log has the details")
        finally:
            self._at_work.pop(held.view.id, None)
            self.changed(held.view)
        await self.work()

    async def _give_up(self, held: Held, why: str) -> None:
        held.state.status, held.state.reason = "failed", why
        with contextlib.suppress(VesperaError):
            await self._board.move(held, ledger.close_job(held), name="relay-failed")

    async def _let_go(self, job: int) -> None:
        found = self._at_work.get(job)
        if found is not None:
            found[1].cancel()
            await asyncio.wait([found[1]])
            self._at_work.pop(job, None)  # a task cancelled before its first step never does it itself
