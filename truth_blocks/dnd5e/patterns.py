"""How sentences state the figures of spells, creatures, weapons and armour: one table of readings for each.

A reading is a regular expression over a lower-case sentence, in which the subject's name is masked by ``#``, and the claim it
makes. Gaps are bounded, so that no sentence costs more than some microseconds per character.
"""

import re
from typing import Any

from truth_blocks.dnd5e.vocabulary import (
    ABILITY,
    AC,
    CLASS,
    CONDITION,
    DAMAGE,
    DICE,
    GAP,
    HP,
    NOT_UNIT,
    NUM,
    ORDINAL,
    SCHOOL,
    SHORT_ABILITY,
    SIZE,
    SKILL,
    TYPE,
    number_of,
    patterns,
    plain_dice,
    rank_of,
)

_FEET = r"[- ](?:feet|foot|ft|miles?)\b"
_NO_AREA = (
    r"(?![- ]+(?:radius|cone|cube|sphere|line|cylinder|emanation|square|high|wide|tall|thick|deep|diameter)"
    r"| (?:of|from) (?:it|that|the (?:point|target|creature|centre|center|area)|each other|one another))"
)
_TIME = r"(?:\d+|an?|one|ten|eight|twelve|twenty-four) (?:minute|hour)s?"
_CASTING = rf"(bonus action|reaction|action|{_TIME})\b"
_SPAN = r"((?:\d+|an?|one|two|six|seven|eight|ten|thirty|twenty-four) (?:round|minute|hour|day)s?)\b"
_LETTERS = r"((?:v|s|m)(?:\s*(?:,|/|&|,? and )?\s*(?:v|s|m)){0,2})(?![a-z'])"
_PART = r"(?:verbal|vocal|somatic|material)"
_PARTS = rf"({_PART}(?:(?:,? and |,? & |, ?|/){_PART}){{1,2}})"
_LIST = rf"((?:(?:the )?(?:{DAMAGE})(?: damage)?(?:,? and |,? or |, )?)+)"
_CLASSES = rf"((?:(?:the )?(?:{CLASS})(?:s|'s)?(?:,? and |,? or |, )?)+)"
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "six": 6, "seven": 7, "eight": 8, "ten": 10, "twelve": 12,
           "twenty-four": 24, "thirty": 30}  # fmt: skip


def _feet(number: str, whole: str) -> int:
    return number_of(number) * (5_280 if "mile" in whole else 1)


def _span(text: str) -> str:
    """``ten minutes`` → ``10 minutes``, ``an hour`` → ``1 hour``."""
    count, _, unit = text.partition(" ")
    number = _COUNTS.get(count) or int(count)
    return f"{number} {unit.rstrip('s')}{'s' if number > 1 else ''}"


def _cast(text: str) -> str:
    return text if "action" in text or text == "reaction" else _span(text)


def _words_of(text: str, known: str) -> list[str]:
    return re.findall(rf"\b(?:{known})", text)


def _ability(match: re.Match[str]) -> dict[str, Any]:
    """A score; with a sign it is a modifier."""
    figure = match[2].replace(" ", "")
    name = "modifier" if figure[0] in "+-" else "score"
    return {"ability": match[1], name: int(figure)}


