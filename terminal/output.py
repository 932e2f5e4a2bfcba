"""What goes to the terminal: text neutralised, colour only where somebody looks, JSON for programs."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from agents.contracts import Answer, Stage
from cogs import wording
from errors import UserMistake
from neutralise import file_name, for_terminal
from terminal import documents
from truth_blocks.contracts import SourceFile

if TYPE_CHECKING:
    from rich.status import Status

_QUIET = re.compile(r"^\\?-# ", re.MULTILINE)
"""Discord's mark of a line of lesser weight."""


def write_json(document: Mapping[str, Any] | msgspec.Struct) -> None:
    """One document, one line, on standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(documents.line(document))
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A line of plain text on standard output, neutralised."""
    sys.stdout.write(for_terminal(text) + "\n")


def tell(text: str) -> None:
    """A line beside the output proper: on standard error."""
    sys.stderr.write(f"vespera: {for_terminal(text)}\n")
    sys.stderr.flush()


def show(markdown: str) -> None:
    """Markdown, neutralised: rendered on a terminal, as it stands in a pipe."""
    text = _QUIET.sub("", for_terminal(markdown))
    if not sys.stdout.isatty():
        sys.stdout.write(text + "\n")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    # A link shows where it leads: a terminal would hide the address behind the text.
    Console().print(Markdown(_with_line_breaks(text), hyperlinks=False))


def _with_line_breaks(text: str) -> str:
    """Discord breaks lines where the text does; Markdown wants two blanks before the break."""
    parts = text.split("```")
    return "```".join(part if index % 2 else part.replace("\n", "  \n") for index, part in enumerate(parts))


def quiet(text: str) -> None:
    """A line of lesser weight on standard output."""
    _styled(text, "dim")


def strong(text: str) -> None:
    """A line that stands out on standard output."""
    _styled(text, "bold")


def _styled(text: str, style: str) -> None:
    if not sys.stdout.isatty():
        say(text)
        return
    from rich.console import Console

    Console(highlight=False, soft_wrap=True).print(for_terminal(text), style=style, markup=False)


def show_answer(answer: Answer, task_type: str, *, out: Path | None = None) -> None:
    """The answer as a person reads it: text, files, then the quiet line that says how far to trust it."""
    if task_type in {"why", "status"}:
        say(answer.text)  # a table by columns, no Markdown
    else:
        show(wording.body(answer))
    for file in answer.files:
        if out is None:
            say(f"\n── {file_name(file.name)} ──\n{(file.alt or file.content).rstrip()}")
        else:
            say(f"written: {save(file, out)}")
    quiet(for_terminal(wording.status_line(answer, task_type)))
    if answer.offer_rules:
        tell("ask again with --offline for that.")


def save(file: SourceFile, folder: Path) -> Path:
    """Write a file of an answer into `folder`; an existing file is never replaced.

    Raises:
        UserMistake: the file exists or the folder cannot be written.
    """
    path = folder / file_name(file.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            target.write(file.data)
    except FileExistsError:
        raise UserMistake(f"{path} exists already and was left as it is. Choose another folder with --out.") from None
    except OSError as error:
        raise UserMistake(f"{path} cannot be written: {error.strerror}.") from None
    return path


class Line:
    """One live line on a terminal, silence elsewhere."""

    def __init__(self, *, live: bool) -> None:
        self._live = live and sys.stderr.isatty()
        self._status: Status | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Show a line in place of the one before."""
        if not self._live:
            return
        from rich.console import Console
        from rich.status import Status
        from rich.text import Text

        if self._status is None:
            self._status = Status(Text(for_terminal(text)), console=Console(stderr=True))
            self._status.start()
        else:
            self._status.update(Text(for_terminal(text)))

    def clear(self) -> None:
        """Take the line away, for text that stays."""
        if self._status is not None:
            self._status.stop()
            self._status = None


class Progress:
    """Follows one request: a live line on a terminal, silence elsewhere. Remembers the task's number."""

    def __init__(self, *, live: bool) -> None:
        self.task_id: int | None = None
        self._live = live and sys.stderr.isatty()
        self._status: Status | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def accepted(self, task_id: int | None) -> None:
        """The request has a number."""
        self.task_id = task_id

    def stage(self, stage: Stage) -> None:
        """A step has begun."""
        if not self._live:
            return
        line = for_terminal(wording.progress(stage))
        if self._status is None:
            from rich.console import Console
            from rich.status import Status
            from rich.text import Text

            self._status = Status(Text(line), console=Console(stderr=True))
            self._status.start()
        else:
            from rich.text import Text

            self._status.update(Text(line))
