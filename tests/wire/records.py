"""What the loopback Discord keeps, and how it reads and writes REST."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

EPHEMERAL = 64


@dataclass
class Call:
    """One REST call as it arrived; ``body`` is the JSON, also out of a multipart form; ``files`` its file names."""

    method: str
    path: str
    body: Any
    files: list[str]


@dataclass
class Fault:
    """What happens to the next call that matches: an answer of another kind, before or after the effect."""

    method: str
    path: str
    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after_effect: bool = False


@dataclass
class Reply:
    """What the bot made of one interaction."""

    kind: int = 0
    """Callback type: 4 message, 5 deferred, 8 autocomplete, 9 modal; 0 before the acknowledgement."""
    ephemeral: bool = False
    message: dict[str, Any] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    edits: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text of the message as it stands."""
        return texts(self.message or {})

    def button(self, label: str) -> str:
        """The custom_id of a button."""
        return next(str(item["custom_id"]) for item in walk(self.message or {}) if item.get("label") == label)


def texts(message: dict[str, Any]) -> str:
    """All text of a message."""
    return "\n".join(str(item["content"]) for item in walk(message) if item.get("content"))


def walk(part: Any) -> list[dict[str, Any]]:
    """Every component, however deep."""
    if isinstance(part, list):
        return [found for item in part for found in walk(item)]
    if not isinstance(part, dict):
        return []
    return [part, *walk(part.get("components")), *walk(part.get("accessory"))]


async def read(request: web.Request) -> Call:
    """A call with its JSON, also out of a multipart form."""
    files: list[str] = []
    body: Any = None
    if request.content_type.startswith("multipart/"):
        for name, part in (await request.post()).items():
            if name == "payload_json":
                body = json.loads(part.file.read() if isinstance(part, web.FileField) else part)
            elif isinstance(part, web.FileField):
                files.append(part.filename)
    elif request.can_read_body:
        body = await request.json()
    return Call(request.method, request.match_info["path"], body, files)


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Discord's content type has no charset, and the library insists."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def error(status: int, code: int, text: str) -> web.Response:
    """An error in Discord's form."""
    return json_answer({"code": code, "message": text}, status)
