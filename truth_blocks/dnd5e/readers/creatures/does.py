"""What a creature does to others and how it lives, by verbs: *its gaze blinds*, *is hurt by poison*, *casts spells*, *breathes only air*.

The parts of its entry are the closed list: a verb stands for a condition or a kind of damage, and one of the parts must have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.entries.parts import is_open, masked, plain_name, values_in
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import match, search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.things import names_in
from truth_blocks.dnd5e.vocabulary import DAMAGE

MOST_TEXT = 180
_TURNS = (
    r"\b(?:unless|except|only if|if|would|could|should|might|may|used to|suppose|homebrew|variant|than|unlike|instead|rather|myth|polymorph\w*|wild shape|familiar|summon\w*|party|you can|you have|against|immune|immunity"
    r"|nobody|nothing|neither|either|both|or|but|resist\w*|half|save[sd]?|saving|already|no longer|spell of|my|our|we|i)\b|\?|, no,"
)
_DENIES = r"\b(?:not|no|never|cannot|can't|doesn't|don't|isn't|aren't|unable|without|lacks?)\b"
_PARTS = r"gaze|breath|sting(?:er)?|bite|claws?|touch|tentacles?|tendrils?|song|wail|stench|kiss|howl|roar|web|spray|glare|presence|visage|horns?|gore|hooves|tail|fists?|slam|beak|talons?|pseudopods?|moan|spores?|ray|eyes?"
_DOES = {
    "blind": "blinded", "poison": "poisoned", "paraly[sz]e": "paralyzed", "stun": "stunned", "charm": "charmed", "frighten": "frightened", "terrif(?:y|ie)": "frightened",
    "petrif(?:y|ie)": "petrified", "restrain": "restrained", "deafen": "deafened",
}  # fmt: skip
_DEALS = {"freeze": "cold", "burn": "fire", "electrocute": "lightning", "corrode": "acid"}
_WHOM = r"(?= (?:its|the|their|his|her|those|anyone|everyone|you|creatures?|prey|victims?|whoever|people|targets?|all|any)\b|[.!]?$)"
_KINDS_OF_FIENDS = {
    "demon": ("balor", "dretch", "glabrezu", "hezrou", "marilith", "nalfeshnee", "quasit", "vrock"),
    "devil": ("barbed devil", "bearded devil", "bone devil", "chain devil", "erinyes", "horned devil", "ice devil", "imp", "lemure", "pit fiend"),
}  # fmt: skip
_PLAIN_METAL = r"\b(?:nonmagical|non-magical|ordinary|normal|mundane|plain|any|regular|steel|iron)\b (?:\w+ )?(?:weapons?|swords?|blades?|axes?|steel|attacks?)\b"
_BLOWS = frozenset(["bludgeoning", "piercing", "slashing"])

Row = Mapping[str, Any]
Told = tuple[bool, str, str]


def said_of_doings(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on such statements about one creature."""
    named = names_in(text, known)
    if len(text) > MOST_TEXT or len({(m.kind, m.key) for m in named}) != 1 or named[0].kind != "creature":
        return []
    row = facts.row("creature", edition, named[0].key)
    lowered = plain(masked(text, named))
    if row is None or search(_TURNS, lowered):
        return []
    entries = facts.entries(edition, "creature", named[0].key)
    told = [*_fiend(lowered, row), *_hurt(lowered, row, edition), *_casts(lowered, entries)]
    if not is_open(entries):
        told += [*_effects(lowered, entries), *_breathes(lowered, entries)]
    return [verdict(right, f"creature.{rule}", expected, edition, named[0].name) for right, rule, expected in told]


def _denied(text: str, end: int) -> bool:
    return search(_DENIES, text[max(0, end - 40) : end]) is not None


