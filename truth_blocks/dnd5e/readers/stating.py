"""What a text states: questions left out, the edition it names, and the names in it masked for the frames."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.combat.spells import spell
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.prose import sentences
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.frames.fight import FIGHT
from truth_blocks.dnd5e.readers.frames.frames import Found, read
from truth_blocks.dnd5e.readers.frames.ground import GROUND
from truth_blocks.dnd5e.readers.frames.sheet import SHEET
from truth_blocks.dnd5e.readers.matching import findall, match, search, split, sub
from truth_blocks.dnd5e.sheet_math import added
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

_FRAMES = (*FIGHT, *GROUND, *SHEET)
_ASKS = re.compile(
    r"^(?:so |and |but |hey |um |ok(?:ay)? |quick question:? |wait )*(?:is|are|was|were|do|does|did|can|could|would|will|should|has|have|am|who|what|which|when|where|why|how|whose"
    r"|isn't|aren't|doesn't|don't|shouldn't|wouldn't|can't|won't|anyone|does anyone)\b", re.I
)  # fmt: skip
_TAG = re.compile(
    r",? *(?:right|yeah|yes|no|correct|ok|okay|y'know|you know|innit|isn't it|eh|huh|don't they|doesn't it)\?+\s*$",
    re.I,
)
_EDITIONS = re.compile(r"\b(?:(5\.1|2014)|(5\.2(?:\.1)?|2024|5\.5e?))\b")
_OLD = re.compile(
    r"\b(?:older|old|previous|first|original|earlier) (?:edition|document|srd|rules|version)\b|\bin the old rules\b"
)
_NEW = re.compile(r"\b(?:newer|new|latest|current|revised|updated) (?:edition|document|srd|rules|version)\b")
_CLASS = re.compile(rf"\b({ANY_CLASS})s?\b|\b(barb|sorc|lock|pally|wiz|cleric|druid)s?\b")
_CLASS_NICKS = {"barb": "barbarian", "sorc": "sorcerer", "lock": "warlock", "pally": "paladin", "wiz": "wizard"}
GAME_WORDS = frozenset(
    ["acolyte", "aid", "alarm", "animate", "archmage", "assassin", "awaken", "bandit", "bane", "banishment", "berserker", "bless", "blight", "blink", "blur", "clone", "club", "command", "commoner", "commune", "compulsion", "confusion", "contagion", "contingency", "counterspell", "creation", "cultist", "dart", "darkness", "darkvision", "daylight", "demiplane", "disintegrate", "divination", "dream", "druid", "earthquake", "enlarge", "entangle", "enthrall", "fabricate", "fear", "feeblemind", "fighter", "fly", "foresight", "gate", "geas", "gladiator", "glibness", "grease", "guard", "guidance", "harm", "haste", "heal", "heroism", "hex", "hide", "identify", "imprisonment", "invisibility", "jump", "knight", "knock", "lance", "level", "levitate", "light", "mace", "mage", "maze", "mending", "message", "mislead", "mount", "net", "noble", "object", "passwall", "polymorph", "priest", "reincarnate", "resistance", "rest", "resurrection", "sanctuary", "scout", "scrying", "seeming", "sending", "sequester", "shapechange", "shatter", "shield", "silence", "simulacrum", "slow", "sleep", "sling", "spear", "spy", "stoneskin", "suggestion", "sunbeam", "swarm", "symbol", "telekinesis", "teleport", "thaumaturgy", "tongues", "veteran", "web", "weird", "wish", "exhaustion"]
)  # fmt: skip
"""Names that are also words of the rules or plain English; in a calculation they are names only with a capital."""
_ALWAYS_NAMES = frozenset(
    [
        "spy",
        "bandit",
        "gladiator",
        "berserker",
        "archmage",
        "assassin",
        "acolyte",
        "veteran",
        "cultist",
        "knight",
        "noble",
        "mage",
        "priest",
        "scout",
        "guard",
        "mace",
        "club",
        "spear",
        "sling",
        "lance",
        "counterspell",
        "polymorph",
        "eyebite",
        "stoneskin",
        "scrying",
        "shatter",
        "feeblemind",
    ]
)


_NO_SUBJECTS = frozenset(
    ["jump", "knock", "identify", "slow", "teleport", "levitate", "awaken", "animate", "blink", "commune", "disintegrate",
     "enthrall", "entangle", "seeming", "sending", "shapechange", "mislead", "mending", "grease", "web", "alarm", "sequester",
     "blur", "polymorph", "scrying", "message", "haste", "command", "dominate", "bless", "bane"]
)  # fmt: skip
"""Plain words that are no subject of a sentence unless they are a spell's name."""


