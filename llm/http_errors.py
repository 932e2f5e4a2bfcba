"""From an HTTP answer that is no reply to the error tree of the house.

Messages are short and hold nothing a server wrote except its error code, because servers echo keys and prompts.
"""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from errors import ModelError, ModelRateLimited, ModelRejected, ModelUnavailable

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,40}")
_DURATION = re.compile(r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d+)?)s)?")
_TRY_AGAIN = re.compile(r"(?:try again|retry) in (?P<duration>[0-9hms.]+)", re.IGNORECASE)
_LONGEST_WAIT_S = 86_400.0


class ServerAnswer(msgspec.Struct, frozen=True):
    """An HTTP answer with an error status. ``body`` is decoded JSON, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any = None

    @property
    def error(self) -> Mapping[str, Any]:
        """The error object, wherever the provider puts it."""
        body = self.body[0] if isinstance(self.body, list) and self.body else self.body
        if not isinstance(body, dict):
            return {}
        inner = body.get("error", body)
        return inner if isinstance(inner, dict) else {"message": str(inner)}

    @property
    def message(self) -> str:
        """What the server wrote, for matching only; never shown."""
        return str(self.error.get("message", ""))[:4_000]

    @property
    def code(self) -> str:
        """The server's own name for the error (``context_length_exceeded``), or empty."""
        for key in ("code", "type", "status"):
            value = self.error.get(key)
            if isinstance(value, str) and _CODE.fullmatch(value):
                return value
        return ""


def error_from(provider: str, answer: ServerAnswer) -> ModelError:
    """The error for an answer that is not 200."""
    status, named = answer.status, f", {answer.code}" if answer.code else ""
    if status == 429:
        return ModelRateLimited(provider, "rate limit", retry_after_s(answer))
    if status == 408 or status >= 500:
        return ModelUnavailable(provider, f"server error (HTTP {status})")
    if status in (401, 403) or "API_KEY_INVALID" in str(answer.error.get("details", "")):
        return ModelRejected(provider, f"the key was refused (HTTP {status})")
    if status == 404:
        return ModelRejected(provider, f"model or address not found (HTTP 404{named})")
    if 300 <= status < 400:
        return ModelRejected(provider, f"the address redirects elsewhere (HTTP {status}); set the final one")
    if answer.code == "json_validate_failed":
        return ModelUnavailable(provider, "its own check found the reply not to be JSON")
    return ModelRejected(provider, f"the request was refused (HTTP {status}{named})")


def retry_after_s(answer: ServerAnswer) -> float | None:
    """Seconds until the server wants to be asked again: header (seconds or date), Gemini's RetryInfo, Groq's prose."""
    headers = {name.lower(): value.strip() for name, value in answer.headers.items()}
    for wait in (
        _milliseconds(headers.get("retry-after-ms")),
        _seconds(headers.get("retry-after")),
        _seconds_until(headers.get("retry-after")),
        _retry_info(answer.error.get("details")),
        _prose(answer.message),
    ):
        if wait is not None:
            return min(max(wait, 0.0), _LONGEST_WAIT_S)
    return None


def _seconds(value: str | None) -> float | None:
    try:
        wait = float(value or "")
    except ValueError:
        return None
    return wait if math.isfinite(wait) else None


def _milliseconds(value: str | None) -> float | None:
    wait = _seconds(value)
    return None if wait is None else wait / 1_000


def _seconds_until(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value or "").timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _retry_info(details: Any) -> float | None:
    if not isinstance(details, list):
        return None
    for detail in details:
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
            return _duration(str(detail.get("retryDelay", "")))
    return None


def _prose(message: str) -> float | None:
    found = _TRY_AGAIN.search(message)
    return _duration(found["duration"].rstrip(".")) if found else None


def _duration(text: str) -> float | None:
    """``17s``, ``1m2.5s``, ``850ms``."""
    if text.endswith("ms"):
        return _milliseconds(text.removesuffix("ms"))
    found = _DURATION.fullmatch(text)
    if not text or not found:
        return None
    return float(found["h"] or 0) * 3_600 + float(found["m"] or 0) * 60 + float(found["s"] or 0)
