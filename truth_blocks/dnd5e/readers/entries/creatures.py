"""What a statement says of a creature's traits, actions and senses, held against the parts of its entry."""

from collections.abc import Iterable, Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts
from truth_blocks.dnd5e.mentions import Mention
from truth_blocks.dnd5e.readers.entries.parts import (
    KINDS,
    RANKED,
    TURNS,
    has_name,
    held,
    is_open,
    masked,
    meant,
    plain_name,
    spoken_of,
    values_in,
)  # fmt: skip
from truth_blocks.dnd5e.readers.entries.words import Values, values_of
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared

_TOGETHER = ("dc", "save", "dice", "condition", "type", "shape", "recharge")
"""Kinds of values that only stand together in one part."""
_MOVES = r"\bspeed\b|\bwalks?\b|\bfl(?:y|ies)\b|\bswims?\b|\bclimbs?\b"
_CLAUSES = r",|;|\band\b|\bwhile\b|\bbut\b"
_HAS = r"\b(?:has|have|having|with|possess\w*|gets?|comes? with|features?|boasts?|sports?|uses?)\b"
_ASKS_SAVE = (
    r"\b(?:bitten|hit|struck|stung|clawed|touched|grabbed) by (?:an? |the )?###|\b(?:target|victim|prey|whoever|anyone|you|creature it (?:bites|hits))\b[^.;]*\b(?:makes?|must|has to|have to|needs?|rolls?)\b"
    r"|###[^.;]*\b(?:forces?|calls? for|requires?|asks? for|demands?)\b"
)
_OTHER_FIGURES = r"\bac\b|\bhp \d|\bcr\b|\bxp\b|\bscore|\bto hit|[+]\d|\bthan\b"
_SINGLE_WORDS = frozenset(["Regeneration", "Amphibious", "Truesight", "Blindsight", "Tremorsense", "Darkvision"])
"""Names of traits and senses of one word that is no other word of the game."""


def said_of_creature(text: str, mention: Mention, edition: str, facts: Facts) -> list[Checked]:
    """Verdicts on what a statement says of the one creature it names."""
    lowered = plain(prepared(masked(text, [mention])))
    entries = facts.entries(edition, "creature", mention.key)
    unnamed = _without_names(lowered, entries)
    if search(TURNS, unnamed) or search(RANKED, unnamed):
        return []
    parts = spoken_of(lowered, entries) or meant(lowered, entries)
    said = values_of(unnamed)
    if search(_MOVES, lowered):
        said.pop("feet", None)
    if not parts:
        return (
            _together(said, entries, mention.name, edition)
            or _has(lowered, entries, edition, facts, mention.name)
            or _no_save(lowered, said, entries, mention.name, edition)
        )
    if search(_CLAUSES, lowered) and _elsewhere(said, parts, entries):
        return []
    return (
        held(said, parts, mention.name, edition)
        or _counted(lowered, said, parts, mention.name, edition)
        or _no_save(lowered, said, entries, mention.name, edition)
    )


def _without_names(text: str, entries: Iterable[Entry]) -> str:
    """The text without the names of parts: a *Lightning Blade* says nothing of lightning."""
    for name in sorted({plain_name(each.name) for each in entries if " " in each.name}, key=len, reverse=True):
        text = text.replace(name, "###")
    return text


def _elsewhere(said: Values, parts: Sequence[Entry], entries: Iterable[Entry]) -> bool:
    """Whether what a sentence of two clauses says beyond the part it names stands in another part."""
    others = [each for each in entries if each not in parts]
    for kind in KINDS:
        beyond = said.get(kind, set()) - values_in(parts, kind)
        if beyond and any(beyond <= each.values.get(kind, frozenset()) for each in others):
            return True
    return False


def _counted(text: str, said: Values, parts: Sequence[Entry], owner: str, edition: str) -> list[Checked]:
    """One number said of a trait or of the legendary actions: it must be one of theirs."""
    numbers, own = said.get("number", set()) - {"0", "1"}, values_in(parts, "number") - {"0", "1"}
    counts = any(part.kind in ("trait", "legendary") or part.name == "Multiattack" for part in parts)
    if len(numbers) != 1 or not own or not counts or "dice" in said or is_open(parts):
        return []
    if numbers <= own or search(_OTHER_FIGURES, text):
        return []
    return [verdict(False, "entry.number", ", ".join(sorted(own)), edition, f"{owner}, {parts[0].name}")]


def _together(said: Values, entries: Sequence[Entry], owner: str, edition: str) -> list[Checked]:
    """Where no part is named: values of two kinds that stand together in no part of the entry."""
    kinds = [kind for kind in _TOGETHER if kind in said]
    if len(kinds) < 2 or any(len(said[kind]) > 1 for kind in kinds) or is_open(entries):
        return []
    if not all(any(kind in each.values for each in entries) for kind in kinds):
        return []
    fitting = [[said[kind] <= each.values.get(kind, frozenset()) for kind in kinds] for each in entries]
    best = max(fitting, key=sum)
    near = entries[fitting.index(best)]
    told = ", ".join(f"{kind} {' '.join(sorted(near.values[kind]))}" for kind in kinds if kind in near.values)
    if all(best) or not told:
        return []
    return [verdict(False, "entry.together", told, edition, f"{owner}, {near.name}")]


def _no_save(text: str, said: Values, entries: Sequence[Entry], owner: str, edition: str) -> list[Checked]:
    """A save that whoever is hit is said to make, where no part of the creature asks for one of that ability."""
    asked = said.get("save", set())
    if len(asked) != 1 or is_open(entries) or not search(_ASKS_SAVE, text):
        return []
    if asked <= values_in(entries, "save") or any("spellcasting" in plain_name(each.name) for each in entries):
        return []
    others = ", ".join(sorted(values_in(entries, "save")))
    return [verdict(False, "entry.save", others or "no saving throw", edition, owner)]


def _has(text: str, entries: Sequence[Entry], edition: str, facts: Facts, owner: str) -> list[Checked]:
    """Whether a creature has the one trait or sense that it is said to have."""
    if not search(_HAS, text):
        return []
    traits = facts.entry_names(edition, "creature", "trait", "sense")
    named = {name for name, _ in traits if (" " in name or name in _SINGLE_WORDS) and has_name(text, name)}
    missing = named - {each.name for each in entries}
    if len(named) != 1 or not missing:
        return []
    return [verdict(False, "entry.trait", f"no {missing.pop()}", edition, owner)]
