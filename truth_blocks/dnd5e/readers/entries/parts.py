"""The named parts of an entry of the SRD: which of them a statement speaks of, and whether its values are theirs."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts
from truth_blocks.dnd5e.mentions import Mention
from truth_blocks.dnd5e.readers.entries.words import Values, span
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall
from truth_blocks.dnd5e.readers.stated import verdict

KINDS = (
    "dice",
    "dc",
    "save",
    "feet",
    "shape",
    "type",
    "time",
    "recharge",
    "uses",
    "condition",
    "rest",
    "cost",
    "points",
)
"""Kinds of values that a part is held to, in the order in which a contradiction is told."""
TURNS = (
    r"\b(?:not|never|without|neither|nor|cannot|no|lacks?|false|wrong|unlike|myth|instead|rather|except|unless|used to"
    r"|would|could|might|may|suppose|imagine|homebrew|house[- ]rule\w*|variant|compare|difference|about|around|roughly"
    r"|nearly|almost|approximately|than|at least|at most|over(?= \d)|under(?= \d)|up from|down from|twice(?! (?:a|per|each) day)|doubled?"
    r"|crit\w*|resist\w*|average|takes? \d|took|left with|drops?|party|lair|polymorph\w*|wild shape|summon\w*|familiar)\b|n't\b"
)
"""Words that make a figure one of a situation, or deny it; a sentence with one of them is left open."""
RANKED = r"\blevel \d|\b\d(?:st|nd|rd|th)[- ]level\b|\bslot\b"
_DERIVED = ("feet", "time", "dice")
"""Kinds of values of which a second one in a sentence may follow from the first (*so from 165 feet away*)."""
_HEADS = (
    r"\b(?:breath(?:es|e)?|gaze|presence|regenerat\w*|resistance|legendary actions?|multiattack|darkvision|blindsight|truesight"
    r"|tremorsense|telepath\w*)\b"
)
"""Words that stand for the part whose name has them (*a dragon's breath* for its Fire Breath)."""


@lru_cache(maxsize=4_096)
def plain_name(name: str) -> str:
    """A part's name as it stands in a plain text."""
    return plain(name)


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """The text with names replaced by ``###``."""
    for mention in sorted(mentions, key=lambda m: -m.start):
        text = text[: mention.start] + "###" + text[mention.end :]
    return text


def has_name(text: str, name: str) -> bool:
    """Whether a plain text has the name of a part, as whole words; a plural counts."""
    names = [plain_name(name)]
    _, colon, after = names[0].partition(": ")
    if colon and " " in after:  # "Channel Divinity: Turn Undead" is called by what stands behind the colon as well.
        names.append(after)
    return any(each in text and re.search(rf"\b{re.escape(each)}s?\b", text) for each in names)


def features_named(text: str, edition: str, facts: Facts) -> list[Entry]:
    """The features of classes, subclasses and species that a plain text names."""
    named = {(name, owner) for name, owner in facts.entry_names(edition, "class", "feature") if has_name(text, name)}
    owners = sorted({owner for _, owner in named})
    return [each for owner in owners for each in facts.entries(edition, "class", owner) if (each.name, owner) in named]


def spoken_of(text: str, entries: Iterable[Entry]) -> list[Entry]:
    """The parts that a plain text names; of several names, the longest."""
    named = [entry for entry in entries if has_name(text, entry.name)]
    longest = max((len(entry.name) for entry in named), default=0)
    return [entry for entry in named if len(entry.name) == longest]


def meant(text: str, entries: Iterable[Entry]) -> list[Entry]:
    """The parts that a plain text means by a word of their name."""
    heads = {"breath" if head.startswith("breath") else head[:8] for head in findall(_HEADS, text)}
    if re.search(r"\bregains? \d+ hit points\b.*\bstart of\b", text):
        heads.add("regenera")
    return [entry for entry in entries if any(re.search(rf"\b{head}", plain_name(entry.name)) for head in heads)]


def values_in(parts: Iterable[Entry], kind: str) -> frozenset[str]:
    """All values of a kind in some parts."""
    return frozenset[str]().union(*(part.values.get(kind, frozenset()) for part in parts))


def is_open(parts: Iterable[Entry]) -> bool:
    """Whether a figure of the parts is not known."""
    return any("open" in part.values for part in parts)


_SHOWN = {
    "dc": "DC", "save": "saving throw", "type": "damage type", "uses": "uses a day", "cost": "action it takes", "gp": "price in gp",
    "pound": "pounds", "shape": "area", "recharge": "recharges on", "bonus": "bonus +",
}  # fmt: skip
"""Kinds of values as people call them."""


def held(
    said: Values, parts: Sequence[Entry], owner: str, edition: str, kinds: Sequence[str] = KINDS, only: bool = False
) -> list[Checked]:
    """A contradiction in the first kind of values of which the parts have others only; ``only``: it says *only*."""
    if not parts or is_open(parts):
        return []
    for kind in kinds:
        own, values = values_in(parts, kind), said.get(kind, set())
        wrong = values - own if own else set()
        if kind == "rest" and only and values == {"long"} and "short" in own:
            wrong = values  # "only after a long rest"
        if wrong and (wrong == values or kind not in _DERIVED):
            told = ", ".join(sorted(map(span, own) if kind == "time" else own))
            subject = f"{owner}, {parts[0].name}, {_SHOWN.get(kind, kind)}"
            return [verdict(False, f"entry.{kind}", told, edition, subject)]
    return []
