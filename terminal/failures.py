"""How a command that did not work out ends: one sentence, or one JSON document, and an exit code."""

import logging
import os
import sys

from errors import VesperaError
from logs import redact
from terminal import exits, output
from terminal.documents import error_document


def told(error: VesperaError, *, as_json: bool) -> int:
    """An error raised on purpose: its text is what the person reads."""
    return _end(error, str(error), exits.of_error(error), as_json)


def usage(error: Exception, *, as_json: bool) -> int:
    """Bad usage of the command line, or a failure nobody foresaw."""
    from typer.exceptions import TyperException

    if isinstance(error, TyperException):
        return _end(error, _usage_text(error), exits.BAD_USAGE, as_json)
    logging.getLogger("vespera.terminal").debug("the command failed", exc_info=error)
    what = f"{type(error).__name__}: {redact(str(error))}"
    text = f"this failed in an unforeseen way ({what}). VESPERA_LOG_LEVEL=DEBUG shows where."
    return _end(error, text, exits.NOT_FINE, as_json)


def _usage_text(error: Exception) -> str:
    message = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    if not message:  # No command was named, so all of them were just shown.
        return ""
    return f"{message} See {context.command_path} --help." if context else str(message)


def _end(error: Exception, text: str, code: int, as_json: bool) -> int:
    if as_json:
        output.write_json(error_document(_name(error), text, getattr(error, "task_id", None)))
    elif text:
        output.tell(text)
    return code


def _name(error: Exception) -> str:
    return "BadUsage" if type(error).__module__.startswith("typer") else type(error).__name__


def interrupted() -> int:
    """Ctrl-C where nothing was under way."""
    sys.stderr.write("\n")
    return exits.INTERRUPTED


def nobody_reads() -> int:
    """The reader of our output went away (`… | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exits.NOT_FINE
