"""What a statement says of a trait, an action, a feature, an item or a spell's effect, held against its entry in the SRD.

Entry and statement are read alike (`entry_words`), so that a value of a kind that the part has, but with another value, is
wrong; a kind that the part has not is left open, and so is every sentence with a turn in it.
"""

from collections.abc import Iterable, Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.entries.creatures import said_of_creature
from truth_blocks.dnd5e.readers.entries.parts import (
    KINDS,
    RANKED,
    TURNS,
    features_named,
    held,
    is_open,
    masked,
    spoken_of,
    values_in,
)
from truth_blocks.dnd5e.readers.entries.words import Values, values_of
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall, search
from truth_blocks.dnd5e.readers.records.words import PLACED
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

MOST_TEXT = 260
"""Characters of a statement that is held against an entry."""
_ALSO = ("slow",)
"""Spells whose name is also that of something else in the rules (a weapon mastery)."""
_OWN_WORDS = frozenset(
    ["Evasion", "Indomitable", "Blindsense", "Stonecunning", "Countercharm", "Retaliation", "Frenzy", "Elusive"]
)
"""Features of one word that is no other word of the game."""
_GROWING = frozenset(["Sneak Attack", "Martial Arts", "Bardic Inspiration", "Song of Rest", "Brutal Critical"])
"""Features whose dice stand in the tables of the classes."""
_FIXED = ("save", "type", "condition", "rest", "cost", "points", "feet")
"""Kinds of values of a feature that do not grow with the level, or of which its text has all."""
_GROWS = r"\b(?:each|every|per)\b(?! my\b| our\b| your\b| the (?:rules|book|notes))[^.;]{0,30}\b(?:slot|level)"
_UNSETTLED = r"\b(?:not|never|no|instead|base|starts?|total)\b|n't\b"
_COUNTED = r"\b([\d,]+) (?:other |further |more |willing |extra |additional |different |friendly |unwilling |\w+ly )?(?:creatures|targets|words|questions|people|persons|humanoids|objects|beasts|companions|times|pounds|images|duplicates|missiles|darts|berries|beams|rays|allies|friends|travelers)\b"
_OTHER_COUNTS = r"\bslots?\b|\blevels?\b|\bupcast|\bhigher|\bof the \d|\bof \d|\bat least\b|\bstill\b|\bleft\b|\bother \d|\bhit points\b|\btotal|\bin all\b|\bcaught|\bhits?\b|\bwe\b|\bour\b|\bweigh"
"""Words by which a number is that of a case."""
_REACHED = r"\b(?:since|because|as) (?:its|the) range|\bstill (?:gets|reaches)|\bjust (?:in reach|reaches)"
"""How far somebody stands, beside how far a spell goes."""
_ATTUNED = (
    r"\b(?:requires?|needs?) (?:no )?attunement|(?:\bnot|n't|\bnever) (?:require|need) attunement|\bwithout attunement"
)

_FLASKS = (
    r"\b(?:holy water|alchemist's? ?fire|(?:vials?|flasks?) of (?:acid|oil)|burning oil|acid (?:vials?|flasks?))\b"
)


def said_of_entries(text: str, edition: str, facts: Facts, known: Mentions) -> list[Checked]:
    """Verdicts on what a statement says of the parts of the one creature, spell, feature or item it names."""
    if len(text) > MOST_TEXT:
        return []
    named = {(m.kind, m.key): m for m in names_in(text, known)}
    creatures = [m for (kind, _), m in named.items() if kind == "creature"]
    spells = [m for (kind, _), m in named.items() if kind == "spell"]
    if len(creatures) == 1 and search(_FLASKS, text.lower()):
        return []  # what is thrown at a creature is none of its parts
    if len(creatures) == 1:
        return said_of_creature(text, creatures[0], edition, facts)
    if any(kind not in ("spell", "item") for kind, _ in named):
        return []
    lowered = plain(prepared(text))
    features = [each for each in features_named(lowered, edition, facts) if _is_name(each, lowered)]
    features = spoken_of(lowered, features)
    inside = any(plain(spell.name) in plain(feature.name) for spell in spells for feature in features)
    if spells and features and not inside:
        return []  # a feature that changes what a spell does
    found = _of_features(lowered, features, edition)
    if found or inside:  # "creation" in "Words of Creation" is no spell
        return found
    if len(spells) == 1 and spells[0].key not in _ALSO:
        return _of_spell(text, spells[0], edition, facts)
    return [] if spells else _of_item(text, edition, facts, known)


def _is_name(feature: Entry, text: str) -> bool:
    """Whether a feature's name of one word may be meant: it is no other word, or the class is named as well."""
    return " " in feature.name or feature.owner in text or feature.name in _OWN_WORDS


