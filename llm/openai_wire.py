"""The JSON of OpenAI-shaped servers, streamed or not, as far as a draft needs it. Unknown fields are skipped."""

import re
from typing import Any

import msgspec

from llm.reply import Piece


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    delta: _Message | None = None
    message: _Message | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Completion(msgspec.Struct):
    """A whole completion or one chunk of a stream; ``error`` is how some servers fail after the headers are out."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None

    def piece(self) -> Piece:
        """What this part adds to the reply."""
        choice = self.choices[0] if self.choices else _Choice()
        message = choice.message or choice.delta or _Message()
        finish = "refusal" if message.refusal else choice.finish_reason
        usage = self.usage or _Usage()
        return Piece(message.content or "", finish, usage.prompt_tokens, usage.completion_tokens)


_decoded = msgspec.json.Decoder(Completion).decode
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)


def completion_from(body: bytes) -> Completion:
    """Bytes of JSON to a completion; raises `msgspec.DecodeError` for anything else.

    Half a character, which a stream may cut or a model may spell, is replaced: it is no failure of the server.
    """
    try:
        return _decoded(body)
    except msgspec.DecodeError:
        return _decoded(_ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], body))
