"""What a truth block is: the one seam between a family of questions and the pipeline.

A block owns facts, the checks that hold a draft against them, an offline drafter, and the commands people ask with.
The pipeline knows this file only. Blocks are called on one worker thread, never on the event loop: they may read
files and SQLite, and need no locks, but must bound their time and memory whatever the input.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec


class SourceFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that came with a request or leaves with an answer; what comes is always text."""

    name: str
    content: str
    option: str = ""
    """The option it came with (``before``); empty for a file that leaves."""
    encoding: Literal["utf-8", "base64"] = "utf-8"
    """``base64`` for a picture, so that answers stay JSON text."""
    alt: str = ""
    """What a front that shows no pictures shows instead."""

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return base64.b64decode(self.content) if self.encoding == "base64" else self.content.encode()


class Option(msgspec.Struct, frozen=True):
    """One option of a slash command, the same in Discord and in the terminal."""

    name: str
    help: str
    required: bool = False
    kind: Literal["text", "flag", "file", "user"] = "text"
    """``user``: a person, whom Discord lets one pick; in a terminal their number."""
    choices: tuple[str, ...] = ()
    suggests: bool = False
    """True when the block's `suggest` completes this option."""
    max_length: int = 2_000


class Command(msgspec.Struct, frozen=True):
    """One slash command, e.g. ``/dnd spell``; its task type is ``dnd.spell``."""

    path: str
    task_type: str
    help: str
    example: str
    options: tuple[Option, ...] = ()


class Question(msgspec.Struct, frozen=True):
    """What a block is asked: the task type and the options as the person gave them (untrusted text)."""

    task_type: str
    options: Mapping[str, str]
    files: tuple[SourceFile, ...] = ()


class Topic(msgspec.Struct, frozen=True):
    """A question the block has understood.

    ``key`` is the normalised request: two questions that must have the same answer have the same key. ``variant`` is
    the resolved edition (``5.2``) or provider generation (``aws 6``). ``subject`` is the block's own, JSON-ready: it is
    stored with the task, so that a task resumed after a crash needs no second resolution.
    """

    task_type: str
    key: str
    variant: str
    title: str
    subject: Mapping[str, Any]
    files: tuple[SourceFile, ...] = ()
    cacheable: bool = True
    """False for what is true once only (the tale of a fight): neither served from the cache nor stored in it."""


class LookUp(msgspec.Struct, frozen=True):
    """An answer read straight from the facts (or computed by an engine): no model was involved."""

    text: str
    citations: tuple[str, ...] = ()
    files: tuple[SourceFile, ...] = ()
    violations: "tuple[Violation, ...]" = ()
    """What a check command found; empty for a plain look-up."""
    ok: bool = True
    """False when a check found its subject invalid or contradicted."""
    cacheable: bool = False
    ephemeral: bool = False
    """True for what only the asker may see (a hidden roll)."""


class Brief(msgspec.Struct, frozen=True):
    """What the Weaver tells the model: a prompt file's name and its variables, facts included, within the bound."""

    prompt: str
    variables: Mapping[str, Any]
    citations: tuple[str, ...] = ()


class Violation(msgspec.Struct, frozen=True):
    """One thing wrong with a draft or a file.

    ``rule`` is a stable identifier (``spell.range``, ``unknown-argument``, ``uncovered``), ``location`` where it is
    (``claims[2]``, ``main.tf:14:3``, ``prose``), ``message`` a sentence with what was found and what was expected.
    """

    rule: str
    location: str
    message: str
    severity: Literal["error", "warning"] = "error"


class Report(msgspec.Struct, frozen=True):
    """The deterministic verdict on one draft.

    Any violation of severity ``error`` rejects the draft; ``unverifiable`` parts do not, they are labelled.
    ``checkable`` counts the claims the block could decide, ``verified`` those that hold.
    """

    checkable: int
    verified: int
    violations: tuple[Violation, ...] = ()
    unverifiable: tuple[Violation, ...] = ()
    citations: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """True when nothing contradicts the facts."""
        return not any(violation.severity == "error" for violation in self.violations)


class Presented(msgspec.Struct, frozen=True):
    """A draft as a person sees it: Markdown text (no status line: the fronts add it) and files."""

    text: str
    files: tuple[SourceFile, ...] = ()


class TruthBlock(Protocol):
    """A family of questions with the facts that decide them."""

    name: str
    """Folder name under ``truth_blocks/``: ``dnd5e``."""
    version: str
    """Version of data and checks together; part of every cache key and shown by ``/why``."""
    commands: Sequence[Command]

    def recognise(self, text: str) -> Question | None:
        """The block's own question for a free ``/ask`` text, or None when it is not about this block (no guessing)."""
        ...

    def resolve(self, question: Question) -> Topic:
        """Understand a question: defaults filled in, names matched, size bounds held.

        Raises:
            UserMistake: unknown name (with the closest ones), bad option, too large; the text is what the person reads.
        """
        ...

    def look_up(self, topic: Topic) -> LookUp | None:
        """The direct answer, or None when the topic needs a draft."""
        ...

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        """Prompt name and variables for a draft; facts cut to about ``token_bound`` tokens (characters ÷ 3.5)."""
        ...

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        """JSON schema of the structured draft, in the subset every provider accepts (additionalProperties false)."""
        ...

    def check(self, topic: Topic, draft: str) -> Report:
        """Hold a model's raw reply against the facts, coverage of the prose included.

        Raises:
            DraftMalformed: not valid JSON of the agreed shape (unknown keys included); says what and where.
        """
        ...

    def present(self, topic: Topic, draft: str) -> Presented:
        """Render a draft that passed `check` for a person."""
        ...

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        """The embedded model: a draft by rule from the facts, of the same JSON shape as a model's."""
        ...

    def fallback(self, topic: Topic) -> LookUp:
        """What the facts alone say, when three drafts were rejected. Never fails for a topic that resolved."""
        ...

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Up to 25 completions of an option's value, best first; ``chosen`` holds the other options so far."""
        ...
