"""How a server wants to be asked, learned from its refusals.

Servers differ in what they take: LM Studio refuses ``json_object`` and takes ``json_schema``, Groq takes
``json_schema`` for some models and not always with streaming, older servers refuse ``stream_options``, reasoning models
refuse ``temperature`` and the old name of the token limit. A refusal is a 400 that names the thing.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from llm.contracts import ModelCall
from llm.http_errors import ServerAnswer

ResponseFormat = Literal["json_schema", "json_object", "none"]
_NEXT: Mapping[ResponseFormat, ResponseFormat] = {"json_schema": "json_object", "json_object": "none", "none": "none"}
_STREAM = re.compile(r"\bstream")
_FORMAT_WORDS = ("response_format", "response format", "json_schema", "json_object", "schema", "grammar", "json mode")


class Manner(msgspec.Struct, frozen=True):
    """One way of asking. A refusal gives the next one; a model keeps what worked."""

    response_format: ResponseFormat = "json_schema"
    stream: bool = True
    usage: bool = True
    """Ask for token counts at the end of a stream."""
    temperature: bool = True
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    def after_refusal(self, answer: ServerAnswer) -> "Manner | None":
        """What to try next, or None when the refusal was about something else."""
        if answer.status not in (400, 415, 422, 501) or answer.code == "json_validate_failed":
            return None
        said = f"{answer.message} {answer.error.get('param') or ''}".lower()
        if self.usage and self.stream and ("stream_options" in said or "include_usage" in said):
            return msgspec.structs.replace(self, usage=False)
        if self.stream and _STREAM.search(said):
            return msgspec.structs.replace(self, stream=False)
        if self.limit_name == "max_tokens" and "max_completion_tokens" in said:
            return msgspec.structs.replace(self, limit_name="max_completion_tokens")
        if self.temperature and "temperature" in said:
            return msgspec.structs.replace(self, temperature=False)
        if self.response_format != "none" and any(word in said for word in _FORMAT_WORDS):
            return msgspec.structs.replace(self, response_format=_NEXT[self.response_format])
        return None

    def request(self, model: str, call: ModelCall) -> dict[str, Any]:
        """The body of an OpenAI-shaped chat completion."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {"role": "system", "content": self.system(call)},
                {"role": "user", "content": call.user},
            ],
            self.limit_name: call.max_tokens,
            "stream": self.stream,
        }
        if self.temperature:
            body["temperature"] = call.temperature
        if self.stream and self.usage:
            body["stream_options"] = {"include_usage": True}
        if not call.schema:
            return body
        if self.response_format == "json_object":
            body["response_format"] = {"type": "json_object"}
        elif self.response_format == "json_schema":
            asked = {"name": call.schema_name, "strict": True, "schema": call.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": asked}
        return body

    def system(self, call: ModelCall) -> str:
        """Without a schema in the protocol the model must read it; ``json_object`` also demands the word JSON."""
        if self.response_format == "json_schema" or not call.schema:
            return call.system
        return f"{call.system}\n\nJSON schema of the reply:\n{msgspec.json.encode(call.schema).decode()}"
