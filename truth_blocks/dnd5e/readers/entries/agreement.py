"""Where a statement agrees with an entry of the SRD, so that a reading which took one of its values for another field is wrong."""

from collections.abc import Iterable, Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts, key_of
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.entries.parts import features_named, has_name, masked
from truth_blocks.dnd5e.readers.entries.words import values_of
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

MOST_TEXT = 400
"""Characters of a statement that may agree with an entry."""
_OF_RECORDS = ("fact.", "creature.", "spell.")
_FIELD_WORDS = {
    "fact.feet": r"\brange\b|\breach(?:es)?\b|\bspeed|\bwalk|\bfl(?:y|ies|ying)\b|\bswim|\bclimb|\bburrow",
    "fact.minute": r"\bduration|\bcasting time",
    "fact.number": r"\bac\b|\barmou?r|\bhp\b|\bhit points|\bpassive|\bscore|\bto hit|\bbonus|\bcr\b|\bchallenge|\bxp\b"
    r"|\bexperience|\bstr|\bdex|\bcon|\bint|\bwis|\bcha|\bdamage|\bdeals?\b|[+]\d",
    "fact.save": r"^$",
    "fact.damage_type": r"^$",
    "fact.casting_time": r"\bcast",
    "spell.range_ft": r"\brange\b|\breach",
    "spell.duration": r"\blasts?\b|\bduration",
    "spell.component": r"\bcomponents?\b",
    "spell.casting_time": r"\bcast",
    "spell.shape_ft": r"^$",
    "spell.save": r"^$",
    "creature.speed_ft": r"\bspeed|\bwalk",
    "creature.size": r"\b(?:is|are)\b[^.;]{0,16}\b(?:tiny|small|medium|large|huge|gargantuan)\b",
    "creature.damage_type": r"^$",
    "class.saves": r"\bsaving throws\b|\bproficien",
    "rule.unarmed": r"\bunarmed",
    "rule.breath": r"^$",
    "rule.poisoned.else": r"^$",
}
"""Readings that take a value for a field, and the words by which a text shows that it means the field."""


def outweighed(result: Checked, text: str, agrees: int) -> bool:
    """Whether an agreement (see `agreeing`) outweighs a reading: it took a value for a field that the text does not mean."""
    if not agrees:
        return False
    words = _FIELD_WORDS.get(result.rule)
    touch = result.rule == "fact.feet" and result.expected == "0"  # feet said of a spell of touch are not its range
    unmeant = touch or (words is not None and not search(words, text.lower()))
    return unmeant or (agrees == 2 and result.rule.startswith(_OF_RECORDS))


def agreeing(text: str, edition: str, facts: Facts, known: Mentions) -> int:
    """How much a statement agrees with the entry of something it names.

    2 when a part that it also names has all of its values, 1 when some part has all but plain numbers, 0 otherwise.
    """
    if len(text) > MOST_TEXT:
        return 0
    named = names_in(text, known)
    lowered = plain(prepared(masked(text, [m for m in named if m.kind in ("creature", "spell")])))
    said = values_of(lowered)
    numbers = said.pop("number", set()) - {"1"}
    if not said and not numbers:
        return 0
    whole = plain(prepared(text))
    entries = list(_entries_of(whole, named, edition, facts))
    called = [each for each in entries if key_of(each.name) != each.owner and has_name(whole, each.name)]
    best = 0
    for entry in called or entries:
        if all(values <= entry.values.get(kind, frozenset()) for kind, values in said.items()):
            counted = numbers <= entry.values.get("number", frozenset())
            best = max(best, 2 if counted and called else int(bool(said) or counted))
    return best


def _entries_of(text: str, named: Iterable[Mention], edition: str, facts: Facts) -> Iterator[Entry]:
    """The parts of everything that a statement names, and the features it names."""
    for kind, key in {(m.kind, m.key) for m in named if m.kind in ("creature", "spell", "item")}:
        yield from facts.entries(edition, kind, key)
    yield from features_named(text, edition, facts)