SPELL = patterns([
    (rf"\b({ORDINAL})[- ]level\b(?!,? (?:spell )?slots?| or higher|s? (?:bard|cleric|druid|paladin|ranger|sorcerer"
     r"|warlock|wizard))(?<!above )", lambda m: {"level": rank_of(m[1])}),
    (r"(?<!slot )(?<!slot of )(?<!character )(?<!slots of )\blevel(?:[- ]|: ?| is | of |: | equals )(\d)\b"
     r"(?! (?:spell )?slots?)(?! (?:bard|cleric|druid|paladin|ranger|sorcerer|warlock|wizard))(?! or higher)",
     lambda m: {"level": int(m[1])}),
    (rf"\b(?:spell )?level {GAP}\b(?:is|of|as|at) (?:the )?({ORDINAL}|\d)\b", lambda m: {"level": rank_of(m[1])}),
    (rf"\b(?:at least|minimum(?: of)?|lowest|needs?|requires?|costs?|uses?|consumes?|expends?|using|with)\b[^.;\d]{{0,20}}?"
     rf"\b({ORDINAL})[- ]level (?:spell )?slot", lambda m: {"level": rank_of(m[1])}),
    (rf"\bslots? of (?:at least )?(?:level )?(\d|{ORDINAL})(?: level)?(?: or (?:higher|above|more|greater))",
     lambda m: {"level": rank_of(m[1])}),
    (rf"\b({ORDINAL})[- ]level (?:spell )?slot or (?:higher|above|more|greater)", lambda m: {"level": rank_of(m[1])}),
    (rf"\b(?:lvl|lv)\.? ?(\d)\b|\b({ORDINAL})[- ]lvl\b", lambda m: {"level": rank_of(m[1] or m[2])}),
    (r"(?:\bcantrip\b(?!s))", lambda m: {"level": 0}),
    (rf"\b({SCHOOL})\b", lambda m: {"school": m[1]}),
    (r"\b(abjur|conjur|divin|enchant|evok|evoc|illusory|necromantic|transmut)\w*\b(?<!ation)(?<!ment)(?<!tion)(?= spell| magic)",
     lambda m: {"school": {"abjur": "abjuration", "conjur": "conjuration", "divin": "divination",
                           "enchant": "enchantment", "evok": "evocation", "evoc": "evocation", "illusory": "illusion",
                           "necromantic": "necromancy", "transmut": "transmutation"}[m[1]]}),
    (rf"\brange\b{GAP}\b({NUM}){_FEET}{_NO_AREA}", lambda m: {"range_ft": _feet(m[1], m[0])}),
    (rf"\b({NUM})(?: |-)(?:feet|foot|ft|miles?)\.? (?:maximum |casting )?range\b", lambda m: {"range_ft": _feet(m[1], m[0])}),
    (rf"\b(?:reach(?:es|ing)?|cast(?:ing|able)?|target(?:s|ed|ing)?|strik(?:e|es|ing)|hits?|shoot|choose|works?|effective)\b"
     rf"[^\d;]{{0,45}}?\b(?:within|up to|to|at|from|of|over)(?: a distance of| as far as| up to)? ({NUM}){_FEET}{_NO_AREA}",
     lambda m: {"range_ft": _feet(m[1], m[0])}),
    (rf"\b({NUM})(?: |-)(?:feet|foot|ft|miles?)\.? (?:away|distant|out)\b", lambda m: {"range_ft": _feet(m[1], m[0])}),
    (r"\brange\b(?: of| is|:|'s)*(?: only| just)? ['\"]?(touch|self|sight)\b|\b(touch|self) range\b|\brange:? ?(touch|self)\b",
     lambda m: {"range_ft": m[1] or m[2] or m[3]}),
    (rf"\b({SHORT_ABILITY})(?:-based)?,? sav(?:e|es|ing throws?)\b(?! (?:bonus|modifier))", lambda m: {"save": m[1]}),
    (rf"\bsav(?:e|es|ing throws?)\b(?!ing)[^\d;.,]{{0,40}}?\b(?:is|are|uses?|of|on|with|using|against|type|:|be)(?: an?| the)?:? ?"
     rf"\b({SHORT_ABILITY})\b", lambda m: {"save": m[1]}),
    (rf"\bsave: ?({SHORT_ABILITY})\b", lambda m: {"save": m[1]}),
    (rf"(?<![\d+])(?<!extra )(?<!additional )(?<!another )(?<!more )\b({DICE})(?: points of)?(?: (?:{DAMAGE}))?"
     r" damage\b(?! (?:per|for each|extra))", lambda m: {"damage": plain_dice(m[1])}),
    (rf"\bdamage\b(?!s? (?:increases|per))[^\d;]{{0,40}}?(?<!extra )(?<!additional )(?<!by )(?<!another )\b({DICE})(?! (?:more|extra|for each|per))",
     lambda m: {"damage": plain_dice(m[1])}),
    (rf"\b(?:deal|do|inflict|cause|roll|take|suffer)(?:s|es|ing)?(?: a total of| a base(?: of)?| exactly)? ({DICE})"
     rf"(?: points)?(?: of)?(?: ({DAMAGE}))?\b(?! (?:extra|more|for each|per))(?!.{{0,12}}\bheal)",
     lambda m: {"damage": plain_dice(m[1]), **({"damage_type": m[2]} if m[2] else {})}),
    (rf"(?<!or )(?<!and )(?<!resistance to )(?<!, )\b({DAMAGE}) damage\b(?! resistance)", lambda m: {"damage_type": m[1]}),
    (rf"\bdamage(?: type)?\b(?! (?:resist|immun))[^\d;,.]{{0,40}}?\b(?:is|are|of|as|:|being|be)(?: type| the| of| always| purely)*:? ?({DAMAGE})\b",
     lambda m: {"damage_type": m[1]}),
    (r"(?:\b(?:requir\w*|needs?|needing|demands?|takes?|uses?|without|no|not|must|have to|has to|while you|if you|is an?|isn't an?|"
     r"involves?|as long as you|up|depends on|cast(?:er|ing))\b|n't)(?:(?!\b(?:break|lose|end|saves?|checks?)\b)[^.;\d]){0,30}?"
     r"\bconcentrat(?:e|ion|ing)\b(?! (?:check|save|dc))", lambda m: {"concentration": True}),
    (r"\bconcentration(?:[- ]spell|: (?:yes|true)| (?:is )?(?:required|needed|necessary)|-based|, up to)",
     lambda m: {"concentration": True}),
    (r"\bconcentration(?:: no\b|: none| is(?: not|n't) (?:required|needed|necessary))", lambda m: {"concentration": False}),
    (r"\britual(?:ly|s)?\b", lambda m: {"ritual": True}),
    (rf"\b(?:cast(?:ing)?|cast) time\b[^\d;.]{{0,25}}?\b{_CASTING}", lambda m: {"casting_time": _cast(m[1])}),
    (rf"\b(?:cast(?:s|ing)?(?: it| #+| the spell)?|spend|takes?|requires?|costs?|uses?|needs?)"
     rf" (?:as |with |using |for |up |only |just |exactly )*(?:an? |one |your |1 )?{_CASTING}(?! to (?:end|move|repeat|dash))"
     r"(?= to cast|\W*$|,| (?:and|when|if|by|for)| on )", lambda m: {"casting_time": _cast(m[1])}),
    (rf"\b(?:an? |one |1 )?{_CASTING} (?:is (?:needed|required|enough) )?(?:to cast|spell\b|casting time)",
     lambda m: {"casting_time": _cast(m[1])}),
    (rf"\bcomponents?\b(?: are| is|:| include| needed| required| for| of| you| it| #+|,)*\W{{0,3}}{_LETTERS}", lambda m: {"components": re.sub("and|[^vsm]", "", m[1])}),
    (r"(?<![a-z'])((?:v|s|m)(?:\s*(?:,|/|&|,? and )\s*(?:v|s|m)){1,2})(?![a-z'])",
     lambda m: {"components": re.sub("and|[^vsm]", "", m[1])}),
    (r"\b(?:uses?|has|needs?|requires?|with|only|an?|just) (v|s|m) components?\b", lambda m: {"components": m[1]}),
    (rf"\b{_PARTS}(?: components?)?\b", lambda m: {"components": re.sub("and|[^vsm]", "", _initials(m[1]))}),
    (rf"\bonly(?: an?| has| needs| requires| the)* ({_PART}) components?\b", lambda m: {"components": m[1][0]}),
    (rf"(?<!, )(?<!and )\b({_PART}) components?\b", lambda m: {"component": m[1][0]}),
    (rf"\b({CLASS}) (?:spell|cantrip)s?\b(?! (?:slot|save|attack|level))", lambda m: {"class": m[1]}),
    (rf"\b(?:on|in|to|from|of) the (?:spell lists? (?:of|for) )?(?:the )?({CLASS})(?:'s|s'|s)?(?: class)?(?:'s)? ?(?:spell )?lists?\b",
     lambda m: {"class": m[1]}),
    (rf"\b(?:the |an? )?({CLASS})(?:'s)? (?:spell )?lists? (?:includes?|contains?|has|features?|offers?|lacks?|does not|doesn't)\b",
     lambda m: {"class": m[1]}),
    (rf"\bspell lists? (?:of|for) (?:the )?{_CLASSES}", lambda m: {"class": _words_of(m[1], CLASS)}),
    (rf"\b(?:available|known|castable|open|accessible|belongs?|granted|restricted|usable|learned|prepared)"
     rf"(?: only)? (?:to|by|for)(?: an?| any| every| each)? {_CLASSES}", lambda m: {"class": _words_of(m[1], CLASS)}),
    (rf"{_CLASSES} (?:can|may|are able to|is able to|cannot|can't|can not|have|has|get|gets|do not|don't)(?: also| all)?"
     r" (?:learn|cast|prepare|know|take|choose|access|#)", lambda m: {"class": _words_of(m[1], CLASS)}),
    (rf"\bclass(?:es)?(?: list)?(?: is| are|:| includes?) {_CLASSES}", lambda m: {"class": _words_of(m[1], CLASS)}),
    (rf"\b(?:last(?:s|ing)?|duration|persists?|remains?|endures?|stays?|continues?|holds?)\b[^\d;.]{{0,30}}?\b{_SPAN}",
     lambda m: {"duration": _span(m[1])}),
    (r"\b(instantaneous)\b", lambda m: {"duration": m[1]}),
    (r"\b(\d+)[- ](?:feet|foot|ft)\.?[- ]?(?:long |radius )?(?:radius |)(cone|cube|sphere|line)\b", lambda m: {"shape_ft": int(m[1])}),
    (r"\b(\d+)[- ](?:feet|foot|ft)\.?[- ]radius\b", lambda m: {"shape_ft": int(m[1])}),
])  # fmt: skip


