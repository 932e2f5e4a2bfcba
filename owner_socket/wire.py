"""The lines that owner and client exchange. Each is one JSON object with a ``verb`` (to the owner) or a ``kind``."""

from collections.abc import Mapping
from typing import Any

import msgspec

import errors
from agents.contracts import Answer, Request, Stage
from agents.memory_contracts import MemoryAsk
from agents.table_contracts import Play
from errors import Busy, VesperaError

MAX_REQUEST_BYTES = 4 * 2**20
"""Longest line the owner reads; attachments travel inside it."""
MAX_REPLY_BYTES = 32 * 2**20
"""Longest line a client reads."""
ALIVE_EVERY_S = 10.0
"""While a request is under way the owner writes at least one line in this time."""


class _Verb(msgspec.Struct, frozen=True, tag_field="verb", forbid_unknown_fields=True):
    pass


class AskCommands(_Verb, frozen=True, tag="commands"):
    """Which slash commands there are."""


class Submit(_Verb, frozen=True, tag="submit"):
    """Answer this request; stages follow, then the answer."""

    request: Request


class PlayTable(_Verb, frozen=True, tag="play"):
    """A command that is carried out at once: of a fight, a character, the memory."""

    play: Play


class AskMemory(_Verb, frozen=True, tag="memory"):
    """Something of the memory."""

    ask: MemoryAsk


class Cancel(_Verb, frozen=True, tag="cancel"):
    """Give up the request under way on this connection."""


class AskWhy(_Verb, frozen=True, tag="why"):
    """The trace of a task, or of the tenant's last one."""

    tenant: str
    task_id: int | None


class AskStatus(_Verb, frozen=True, tag="status"):
    """How the owner is doing."""

    tenant: str


class AskHelp(_Verb, frozen=True, tag="help"):
    """Help on one command, or on all."""

    command: str | None


class Suggest(_Verb, frozen=True, tag="suggest"):
    """Completions of an option's value."""

    task_type: str
    option: str
    prefix: str
    chosen: Mapping[str, str]


class MakeBackup(_Verb, frozen=True, tag="backup"):
    """Back the data directory up into this file or folder of the owner's."""

    path: str


class _Line(msgspec.Struct, frozen=True, tag_field="kind"):
    pass


class Staged(_Line, frozen=True, tag="stage"):
    """A step of the request has begun."""

    stage: Stage


class Accepted(_Line, frozen=True, tag="accepted"):
    """The request is on disk; closing the connection no longer stops it."""

    task_id: int | None


class Alive(_Line, frozen=True, tag="alive"):
    """Still at work."""


class Answered(_Line, frozen=True, tag="answer"):
    """The end of a submit."""

    answer: Answer


class Result(_Line, frozen=True, tag="result"):
    """The end of any other verb; its type follows from the verb."""

    result: msgspec.Raw


class Failed(_Line, frozen=True, tag="error"):
    """The end of a verb that raised: the error's name, its text and its plain fields."""

    error: str
    message: str
    fields: Mapping[str, Any] = {}


class Leaving(_Line, frozen=True, tag="leaving"):
    """The owner is about to end; nothing of the last line was begun. Try again, perhaps as the owner."""


Verb = AskCommands | Submit | PlayTable | AskMemory | Cancel | AskWhy | AskStatus | AskHelp | Suggest | MakeBackup
Line = Staged | Accepted | Alive | Answered | Result | Failed | Leaving

_verb_decoder = msgspec.json.Decoder(Verb)
_line_decoder = msgspec.json.Decoder(Line)


def read_verb(text: bytes) -> Verb:
    """What a client wants.

    Raises:
        MsgspecError, RecursionError, ValueError: the line is not one of this protocol.
    """
    verb: Verb = _verb_decoder.decode(text)
    return verb


def read_line(text: bytes) -> Line:
    """What the owner says; raises like `read_verb`."""
    line: Line = _line_decoder.decode(text)
    return line


def written(line: Verb | Line) -> bytes:
    """One line of the wire, its end included."""
    return msgspec.json.encode(line) + b"\n"


def failed(error: VesperaError) -> Failed:
    """An error as a line; fields that are not plain numbers or text stay behind."""
    plain = {name: value for name, value in vars(error).items() if isinstance(value, str | int | float)}
    return Failed(type(error).__name__, str(error), plain)


def raised(line: Failed) -> VesperaError:
    """The error as the owner raised it."""
    kind = getattr(errors, line.error, VesperaError)
    if not (isinstance(kind, type) and issubclass(kind, VesperaError)):
        kind = VesperaError
    error: VesperaError = kind.__new__(kind, line.message)
    error.__dict__.update(line.fields)
    return error


def too_many(running: int, waiting: int) -> Failed:
    """What a connection beyond the owner's limit is told."""
    return failed(Busy(running, waiting, 30))
