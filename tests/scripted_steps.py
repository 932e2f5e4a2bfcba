"""What a scripted model server can do to one request."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from tests.scripted_wire import Received


class _Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag=str.lower):
    when: str = ""


class Reply(_Step, frozen=True):
    """A complete reply. ``pause_s`` lies before it, ``piece`` is the number of characters per streamed event."""

    text: str = "{}"
    finish: str = "stop"
    usage: bool = True
    pause_s: float = 0.0
    piece: int = 24


class MalformedJson(_Step, frozen=True):
    """A reply that is no JSON."""

    text: str = '{"title": "Grappled", "claims": [,]} and so on'


class TruncatedJson(_Step, frozen=True):
    """A reply cut at its token limit."""

    text: str = '{"title": "Grappled", "claims": [{"id": "con'


class WrongSchema(_Step, frozen=True):
    """JSON of another shape than asked for."""

    text: str = '{"unexpected": true}'


class Body10MB(_Step, frozen=True):
    """A reply of ten megabytes."""

    size: int = 10_000_000


class Stall(_Step, frozen=True):
    """Silence for that long: before the headers, or after so many streamed events; then a reply."""

    seconds: float = 60.0
    after: int = -1
    text: str = "{}"


class RateLimited(_Step, frozen=True):
    """429. ``retry_after`` is the header (seconds or an HTTP date); ``in_body_s`` says it in the provider's body."""

    retry_after: str | float | None = None
    in_body_s: float | None = None


class ServerError(_Step, frozen=True):
    """A 5xx, with a body that no one should see."""

    status: int = 500


class Status(_Step, frozen=True):
    """Any other error answer."""

    status: int = 400
    message: str = "Bad request."
    code: str = "invalid_request_error"


class DroppedStream(_Step, frozen=True):
    """The reply ends after so many events without a finish reason: cleanly, or with the connection cut."""

    after: int = 2
    abrupt: bool = False
    text: str = '{"title": "Grappled", "claims": [{"id": "condition.grappled", "value": 0}]}'


class RefuseFormat(_Step, frozen=True):
    """400 while the request uses one of these, else a reply: ``json_schema``, ``json_object``, or a body key."""

    refuses: tuple[str, ...] = ("json_schema",)
    text: str = "{}"


Step = (
    Reply
    | MalformedJson
    | TruncatedJson
    | WrongSchema
    | Body10MB
    | Stall
    | RateLimited
    | ServerError
    | Status
    | DroppedStream
    | RefuseFormat
)
Script = Sequence[Step] | Callable[[Received], Step | Awaitable[Step]]
