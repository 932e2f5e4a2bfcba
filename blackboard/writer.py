"""One thread owns the only write connection. Whole transactions arrive as one message; many share one commit.

A transaction is a callable on the connection. Up to 64 of them share one ``BEGIN IMMEDIATE``, each behind its own
savepoint, and their callers are told only after COMMIT. A transaction may run a second time (when its batch was rolled
back under it), so it must touch nothing but the connection.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import faults
from blackboard.failures import SQLITE_ERRORS, store_error
from blackboard.mark import CommitMark
from errors import StoreError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
BATCH = 64
"""Transactions that share one commit at most."""
QUEUE = 1_024
"""Transactions that may wait for the thread; further callers wait for a place."""

log = logging.getLogger(__name__)


class _Job:
    """One transaction on its way: what to run, who waits, what became of it."""

    __slots__ = ("abandoned", "durable", "error", "future", "name", "result", "single", "work")

    def __init__(
        self,
        name: str,
        work: Work[Any],
        durable: bool,
        future: asyncio.Future[Any],
        abandoned: Callable[[Any], None],
        single: bool = False,
    ) -> None:
        self.name, self.work, self.durable, self.future, self.abandoned = name, work, durable, future, abandoned
        self.single = single
        self.result: Any = None
        self.error: BaseException | None = None


def _nobody_minds(_result: object) -> None:
    """Most transactions whose caller went away may simply stand."""


class Writer:
    """Runs transactions one batch after the other, in its own thread. Belongs to the event loop that made it."""

    def __init__(
        self,
        connect: Callable[[], tuple[sqlite3.Connection, CommitMark]],
        path: Path,
        closed: str = "The blackboard is closed. Nothing was written.",
    ) -> None:
        self._connect, self._path, self._closed_text = connect, path, closed
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._places = asyncio.Semaphore(QUEUE)
        self._loop = asyncio.get_running_loop()
        self._closed = False
        # A daemon: when the interpreter ends without close(), what was acknowledged is on disk and the rest must not
        # hold the exit.
        self._thread = threading.Thread(target=self._main, name="blackboard-writer", daemon=True)
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def open(self) -> None:
        """Start the thread and open the connection in it; raises what opening raised."""
        self._thread.start()
        await asyncio.shield(self._opened)

    async def run(
        self,
        name: str,
        work: Work[T],
        *,
        durable: bool = False,
        abandoned: Callable[[T], None] = _nobody_minds,
    ) -> T:
        """Run one transaction and return its result once it is committed.

        `durable` waits for the disk (synchronous=FULL). When the caller is cancelled the transaction still runs whole
        or not at all; `abandoned` is then called, on the loop, with the result nobody took.

        Raises:
            StoreError: the database could not take it; nothing of it was written.
        """
        return await self._queued(name, work, durable, abandoned)

    async def run_outside(self, name: str, work: Work[T]) -> T:
        """Run what may be in no transaction (a checkpoint, a pragma) and return its result.

        Raises:
            StoreError: the database could not do it.
        """
        return await self._queued(name, work, False, _nobody_minds, single=True)

    async def _queued(
        self, name: str, work: Work[T], durable: bool, abandoned: Callable[[T], None], single: bool = False
    ) -> T:
        if self._closed:
            raise StoreError(self._closed_text)
        await self._places.acquire()
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Job(name, work, durable, future, abandoned, single))
        return await future

    async def close(self) -> None:
        """Finish what waits, checkpoint, close the connection and end the thread. May be called twice."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    def _main(self) -> None:
        try:
            connection, mark = self._connect()
        except BaseException as error:
            self._tell(self._settle, self._opened, error)
            self._tell(self._settle, self._ended, None)
            return
        self._tell(self._settle, self._opened, None)
        batches = _Batches(connection, mark, self._path)
        while jobs := self._next():
            for single, together in groupby(jobs, key=attrgetter("single")):
                members = list(together)
                if single:
                    batches.run_outside(members)
                else:
                    batches.run(members)
            self._tell(self._deliver, jobs)
        with contextlib.suppress(sqlite3.Error):
            connection.close()
        mark.close()
        self._tell(self._settle, self._ended, None)

    def _next(self) -> list[_Job]:
        """The next batch; empty when the writer is to end."""
        first = self._queue.get()
        if first is None:
            return []
        jobs = [first]
        with contextlib.suppress(Empty):
            while len(jobs) < BATCH:
                job = self._queue.get_nowait()
                if job is None:
                    self._queue.put(None)
                    break
                jobs.append(job)
        return jobs

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(what, *arguments)

    @staticmethod
    def _settle(future: asyncio.Future[None], error: BaseException | None) -> None:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(None)

    def _deliver(self, jobs: list[_Job]) -> None:
        for job in jobs:
            self._places.release()
            if job.future.cancelled():
                if job.error is None:
                    job.abandoned(job.result)
            elif job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)


