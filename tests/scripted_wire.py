"""The three protocols' JSON as the scripted model server speaks it."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

TOKENS_IN, TOKENS_OUT = 120, 34
CREATED = 1_790_000_000


class Received(msgspec.Struct):
    """One request as it came in, and how its answer ended."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    sent: int = 0
    """Bytes of the answer handed to the socket."""
    closed_early: bool = False
    """The client hung up before the answer was complete."""

    @property
    def gemini(self) -> bool:
        """Whether it speaks Gemini's protocol."""
        return ":generateContent" in self.path or ":streamGenerateContent" in self.path

    @property
    def streamed(self) -> bool:
        """Whether a stream was asked for."""
        return ":streamGenerateContent" in self.path or self.body.get("stream") is True

    @property
    def text(self) -> str:
        """The whole request body as text, for matching."""
        return json.dumps(self.body, ensure_ascii=False)


def whole(request: Received, text: str, finish: str | None, usage: bool) -> bytes:
    """A reply that is not streamed."""
    if request.gemini:
        return _encoded(_gemini(text, finish, usage))
    return _encoded(
        {
            "id": "scripted",
            "object": "chat.completion",
            "created": CREATED,
            "model": request.body.get("model", ""),
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
            "usage": _usage() if usage else None,
        }
    )


def events(request: Received, text: str, finish: str | None, usage: bool, piece: int) -> Iterator[bytes]:
    """A streamed reply as server-sent events, ``piece`` characters each; ``finish`` None leaves the end out."""
    parts = [text[start : start + piece] for start in range(0, len(text), piece)] or [""]
    if request.gemini:
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            yield _event(_gemini(part, finish if last else None, usage and last))
        return
    for part in parts:
        yield _event(_chunk(request, {"content": part}, None))
    if finish is None:
        return
    end = _chunk(request, {}, finish)
    if usage and "/openai/" in request.path:
        end["x_groq"] = {"id": "scripted", "usage": _usage()}
    yield _event(end)
    if usage and (request.body.get("stream_options") or {}).get("include_usage"):
        yield _event(_chunk(request, None, None) | {"choices": [], "usage": _usage()})
    yield b"data: [DONE]\n\n"


def error(request: Received, status: int, message: str, code: str, retry_info_s: float | None = None) -> bytes:
    """An error body."""
    if request.gemini:
        details = []
        if retry_info_s is not None:
            details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_info_s}s"})
        return _encoded({"error": {"code": status, "message": message, "status": code.upper(), "details": details}})
    if retry_info_s is not None:
        message += f" Please try again in {retry_info_s}s."
    return _encoded({"error": {"message": message, "type": code, "code": code}})


def _chunk(request: Received, delta: dict[str, str] | None, finish: str | None) -> dict[str, Any]:
    return {
        "id": "scripted",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": request.body.get("model", ""),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _gemini(text: str, finish: str | None, usage: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[finish]
    counts = {"promptTokenCount": TOKENS_IN, "candidatesTokenCount": TOKENS_OUT}
    return {"candidates": [candidate]} | ({"usageMetadata": counts} if usage else {})


def _usage() -> dict[str, int]:
    return {
        "prompt_tokens": TOKENS_IN,
        "completion_tokens": TOKENS_OUT,
        "total_tokens": TOKENS_IN + TOKENS_OUT,
    }


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + _encoded(data) + b"\n\n"


def _encoded(data: dict[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # A lone surrogate: JSON can only escape it.
        return json.dumps(data).encode()