class Said(msgspec.Struct, frozen=True):
    """A statement as the frames see it."""

    text: str
    names: Mapping[str, str]
    edition: str


_PREAMBLE = re.compile(
    r"\b(?:it (?:should|must|has to|bears?|is worth)(?: to)? (?:be )?(?:pointed out|noted|noting|said|stressed|remembered|repeating|mention\w*)(?:, [^,]{0,50},)? that"
    r"|(?:one|you|we|nobody|no one|none) (?:cannot|can't|can not|can|could|may|will|would|should)?\s*(?:dispute|deny|doubt|argue|question|forget|overlook|mention(?:ed)?|ignore)\w*(?: with)?(?: the fact)? that"
    r"|there (?:is|can be|'s) no (?:doubt|question|denying|disputing|arguing)(?: that| about it)?,?|(?:it is|it's) (?:not|never) (?:in doubt|disputed|up for debate|a secret) that"
    r"|(?:let's|let us|please|do|just)? ?(?:don't|do not|not|never) forget(?: that|,)?|(?:if|unless) (?:i|you|one|memory|we)(?:'m| am| are| is| do| goes?| go)?(?: not)? (?:mistaken|misremember\w*|wrong|recalls?|remembers?|serves?|reads?|checks?|looks? it up|by the (?:book|text)|misread\w*)[^,.]{0,24},?"
    r"|if (?:one|you|we) go(?:es)? by the (?:book|text|rules)[^,]{0,14},(?: i\.e\.,?)?|before anybody argues otherwise,?|contrary to (?:popular|common) belief,?|correct me if i'm wrong,?(?: but)?"
    r"|not (?:gonna|going to|to) lie,?|no joke,?|no kidding,?|not sure why people forget(?: that)?,?|i (?:don't|can't) (?:get|see) why (?:people|anyone) [^,.]{0,30},|whatever (?:people|some) (?:say|claim|may say),?"
    r"|unless your table has house rules,?|house rules aside,?|barring house rules,?|absent [^,]{0,40},|notwithstanding [^,]{0,40},)", re.I
)  # fmt: skip
_LAYOUT = re.compile(r"\*+|`+|_{2,}|[✔✓✅❌•]|^\s*[-–•]\s+|^#+\s+|\n+", re.M)
_STEPS = re.compile(
    r"(?:^|(?<=[.;:] ))(?<!i\.e\. )(?<!e\.g\. )\s*(?:step )?\d{1,2}[.):]\s+(?=[A-Za-z])|\bstep \d+:", re.I
)
_FORMULA = re.compile(
    r"(?<=\bdc )= (?=8 )|\b(?:8|10|1|5) ?(?:\+|plus) (?:the |your |its |all |any |his |her )?(?:\w+ ){0,2}(?:modifiers?|mods?|bonus(?:es)?|level)\b(?:,? ?(?:\+|plus|and) (?:the |your |its |any |all )?(?:\w+ ){0,2}(?:modifiers?|mods?|bonus(?:es)?|level)\b)*"
    r"|,? with [+]5 for advantage|\b(?:strength|str)(?: score)? ?(?:×|x|\*|times) ?(?:15|30)\b|\b(?:15|30|5|five) times (?:the |your |its |their |a )?(?:\w+(?:'s)? ){0,2}(?:level|score|strength)\b"
    r"|,? ?because each foot costs (?:1|one) (?:extra|additional) foot|,? ?\bafter (?:the )?(?:first|1st) level\b|,? ?\bafter level (?:1|one)\b|\bcompare (?:it )?with 10\b", re.I
)  # fmt: skip
"""A rule said in symbols before the case at hand; its figures belong to the rule."""
_SUM = re.compile(r"\b(\d{1,3})((?: ?[+−-] ?\d{1,3}){1,4}) ?= ?(\d{1,3})\b(?! ?[d+])")
_EXCLAIMED = re.compile(
    r"^\W*(?:(?:lol|lmao|haha|nah|nope|no(?=[,.:;!-]|\s+(?:it|its|it's|that|that's|this|you|your|he|she|they|we|i|the|an?|my|there)\b)|yes|yeah|yep|wait|ok(?:ay)?|so|well|actually|btw|fyi|bro|dude|guys|folks|hey|um|hm+|psa|reminder|tip|note|edit|my bad|quick (?:correction|note|reminder)|correction|pretty sure|imo|imho|afaik|iirc|tbh|ngl)\b[ ,.:;!-]*)+",
    re.I,
)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|merely)\b|,? ?\bno (?:doubt|problem|worries|question|surprise|wonder|less)\b(?: about it)?|,? ?\bwithout (?:a )?(?:doubt|question|fail)\b|\bnever mind\b|\b(?:do not|don't) (?:worry|forget|sweat it|panic)\b,?|\bnothing (?:fancy|special|more)\b",
    re.I,
)
_ANSWER = re.compile(r"^(?:it's |that's |that would be |it is )?(?:the )?(?:first|second|former|latter)\b", re.I)


