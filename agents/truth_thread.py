"""The one thread on which truth blocks work, so that the event loop never waits for a file or a parser."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


class TruthThread:
    """Runs calls one after another; blocks therefore need no locks."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="truth")

    async def call(self, step: Callable[[], T]) -> T:
        """Run a step of a block and return its result; its exception is raised here."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, copy_context().run, step)

    def close(self) -> None:
        """Stop after the step that is running."""
        self.executor.shutdown(wait=False, cancel_futures=True)
