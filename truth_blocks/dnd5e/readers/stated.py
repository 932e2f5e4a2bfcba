"""A field that a sentence states, and whether it is denied."""

import re
from typing import Any

import msgspec

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import match, split

DENIAL = re.compile(
    r"\b(?:no|not|never|without|neither|nor|cannot|lacks?|lacking|isn't|doesn't|don't|aren't|won't|can't|hasn't|wasn't|didn't|needn't|free of|lost|drops?(?! (?:the |an? )?#)|dropped(?! (?:the |an? )?#)|loses?|skips?|sans)\b"
)


class Fact(msgspec.Struct, frozen=True):
    """A field with the value a sentence gives it."""

    claim: dict[str, Any]
    denied: bool = False
    figures: tuple[Figure, ...] = ()


def denied(text: str, start: int, end: int, after: bool = False) -> bool:
    """Whether a *no* or *not* stands in the same clause shortly before a place (or with ``after`` behind it)."""
    before = split(r"[.;:,]|\b(?:but|and|yet|while|though|since|because)\b", text[max(start - 60, 0) : start])[-1]
    if DENIAL.search(before[-34:]):
        return True
    return (
        after
        and match(r"\W*(?:\w+ ){0,3}?(?:not|n't|no\b|isn't|unnecessary|unneeded|never)", text[end : end + 30])
        is not None
    )


def verdict(right: bool, rule: str, expected: str, edition: str, subject: str) -> Checked:
    """The verdict on a statement that was read as a whole."""
    message = "" if right else f"{subject[:1].upper()}{subject[1:]}: {expected} (SRD {edition})."
    return Checked("ok" if right else "contradicted", rule, expected, f"SRD {edition}", message, subject)
