"""`./vespera console`: the slash commands typed one after another, with history and completion.

The pipeline runs on a loop in a thread of its own, so that reading a line blocks nobody: other terminals are served
meanwhile, and Ctrl-C reaches the person's line or the request under way, not both.
"""

import asyncio
import contextlib
import sys
import threading
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from errors import VesperaError
from terminal import asking, completion, exits, output, start
from terminal.ask import gave_up
from terminal.front import Front
from terminal.session import Session
from truth_blocks.contracts import Command

T = TypeVar("T")

SUGGEST_WITHIN_S = 3.0
LEAVE = {"/quit", "/exit", "quit", "exit"}


def console(tenant: str) -> int:
    """Read, answer, until /quit or the end of input; the exit code."""
    settings = start.settings()
    with _loop() as loop:
        session = Session(settings, tell=output.tell)
        speaker = _Speaker(loop, session, asking.tenant(tenant))
        try:
            commands = speaker.run(session.do(_commands))
            history = completion.begin(commands, speaker.suggest, settings.data_dir / "console_history")
            output.say("Type a slash command, for example /dnd rule grappled. /help lists them, /quit leaves.")
            for line in _lines():
                speaker.answer(line)
            completion.end(history)
        finally:
            speaker.run(session.close())
    return exits.FINE


async def _commands(front: Front) -> tuple[Command, ...]:
    await front.listen()  # a console may stand idle for hours; others must not wait for it
    return front.commands


def _lines() -> Iterator[str]:
    """What is typed, until /quit or Ctrl-D; Ctrl-C clears the line."""
    while True:
        try:
            line = input("vespera> " if sys.stdin.isatty() else "").strip()
        except KeyboardInterrupt:
            output.say("")
            continue
        except EOFError:
            output.say("")
            return
        if line.lower() in LEAVE:
            return
        if line:
            yield line


class _Speaker:
    """Runs coroutines of the loop's thread from the terminal's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: Session, tenant: str) -> None:
        self._loop, self._session, self._tenant = loop, session, tenant

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; Ctrl-C cancels it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def answer(self, text: str) -> None:
        """Answer one line; errors are told, Ctrl-C cancels the task."""
        line = asking.Line(text, f"terminal:{uuid.uuid4().hex}", self._tenant)
        progress = output.Progress(live=True)

        async def act(front: Front) -> asking.Replied:
            return await asking.reply(front, line, progress)

        try:
            with progress:
                replied = self.run(self._session.do(act))
            output.show_answer(replied.answer, replied.task_type)
        except (KeyboardInterrupt, CancelledError):
            output.tell(gave_up(progress.task_id))
        except VesperaError as error:
            output.tell(str(error))

    def suggest(self, task_type: str, option: str, prefix: str, chosen: dict[str, str]) -> list[str]:
        """Completions of an option's value; none when they take too long."""

        async def act(front: Front) -> list[str]:
            return await front.suggest(task_type, option, prefix, chosen)

        future = asyncio.run_coroutine_threadsafe(self._session.do(act), self._loop)
        with contextlib.suppress(VesperaError, TimeoutError):
            return future.result(timeout=SUGGEST_WITHIN_S)
        return []


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="pipeline", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
