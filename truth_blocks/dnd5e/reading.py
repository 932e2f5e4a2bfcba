"""A deterministic reading of plain sentences about spells, creatures and gear into structured claims."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.patterns import ATTACK, BY_KIND
from truth_blocks.dnd5e.prose import sentences
from truth_blocks.dnd5e.values import number, shown
from truth_blocks.dnd5e.vocabulary import ANY_CLASS, CLASS, DICE, NUM, ORDINAL, SCHOOL, Pattern, number_of, rank_of

MOST_PIECE = 400
"""Characters of a sentence that are read in one go."""
__all__ = ["CLASS", "DICE", "NUM", "ORDINAL", "Pattern", "Reading", "claims_in", "number_of", "rank_of"]
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|without|cannot|lacks|free of|wrong|false)\b|n't\b")
_ABOUT = re.compile(r"\b(?:about|around|roughly|nearly|almost|approximately|some)\s*$")
_BOUNDS = {
    "more than": ">", "over": ">", "above": ">", "higher than": ">", "greater than": ">", "less than": "<",
    "under": "<", "below": "<", "fewer than": "<", "lower than": "<", "at least": "≥", "no less than": "≥",
    "no fewer than": "≥", "at most": "≤", "no more than": "≤", "not more than": "≤",
}  # fmt: skip
_BOUND = re.compile(rf"\b({'|'.join(_BOUNDS)})\s*$")
_BOUNDED = frozenset(
    ["ac", "hp", "cr", "xp", "speed_ft", "fly_ft", "swim_ft", "climb_ft", "score", "base_ac", "to_hit"]
)
_EDITION = re.compile(
    r"\b(?:(?:in|under|by|per|according to) )?(?:the )?(?:srd|d&d|dnd|edition|5e)?[ ,(]*"
    r"(?:(5\.1|2014)|(5\.2(?:\.1)?|2024|5\.5e?))\b\)?(?:'s)?(?: (?:srd|rules|edition|version|phb|ruleset))*,?"
)
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:each|every|per|one|a single|a) (?:\w+ )?(?:dart|ray|beam|bolt|missile|arrow|mote|meteor|extra)\b"
)
_SCHOOLS, _CLASSES = frozenset(SCHOOL.split("|")), frozenset(ANY_CLASS.split("|"))
_SPLIT = re.compile(r";\s*|,?\s+(?:but|while|whereas|and)\s+(?=(?:in|under|by|the)\b)")


class Reading(msgspec.Struct, frozen=True):
    """A claim read from a sentence; ``negated`` when the sentence denies it."""

    claim: dict[str, Any]
    negated: bool
    text: str
    bound: str = ""
    """``>``, ``<``, ``≥`` or ``≤`` when the sentence gives a bound instead of the figure."""

    def judged(self, facts: Facts, edition: str) -> Checked:
        """The verdict on the sentence: a denied truth is contradicted, a denied falsehood holds."""
        result = check_claim(facts, self.claim, edition)
        if self.bound and result.verdict != "unverifiable":
            result = self._bounded(result)
        if not self.negated or result.verdict == "unverifiable" or result.rule.startswith("claim."):
            return result
        if result.verdict == "contradicted":
            return msgspec.structs.replace(result, verdict="ok", message="")
        message = f'"{self.text[:80]}" denies what holds: {shown(result.expected)} ({result.source}).'
        return msgspec.structs.replace(result, verdict="contradicted", message=message)

    def _bounded(self, result: Checked) -> Checked:
        said = next((number(v) for k, v in self.claim.items() if k in _BOUNDED), None)
        known = number(result.expected)
        if said is None or known is None:
            return msgspec.structs.replace(result, verdict="unverifiable")
        holds = {">": known > said, "<": known < said, "≥": known >= said, "≤": known <= said}[self.bound]
        message = "" if holds else f'"{self.text[:80]}" is not so: {shown(known)} ({result.source}).'
        return msgspec.structs.replace(result, verdict="ok" if holds else "contradicted", message=message)


SLOT = re.compile(
    rf"\b(?:({ORDINAL})[- ]level (?:spell )?slot|(?:spell )?slot of (?:the )?(?:level )?(\d|{ORDINAL})(?: level)?"
    rf"|level[- ](\d) (?:spell )?slot|(?:cast|upcast|casting)[^.;\d]{{0,30}}?\b(?:at|as an?|to|using) (?:level )?({ORDINAL}|\d)(?:[- ]level)?\b)"
)
_CASTER = re.compile(r"\b(?:level (\d+)|(\d+)(?:st|nd|rd|th)[- ]level)\b")


def claims_in(
    text: str,
    facts: Facts,
    mentions: Mentions,
    edition: str,
    any_case: bool = False,
    elsewhere: Mapping[str, Mentions] | None = None,
) -> Iterator[Reading]:
    """Claims read from a text, sentence by sentence; *it* and *the spell* go on about the last subject.

    ``elsewhere`` has the names of each edition, for sentences that say which one they speak of.
    """
    subject: Mention | None = None
    for sentence, continued in _pieces(text[:20_000]):
        if sentence.endswith("?"):
            continue  # a question states nothing
        named_edition = _edition_of(sentence) or edition
        known = (elsewhere or {}).get(named_edition, mentions)
        found = [m for m in known.find(sentence, tuple(BY_KIND), any_case) if m.kind in BY_KIND]
        if len({m.key for m in found}) > 1:
            found = _main(found, sentence)
        if found:
            subject = found[0]
        elif not continued and not re.match(
            r"(?:it|its|the spell|the creature|this spell|in|under)\b", sentence.lower()
        ):
            subject = None
        if subject is not None:
            yield from _of_any_kind(sentence, subject, bool(found), facts, named_edition)


def _edition_of(sentence: str) -> str | None:
    """The edition a sentence names; None for none or both."""
    named = {"5.1" if found[1] else "5.2" for found in _EDITION.finditer(sentence.lower())}
    return named.pop() if len(named) == 1 else None


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Sentences in pieces of a bounded length (the readings' cost grows with it); True for a piece that goes on."""
    for sentence in _parts(text):
        for place, piece in enumerate(textwrap.wrap(sentence, MOST_PIECE) or [sentence[:MOST_PIECE]]):
            yield piece, place > 0


