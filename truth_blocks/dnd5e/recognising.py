"""Free text that plainly asks for something this block knows, as the command that answers it."""

import re
from collections.abc import Callable, Mapping, Sequence

from errors import UserMistake
from truth_blocks.contracts import Question
from truth_blocks.dnd5e.dice import parse
from truth_blocks.dnd5e.facts import EDITIONS, key_of
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.questions import rules_named

NamesOf = Callable[[str, str], Names]
MOST_CHARACTERS = 300
_GAME = re.compile(
    r"\b(?:d&d|dnd|dungeons|5e|5\.[12]|srd|spells?|cantrips?|monster|creature|saving throws?|cast|casting|hit points"
    r"|stat ?block|grappl\w*|armou?r class|initiative|opportunity attacks?|damage|ac|hp|dc|cr|xp|\d*d(?:4|6|8|10|12|20)"
    r"|spell slots?|upcast|concentration|hit di(?:c?e)|bonus action|versatile|finesse|attunement|saves?"
    r"|(?:strength|dexterity|constitution|intelligence|wisdom|charisma)(?: score)?(?: of)? (?:\d+|check|save)"
    r")\b"
)
_OWN = """
fireball counterspell cloudkill goodberry moonbeam thunderwave shillelagh druidcraft thaumaturgy prestidigitation
polymorph shapechange nondetection eyebite feeblemind forcecage barkskin stoneskin longstrider sunbeam aboleth ankheg
azer balor behir bugbear bulette chuul couatl darkmantle djinni doppelganger dretch drider drow dryad duergar efreeti
erinyes ettercap ettin ghast glabrezu gnoll goblin grick grimlock hezrou hippogriff hobgoblin kobold lich lizardfolk
magmin manticore marilith merrow minotaur nalfeshnee otyugh owlbear pseudodragon quasit rakshasa remorhaz sahuagin
stirge succubus tarrasque treant vrock worg wyvern xorn longsword shortsword greatsword greataxe battleaxe handaxe
warhammer glaive halberd morningstar quarterstaff longbow shortbow breastplate
"""
_OWN_WORDS = frozenset(_OWN.split())
"""Names that mean nothing but themselves: one of them makes a sentence one about the game."""
_CLASSES = frozenset({"barbarian", "paladin", "sorcerer", "warlock"})
_DAILY = """
action actions attack light vision speed rest rests search study help hide ready magic save saves cover
movement moving travel pace object mount riding climb swim jump fall objects reactions reaction potion potions
components proficiency dc ritual rituals torch candle lamp initiative inspiration influence charmed invisible
resistance immunity advantage disadvantage falling surprise surprised dash dodge mastery crawl
"""
_EVERYDAY = frozenset(_DAILY.split())
"""Everyday words: alone they do not make a question one about the game."""
_ALSO_VERBS = "heal command guidance shield sleep fly jump light slow fear bless message wish knock web"
_VERBS = frozenset(_ALSO_VERBS.split())
"""Spells whose names are words of other questions: beside another name they are not what is asked."""
_A_SPELL = re.compile(r"\b(?:spells?|cantrips?)\b")
_WHAT_IT_DOES = re.compile(r"(?:what does|how does) .{2,40} (?:do|work)[?.!]*")
"""Asked of a name that stands in the data, this is meant of the game."""
_EDITION = re.compile(r"\b(5\.[12])\b|\b(2014|2024)\b")
_ASKING = re.compile(
    r"^(?:what(?:'s|’s| is| are| does| do)?|how (?:does|do|much is|much does)|tell me about|explain|show me|describe"
    r"|is|are)\s+(?:an?\b|the\b)?\s*"
)
_ENDING = re.compile(r"\s*(?:do|does|work|works|mean|cost|weigh|deal|like|again|please)?\s*[?.!]*$")
_ROLL = re.compile(r"(?:please )?roll(?: me)?\s+(.{1,100})", re.I)
_COMPARE = re.compile(
    r"(?:compare|difference between (?:the )?editions? (?:of|for))\s+(.+?)"
    r"(?:\s+(?:in|between|across|over)\s+(?:both\s+|the\s+)?(?:two\s+)?(?:editions?|5\.1 and 5\.2|2014 and 2024))?"
    r"[?.!]*$",
    re.I,
)
_OF_A_CLASS = re.compile(
    r"\b(?:slots?|features?|hit di(?:c?e)|saving throws?|saves?|gets?|gains?|cantrips"
    r"|level \d|\d+(?:st|nd|rd|th)[- ]level)\b"
)
_LEVEL = re.compile(r"\blevel (\d{1,2})\b|\b(\d{1,2})(?:st|nd|rd|th)[- ]level\b")
_OF_GEAR = re.compile(
    r"\b(?:damage|versatile|finesse|heavy|reach|thrown|two-handed|propert(?:y|ies)|mastery|cost|price|expensive|weigh\w*"
    r"|range|ac|armou?r class|stealth|rarity|rare|attune\w*|buy)\b"
)