def _of_features(text: str, features: Sequence[Entry], edition: str) -> list[Checked]:
    names = [plain(feature.name).rpartition(": ")[2] for feature in features]
    if not features or search(TURNS, text.replace(names[0], "###")):
        return []
    said = values_of(text)
    if search(r"\b(?:1|one) (?:more )?for\b|\bboth\b|\btogether\b|\bin all\b", text):
        said.pop("points", None)  # what two features cost together
    if features[0].name == "Action Surge" or search(r"\bthanks to|\bbecause of", text):
        said = {kind: said[kind] for kind in said if kind not in ("cost", "rest")}
    if features[0].name == "Bardic Inspiration" and "level" in said:
        said.pop("rest", None)  # a later feature brings it back on another rest
    if features[0].name in _GROWING:
        said.pop("dice", None)
    if search(r"\bnone\b|\b0 (?:on|after|with|of)\b|\bnothing\b|\bno\b|\bnot\b|n't\b|\bonly\b", text):
        said.pop("rest", None)  # one rest may be named for what it does not bring
    if "level" in said:  # what grows with the level stands in the tables of the classes
        said = {kind: said[kind] for kind in said if kind in _FIXED}
    only = search(r"\bonly\b|\bnothing but\b", text) is not None
    return held(said, features, features[0].owner, edition, only=only)


def _of_spell(text: str, mention: Mention, edition: str, facts: Facts) -> list[Checked]:
    lowered = plain(prepared(masked(text, [mention])))
    parts = facts.entries(edition, "spell", mention.key)
    row = facts.row("spell", edition, mention.key)
    said = values_of(lowered)
    if search(r"\bconcentrat", lowered):
        said["save"] = said.get("save", set()) - {"con"}  # the save that keeps a spell up
        said = {kind: found for kind, found in said.items() if found}
    if search(r"\binspir|\bsneak|\bsmite", lowered):
        said.pop("dice", None)  # of what somebody has beside it
    if mention.key in ("counterspell", "dispel magic"):
        said.pop("dc", None)  # 10 and the level of the other spell
    if search(r"\bextra\b|\bhex\b|\badditional\b", lowered):
        said.pop("type", None)  # of what is dealt beside it
    if "dice" in said:  # with the caster's modifier, which the text has as a word
        bases = {dice for part in parts for dice in part.values.get("dice", ())}
        said["dice"] = {base if (base := dice.partition("+")[0]) in bases else dice for dice in said["dice"]}
    said.pop("cost", None)  # how it is cast is a field of its record; its text has what it costs afterwards
    grown = _of_growth(lowered, said, parts, mention.name, edition)
    if (
        grown
        or row is None
        or not parts
        or search(TURNS, lowered)
        or search(RANKED, lowered)
        or search(PLACED, lowered)
        or search(_REACHED, lowered)
    ):
        return grown
    counted = _of_counts(lowered, parts, mention.name, edition)
    if counted:
        return counted
    record = plain(f"{row['range_text']}. {row['duration']}. {row['damage']}. {row['casting_time']}")
    values = {kind: frozenset(found) for kind, found in values_of(record).items()}
    return held(said, [*parts, Entry("spell", mention.key, "record", mention.name, values)], mention.name, edition)


def _of_counts(text: str, parts: Sequence[Entry], owner: str, edition: str) -> list[Checked]:
    """How many creatures, words or pounds a spell takes, where no such number stands in its text at all."""
    found = findall(_COUNTED, text)
    own = values_in(parts, "number") | values_in(parts, "pound") | values_in(parts, "level")
    if len(found) != 1 or not own - {"1"} or is_open(parts) or search(_OTHER_COUNTS, text):
        return []
    said = found[0].replace(",", "")
    if said in own or said == "1":
        return []
    return [verdict(False, "entry.count", ", ".join(sorted(own, key=float)), edition, owner)]


def _of_growth(text: str, said: Values, parts: Iterable[Entry], owner: str, edition: str) -> list[Checked]:
    """What a spell gains for each level of the slot above its own."""
    if len(said.get("dice", ())) != 1 or not search(_GROWS, text) or search(_UNSETTLED, text):
        return []
    return held({"dice": said["dice"]}, [part for part in parts if part.kind == "higher"], owner, edition)


def _of_item(text: str, edition: str, facts: Facts, known: Mentions) -> list[Checked]:
    """What is said of the one magic item or gear with a name of two words or more."""
    named = {m.key: m for m in known.find(text, ("item",), any_case=True) if " " in text[m.start : m.end]}
    if len(named) != 1:
        return []
    (mention,) = named.values()
    lowered = plain(prepared(masked(text, [mention])))
    parts = facts.entries(edition, "item", mention.key)
    attuned = search(_ATTUNED, lowered)
    if parts and attuned:
        wanted = any("attunement" in part.values for part in parts)
        denied = search(r"\bno\b|\bnot\b|n't|\bnever\b|\bwithout\b", attuned[0]) is not None
        told = "attunement required" if wanted else "no attunement"
        return [verdict(wanted != denied, "entry.attunement", told, edition, mention.name)]
    if search(TURNS, lowered) or search(RANKED, lowered):
        return []
    return held(
        values_of(lowered),
        parts,
        mention.name,
        edition,
        (*KINDS, "pound", "percent", "rarity", "gp", "charges", "bonus"),
    )