_ANSWERED = re.compile(
    r"^(Is|Are|Does|Do|Can|Has|Will|Must|May) (.{3,120}?)\? (?:(Yes|Yep|Indeed|It is|It does|It can|It has|They do|They are|Correct|You do|You must|It must|Sure)|(No|Nope|It isn't|It is not|It doesn't|It does not|It can't|It cannot|It hasn't|They don't|They aren't|Never|Not at all|You don't))\b[^.?!]*[.!]?"
)
_NAMED = re.compile(
    r"(?:(?:the|an?|The|A|An|your|a) )?(?:[A-Z][\w'’/-]*(?: (?:of|the|and|from|to|with|or|without)(?= [A-Z]))?(?: |$))+|(?:(?:the|an?|you|your|it) ?)(?:[\w'’-]+ )??"
)


def _answered(found: re.Match[str]) -> str:
    """A question and its answer as one statement: ``Is Shield a ritual? It is.``"""
    verb, rest, denies = found[1].lower(), found[2], found[4] is not None
    subject = _NAMED.match(rest)
    if subject is None:
        return found[0]
    named, behind = subject[0].strip(), rest[subject.end() :]
    between = {"does": "does not" if denies else "does", "do": "do not" if denies else ""}.get(
        verb, f"{verb} not" if denies else verb
    )
    if verb == "does" and not denies:
        first, _, more = behind.partition(" ")
        return f"{named} {first}s {more}."
    return f"{named} {between} {behind}.".replace("  ", " ")


def statement(text: str) -> str:
    """The text without the questions in it; a topic asked for (``Fireball? 8d6.``) and a tag (``right?``) stay."""
    parts = []
    text = _ANSWERED.sub(_answered, text.strip())
    text = sub(r"\bno (?:farther|further|more) than (?=\d+[- ](?:feet|foot|ft))", "up to ", text)
    text = sub(r"\bno (?:more|higher|greater|longer) than\b", "at most", text)
    text = sub(r"\bno (?:less|fewer|lower|shorter) than\b", "at least", text)
    text = sub(r"\b(hours?|minutes?|rounds?) long\b", r"\1", text)
    text = _LAYOUT.sub(" ", text)
    text = _STEPS.sub(" ", text)
    text = _NO_DENIAL.sub(" ", text)
    text = _EXCLAIMED.sub("", _PREAMBLE.sub(" ", text.strip()))
    pieces = split(r"(?<=[?!])\s+|(?<=\.)\s+(?=[^\s])", text.strip())
    for place, part in enumerate(pieces):
        if part.endswith("?") and place + 1 < len(pieces) and _ANSWER.match(pieces[place + 1]):
            parts.append(part.rstrip("?") + ",")
            continue
        bare = _TAG.sub("", part)
        if not bare.rstrip().endswith("?"):
            parts.append(bare.strip())
        elif not _ASKS.match(bare.strip()) or (search(r"\d", bare) and not _ASKS.match(bare.strip())):
            parts.append(bare.strip().rstrip("?") + ",")
    joined = " ".join(parts).strip()
    return "" if joined.endswith(",") else joined


