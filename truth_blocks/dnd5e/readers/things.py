"""Sentences about spells, creatures, gear and things, read value by value and settled only when nothing is left over."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.creatures import fields as creatures
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.gear import fields as gear
from truth_blocks.dnd5e.readers.matching import match, search, split, sub
from truth_blocks.dnd5e.readers.spells import fields as spells
from truth_blocks.dnd5e.readers.stated import Fact
from truth_blocks.dnd5e.readers.stating import GAME_WORDS, edition_of, stands_as_name
from truth_blocks.dnd5e.reading import Reading
from truth_blocks.dnd5e.vocabulary import ANY_CLASS, SCHOOL

SAYS_MORE = "The sentence says more than could be read."
KINDS = ("spell", "creature", "weapon", "armor", "item")
_SAME_KIND = {
    "dice": "dice", "feet": "feet", "mile": "feet", "level": "level", "slot": "level", "ordinal": "level", "hp": "number",
    "number": "number", "ac": "number", "score": "number", "mod": "mod", "xp": "xp", "cr": "cr", "time": "time", "gp": "gp",
    "pound": "pound", "percent": "number", "dc": "dc",
}  # fmt: skip
_LOOSE = re.compile(r"\b(?:about|around|roughly|nearly|almost|approximately|some|circa|ish|close to|or so)\b")
_BOUND = [
    (">", re.compile(r"\b(?:more than|over|above|higher than|greater than|beyond|exceeds?|better than)\W*$")),
    ("<", re.compile(r"\b(?:less than|under|below|fewer than|lower than|short of)\W*$")),
    ("≥", re.compile(r"\b(?:at least|no less than|no fewer than|a minimum of|minimum)\W*$")),
    ("≤", re.compile(r"\b(?:at most|no more than|not more than|a maximum of|tops out at)\W*$")),
]
_BOUNDED = frozenset(
    [
        "ac",
        "hp",
        "cr",
        "xp",
        "speed_ft",
        "fly_ft",
        "swim_ft",
        "climb_ft",
        "score",
        "base_ac",
        "to_hit",
        "range_ft",
        "pb",
        "passive_perception",
        "level",
        "cost_gp",
        "weight_lb",
    ]
)
_OTHERWISE = re.compile(
    r"\b(?:neither|except|homebrew|house[- ]ruled?|variant|used to|would (?:have|be) (?:a|an)?\s*(?:nice|better)|should have been|could be|might be|may be|maybe|perhaps|i think it was|wish it"
    r"|people (?:say|think|claim)|some (?:say|think|claim)|common misconception|myth|as if|pretend|if (?:it|they|you) (?:had been|were)|let's say|suppose|imagine|half[- ]|compared|than)\b"
)
_HARMLESS = re.compile(
    r"unless your table has house rules|house rules aside|barring house rules|without house rules|no house rules|rather than (?:the |an? )?\w+|(?:more|less|fewer|higher|lower|greater|better|farther) than (?=\d)|instead of (?:the |an? )?\w+|other than that|as opposed to|more than once|no more than that|(?:more|other) than (?:that|this|you think)"
)
_ABOUT_IT = re.compile(
    r"^(?:\W*(?:and|but|also|well|plus|edit|so))*\W*(?:it|its|it's|the spell|the creature|this spell|that spell|in|under|type|damage|damage type|range|save|cr|ac|hp|heavy|medium|light|lasts?|needs?|they)\b"
)
_Reader = Callable[[str, Sequence[Figure], Mapping[str, Any]], Iterator[Fact]]


class Settled(msgspec.Struct, frozen=True):
    """A claim with its verdict."""

    claim: dict[str, Any]
    result: Checked


def facts_in(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> list[Settled]:
    """What a text states of named things."""
    found: list[Settled] = []
    subject: Mention | None = None
    field: str | None = None
    for part, edition, joined in _parts(text, default, mentions[default]):
        names = names_in(part, mentions[edition])
        together = _of_both(part, names, facts, edition)
        if together:
            found += together
            continue
        chosen = _chosen(part, names, facts, edition)
        if chosen is None and not names and subject is not None and (joined or _ABOUT_IT.match(part.lower())):
            chosen = subject
        if chosen is None:
            continue
        settled = _settled(part, chosen, names, facts, edition, field if joined else None)
        subject = chosen
        field = next((name for each in settled for name in each.claim if name in _BOUNDED), field)
        found += settled
    return found


def _of_both(part: str, names: list[Mention], facts: Facts, edition: str) -> list[Settled]:
    """What is said of two things of a kind at once: *both deal slashing damage*."""
    distinct = list({(m.kind, m.key): m for m in names}.values())
    if len(distinct) != 2 or distinct[0].kind != distinct[1].kind or not search(r"\bboth\b", part.lower()):
        return []
    return [
        each
        for subject in distinct
        for each in _settled(part, subject, [m for m in names if m.key == subject.key], facts, edition, None, names)
    ]


def _parts(text: str, default: str, known: Mentions) -> Iterator[tuple[str, str, bool]]:
    """Pieces with the edition each speaks of; True for one that goes on about the piece before it."""
    whole = edition_of(text, default)
    if whole is not None and len(text) <= 320:
        listed: list[str] = []
        for piece in split(r"[,;.]\s+(?:and |but |while |whereas )?|\s+(?:while|whereas|but)\s+", text):
            if listed and not names_in(listed[-1], known) and len(listed[-1]) < 24:
                listed[-1] += ", " + piece
            elif piece.strip():
                listed.append(piece)
        apart = len(listed) > 1 and all(
            len({m.key for m in names_in(piece, known) if m.kind in ("spell", "creature")}) == 1 for piece in listed
        )
        for piece in listed if apart else [text]:
            yield piece, whole, False
        return
    if search(r"\b(?:between|from) (?:srd )?5\.\d (?:and|to) (?:srd )?5\.\d\b", text.lower()):
        return
    pieces = split(
        r"(?<=[.;!])\s+|,?\s+(?:but|while|whereas|and|though|although|even though)\s+(?=(?:in|under|by|the|it|they|srd|SRD|In|5\.\d)\b)",
        text,
    )
    for place, piece in enumerate(pieces):
        edition = edition_of(piece, default)
        if piece.strip() and edition is not None:
            yield piece, edition, place > 0


def names_in(part: str, known: Mentions) -> list[Mention]:
    """The names of a piece; a plain word that also names a spell (*fly*, *harm*) counts only where a name would stand."""
    found = [m for m in known.find(part, KINDS, any_case=True) if not _no_name(m, part)]
    return [
        m
        for m in found
        if m.kind != "spell" or m.key not in GAME_WORDS or stands_as_name(m, part) or _capital_inside(m, part)
    ]


def _capital_inside(mention: Mention, text: str) -> bool:
    """A capital where no sentence begins."""
    before = text[: mention.start].rstrip()
    return text[mention.start].isupper() and bool(before) and before[-1] not in ".!?:;*_\"'\u201c"


def _no_name(mention: Mention, text: str) -> bool:
    """A class, a school or a plain word that also names a creature, spell or thing."""
    words = text[mention.start : mention.end]
    if words.lower() == "hide" and re.match(r" (?:action|from|in|behind)\b", text[mention.end :]):
        return True
    if mention.kind == "creature" and re.fullmatch(rf"(?:{ANY_CLASS})s?", words.lower()):
        return True
    before, after = text[: mention.start].lower(), text[mention.end :].lower()
    if (
        mention.key == "darkvision"
        and mention.kind == "spell"
        and not search(r"\bspell|\bcast|\bslot|\bconcentrat|\bschool|\btransmut|\bcomponent|\btouch", text.lower())
    ):
        return True  # the sense
    if before.endswith("half-"):
        return True
    if mention.key == "jump" and search(r"\b(?:long|high|standing|running) $", before):
        return True
    if mention.key in ("hide", "padded", "leather") and not search(r"\barmou?r", text.lower()):
        return True
    if (
        mention.kind == "spell"
        and mention.key == "light"
        and (match(r"\W+(?:armou?r|weapon|crossbow|hammer|property)", after) or search(r"\b(?:bright|dim) $", before))
    ):
        return True
    if mention.key == "slow" and search(r"\bweapon|\bmastery|\bhits?\b", text.lower()):
        return search(r"\bspell|\bcast|\bsav", text.lower()) is None  # the mastery of that name
    worn = r"\b(?:an?|your|his|her|their|my|normal|nonmagical|plus|wearing|carry\w*|hold\w*|wield\w*|strap\w*(?: on)?)(?: an?)? $"
    if mention.kind == "spell" and mention.key == "shield" and search(worn, before) and not match(r"\W+spell", after):
        return True
    if mention.kind == "spell" and re.fullmatch(SCHOOL, words.lower()) and not words[0].isupper():
        return True
    if mention.kind == "creature" and mention.key in GAME_WORDS and words[0].islower():
        return not search(
            r"(?:^|\b(?:an?|the|each|every|any|this|that|of|\d+|two|three|four|five|six)|[,;:(]) ?$",
            text[: mention.start].lower(),
        )
    return mention.kind == "item" and " " not in words


def _chosen(part: str, names: list[Mention], facts: Facts, edition: str) -> Mention | None:
    """The one named thing that the piece says something of; the first one where several would do."""
    distinct = list({(m.kind, m.key): m for m in reversed(names)}.values())[::-1]
    if len(distinct) <= 1:
        return distinct[0] if distinct else None
    if len(distinct) > 4:
        return None
    telling = [m for m in distinct if list(_facts_of(_masked(part, names, m), m, facts, edition))]
    if any(m.kind == "creature" for m in telling):
        telling = [m for m in telling if m.kind != "weapon"]  # "the assassin's shortsword" is the assassin's attack
    if len(telling) == 1:
        return telling[0]
    longer = [m for m in telling if m.kind in ("spell", "creature")]
    opening = match(
        r"\W*(?:(?:in|under|per|by) (?:srd )?5\.\d\W*)?(?:the |an? |so |ok |edit\W+my bad\W+)?", part.lower()
    )
    if telling and opening and telling[0].start <= opening.end():
        return telling[0]
    return longer[0] if len({m.kind for m in longer}) == len(longer) == 1 else None


def _masked(part: str, names: Sequence[Mention], subject: Mention) -> str:
    """The piece in plain spelling with its names masked; a creature's weapons stay, they name its attacks."""
    hidden = [m for m in names if not (subject.kind == "creature" and m.kind in ("weapon", "item"))]
    for mention in sorted(hidden, key=lambda m: -m.start):
        part = part[: mention.start] + "#" * (mention.end - mention.start) + part[mention.end :]
    text = plain(part)
    return sub(r"(?<=[a-z]) (?:of|for|against|from|on) (?:the |an? )?(#+)(?='?s?\b|\W|$)(?:'s)?", r" \1", text)


