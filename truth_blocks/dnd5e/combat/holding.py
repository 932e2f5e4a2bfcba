"""A narration held against the log, beat by beat: names, numbers, targets, outcomes, deaths, order."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from errors import DraftMalformed
from truth_blocks.contracts import Violation
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.mentions import Mentions

MOST_BYTES = 32_000
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["narration"],
    "properties": {
        "narration": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["event", "text"],
                "properties": {
                    "event": {"type": "integer", "description": "Number of the event, in the order given."},
                    "text": {"type": "string", "description": "One or two sentences that tell this event alone."},
                },
            },
        },
    },
}


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One beat as it was told."""

    event: int
    text: str


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole narration."""

    narration: tuple[Told, ...]


def read(text: str) -> Draft:
    """Read a model's reply.

    Raises:
        DraftMalformed: not JSON of the agreed shape, or too long.
    """
    if len(text) > MOST_BYTES:
        raise DraftMalformed(f"The draft has {len(text):,} characters; at most {MOST_BYTES:,} are read.")
    try:
        draft = msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=Draft)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DraftMalformed(f"The draft is not a narration: {str(error)[:200]}") from error
    if any(not told.text.strip() or len(told.text) > 600 for told in draft.narration):
        raise DraftMalformed("Each text must have 1 to 600 characters.")
    return draft


def hold(
    beats: Sequence[Beat], names: Sequence[str], players: Sequence[str], draft: Draft, mentions: Mentions
) -> tuple[list[Violation], int]:
    """What is wrong with a narration, and how many beats hold."""
    from truth_blocks.dnd5e.combat.told import wrong  # its patterns are compiled at the first narration

    told = [entry.event for entry in draft.narration]
    if told != [beat.number for beat in beats]:
        wanted = ", ".join(str(beat.number) for beat in beats)
        found = ", ".join(map(str, told[:40]))
        return [
            Violation("order", "narration", f"Tell the events {wanted}, each once and in this order; found {found}.")
        ], 0
    violations: list[Violation] = []
    held = 0
    for place, (beat, entry) in enumerate(zip(beats, draft.narration, strict=True)):
        found_here = [
            Violation(rule, f"narration[{place}]", said)
            for rule, said in wrong(beat, names, frozenset(players), entry.text, mentions)
        ]
        violations += found_here
        held += not found_here
    return violations[:20], held
