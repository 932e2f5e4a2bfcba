"""A first deterministic reading of plain sentences about spells, creatures and gear into structured claims."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from truth_blocks.dnd5e.claims import Checked, check_claim
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.prose import NUMBER_WORDS, sentences
from truth_blocks.dnd5e.values import shown

ABILITY = "strength|dexterity|constitution|intelligence|wisdom|charisma"
SHORT_ABILITY = ABILITY + "|str|dex|con|int|wis|cha"
SCHOOL = "abjuration|conjuration|divination|enchantment|evocation|illusion|necromancy|transmutation"
DAMAGE = "acid|bludgeoning|cold|fire|force|lightning|necrotic|piercing|poison|psychic|radiant|slashing|thunder"
CLASS = "bard|cleric|druid|paladin|ranger|sorcerer|warlock|wizard"
SIZE = "tiny|small|medium|large|huge|gargantuan"
TYPE = "aberration|beast|celestial|construct|dragon|elemental|fey|fiend|giant|humanoid|monstrosity|ooze|plant|undead"
_WORDS = "|".join(word for word in NUMBER_WORDS if word != "once")
NUM = rf"(?:\d[\d,]*|{_WORDS})"
DICE = r"\d*d\d+(?:\s*[+-]\s*\d+)?"
ORDINAL = r"(?:\d(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|without|cannot|lacks|free of)\b|n't\b")
_RANKS = {"first": 1, "second": 2, "third": 3}


class Reading(msgspec.Struct, frozen=True):
    """A claim read from a sentence; ``negated`` when the sentence denies it."""

    claim: dict[str, Any]
    negated: bool
    text: str

    def judged(self, facts: Facts, edition: str) -> Checked:
        """The verdict on the sentence: a denied truth is contradicted, a denied falsehood holds."""
        result = check_claim(facts, self.claim, edition)
        if not self.negated or result.verdict == "unverifiable" or result.rule.startswith("claim."):
            return result
        if result.verdict == "contradicted":
            return msgspec.structs.replace(result, verdict="ok", message="")
        message = f'"{self.text[:80]}" denies what holds: {shown(result.expected)} ({result.source}).'
        return msgspec.structs.replace(result, verdict="contradicted", message=message)


def number_of(text: str) -> int:
    """A number in digits or as a word; 0 when it is neither."""
    plain = text.replace(",", "").lower()
    return int(plain) if plain.isdigit() else int(NUMBER_WORDS.get(plain, 0))


def rank_of(text: str) -> int:
    """``3rd`` or ``third`` as 3."""
    return int(text[0]) if text[0].isdigit() else _RANKS.get(text, int(NUMBER_WORDS.get(text, 0)))


def _feet(match: re.Match[str]) -> int:
    return number_of(match[1]) * (5_280 if match[2].startswith("mile") else 1)


Pattern = tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]]


def _patterns(pairs: list[tuple[str, Callable[[re.Match[str]], dict[str, Any]]]]) -> list[Pattern]:
    return [(re.compile(text), make) for text, make in pairs]


SPELL = _patterns([
    (rf"\b({ORDINAL})[- ]level\b(?! (?:spell )?slot| or higher)", lambda m: {"level": rank_of(m[1])}),
    (r"\blevel[- ]?(\d)\b(?! (?:spell )?slot)(?<!slot of level \d)", lambda m: {"level": int(m[1])}),
    (r"\b(?:is|are) an? (?:\w+ )?cantrip\b", lambda m: {"level": 0}),
    (rf"\b({SCHOOL})\b", lambda m: {"school": m[1]}),
    (rf"\brange (?:of |is |are |: ?)?(?:up to |about )?({NUM})[- ](feet|foot|ft|miles?)",
     lambda m: {"range_ft": _feet(m)}),
    (rf"\b({NUM})[- ](feet|foot|ft|miles?) range\b", lambda m: {"range_ft": _feet(m)}),
    (r"\brange (?:of |is |: ?)?(touch|self|sight)\b", lambda m: {"range_ft": m[1]}),
    (rf"\b({ABILITY}) sav(?:e|es|ing throws?)\b", lambda m: {"save": m[1]}),
    (rf"(?<![\d+])\b({DICE})(?: points of)?(?: (?:{DAMAGE}))? damage\b(?! (?:per|for each|extra))",
     lambda m: {"damage": re.sub(r"\s", "", m[1])}),
    (rf"(?<!or )(?<!and )\b({DAMAGE}) damage\b", lambda m: {"damage_type": m[1]}),
    (r"\b(?:requires?|needs?|takes?|is a|uses?|demands?|without|no|not) (?:a )?concentration\b|\bconcentration spell\b",
     lambda m: {"concentration": True}),
    (r"\b(?:as a ritual|ritual spell|is a ritual|ritual tag|ritually)\b", lambda m: {"ritual": True}),
    (r"\bcasting time (?:of |is |: ?)?(?:an? |one |1 )?(bonus action|reaction|action|\d+ (?:minutes?|hours?))",
     lambda m: {"casting_time": re.sub(r"s$", "", m[1]) if m[1].startswith("1 ") else m[1]}),
    (r"\b(?:cast(?:s|ing)?(?: it| #+)?|takes?) (?:as |with |using )?(?:an? |one )(bonus action|reaction|action)\b"
     r"(?! to (?:end|move|repeat))",
     lambda m: {"casting_time": m[1]}),
    (r"\bcomponents?(?: are| is|:)? ((?:v|s|m)(?:(?:,? (?:and )?|,)(?:v|s|m))*)\b",
     lambda m: {"components": m[1].replace("and", "")}),
    (rf"\b({CLASS}) (?:spell|cantrip)\b(?! (?:slot|save|attack))", lambda m: {"class": m[1]}),
    (rf"\b(?:on|in) the ({CLASS})(?:'s)? (?:spell )?list\b", lambda m: {"class": m[1]}),
    (r"\b(?:lasts?(?: for)?|duration (?:of|is)|duration:) (?:up to )?(\d+ (?:rounds?|minutes?|hours?|days?))\b",
     lambda m: {"duration": m[1]}),
    (r"\b(?:is|are|duration (?:of|is)) (instantaneous)\b", lambda m: {"duration": m[1]}),
])  # fmt: skip
SLOT = re.compile(
    rf"\b(?:({ORDINAL})[- ]level (?:spell )?slot|(?:spell )?slot of level (\d)|level[- ](\d) (?:spell )?slot)\b"
)
CREATURE = _patterns([
    (r"\b(?:ac|armou?r class)(?: of| is| equals|:)? (\d+)", lambda m: {"ac": int(m[1])}),
    (rf"\b({NUM}) (?:ac|armou?r class)\b", lambda m: {"ac": number_of(m[1])}),
    (r"\b(\d[\d,]*) (?:hit points|hp)\b", lambda m: {"hp": number_of(m[1])}),
    (r"\b(?:hit points|hp)(?: of| is| are|:)? (?!(?:maximum|max)\b)(\d[\d,]*)\b(?!d)",
     lambda m: {"hp": number_of(m[1])}),
    (r"\b(?:cr|challenge rating)(?: of| is|:)? (\d+(?:/\d)?)", lambda m: {"cr": m[1]}),
    (r"\b([\d,]+) (?:xp|experience points)\b", lambda m: {"xp": number_of(m[1])}),
    (rf"(?<!fly )(?<!swim )(?<!climb )(?<!burrow )(?<!flying )(?<!swimming )(?<!climbing )"
     rf"\b(?:walking )?speed(?: of| is|:)? ({NUM})",
     lambda m: {"speed_ft": number_of(m[1])}),
    (rf"\bfly(?:ing)? speed(?: of| is|:)? ({NUM})", lambda m: {"fly_ft": number_of(m[1])}),
    (rf"\bswim(?:ming)? speed(?: of| is|:)? ({NUM})", lambda m: {"swim_ft": number_of(m[1])}),
    (rf"\bclimb(?:ing)? speed(?: of| is|:)? ({NUM})", lambda m: {"climb_ft": number_of(m[1])}),
    (rf"\bburrow(?:ing)? speed(?: of| is|:)? ({NUM})", lambda m: {"burrow_ft": number_of(m[1])}),
    (rf"\b({ABILITY})(?: score)?(?: of| is|:)? (\d+)", lambda m: {"ability": m[1], "score": int(m[2])}),
    (rf"\b({ABILITY}) modifier(?: of| is|:)? ([+-]?\d+)", lambda m: {"ability": m[1], "modifier": int(m[2])}),
    (r"\bpassive perception(?: of| is|:)? (\d+)", lambda m: {"passive_perception": int(m[1])}),
    (r"\bproficiency bonus(?: of| is|:)? \+?(\d+)", lambda m: {"pb": int(m[1])}),
    (rf"\b(?:is|are) an? ({SIZE})\b", lambda m: {"size": m[1]}),
    (rf"\b(?:is|are) an? (?:(?:{SIZE}) )?({TYPE})\b", lambda m: {"creature_type": m[1]}),
    (rf"\bhit dice(?: of| is| are|:)? ({DICE})", lambda m: {"hit_dice": re.sub(r"\s", "", m[1])}),
    (rf"\bresistan(?:t|ce) to ({DAMAGE})", lambda m: {"resistances": m[1]}),
    (rf"\bimmun(?:e|ity) to ({DAMAGE})", lambda m: {"immunities": m[1]}),
    (rf"\bvulnerab(?:le|ility) to ({DAMAGE})", lambda m: {"vulnerabilities": m[1]}),
])  # fmt: skip
ATTACK = _patterns([
    (r"\+(\d+) to hit\b", lambda m: {"to_hit": int(m[1])}),
    (r"\battack bonus(?: of| is|:)? \+?(\d+)", lambda m: {"to_hit": int(m[1])}),
    (rf"\b({DICE})(?: (?:{DAMAGE}))? damage\b", lambda m: {"damage": re.sub(r"\s", "", m[1])}),
    (r"\breach(?: of| is|:)? (\d+)", lambda m: {"reach_ft": int(m[1])}),
])  # fmt: skip
WEAPON = _patterns([
    (rf"\b({DICE})(?: (?:{DAMAGE}))?(?: damage)?\b", lambda m: {"damage": re.sub(r"\s", "", m[1])}),
    (rf"\b({DAMAGE}) damage\b|\b\d*d\d+ ({DAMAGE})\b", lambda m: {"damage_type": m[1] or m[2]}),
    (r"\bnormal range(?: of| is|:)? (\d+)", lambda m: {"range_ft": int(m[1])}),
    (r"\blong range(?: of| is|:)? (\d+)", lambda m: {"long_range_ft": int(m[1])}),
])  # fmt: skip
ARMOR = _patterns([
    (r"\b(?:ac|armou?r class)(?: of| is|:)? (\d+)", lambda m: {"base_ac": int(m[1])}),
    (r"\bstrength (?:score )?(?:of |requirement of |requirement is )(\d+)", lambda m: {"strength": int(m[1])}),
    (r"\bdisadvantage on (?:dexterity \()?stealth", lambda m: {"stealth_disadvantage": True}),
])  # fmt: skip
BY_KIND = {"spell": SPELL, "creature": CREATURE, "weapon": WEAPON, "armor": ARMOR}


def claims_in(text: str, facts: Facts, mentions: Mentions, edition: str, any_case: bool = False) -> Iterator[Reading]:
    """Claims read from a text, sentence by sentence; *it* and *the spell* go on about the last subject."""
    subject: Mention | None = None
    for sentence in sentences(text[:20_000]):
        found = [m for m in mentions.find(sentence, tuple(BY_KIND), any_case) if m.kind in BY_KIND]
        if len({m.key for m in found}) > 1:
            found = _main(found, sentence)
        if found:
            subject = found[0]
        elif not re.match(r"(?:it|its|the spell|the creature|this spell)\b", sentence.lower()):
            subject = None
        if subject is not None:
            yield from _readings(sentence, subject, bool(found), facts, edition)


def _main(found: list[Mention], sentence: str) -> list[Mention]:
    """The subject of a sentence with several names is the first one, when it opens the sentence."""
    opening = len(re.match(r"(?:the|a|an|in srd 5\.\d,?|casting)?\s*", sentence.lower())[0])  # type: ignore[index]
    return found[:1] if found[0].start <= opening + 1 else []


def _readings(sentence: str, subject: Mention, named: bool, facts: Facts, edition: str) -> Iterator[Reading]:
    lowered = sentence.lower().replace("’", "'").replace("−", "-")
    if named:
        # The name's own words (Fire Bolt, Cone of Cold) must not be read as facts.
        lowered = lowered[: subject.start] + "#" * (subject.end - subject.start) + lowered[subject.end :]
    lowered = re.sub(r" (?:of|for) (?:the |an? )?#+", "", lowered)
    slot = SLOT.search(lowered)
    for pattern, make in BY_KIND[subject.kind]:
        for match in pattern.finditer(lowered):
            claim = {"type": "fact", subject.kind: subject.name, **make(match)}
            if "damage" in claim and slot is not None and subject.kind == "spell":
                claim["slot"] = rank_of(slot[1]) if slot[1] else int(slot[2] or slot[3])
            yield Reading(claim, _denied(lowered, match), sentence)
    if subject.kind == "creature":
        yield from _attacks(lowered, sentence, subject, facts, edition)


def _denied(sentence: str, match: re.Match[str]) -> bool:
    """A negation in the same clause, before the match or at its start."""
    before = re.split(r"[,;]|\b(?:and|but)\b", sentence[: match.start()])[-1]
    return _NEGATED.search(before + " " + match[0]) is not None


def _attacks(lowered: str, sentence: str, subject: Mention, facts: Facts, edition: str) -> Iterator[Reading]:
    """Figures of an attack that the sentence names."""
    for attack in facts.attacks(edition, subject.key):
        name = key_of(attack["name"])
        if re.search(rf"\b{re.escape(name)}\b", key_of(lowered)) is None:
            continue
        for pattern, make in ATTACK:
            for match in pattern.finditer(lowered):
                claim = {"type": "fact", "creature": subject.name, "attack": attack["name"], **make(match)}
                yield Reading(claim, _denied(lowered, match), sentence)
        return
