"""Structured logs: one JSON object a line, a task id on every line that has one, secrets redacted."""

import json
import logging
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime

from redaction import hide, redact

__all__ = ["JsonLines", "hide", "redact", "start_logging", "task_id"]

task_id: ContextVar[int | None] = ContextVar("task_id", default=None)
"""The task being worked on; set by the pipeline, read by every log line."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; the traceback of an error is a field of it."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object without line breaks."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "message": redact(record.getMessage()),
        }
        if (task := task_id.get()) is not None:
            line["task"] = task
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return redact(json.dumps(line, ensure_ascii=True))


def start_logging(level: str, secrets: Iterable[str]) -> None:
    """Send all logs to standard error as JSON lines (journald keeps them), with `secrets` hidden."""
    hide(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
