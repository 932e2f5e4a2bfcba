"""What a front keeps of a job it shows, and what it reads to show it. The job itself stands in the relay's file."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from agents.contracts import Role
from agents.relay.jobs import Checkpoint, JobView, LedgerRow

Deed = Literal["start", "look", "stop", "hint", "resume", "approve", "rollback"]


class Person(msgspec.Struct, frozen=True):
    """Who asks, as Discord states it with each interaction. ``roles``: numbers of the server's roles."""

    tenant: str
    user: str
    role: Role
    roles: frozenset[int] = frozenset()


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A job as a person asks for it in Discord. ``repo`` is a name of the allow-list, never a path."""

    repo: str
    goal: str
    roadmap: str = ""
    tries: str = ""
    allow: str = ""
    next_input: str = ""
    resubmit: bool = False
    channel: int = 0
    """Where it was asked for; kept with the job, so that a bot that died right then still finds the place."""
    command: str = ""
    interaction_id: str = ""


class Shown(msgspec.Struct, kw_only=True):
    """Where a job is shown, and how far. Kept in the bot's own database, written before and after each message."""

    tenant: str
    channel: int = 0
    board: int = 0
    """Message of the board, in ``channel``, or in the thread once the first was deleted."""
    board_in: int = 0
    thread: int = 0
    threadless: bool = False
    """A thread cannot be had: everything goes to the channel."""
    progress: int = 0
    """The message of the progress, in ``progress_in``."""
    progress_in: int = 0
    cursor: int = 0
    """How many steps of the job's trace Discord was told."""
    rows: int = 0
    """Ledger rows among them."""
    posting: int = 0
    """Last event of the message under way: after a crash its place is looked at before it is posted again."""
    sent_input: int = 0
    """Last event whose next input was given to a webhook."""
    lost: str = ""
    """Why Discord takes no message of this job; empty while it does."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a job: a step of its trace, with the sprint's row where it ended one.

    ``seq`` counts from 1.
    """

    seq: int
    kind: str
    detail: Mapping[str, Any]
    row: LedgerRow | None = None
    checkpoint: Checkpoint | None = None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A job and what happened since a place in its trace."""

    view: JobView
    channel: int
    events: tuple[Event, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()


class Repository(msgspec.Struct, frozen=True):
    """A repository that may be named here. ``fixed``: from the settings, so no command takes it out."""

    name: str
    path: str
    fixed: bool = False
