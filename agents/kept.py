"""What of words from outside is kept. Of a model's: what can be seen, and no secret, however it was spelled.

A reply is cleaned before it is stored, not only where it is shown: the blackboard, the memory, the cache, `/why` and
files then hold what people see, and nothing that a later reader would have to be protected from.
"""

import re

import msgspec

from agents.contracts import Request
from neutralise import one_line, visible
from redaction import without_secrets
from truth_blocks.contracts import SourceFile, Violation

_HALF = re.compile("[\ud800-\udfff]")


def request(asked: Request) -> Request:
    """A request as it can be written down: without halves of characters, which no file and no protocol takes."""
    texts = (asked.command, *asked.options.values(), *(each.content for each in asked.files))
    if all(text.isascii() or not _HALF.search(text) for text in texts):
        return asked
    return msgspec.structs.replace(
        asked,
        command=whole(asked.command),
        options={name: whole(value) for name, value in asked.options.items()},
        files=tuple(msgspec.structs.replace(each, content=whole(each.content)) for each in asked.files),
    )


def whole(text: str) -> str:
    """The text without lone surrogates."""
    return _HALF.sub("", text)


def words(text: str) -> str:
    """The text without unseen characters and without secrets."""
    return without_secrets(visible(text))


def file(source: SourceFile) -> SourceFile:
    """A file that leaves; a picture as it is."""
    if source.encoding != "utf-8":
        return source
    return msgspec.structs.replace(source, content=words(source.content), alt=words(source.alt))


def finding(violation: Violation) -> Violation:
    """A finding in one line: it stands in traces, prompts and lists, where a line break would begin another entry."""
    return msgspec.structs.replace(
        violation,
        rule=without_secrets(one_line(violation.rule)),
        location=without_secrets(one_line(violation.location)),
        message=without_secrets(one_line(violation.message)),
    )


def draft(text: str) -> str:
    """A reply as it came; one that holds a secret, without it and without the spelling that hid it."""
    plain = _plain(text)
    clean = without_secrets(plain)
    return without_secrets(text) if clean == plain else clean


def holds_secret(text: str) -> bool:
    """Whether a reply holds a secret, also between unseen characters or in JSON's escapes."""
    plain = _plain(text)
    return without_secrets(plain) != plain


def _plain(text: str) -> str:
    try:
        found = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
        text = msgspec.json.encode(found).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass  # No JSON: as it stands.
    return visible(text)