def edition_of(text: str, default: str) -> str | None:
    """The edition a statement speaks of; None when it names both."""
    named = {"5.1" if found[1] else "5.2" for found in _EDITIONS.finditer(text.lower())}
    if not named:
        named |= {"5.1"} if _OLD.search(text.lower()) else set()
        named |= {"5.2"} if _NEW.search(text.lower()) else set()
    if len(named) > 1:
        return None
    return named.pop() if named else default


def class_in(lowered: str) -> str | None:
    """The one class a sentence names."""
    named = {found[1] or _CLASS_NICKS.get(found[2], found[2]) for found in _CLASS.finditer(lowered)}
    return named.pop() if len(named) == 1 else None


def said(text: str, facts: Facts, mentions: Mentions, edition: str) -> Said:
    """The statement with its names masked by ``#``."""
    found = [
        m for m in mentions.find(text, ("spell", "creature", "weapon", "armor"), any_case=True) if _is_name(m, text)
    ]
    text = _FORMULA.sub(lambda m: " " * len(m[0]), text)
    masked, names = text, dict[str, str]()
    for mention in reversed(found):
        masked = masked[: mention.start] + "#" * (mention.end - mention.start) + masked[mention.end :]
        names.setdefault(mention.kind, mention.name)
    several = {
        kind for kind in ("spell", "creature", "weapon", "armor") if len({m.key for m in found if m.kind == kind}) > 1
    }
    names = {kind: name for kind, name in names.items() if kind not in several}
    caster = class_in(text.lower())
    if caster:
        names["class"] = caster
    return Said(plain(masked), names | _figures_of(names, facts, edition), edition)


def _figures_of(names: Mapping[str, str], facts: Facts, edition: str) -> dict[str, str]:
    """Figures of the named things that calculations need."""
    found: dict[str, str] = {}
    for kind, field, name in (
        ("creature", "ac", "creature_ac"),
        ("spell", "damage", "spell_damage"),
        ("weapon", "damage", "weapon_damage"),
    ):
        row = facts.row(kind, edition, names[kind]) if kind in names else None
        if kind == "spell" and row and (cast := spell(edition, row["key"])) is not None and len(cast.damage) > 1:
            continue  # two sorts of damage, of which the record has one
        if row and row[field] is not None and "+" not in str(row[field]).replace("+MOD", "+"):
            found[name] = str(row[field])
    return found


