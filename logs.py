"""Structured logs: one JSON object a line, a task id on every line that has one, secrets redacted.

The redaction step is shared with `/why` and the trace: whatever leaves the process as text goes through `redact`.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime

task_id: ContextVar[int | None] = ContextVar("task_id", default=None)
"""The task being worked on; set by the pipeline, read by every log line."""

_KEY_SHAPES = re.compile(
    r"\b(?:gsk_[A-Za-z0-9]{20,}|AIza[0-9A-Za-z_-]{30,}|sk-[A-Za-z0-9_-]{16,}"
    r"|[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,})"
)
_IN_HEADERS = re.compile(r"(?i:(?<=bearer )|(?<=authorization: bot ))[A-Za-z0-9._-]{12,}")
_secrets: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """Register values that `redact` must never let through."""
    _secrets.update(secret for secret in secrets if len(secret) >= 6)


def redact(text: str) -> str:
    """The text without registered secrets and without anything shaped like a key of a known provider."""
    for secret in _secrets:
        if secret in text:
            text = text.replace(secret, "[redacted]")
    folded = text.casefold()
    if "bearer " in folded or ": bot " in folded:  # The look-behinds cost as much as all else here.
        text = _IN_HEADERS.sub("[redacted]", text)
    return _KEY_SHAPES.sub("[redacted]", text)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; the traceback of an error is a field of it."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object without line breaks."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "message": record.getMessage(),
        }
        if (task := task_id.get()) is not None:
            line["task"] = task
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, ensure_ascii=True))


def start_logging(level: str, secrets: Iterable[str]) -> None:
    """Send all logs to standard error as JSON lines (journald keeps them), with `secrets` hidden."""
    hide(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