def _facts_of(text: str, subject: Mention, facts: Facts, edition: str) -> Iterator[Fact]:
    row = facts.row(subject.kind, edition, subject.key)
    if row is None:
        return
    figs = figures(text)
    if subject.kind == "creature":
        yield from creatures.creature(text, figs, row, facts.attacks(edition, subject.key))
        return
    readers: dict[str, _Reader] = {
        "spell": spells.spell,
        "weapon": gear.weapon,
        "armor": gear.armor,
        "item": gear.item,
    }
    yield from readers[subject.kind](text, figs, row)


def _settled(
    part: str,
    subject: Mention,
    names: Sequence[Mention],
    facts: Facts,
    edition: str,
    field: str | None,
    hidden: Sequence[Mention] = (),
) -> list[Settled]:
    text = _masked(part, hidden or names, subject)
    figs = figures(text)
    read = list(_facts_of(text, subject, facts, edition))
    used = {figure for fact in read for figure in fact.figures}
    if not read and field and len(figs) == 1 and figs[0].kind == "number":
        read, used = [Fact({field: figs[0].whole}, False, (figs[0],))], {figs[0]}
    others = {m.key for m in names if m.kind == subject.kind and m.key != subject.key}
    found = []
    for fact in read:
        claim = {"type": "fact", subject.kind: subject.name, "edition": edition, **fact.claim}
        reading = _bounded(claim, fact, text, part)
        result = reading.judged(facts, edition) if reading else None
        if reading is None or result is None:
            continue
        several = sum(fact.claim.keys() == other.claim.keys() and len(fact.claim) == 1 for other in read) > 1
        if result.verdict == "contradicted" and (several or not _sure(fact, text, figs, used, bool(others))):
            result = msgspec.structs.replace(result, verdict="unverifiable", message=SAYS_MORE)
        found.append(Settled(reading.claim, result))
    return found


def _bounded(claim: dict[str, Any], fact: Fact, text: str, part: str) -> Reading | None:
    """The reading with *more than* and the like; None for *about*."""
    if not fact.figures:
        return Reading(claim, fact.denied, part)
    before = text[max(fact.figures[0].start - 24, 0) : fact.figures[0].start]
    if _LOOSE.search(before[-16:]):
        return None
    sign = (
        next((sign for sign, pattern in _BOUND if pattern.search(before)), "") if _BOUNDED & fact.claim.keys() else ""
    )
    lost = "hp" in claim and not search(r"\bnot\b|n't\b|\bno\b|\bnever\b", text)
    return Reading(claim, fact.denied and not sign and not lost, part, sign)


def _sure(fact: Fact, text: str, figs: Sequence[Figure], used: set[Figure], others: bool) -> bool:
    """Whether a contradiction stands: every figure of its sort is accounted for and nothing turns the sentence."""
    if others or _OTHERWISE.search(_HARMLESS.sub(" ", text)):
        return False
    sorts = {_SAME_KIND[figure.kind] for figure in fact.figures}
    left = {_SAME_KIND[figure.kind] for figure in figs if figure not in used}
    return not (sorts & left) and not (fact.figures and "number" in left)