def recognise(text: str, names_of: NamesOf, mentions: Mapping[str, Mentions], default: str) -> Question | None:
    """The question a free text plainly asks; None when it could be about something else."""
    text = " ".join(text.split())
    if not text or len(text) > MOST_CHARACTERS:
        return None
    edition = _edition(text)
    chosen = edition or default
    options = {"edition": edition} if edition else {}
    return (
        _roll(text)
        or _comparison(text, names_of, default)
        or _class(text, mentions[chosen], names_of("class", chosen), options)
        or _thing(text, mentions[chosen], names_of, chosen, options)
        or _rule(text, names_of("rule", chosen), options)
    )


def _edition(text: str) -> str | None:
    found = _EDITION.search(text)
    if found is None:
        return None
    return found[1] or {"2014": "5.1", "2024": "5.2"}[found[2]]


def _about_game(lowered: str) -> bool:
    return _GAME.search(lowered) is not None or not (_OWN_WORDS | _CLASSES).isdisjoint(_singulars(lowered))


def _singulars(lowered: str) -> set[str]:
    words = key_of(lowered).split()
    return {*words, *(word[:-1] for word in words if word.endswith("s"))}


def _roll(text: str) -> Question | None:
    found = _ROLL.fullmatch(text)
    dice = found[1].rstrip("?.! ") if found else ""
    if not re.search(r"\d", dice):
        return None
    try:
        parse(dice)
    except UserMistake:
        return None
    return Question("dnd.roll", {"dice": dice})


def _comparison(text: str, names_of: NamesOf, default: str) -> Question | None:
    """Both editions of one known thing."""
    found = _COMPARE.match(text)
    if found is None or len(found[1]) > 100:
        return None
    key = key_of(found[1])
    known = any(key in names_of(kind, default).by_alias for kind in ("spell", "creature", "rule"))
    return Question("dnd.compare", {"name": found[1]}) if known else None


def _class(text: str, mentions: Mentions, names: Names, options: Mapping[str, str]) -> Question | None:
    """A class by its name, where the sentence asks for what a class has."""
    lowered = text.lower()
    found = [name for name in names.shown if name.lower() in _singulars(lowered)]
    if len(found) != 1 or not _OF_A_CLASS.search(lowered) or mentions.find(text, ("spell", "creature")):
        return None
    level = _LEVEL.search(lowered)
    at = {"level": level[1] or level[2]} if level and 1 <= int(level[1] or level[2]) <= 20 else {}
    return Question("dnd.class", {"name": found[0], **at, **options})


def _thing(
    text: str, mentions: Mentions, names_of: NamesOf, edition: str, options: Mapping[str, str]
) -> Question | None:
    """A spell, a creature or a piece of gear that is the one thing the sentence names."""
    lowered = text.lower()
    about_game = _about_game(lowered) or _WHAT_IT_DOES.fullmatch(lowered) is not None
    bare = key_of(_ENDING.sub("", _ASKING.sub("", lowered)))
    rules = names_of("rule", edition)
    if bare in rules.by_alias:
        return None
    rule_named = bool(rules_named(rules, text))
    for task, kind, kinds in (
        ("dnd.spell", "spell", ("spell",)),
        ("dnd.monster", "creature", ("creature",)),
        ("dnd.item", "gear", ("weapon", "armor", "item")),
    ):
        if kind == "gear" and not (_OF_GEAR.search(lowered) or bare in names_of(kind, edition).by_alias):
            continue
        found = [mention.name for mention in mentions.find(text, kinds, any_case=about_game)]
        if rule_named and not _A_SPELL.search(lowered):
            found = [name for name in found if name.lower() not in _VERBS]
        named = _named(found, bare, names_of(kind, edition), about_game)
        if named is not None:
            return Question(task, {"name": named, **options})
    elsewhere = [each for each in EDITIONS if bare in names_of("creature", each).by_alias]
    if bare in _OWN_WORDS and elsewhere and not options:
        return Question("dnd.monster", {"name": bare, "edition": elsewhere[0]})
    return None


def _named(found: Sequence[str], bare: str, names: Names, about_game: bool) -> str | None:
    """A single name that is the whole question, or stands in a sentence about the game."""
    whole = names.by_alias.get(bare)
    if whole is not None and (" " in bare or about_game):
        return whole
    distinct = list(dict.fromkeys(found))
    if len(distinct) > 1:
        distinct = [name for name in distinct if name.lower() not in _VERBS]
    return distinct[0] if len(distinct) == 1 and (about_game or " " in distinct[0]) else None


def _rule(text: str, names: Names, options: Mapping[str, str]) -> Question | None:
    rules = rules_named(names, text)
    if rules and (_about_game(text.lower()) or any(spelling not in _EVERYDAY for _, spelling in rules)):
        return Question("dnd.rule", {"topic": text, **options})
    return None