def _parts(text: str) -> Iterator[str]:
    """Sentences; ``Goblin: AC 15`` stays whole, and one that speaks of both editions is taken apart."""
    for sentence in sentences(re.sub(r":[ \t]+(?=\S)", " is ", text)):
        editions = {bool(found[1]) for found in _EDITION.finditer(sentence.lower())}
        yield from _SPLIT.split(sentence) if len(editions) > 1 else [sentence]


def _main(found: list[Mention], sentence: str) -> list[Mention]:
    """The subject of a sentence with several names: the one that opens it, or the only spell or creature."""
    if any(m.kind == "spell" and m.key not in _SCHOOLS for m in found):
        # "Druids can learn Confusion": the class is no creature here, and a school of magic no spell.
        found = [m for m in found if m.key not in _SCHOOLS and not (m.kind == "creature" and m.key in _CLASSES)]
    if len({m.key for m in found}) == 1:
        return found[:1]
    creatures = [m for m in found if m.kind == "creature"]
    if found[0].kind in ("weapon", "armor") and len({m.key for m in creatures}) == 1:
        return creatures[:1]  # "the whip of the balor" is the balor's attack
    opening = re.match(
        r"(?:in (?:srd |the )?(?:5\.\d|2014|2024)\w*(?: rules| edition| srd)?,? )?(?:to \w+ |with \w+ |casting |cast |when |if |wearing )?"
        r"(?:an?|the)?\s*", sentence.lower()
    )  # fmt: skip
    if found[0].start <= (opening.end() if opening else 0) + 1:
        return found[:1]
    chief = [m for m in found if m.kind in ("spell", "creature")]
    return chief[:1] if len({m.key for m in chief}) == 1 else []


def _of_any_kind(sentence: str, subject: Mention, named: bool, facts: Facts, edition: str) -> Iterator[Reading]:
    """Readings of the subject; a name that several kinds share (Shield) is of the first kind that says anything."""
    others = [kind for kind in facts.kinds(edition, subject.key) if kind in BY_KIND and kind != subject.kind]
    for kind in [subject.kind, *others]:
        readings = list(_readings(sentence, msgspec.structs.replace(subject, kind=kind), named, facts, edition))
        if readings:
            yield from readings
            return


