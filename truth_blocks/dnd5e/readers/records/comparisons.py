"""Sentences that compare two spells or two creatures: who reaches farther, who has the better AC, the same school."""

import re
from collections.abc import Mapping
from typing import Any

from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.stating import GAME_WORDS, edition_of

_FIELDS = {
    "spell": (("range_ft", r"\brange|\breach|\bfar\b|\bfarther|\bfurther|outrange|distance"), ("level", r"\blevel|\brank"), ("school", r"\bschool"), ("damage", r"\bdamage")),
    "creature": (("ac", r"\bac\b|armou?r class|\barmou?red|harder to hit"), ("hp", r"\bhp\b|hit points?|tougher|healthier"), ("cr", r"\bcr\b|challenge|tougher"), ("xp", r"\bxp\b|experience"), ("passive_perception", r"passive perception"), ("size", r"\bsize|\bbigger|\blarger")),
}  # fmt: skip
_MORE = re.compile(
    r"\b(?:outranges?|higher|better|more|farther|further|longer|greater|beats?|bigger|exceeds?|outreach\w*|tops)\b"
)
_LESS = re.compile(
    r"\b(?:falls short|lower|worse|less|fewer|shorter|smaller|weaker)\b|\b(?:doesn't|does not|can't|cannot|not) (?:reach|have|hit|go|outrange|match|get)?\W*(?:as|so) (?:far|much|high|many|good)|not as"
)
_FIRST = re.compile(r"\b(?:the )?(?:former|first(?: one)?|1st(?: one)?)\b")
_SECOND = re.compile(r"\b(?:the )?(?:latter|second(?: one)?|2nd(?: one)?)\b")


def comparison(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> list[tuple[Any, Checked]]:
    """A comparison read from the whole text; empty when it makes none."""
    edition = edition_of(text, default)
    if edition is None:
        return []
    for kind, fields in _FIELDS.items():
        found = [m for m in mentions[edition].find(text, (kind,), any_case=True) if m.kind == kind]
        named = list(dict.fromkeys(m.name for m in found))
        if any(m.key in GAME_WORDS and text[m.start].islower() for m in found):
            continue
        if len(named) != 2 or len(found) > 3:
            continue
        masked = text
        for mention in reversed(found):
            masked = masked[: mention.start] + "#" * (mention.end - mention.start) + masked[mention.end :]
        lowered = sub(r"\b(?:the )?(?:2|both) (?:\w+ )?(?:spells?|creatures?|monsters?)\b", " ", plain(masked))
        field = next((name for name, cue in fields if search(cue, lowered)), None)
        if field is not None:
            return _compared(kind, field, named, lowered, facts, edition)
    return []


def _compared(
    kind: str, field: str, named: list[str], text: str, facts: Facts, edition: str
) -> list[tuple[Any, Checked]]:
    order = _order(text)
    if order is None:
        return []
    base = {
        "type": "calc",
        "op": "compare",
        "kind": kind,
        "field": field,
        "first": named[0],
        "second": named[1],
        "edition": edition,
    }
    claims: list[dict[str, Any]] = [{**base, "order": order}]
    said = [f for f in figures(text) if f.kind in ("feet", "number", "ac", "hp", "cr", "level", "xp")]
    if len({f.kind for f in figures(text)}) > 1:
        return []
    if len(said) == 2 and field != "school":
        claims += [
            {"type": "fact", kind: name, field: figure.value, "edition": edition}
            for name, figure in zip(named, said, strict=True)
        ]
    elif said:
        return []
    return [(claim, check_claim(facts, claim, edition)) for claim in claims]


def _order(text: str) -> str | None:
    """``first`` when the first one named has more, ``second``, ``same`` or ``different``; None when it is not plain."""
    if search(r"\bsame\b|\bequal|\bshare", text):
        return None if search(r"\bnot|n't|\bnever", text) else "same"
    if search(r"\bdifferent|\bdiffer\b", text):
        return None if search(r"\bnot|n't|\bnever", text) else "different"
    less, more = _LESS.search(text), _MORE.search(text)
    if search(r"\?|,", text) and (_FIRST.search(text) or _SECOND.search(text)):
        picked = "first" if _FIRST.search(text) else "second"
        if _FIRST.search(text) and _SECOND.search(text):
            return None
        return picked if more and not less else ({"first": "second", "second": "first"}[picked] if less else None)
    if search(r"\?", text):
        return None
    if less:
        return "second"
    if more and not search(r"\bnot\b|n't|\bnever", text):
        return (
            "first"
            if search(
                r"#+[^#]*\b(?:outranges?|higher|better|more|farther|further|longer|greater|beats?|bigger|exceeds?|outreach\w*|tops)\b[^#]*#+",
                text,
            )
            else None
        )
    return None
