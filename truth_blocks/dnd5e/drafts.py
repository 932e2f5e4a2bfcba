"""The draft of a rules answer: its shape, reading it strictly, and writing one from the table."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from errors import DraftMalformed
from truth_blocks.dnd5e.claims import NAMES_ONLY, SUBJECTS
from truth_blocks.dnd5e.facts import Rule
from truth_blocks.dnd5e.prose import normalised
from truth_blocks.dnd5e.values import shown

MOST_BYTES, MOST_ANSWER, MOST_CLAIMS = 64_000, 4_000, 60
_COMPACT = {"type", "subject", "name", "field", "value"}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["answer", "claims"],
    "properties": {
        "answer": {"type": "string", "description": "The answer for the player, plain sentences."},
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "subject", "name", "field", "value"],
                "properties": {
                    "type": {"type": "string", "enum": ["fact"]},
                    "subject": {"type": "string", "enum": [*SUBJECTS]},
                    "name": {"type": "string", "description": "What the fact is about, for example grappled."},
                    "field": {"type": "string", "description": "The field as listed, for example speed_ft."},
                    "value": {"type": "string", "description": "The value as listed, for example 0."},
                },
            },
        },
    },
}


class Draft(msgspec.Struct, frozen=True):
    """A draft as read: the prose and its claims, each in the documented claim format."""

    answer: str
    claims: tuple[Mapping[str, Any], ...]


def read(text: str) -> Draft:
    """Read a model's reply.

    Raises:
        DraftMalformed: not JSON, a key too many or missing, a wrong type, or too long; says what and where.
    """
    if len(text) > MOST_BYTES:
        raise DraftMalformed(f"The draft has {len(text):,} characters; at most {MOST_BYTES:,} are read.")
    try:
        found = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DraftMalformed(f"The draft is not JSON: {str(error)[:200]}") from error
    if not isinstance(found, dict) or found.keys() != {"answer", "claims"}:
        raise DraftMalformed("The draft must be an object with exactly the keys answer and claims.")
    answer, claims = found["answer"], found["claims"]
    if not isinstance(answer, str) or not answer.strip() or len(answer) > MOST_ANSWER:
        raise DraftMalformed(f"answer must be text of 1 to {MOST_ANSWER:,} characters.")
    if not isinstance(claims, list) or len(claims) > MOST_CLAIMS:
        raise DraftMalformed(f"claims must be a list of at most {MOST_CLAIMS} claims.")
    return Draft(normalised(answer).strip(), tuple(_claim(claim, place) for place, claim in enumerate(claims)))


def _claim(claim: Any, place: int) -> Mapping[str, Any]:
    """A claim in either notation: the schema's five keys, or the documented claim format."""
    where = f"claims[{place}]"
    if not isinstance(claim, dict):
        raise DraftMalformed(f"{where} must be an object.")
    if claim.get("type") not in ("fact", "calc", "exists"):
        raise DraftMalformed(f"{where}.type must be fact, calc or exists.")
    if "subject" not in claim:
        if not all(_plain(value) for value in claim.values()):
            raise DraftMalformed(f"{where} must hold text, numbers, yes or no, or short lists of them.")
        return claim
    if claim.keys() != _COMPACT or not all(isinstance(value, str) for value in claim.values()):
        raise DraftMalformed(f"{where} must have exactly the text keys type, subject, name, field and value.")
    if claim["subject"] not in SUBJECTS + NAMES_ONLY or claim["field"] in _COMPACT | {"edition", claim["subject"]}:
        raise DraftMalformed(f"{where} names a subject or field that cannot be claimed.")
    return {"type": claim["type"], claim["subject"]: claim["name"], claim["field"]: claim["value"]}


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= 20 and all(isinstance(each, str | int | float | bool) for each in value)
    return isinstance(value, str | int | float | bool)


def from_table(rules: Sequence[Rule]) -> str:
    """A draft that says what the table says of each topic, with a claim for each fact."""
    claims = [
        {"type": "fact", "subject": rule.kind, "name": rule.key, "field": effect.field, "value": shown(value)}
        for rule in rules
        for effect in rule.effects
        for value in (effect.value if isinstance(effect.value, list) else [effect.value])
    ]
    paragraphs = [" ".join(effect.sentence for effect in rule.effects) for rule in rules]
    titled = [f"{rule.title}: {text}" for rule, text in zip(rules, paragraphs, strict=True)]
    answer = "\n\n".join(titled if len(rules) > 1 else paragraphs)
    return msgspec.json.encode({"answer": answer, "claims": claims}).decode()