class _Batches:
    """The thread's side: runs jobs in shared transactions and writes each outcome into its job."""

    def __init__(self, connection: sqlite3.Connection, mark: CommitMark, path: Path) -> None:
        self._connection, self._mark, self._path = connection, mark, path
        self._full: bool | None = None

    def run(self, jobs: list[_Job]) -> None:
        """Run the jobs in one transaction; when that was lost as a whole, each in one of its own."""
        try:
            self._transaction(jobs)
        except _BatchLost as lost:
            if len(jobs) == 1 or not lost.retry:
                for job in jobs:
                    job.error = lost.cause
                return
            for job in jobs:
                job.error = None
                self.run([job])

    def run_outside(self, jobs: list[_Job]) -> None:
        """Run each job on the connection as it is."""
        for job in jobs:
            try:
                job.result = job.work(self._connection)
            except BaseException as error:
                self._roll_back()
                job.error = self._named(error)

    def _transaction(self, jobs: list[_Job]) -> None:
        durable = any(job.durable for job in jobs)
        self._begin(durable)
        try:
            alone = len(jobs) == 1
            for job in jobs:
                self._member(job, alone)
            if alone and jobs[0].error is not None:
                self._connection.execute("ROLLBACK")
                return
            self._commit([job.name for job in jobs if job.error is None], durable)
        except BaseException as error:
            self._roll_back()
            raise _BatchLost(self._named(error)) from error

    def _begin(self, durable: bool) -> None:
        try:
            if durable is not self._full:  # inside a transaction the pragma would fail
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._full = durable
            self._connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            raise _BatchLost(self._named(error), retry=False) from error

    def _member(self, job: _Job, alone: bool) -> None:
        execute = self._connection.execute
        if not alone:
            execute("SAVEPOINT member")
        try:
            job.result = job.work(self._connection)
        except BaseException as error:
            if not self._connection.in_transaction:
                raise  # SQLite rolled all members back (a full disk does that)
            job.error = self._named(error)
            if not alone:
                execute("ROLLBACK TO member")
        if not alone:
            execute("RELEASE member")

    def _commit(self, names: list[str], durable: bool) -> None:
        ((number,),) = self._connection.execute("UPDATE commits SET n = n + 1 RETURNING n").fetchall()
        for name in names:
            faults.point(f"{name}.commit.before")
        self._connection.execute("COMMIT")
        if durable:
            self._mark.write(number)
        for name in names:
            faults.point(f"{name}.commit.after")

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("rolling back failed; SQLite drops the transaction with the next one")

    def _named(self, error: BaseException) -> BaseException:
        if isinstance(error, SQLITE_ERRORS):
            return store_error(error, self._path)
        return error


class _BatchLost(Exception):
    """The shared transaction is gone with all its members. `retry`: each may be tried alone."""

    def __init__(self, cause: BaseException, retry: bool = True) -> None:
        super().__init__(str(cause))
        self.cause, self.retry = cause, retry
