"""How long what a person sends may be, whichever front it came through."""

from collections.abc import Mapping

import msgspec

from agents.contracts import Request
from blackboard.contracts import Feedback
from errors import UserMistake
from truth_blocks.contracts import Command

NAME = 100
"""Characters of a tenant, a user, an interaction's number and an option's name."""
UNDECLARED = 200
"""Characters of an option that a front adds itself (the channel, the edition)."""
OPTIONS = 30
COMMAND = 300
FILE_CHARACTERS = 1_000_000
FILE_NAME = 255
REMARK = 1_000
"""Characters of what a person says is wrong, and of what would be right."""


def checked(request: Request, commands: Mapping[str, Command]) -> Request:
    """The request, its command cut to what is shown; ``commands`` by task type.

    Raises:
        UserMistake: a part is longer than it may be, or there are more parts than the command takes.
    """
    command = commands.get(request.task_type)
    for text in (request.tenant, request.user, request.interaction_id or "", request.task_type, *request.options):
        if len(text) > NAME:
            raise UserMistake(f'"{text[:40]}…" is longer than {NAME} characters. Nothing was queued.')
    if len(request.options) > OPTIONS:
        raise UserMistake(f"A command takes at most {OPTIONS} options. Nothing was queued.")
    longest = {option.name: option.max_length for option in command.options} if command else {}
    for name, value in request.options.items():
        most = longest.get(name, UNDECLARED)
        if len(value) > most:
            raise UserMistake(f"{name}: takes at most {most} characters; this has {len(value)}. Nothing was queued.")
    _check_files(request, command)
    return msgspec.structs.replace(request, command=request.command[:COMMAND])


def check_remark(feedback: Feedback) -> None:
    """Raise UserMistake when what a person said of an answer is too long."""
    if max(len(feedback.wrong), len(feedback.should_be)) > REMARK:
        raise UserMistake(f"At most {REMARK:,} characters for what is wrong and for what is right. Nothing was kept.")


def _check_files(request: Request, command: Command | None) -> None:
    takes = sum(option.kind == "file" for option in command.options) if command else 0
    if len(request.files) > takes:
        raise UserMistake(f"This command takes {takes} files; {len(request.files)} came. Nothing was queued.")
    for file in request.files:
        if len(file.content) > FILE_CHARACTERS or len(file.name) > FILE_NAME:
            raise UserMistake(
                f"{file.name[:40]} is too large: at most {FILE_CHARACTERS:,} characters. Nothing was queued."
            )