def _readings(sentence: str, subject: Mention, named: bool, facts: Facts, edition: str) -> Iterator[Reading]:
    lowered = sentence.lower().replace("’", "'").replace("−", "-")
    if named:
        # The name's own words (Fire Bolt, Cone of Cold) must not be read as facts.
        lowered = lowered[: subject.start] + "#" * (subject.end - subject.start) + lowered[subject.end :]
    own = {"edition": edition} if _EDITION.search(lowered) else {}
    lowered = _EDITION.sub(lambda m: " " * len(m[0]), lowered)
    lowered = re.sub(r"(?<=[a-z]) (?:of|for|against|from) (?:the |an? )?#+(?='?s?\b|\W|$)(?:'s)?", "", lowered)
    attack = _attack_named(lowered, subject, facts, edition) if subject.kind == "creature" else ""
    if attack:
        claims: Iterator[tuple[dict[str, Any], re.Match[str]]] = _claims(lowered, ATTACK)
        base = {"type": "fact", "creature": subject.name, "attack": attack, **own}
    else:
        claims = _claims(lowered, BY_KIND[subject.kind])
        base = {"type": "fact", subject.kind: subject.name, **own}
    seen: set[str] = set()
    for claim, match in claims:
        before = lowered[: match.start(match.lastindex or 0)]
        if not claim or str(claim) in seen or _ABOUT.search(before):
            continue
        seen.add(str(claim))
        bound = _BOUND.search(before) if _BOUNDED & claim.keys() else None
        if subject.kind == "spell" and "damage" in claim and _ONE_OF_SEVERAL.search(lowered):
            continue
        if subject.kind == "spell" and "damage" in claim:
            claim |= _at_level(lowered, subject, facts, edition)
        elif subject.kind == "spell" and "level" in claim and _scaled(lowered, match):
            continue
        sign = _BOUNDS[bound[1]] if bound else ""
        yield Reading({**base, **claim}, not sign and _denied(lowered, match), sentence, sign)


def _claims(lowered: str, table: list[Pattern]) -> Iterator[tuple[dict[str, Any], re.Match[str]]]:
    for pattern, make in table:
        for match in pattern.finditer(lowered):
            yield make(match), match


def _scaled(lowered: str, match: re.Match[str]) -> bool:
    """A level in a sentence about damage with a certain slot is the slot's, not the spell's."""
    return re.search(r"\d*d\d", lowered) is not None and (
        SLOT.search(lowered) is not None or re.search(r"\b(?:at|when|from) $", lowered[: match.start()]) is not None
    )


def _at_level(lowered: str, subject: Mention, facts: Facts, edition: str) -> dict[str, Any]:
    """The slot that the damage is for, or with a cantrip the character's level."""
    row = facts.row("spell", edition, subject.key)
    if row is not None and row["level"] == 0:
        found = _CASTER.search(lowered)
        return {"character_level": int(found[1] or found[2])} if found else {}
    slot = SLOT.search(lowered)
    return {"slot": rank_of(slot[1] or slot[2] or slot[3] or slot[4])} if slot else {}


def _denied(sentence: str, match: re.Match[str]) -> bool:
    """A negation in the same clause, before the match or in it."""
    before = re.split(r"[,;]|\b(?:and|but)\b", sentence[: match.start()])[-1]
    return _NEGATED.search(before + " " + match[0]) is not None


def _attack_named(lowered: str, subject: Mention, facts: Facts, edition: str) -> str:
    """The attack that a sentence names; none when it names two."""
    words = f" {key_of(lowered)} "
    found = {a["name"]: None for a in facts.attacks(edition, subject.key)
             if f" {key_of(a['name'])} " in words or f" {key_of(a['name'])}s " in words}  # fmt: skip
    longest = [name for name in found if not any(name != other and key_of(name) in key_of(other) for other in found)]
    return longest[0] if len(longest) == 1 else ""