def _effects(text: str, entries: Sequence[Entry]) -> Iterator[Told]:
    """*the basilisk's gaze petrifies*: a condition or a damage type of the part that is named, or of any part."""
    for verb, value in (*_DOES.items(), *_DEALS.items()):
        kind = "type" if verb in _DEALS else "condition"
        found = search(
            rf"###(?:'s)? (?:(?:\w+ )?({_PARTS}) )?(?:can |will |\w+ly )?({verb}s|{verb}es|{verb})\b{_WHOM}", text
        )
        if found is None or not entries:
            continue
        word = (found[1] or "").rstrip("s")
        parts = [each for each in entries if word and word in plain_name(each.name)] if word else list(entries)
        if not parts or any("spellcasting" in plain_name(each.name) for each in entries):
            return
        own = values_in(parts, kind)
        has = value in own or (value == "poisoned" and "poison" in values_in(parts, "type"))
        if not own and kind == "type":
            return
        told = ", ".join(sorted(own)) or f"no {kind}"
        yield has != _denied(text, found.end(2) - 1), "effect", told
        return


def _hurt(text: str, row: Row, edition: str) -> Iterator[Told]:
    """*is hurt by poison*, *any steel sword harms a werewolf*: not where it is immune."""
    immune = set(row["immunities"] or ())
    found = search(
        rf"###(?:'s)? (?:is|are|gets?|can be)(?: \w+)? (?:hurt|harmed|damaged|injured|wounded|burned|killed) by (?:\w+ )?({DAMAGE})\b|\b({DAMAGE})(?: damage)? (?:hurts|harms|injures|wounds) (?:an? |the )?###",
        text,
    )
    if found:
        said = found[1] or found[2]
        yield (
            (said not in immune) != (search(_DENIES, found[0]) is not None),
            "defences",
            f"immune to {', '.join(sorted(immune)) or 'nothing'}",
        )
        return
    found = search(
        rf"###[^.;]*\b(?:hurt|harmed|damaged|wounded|killed) (?:by|with)\b[^.;]*{_PLAIN_METAL}|{_PLAIN_METAL}[^.;]*\b(?:hurts?|harms?|kills?|wounds?)\b[^.;]*###",
        text,
    )
    if found and edition == "5.1" and immune & _BLOWS and not search(r"\bsilver|(?<!non)(?<!non-)magic", text):
        yield search(_DENIES, found[0]) is not None, "defences", "immune to nonmagical attacks"


def _casts(text: str, entries: Sequence[Entry]) -> Iterator[Told]:
    """*casts spells*: only with a trait or action of that name."""
    found = search(
        r"###(?:'s)? (?:can |is able to )?(?:casts? (?:\w+ )?spells|cast (?:\w+ )?spells|is a spellcaster|are spellcasters)\b|###[^.;]* (?:cannot|can't|doesn't|don't|never) cast (?:any )?spells",
        text,
    )
    if found and entries:
        casts = any("spellcasting" in plain_name(each.name) for each in entries)
        denied = search(_DENIES, found[0]) is not None
        yield casts != denied, "spellcasting", "it casts spells" if casts else "no spells"


def _breathes(text: str, entries: Sequence[Entry]) -> Iterator[Told]:
    """Air, water or both, by the traits."""
    found = search(r"\b(?:breathes?|breathe|breathing) (only |just )?(air|water|underwater)(?: (only|alone))?\b", text)
    if found is None or search(r"\bhold|\bfire\b|\bminutes?|\bhours?", text):
        return
    traits = {plain_name(each.name) for each in entries if each.kind == "trait"}
    both, water = any("amphib" in each for each in traits), "water breathing" in traits
    alone, what = bool(found[1] or found[3]), "air" if found[2] == "air" else "water"
    able = both or (water if what == "water" else not water)
    right = (able and not both) if alone else able
    denied = _denied(text, found.start())
    if alone and denied:
        return
    told = "air and water" if both else "water only" if water else "air only"
    yield right != denied, "breathing", told


def _fiend(text: str, row: Row) -> Iterator[Told]:
    """*is a devil*, said of a demon."""
    found = match(r"\W*(?:an? |the |all )?###s? (?:is|are)(n't| not)? (?:an? |the )?(?:\w+ )?(demon|devil)s?\b", text)
    kind = next((kind for kind, names in _KINDS_OF_FIENDS.items() if str(row["key"]) in names), None)
    if found and kind:
        yield (kind == found[2]) != bool(found[1]), "fiend", f"a {kind}"
