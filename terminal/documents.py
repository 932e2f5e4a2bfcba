"""The JSON that programs read, key by key as docs/cli.md promises it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from agents.contracts import Answer
from truth_blocks.contracts import SourceFile, Violation


def answer_document(answer: Answer) -> dict[str, Any]:
    """An answer with exactly the documented keys."""
    return {
        "task_id": answer.task_id,
        "status": answer.status,
        "cached": answer.cached,
        "text": answer.text,
        "files": [file_document(file) for file in answer.files],
        "attempts": answer.attempts,
        "provider": answer.provider,
        "model": answer.model,
        "confidence": answer.confidence,
        "citations": list(answer.citations),
        "violations": [violation_document(violation) for violation in answer.violations],
        "tokens": {"in": answer.tokens.sent, "out": answer.tokens.received},
        "elapsed_ms": answer.elapsed_ms,
    }


def file_document(file: SourceFile) -> dict[str, str]:
    """A file with its name and content; a picture's content is base64, and the document says so."""
    document = {"name": file.name, "content": file.content}
    return document if file.encoding == "utf-8" else {**document, "encoding": file.encoding}


def violation_document(violation: Violation) -> dict[str, str]:
    """A violation with exactly the documented keys."""
    return {"rule": violation.rule, "location": violation.location, "message": violation.message}


def error_document(error: str, message: str, task_id: int | None) -> dict[str, Any]:
    """What a program reads when there is no answer."""
    return {"error": error, "message": message, "task_id": task_id}


def line(document: Mapping[str, Any] | msgspec.Struct) -> bytes:
    """A document as one line of JSON."""
    return msgspec.json.encode(document) + b"\n"
