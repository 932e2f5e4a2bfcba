"""A typed slash command on its way: understood, made a request, answered."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

import slash
from agents.contracts import Answer, Request
from agents.relay.commands import TASKS as RELAY_TASKS
from agents.table_contracts import PLAYED_TASKS, Play
from errors import UserMistake
from terminal.front import USER, Front, Watcher
from truth_blocks.contracts import SourceFile

MAX_ATTACHMENT_BYTES = 1_000_000
_TENANT = re.compile(r"local|(?:guild|user):\d{1,20}", re.ASCII)
CHANNEL = "local"
"""The one channel of a terminal: it has one fight at a time."""


class Line(NamedTuple):
    """One typed line and what goes with it. The same ``interaction_id`` sent twice is the same task."""

    text: str
    interaction_id: str
    tenant: str = "local"
    offline: bool = False


class Replied(NamedTuple):
    """An answer, and what kind of question it answers."""

    answer: Answer
    task_type: str


async def reply(front: Front, line: Line, watcher: Watcher) -> Replied:
    """Answer one typed slash command.

    Raises:
        UserMistake: the line is not a command, or its command says no.
        VesperaError: as `App.submit`.
    """
    typed = slash.parse(line.text, front.commands)
    task_type = typed.command.task_type
    match task_type:
        case "why":
            return Replied(await _why(front, line, typed.options.get("task")), task_type)
        case "status":
            from cogs.health import report

            return Replied(_told(report(await front.status(line.tenant)).plain()), task_type)
        case "help":
            return Replied(_told(await front.help(typed.options.get("command"))), task_type)
    if task_type in RELAY_TASKS:
        raise UserMistake(
            "Nothing was done. In a terminal coding jobs are under ./vespera relay: run, status, approve, stop, "
            "resume, rollback, ledger. /relay is for Discord, where people and repositories are allowed first."
        )
    request = Request(
        tenant=line.tenant,
        user=USER,
        task_type=task_type,
        command=line.text.strip()[:300],
        options=typed.options,
        files=await asyncio.to_thread(_attachments, typed.files),
        role="owner",
        interaction_id=line.interaction_id,
        offline=line.offline,
    )
    if task_type in PLAYED_TASKS:
        played = await front.play(Play(request, CHANNEL))
        return Replied(msgspec.structs.replace(_told(played.text), files=played.files), task_type)
    if task_type == "combat.narrate":
        request = msgspec.structs.replace(request, options={"channel": CHANNEL})
    return Replied(await front.submit(request, watcher), task_type)


async def _why(front: Front, line: Line, task: str | None) -> Answer:
    from terminal.timeline import why_lines

    told = await front.why(line.tenant, None if task is None else task_number(task))
    return msgspec.structs.replace(_told("\n".join(why_lines(told))), task_id=told.task_id)


def _told(text: str) -> Answer:
    return Answer(task_id=None, status="direct", text=text)


def task_number(text: str) -> int:
    """The number of a task as a person writes it: ``481``, ``#481`` or ``task 481``."""
    digits = text.lower().removeprefix("task").strip().lstrip("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise UserMistake(f'"{text[:40]}" is not the number of a task. The line under an answer names it: task 481.')
    return int(digits)


def _attachments(files: Mapping[str, Path]) -> tuple[SourceFile, ...]:
    return tuple(attachment(path, option) for option, path in files.items())


def tenant(text: str) -> str:
    """A tenant as ``--tenant`` takes it.

    Raises:
        UserMistake: it is none.
    """
    if not _TENANT.fullmatch(text):
        raise UserMistake(f'"{text[:40]}" is no tenant. It is local, guild:ID or user:ID.')
    return text


def attachment(path: Path, option: str = "") -> SourceFile:
    """A file of this machine as an attachment of an option.

    Raises:
        UserMistake: there is no such text file, or it is too large.
    """
    try:
        if path.is_dir():
            raise UserMistake(f"{path} is a folder; attach a file, or use ./vespera check terraform {path}")
        if path.stat().st_size > MAX_ATTACHMENT_BYTES:
            raise UserMistake(f"{path} is too large: at most {MAX_ATTACHMENT_BYTES:,} bytes may be attached.")
        with path.open("rb") as file:
            content = file.read(MAX_ATTACHMENT_BYTES + 1)
        return SourceFile(path.name, content.decode("utf-8-sig"), option)
    except OSError as error:
        raise UserMistake(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserMistake(f"{path} is not a text file in UTF-8.") from None