def _initials(text: str) -> str:
    return " ".join({"vocal": "v"}.get(part, part[0]) for part in re.findall(_PART, text))


def _speed(name: str, words: str) -> list[tuple[str, Any]]:
    """A speed in either order."""
    return [
        (rf"\b(?:{words}) (?:speed|movement)\b{GAP}\b({NUM})", lambda m: {name: number_of(m[1])}),
        (
            rf"\b(?:{words})(?:s|es|ies)? (?:at |up to |speed )?({NUM})[- ](?:feet|foot|ft)",
            lambda m: {name: number_of(m[1])},
        ),
        (rf"\b({NUM})[- ](?:feet|foot|ft)\.? (?:{words})(?: speed)?\b", lambda m: {name: number_of(m[1])}),
    ]


CREATURE = patterns([
    (rf"\b{AC}\b{GAP}\b(\d+){NOT_UNIT}", lambda m: {"ac": int(m[1])}),
    (rf"\b({NUM}) {AC}\b", lambda m: {"ac": number_of(m[1])}),
    (rf"(?<![d+-])\b(\d[\d,]*)(?: \([^)]*\))?(?: average| total| maximum| max)? {HP}\b(?! (?:damage|lost|die|dice))", lambda m: {"hp": number_of(m[1])}),
    (rf"\b{HP}\b(?! (?:die|dice))(?: total| maximum| max| average| pool)?(?:(?!\b(?:ac|armou?r|regain|restore|heal)\b)[^\d;+]){{0,30}}?\b(\d[\d,]*)(?!d\d|[\d,]*d\d){NOT_UNIT}",
     lambda m: {"hp": number_of(m[1])}),
    (rf"\b(?:cr|challenge(?: rating)?)\b{GAP}\b(\d+(?:/\d)?)(?!\d| ?xp|,\d)", lambda m: {"cr": m[1]}),
    (r"\b(\d+(?:/\d)?) (?:cr|challenge rating)\b", lambda m: {"cr": m[1]}),
    (r"\b(\d[\d,]*) (?:xp|experience(?: points?)?|exp)\b", lambda m: {"xp": number_of(m[1])}),
    (rf"\b(?:xp|experience(?: points?)?)\b{GAP}\b(\d[\d,]*){NOT_UNIT}", lambda m: {"xp": number_of(m[1])}),
    (rf"(?<!fly )(?<!swim )(?<!climb )(?<!burrow )(?<!flying )(?<!swimming )(?<!climbing )(?<!burrowing )(?<!hover )"
     rf"\b(?:walking |base |land |ground |normal )?speed\b(?:(?!\b(?:fly|swim|climb|burrow)\w*)[^\d;]){{0,30}}?\b({NUM})",
     lambda m: {"speed_ft": number_of(m[1])}),
    (rf"\b(?:walk|move|run|cover|travel)(?:s|ing)?\b(?: up)?(?: at| to| a distance of| for| about)* ({NUM})[- ](?:feet|foot|ft)",
     lambda m: {"speed_ft": number_of(m[1])}),
    (rf"\b({NUM})[- ](?:feet|foot|ft)\.? (?:walking |base )?speed\b", lambda m: {"speed_ft": number_of(m[1])}),
    *_speed("fly_ft", "fly|flies|flying"), *_speed("swim_ft", "swim|swimming"), *_speed("climb_ft", "climb|climbing"),
    *_speed("burrow_ft", "burrow|burrowing"),
    (rf"\b({SHORT_ABILITY})\b(?! sav| modifier)(?: score| ability)*(?:(?!\b(?:sav\w*|modifier|check\w*|bonus|ac|hp|hit)\b)[^\d;+-]){{0,20}}?([+-]?\d+){NOT_UNIT}",
     _ability),
    (rf"(?<![+\d])\b(\d+) ({ABILITY})\b(?! (?:sav|check|modifier|damage))", lambda m: {"ability": m[2], "score": int(m[1])}),
    (rf"\b({SHORT_ABILITY}) modifier\b{GAP}([+-]?\d+)", lambda m: {"ability": m[1], "modifier": int(m[2])}),
    (rf"\b({SHORT_ABILITY}) sav(?:e|es|ing throws?)\b(?: bonus| modifier)?(?: of| is| at|:)? \+(\d+)",
     lambda m: {"save": m[1], "bonus": int(m[2])}),
    (rf"\b(?<!passive )({SKILL})\b(?: bonus| modifier| skill| check)?(?: of| is|:)? \+(\d+)", lambda m: {"skill": m[1], "bonus": int(m[2])}),
    (rf"\+(\d+) (?:to|in|on|bonus to|bonus on) (?:its )?({SKILL})\b", lambda m: {"skill": m[2], "bonus": int(m[1])}),
    (rf"\bpassive perception\b{GAP}\b(\d+)", lambda m: {"passive_perception": int(m[1])}),
    (rf"\bproficiency bonus\b{GAP}\+?\b(\d+)", lambda m: {"pb": int(m[1])}),
    (rf"\b(?:is|are|as|counts as|considered|classed as|size(?: is| of|:)?|category(?: is)?)(?: not)?(?: an?)? (?:{SIZE})?\b", lambda m: {}),
    (rf"\b(?:is|are|isn't|as|size(?: category)?(?: is| of|:)?)(?: not)?(?: an?)? ({SIZE})\b", lambda m: {"size": m[1]}),
    (rf"\b({SIZE})(?:-sized)? (?:{TYPE}|creature|monster)s?\b", lambda m: {"size": m[1]}),
    (rf"\b(?:is|are|isn't)(?: not)?(?: an?| a kind of| a type of| classified as an?)? (?:(?:{SIZE}) )?({TYPE})\b", lambda m: {"creature_type": m[1]}),
    (rf"\b(?:creature )?type(?: is| of|:) ({TYPE})\b|\b(?:{SIZE}) ({TYPE})\b", lambda m: {"creature_type": m[1] or m[2]}),
    (rf"\bhit (?:dice|die)\b[^\d;]{{0,30}}?({DICE})", lambda m: {"hit_dice": plain_dice(m[1])}),
    (rf"\b({DICE}) (?:hit dice|for (?:its |their )?(?:hit points|hp))", lambda m: {"hit_dice": plain_dice(m[1])}),
    (rf"\b{HP}\b[^\d;]{{0,12}}\d[\d,]* ?\(({DICE})\)|\b\d[\d,]* \(({DICE})\) {HP}", lambda m: {"hit_dice": plain_dice(m[1] or m[2])}),
    (rf"\bresist(?:s|ant|ance|ances)?(?: to| against| damage from|:)? {_LIST}", lambda m: {"resistances": _words_of(m[1], DAMAGE)}),
    (rf"\bimmun(?:e|ity|ities)(?: to| against|:)? {_LIST}", lambda m: {"immunities": _words_of(m[1], DAMAGE)}),
    (rf"\bvulnerab(?:le|ility|ilities)(?: to| against|:)? {_LIST}", lambda m: {"vulnerabilities": _words_of(m[1], DAMAGE)}),
    (rf"\b({DAMAGE})(?: damage)? (resistance|immunity|vulnerability)\b",
     lambda m: {{"resistance": "resistances", "immunity": "immunities", "vulnerability": "vulnerabilities"}[m[2]]: m[1]}),
    (rf"\b(?:immun(?:e|ity) to (?:being |the )?|can(?:not|'t| not) be )({CONDITION})\b", lambda m: {"condition_immunities": m[1]}),
])  # fmt: skip
ATTACK = patterns([
    (r"(?<!d\d)(?<!d\d\d)(?<!d\d )(?<!d\d\d )\+ ?(\d+)\b(?: bonus)?(?: to hit\b)?(?! (?:slashing|piercing|damage|bludgeoning))(?<!d\d)", lambda m: {"to_hit": int(m[1])}),
    (r"\b(?:attack bonus|to-hit(?: bonus)?|attack modifier|bonus to hit)[^\d;]{0,40}? \+?(\d+)\b", lambda m: {"to_hit": int(m[1])}),
    (rf"\b({DICE})(?:(?: points of)?(?: (?:{DAMAGE}))? damage\b|\W*$| (?:{DAMAGE})\b)(?! (?:extra|more))", lambda m: {"damage": plain_dice(m[1])}),
    (rf"\b(?:deal|do|inflict|cause)(?:s|es|ing)? (?:\d+ \()?({DICE})", lambda m: {"damage": plain_dice(m[1])}),
    (rf"\bdamage\b[^\d;]{{0,40}}?\b({DICE})", lambda m: {"damage": plain_dice(m[1])}),
    (r"\breach(?: of| is|:)? (\d+)", lambda m: {"reach_ft": int(m[1])}),
])  # fmt: skip
WEAPON = patterns([
    (rf"(?<!versatile )\b({DICE})(?!.{{0,40}}(?:versatile|two hands|two-handed|crit))", lambda m: {"damage": plain_dice(m[1])}),
    (rf"\b({DAMAGE})(?: damage)?\b(?! (?:resist|immun))", lambda m: {"damage_type": m[1]}),
    (r"\bnormal range(?: of| is|:)? (\d+)", lambda m: {"range_ft": int(m[1])}),
    (r"\brange(?: of| is|:)? (\d+)/(\d+)", lambda m: {"range_ft": int(m[1]), "long_range_ft": int(m[2])}),
    (r"\blong range(?: of| is|:)? (\d+)", lambda m: {"long_range_ft": int(m[1])}),
])  # fmt: skip
ARMOR = patterns([
    (rf"\b{AC}\b(?:(?!\b(?:increase|improve|raise|bonus)\w*)[^\d;+]){{0,30}}?\b(\d+)", lambda m: {"base_ac": int(m[1])}),
    (rf"(?<![+\d])\b(\d+) {AC}\b", lambda m: {"base_ac": int(m[1])}),
    (r"\b(?:strength|str)\b(?: score| requirement| minimum)?[^\d;]{0,20}?\b(\d+)", lambda m: {"strength": int(m[1])}),
    (r"\b(?:disadvantage|penalty|penalises|penalizes|hinders|hampers)\b[^.;]{0,40}stealth|\bstealth\b[^.;]{0,30}disadvantage",
     lambda m: {"stealth_disadvantage": True}),
])  # fmt: skip
BY_KIND = {"spell": SPELL, "creature": CREATURE, "weapon": WEAPON, "armor": ARMOR}