def stands_as_name(mention: Mention, text: str) -> bool:
    """Whether a plain word (*light*, *harm*, *teleport*) stands where only a name stands: cast, saved against, headed, defined."""
    before, after = text[: mention.start].lower(), text[mention.end :].lower()
    if search(
        r"\b(?:cast(?:s|ing)?|spells?|cantrips?|upcast(?:ing)?|toss|sav\w+ (?:vs\.?|against|on|for)|concentrat\w+ on|dispels?)(?: the| an?)?\W*$|[*_]$|^\W*(?:against|versus|vs\.?)\W*$",
        before,
    ):
        return True
    if match(r"\W*(?:spell|cantrip)\b|\s*[:=?]|[*_]", after):
        return True
    opens = match(
        r"^\W*(?:(?:in|under|per|by) (?:srd )?5\.\d\W*)?(?:(?:the|an?|so|pretty sure|actually|btw|edit|my bad|lol|no|nah|wait|bro|my|does|did|is)\W+)*$",
        before,
    )
    verb = (
        match(
            r"(?:'s)?\W+(?:(?:\w+ly|now|still|also) )?(?:is|isn't|wears?|has|have|had|was|deals?|does|doesn't|needs?|requires?|lasts?|takes?|uses?|can|can't|cannot|reaches?|goes|only|hits?|allows?|gives?|forces?|calls?|makes?|belongs?|comes?|costs?|affects?|ends?|got|lost|in 5\.\d|\(|grants?|fills?|falls?|counts?|wants?|keeps?|hurts?|rolls?|inflicts?|sits?|stays?|runs?|works?|lets?|restores?|heals?|adds?|imposes?|creates?|ends|works|sheds?|forces|targets?|stops?|negates?|blocks?|counters?|automatically|kills?|charms?|turns?|brings?|protects?|at (?:level|\d)|cast|damage|range|save|duration|components?|casting)",
            after,
        )
        or match(r", an? (?:level[- ]\d|\d\w\w[- ]level|cantrip|\w+ (?:spell|cantrip))", after)
        or match(r" ?[.(\u2014\u2013] ?\W*(?:level|\d|cantrip|5\.|v\b|range|\w+ (?:cantrip|spell))|\. \d", after)
    )
    if (
        opens
        and mention.key in _NO_SUBJECTS
        and match(r"\W+(?:never|always|only|also|[a-z]+[^s\W]s)\b(?<!speeds)(?<!distances)(?<!checks)", after)
    ):
        return True
    return bool(opens and verb)


def _is_name(mention: Mention, text: str) -> bool:
    words = text[mention.start : mention.end]
    if " " in words or mention.key not in GAME_WORDS or mention.key in _ALWAYS_NAMES:
        return not (mention.kind == "creature" and mention.key in ("druid",))
    before = text[: mention.start].rstrip()
    return words[0].isupper() and bool(before) and before[-1] not in ".!?:;"


def calculation(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> Found | None:
    """The calculation a statement makes, read whole or by its sentences."""
    edition = edition_of(text, default)
    if edition is None:
        return None
    text = sub(r" \((?:the )?(?:die|d20|roll|bonus|modifier|mod|prof\w*|\w+ (?:bonus|modifier|mod|roll))\)", "", text)
    wrong = _sum_in(text)
    if wrong is not None and wrong.judged[0][1].verdict == "contradicted":
        return wrong
    text = _SUM.sub(lambda m: f"total {m[3]}", text)
    if search(r"\b(?:makes?|creates?|gives?|conjures?)\b[^.;]{0,24}\bberries\b", text.lower()):
        return None  # ten berries of a point each are no hit points before and after
    for part in dict.fromkeys([text[:400], *_pieces(text)]):
        told = said(part, facts, mentions[edition], edition)
        found = read(_FRAMES, told.text, told.names, facts, edition)
        if found is not None:
            return found
    return None


def _sum_in(text: str) -> Found | None:
    """A sum written out, ``11 + 0 + 2 = 13``."""
    written = _SUM.search(text)
    if written is None:
        return None
    parts = [
        int(part.replace(" ", "")) for part in findall(r"[+-]? ?\d+", f"{written[1]}{written[2]}".replace("−", "-"))
    ]
    claim = {"type": "calc", "op": "sum", "parts": parts, "value": int(written[3])}
    result = added(claim, "5.2")
    checked = Checked(
        "ok" if result.holds else "contradicted",
        "calc.sum",
        result.expected,
        "arithmetic",
        f"The sum is {result.expected}.",
    )
    return Found("sum", [(claim, checked)], checked.verdict)


def _pieces(text: str) -> Sequence[str]:
    return [part[:400] for part in sentences(text[:4_000])]


__all__ = ["Said", "calculation", "class_in", "edition_of", "key_of", "said", "statement"]
