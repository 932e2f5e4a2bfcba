"""Reading a Builder's reply: one JSON document, or JSON metadata followed by diffs, blocks or whole files.

Code inside a JSON string costs weak models quality, so the second form is as good as the first. What cannot be read is
`DraftMalformed` with a sentence for the next try: it costs a call, never a defect.
"""

import json
from typing import Any

import msgspec

from agents.relay.contracts import SYNOPSIS_WORDS, BuilderAnswer
from agents.relay.patches.reading import read_patches
from errors import DraftMalformed
from redaction import without_secrets

_CUT = "cut at the limit"
_OBJECTS = 50
"""Opening braces tried for the metadata: prose before it may hold some."""


def read_answer(reply: str, note: str = "") -> BuilderAnswer:
    """The answer in a reply. ``note`` is the provider's word on how the reply ended.

    Raises:
        DraftMalformed: it cannot be read; the text says what is wrong, fit for the model.
    """
    metadata, rest = _metadata(reply, cut=note.startswith(_CUT))
    if not metadata.get("patch_bundle"):
        stated = "patch_bundle" in metadata
        metadata = {**metadata, "patch_bundle": _bundle(rest, stated=stated, cut=note.startswith(_CUT))}
    try:
        answer = msgspec.convert(metadata, BuilderAnswer, strict=True)
    except msgspec.ValidationError as error:
        raise DraftMalformed(f"The JSON is not of the agreed shape: {error}.") from None
    try:
        text = msgspec.json.encode(answer).decode()
    except UnicodeEncodeError:
        raise DraftMalformed("The answer spells half a character (a lone surrogate). Write whole ones.") from None
    if (clean := without_secrets(text)) != text:  # JSON may spell a secret in a way that the reply did not show
        answer = msgspec.json.decode(clean, type=BuilderAnswer)
    words = len(answer.synopsis.split())
    if not words:
        raise DraftMalformed("The synopsis is empty.")
    if words > SYNOPSIS_WORDS:
        raise DraftMalformed(f"The synopsis has {words} words; {SYNOPSIS_WORDS} are allowed.")
    return answer


def _metadata(reply: str, *, cut: bool) -> tuple[dict[str, Any], str]:
    """The first JSON object that holds a synopsis, and the text behind it."""
    decoder, at = json.JSONDecoder(strict=False), -1
    for _ in range(_OBJECTS):
        at = reply.find("{", at + 1)
        if at < 0:
            break
        try:
            found, end = decoder.raw_decode(reply, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "synopsis" in found:
            return found, reply[end:]
    if cut:
        raise DraftMalformed("The reply was cut at its token limit. Propose less at once.")
    raise DraftMalformed("There is no JSON object with a synopsis in the reply.")


def _bundle(rest: str, *, stated: bool, cut: bool) -> list[dict[str, str]]:
    if cut:
        raise DraftMalformed("The reply was cut at its token limit; its last patch may be half. Propose less.")
    rest = rest.strip().removeprefix("```").strip()  # the end of a fence around the metadata
    read = [{"file": patch.file, "diff": patch.diff} for patch in read_patches(rest)] if rest else []
    if not read and not stated:
        raise DraftMalformed("There is no patch_bundle in the JSON, and no diff, block or file behind it.")
    return read
