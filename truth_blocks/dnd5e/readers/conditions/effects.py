"""Sentences about conditions: each effect a clause gives one is looked up in the closed list of what that condition does."""

import re
from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.conditions.table import EFFECTS, IMPLIED, LIGHT, LONG, NOUNS
from truth_blocks.dnd5e.readers.conditions.words import UNHINDERED, said_abilities, said_burdens, said_of_rolls
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, finditer, match, search, split, sub
from truth_blocks.dnd5e.readers.stated import denied
from truth_blocks.dnd5e.vocabulary import CONDITION, SHORT_ABILITY

_AGAINST = re.compile(
    r"\b(?:attack(?:s|ing|ers?)?(?: rolls?)?|(?<!get )(?<!gets )(?<!be )(?<!is )hits?|hitting|shots?|shooting|swing(?:s|ing)?|strikes?|striking|aim(?:s|ing)|stabbing) (?:made )?(?:(?:from|within)[^.,;]{0,24} )?(?:against|on|at|vs|versus|targeting)\b(?! (?:(?:dis)?advantage|anyone|anybody|any|others|everyone|everything|\w+ other))"
    r"|\b(?:attack|hit|shoot|hitting|attacking|shooting|stabbing|target)(?:ing|s)? (?:an?|the|it|him|her|them|that|someone|somebody)\b|\b(?:attackers?|enemies|foes|everyone|they|people) (?:have|has|get|gets|gain|attack|hit)\b(?!.*\bher own)"
    r"|\b(?:people|those|anyone|whoever|everybody) (?:hitting|attacking|shooting|who (?:hit|attack|shoot))\b"
    r"|\bagainst (?:it|you|him|her|them|a|an|the)\b|\bbecause (?:the|your|its|his|her) (?:target|foe|enemy|opponent|victim)\b|\bto be hit\b|\bto hit (?:me|you|him|her|it|us|them)\b|\battack(?:s|ing)? (?:me|us)\b|\bon (?:attacks|attack rolls) against\b"
)
_OTHERS = re.compile(
    r"\b(?:anyone|anybody|any (?:target|creature|one)|everyone|others?|all targets?|everything)\b[^.,;]{0,14}\b(?:but|except|other than|besides|apart from|who isn't|that isn't)\b|\bother than (?:the|its|your) grappler"
)
_BY_ANOTHER = r"\b(?:i|we) (?:\w+ )?(?:swing|attack|shoot|hit|strike|stab)|\bthe \w+ (?:next to|beside|behind|near|over there|back there|who|that)\b[^.;]*\battacks?\b"
"""Somebody else's attack, told without saying on whom."""
_NOT_ALONE = (
    r"\b(?:this spell|the spell|spells? (?:that|which)|in this way|until (?:the|its|your|his|her|their|healed|dispelled|cured)|failed save|saving throw or|unlike|than|opposed to|compared|ends? (?:early|when|if|after|as soon)|your turn ends|spell ends|trait|feature|feat|venom|poison (?:from|of)|dc"
    r"|unless|except|if\b[^.;]*\bor|immun\w+|hidden|hiding|dodg\w+|flank\w*|cover|familiar|mount|rage|raging|bless\w*|(?:halfling|elf|elves|dwar\w+|gnome|paladin|monk|rogue|barbarian|fighter|cleric|druid|wizard|sorcerer|warlock|bard|ranger)s?)\b|#"
    r"|\bwhile \w+, the (?:target|creature)|\byou have grappled|\bgrappled by you|\band (?:also )?(?:the )?(?:other|another)\b"
)
"""Words that bring another thing into a sentence about a condition."""
_AND = r"\b(?:and|or) (?=(?:simply |just |also |still |even |then )?(?:can|cannot|can't|is|are|has|have|you|it|they|he|she|keeps?|loses?|automatically|makes?|takes?|gets?|drops?|falls?|fails?|speaks?)\b)"
_TURNED_ON_YOU = r"\b(?:it|he|she|they|its|his|her|their)\b[^.;]{0,24}\badvantage (?:on (?:(?:its|his|her|their) )?attacks? )?(?:against|on) (?:you|anyone|others|everyone|everybody|us)\b"
"""Attacks of the creature in the condition on somebody else."""
_OWN = re.compile(r"\battack(?:s|ing|ers?)?\b|\battack rolls?\b|\bto hit\b|\bhitting\b|\bswing|\bshoot")


def condition_effects(text: str, edition: str, *, alone: bool = False) -> list[Checked]:
    """Verdicts on the effects a statement gives the one condition it names; ``alone``: it names no other thing."""
    lowered = sub(r"\bdrops? (?:to )?(?=(?:(?:a|your|its|their|the|his|her) )?speed)", "makes ", plain(text))
    named = {
        NOUNS.get(found[1], found[1])
        for found in finditer(rf"\b({CONDITION}|{'|'.join(NOUNS)})\b", lowered)
        if not search(
            r"\b(?:immun\w+ to|resistan\w+ to|sav\w+ (?:against|versus|vs\.?)|avoid|resist|remov\w+|cur(?:e|es|ing)|can(?:'t|not) be|ends?|causes?|give|gives|gain|gains|inflicts?|imposes?)(?: or end)?(?: being| becoming| the| a)*\W*$",
            lowered[: found.start()],
        )
    } - {"exhaustion"}
    subject = (
        None
        if search(r"\bantitoxin|\bdrank\b|\b(?:that|this) way\b|\b(?:is not|isn\'t|not) incapacitated\b", lowered)
        else _subject(lowered, named)
    )
    if subject is None or not (_about(lowered, subject) or (alone and _alone(lowered, subject))):
        return []
    if subject is not None and search(
        rf"\b(?:is|are|becomes?|be|'s|'re) {subject} (?:and|or) (?!that|this|so|thus|therefore|hence)", lowered
    ):
        return []  # one effect of something else, beside others
    if subject == "frightened" and search(
        r"\bout of sight|\bno longer (?:see|in sight)|\b(?:can't|cannot|not) see\b", lowered
    ):
        return []  # it frightens only while it is in sight
    known = {
        each.strip() for key in ("both", edition) for each in EFFECTS[subject].get(key, "").split(";") if each.strip()
    }
    found = []
    for effect, holds in dict.fromkeys(_stated(lowered, subject)):
        if f"{effect}?" in known:
            continue
        if effect == "speed some" and "speed 0" not in known:
            continue
        has = effect in known or (
            effect.startswith("either ")
            and bool({effect.replace("either", side) for side in ("own", "against")} & known)
        )
        right = has == holds
        if not right and search(
            r"\b(?:unless|except|other than|(?:anyone|anybody|everyone|anything|all) but)\b", lowered
        ):
            continue  # said of what the exception leaves
        expected = "; ".join(sorted(each for each in known - IMPLIED if not each.endswith("?")))
        message = "" if right else f"{subject.capitalize()} does this: {expected}."
        found.append(
            Checked(
                "ok" if right else "contradicted",
                f"condition.{subject}.{effect.replace(' ', '_')}",
                expected,
                f'SRD {edition}, "Conditions"',
                message,
                subject,
            )
        )
    return found


def _about(text: str, subject: str) -> bool:
    """Whether the sentence is about the condition itself: nothing but light words stand before it, no spell or target behind it."""
    at = min(found for word in (subject, *_words_for(subject)) if (found := text.find(word)) >= 0)
    if search(
        r"\b(?:this spell|the spell|in this way|until|failed save|saving throw or|ends early|your turn|spell ends)\b|#|\byou have grappled|\bgrappled by you|\bwhile \w+, the (?:target|creature)",
        text,
    ):
        return False
    words = findall(r"[a-z']+", text[:at])
    return all(word in LIGHT for word in words)


def _alone(text: str, subject: str) -> bool:
    """Whether nothing else comes into the sentence: no other source of an effect, no one who holds another."""
    return not search(_NOT_ALONE, text) and (subject == "grappled" or "grappl" not in text)


def _subject(text: str, named: set[str]) -> str | None:
    """The condition that the sentence is about: the only one, or the one it opens with."""
    if len(named) <= 1:
        return next(iter(named), None)
    places = {
        name: min((at for word in (name, *_words_for(name)) if (at := text.find(word)) >= 0), default=999)
        for name in named
    }
    first = min(places, key=lambda name: places[name])
    return first if places[first] < 22 and not search(r"\bor\b", text[: places[first] + 40]) else None


def _words_for(name: str) -> list[str]:
    return [word for word, meant in NOUNS.items() if meant == name]


def _stated(text: str, subject: str) -> Iterator[tuple[str, bool]]:
    text = sub(r", which (?:is|are)(?: all)?\b", "", text)
    for clause in split(r"[.;:?!]|,(?! and (?:checks|ability|dex|str))|\b(?:but|yet|while|although|whereas)\b", text):
        yield from _edges(clause, subject)
        yield from _failures(clause)
        yield from () if subject == "prone" else _denials(clause)  # standing up costs no action
        yield from _others(clause, subject)
        for part in split(_AND, clause):
            if any(search(rf"\b{other}\b", part) for other in EFFECTS if other != subject):
                continue  # of the other condition
            yield from said_abilities(part, subject)
            yield from said_burdens(part, subject)
            yield from said_of_rolls(part, subject)


def _edges(clause: str, subject: str) -> Iterator[tuple[str, bool]]:
    edges = {found[0] for found in finditer(r"\b(?:dis)?advantage\b", clause)}
    if (
        not edges
        and search(UNHINDERED, clause)
        and search(r"\b(?:own|your|its|their|his|her) (?:own )?attack(?:s| rolls?)\b", clause)
    ):
        yield "own disadvantage", False
    if not edges and _OTHERS.search(clause) and search(r"\battack|\bhit", clause) and search(UNHINDERED, clause):
        yield "others disadvantage", False
    if len(edges) != 1:
        return
    edge = edges.pop()
    found = search(rf"\b{edge}\b", clause)
    holds = not (found and denied(clause, found.start(), found.end()))
    if search(r"\binitiative", clause):
        yield f"initiative {edge}", holds
        return
    if search(r"\bsocial|\bpersuad|\binteract|\bcharisma checks", clause):
        yield f"social {edge}", holds
        return
    if _OTHERS.search(clause):
        yield f"others {edge}", holds
        return
    near = [f.whole for f in figures(clause) if f.kind in ("feet", "number")]
    if (
        subject == "prone"
        and (_AGAINST.search(clause) or search(_BY_ANOTHER, clause))
        and (
            near
            or search(
                r"\bmelee|\branged|\bnext to|\bbeside|\badjacent|\bclose|\bafar|\bdistance|\baway|\bbow|\bshoot", clause
            )
        )
    ):
        far = (
            near[0] > 5 or bool(search(r"\bbeyond|\bmore than|\bfarther|\bover\b", clause))
            if near
            else search(r"\branged|\bafar|\bdistance|\baway|\bbow|\bshoot", clause) is not None
        )
        yield f"{'far' if far else 'near'} {edge}", holds
        return
    if search(r"\bchecks?\b", clause) and not search(r"\bsight|\bhearing|\bperception", clause):
        yield f"checks {edge}", holds
    saves = search(r"\bsav(?:e|es|ing throws?)\b", clause)
    if saves:
        named = findall(rf"\b({SHORT_ABILITY})\b", clause)
        for name in named or ["all"]:
            yield f"saves {LONG.get(name, name)} {edge}", holds
    attacker = search(rf"\b{subject} (?:attackers?|creatures?|enem(?:y|ies)|foes?)\b", clause) and not search(
        rf"\b(?:attack|hit|shoot|strik|stab|target|swing|aim|fir)\w*(?: at| on)? (?:an?|the|any) {subject}\b", clause
    )
    if search(_TURNED_ON_YOU, clause):
        yield f"own {edge}", holds
    elif (search(_BY_ANOTHER, clause) and not search(rf"\b{subject}\b", clause)) or (
        _AGAINST.search(clause) and not (attacker and not search(r"\bagainst\b|\bon (?:it|them)\b", clause))
    ):
        yield f"against {edge}", holds
    elif match(r"\W*(?:all )?(?:attacks?|attack rolls?|hits) (?:have|has|get|are|is|at|gain|with)\b", clause):
        yield f"either {edge}", holds
    elif _OWN.search(clause):
        yield f"own {edge}", holds


def _failures(clause: str) -> Iterator[tuple[str, bool]]:
    found = search(r"\b(?:auto(?:matic(?:ally)?)?[- ]?)?fail(?:s|ing|ures?)?\b", clause)
    if found and search(r"\bchecks?\b", clause):
        for sense, words in (
            ("sight", r"\bsight|\bsee(?:ing)?\b|\bvision|\bvisual"),
            ("hearing", r"\bhear(?:ing)?\b|\bsounds?\b|\bears\b"),
        ):
            if search(words, clause):
                yield f"fail {sense}", not denied(clause, found.start(), found.end())
    if found and search(r"\bsav", clause) and (search(r"\bauto", clause) or match(r"fails?\b", found[0])):
        for name in findall(rf"\b({SHORT_ABILITY})\b", clause):
            yield f"fail {LONG.get(name, name)}", not denied(clause, found.start(), found.end())
    if search(r"\b(?:auto(?:matically)?[- ]?(?:succeed|pass|mak)\w*)", clause) and search(r"\bsav", clause):
        yield "saves succeed", True
    found = search(r"\b(?:auto(?:matic(?:ally)?)?[- ]?)?crit(?:s|ical|icals)?\b", clause)
    if found and not search(r"\bcritical failure", clause):
        far = [f.whole for f in figures(clause) if f.kind == "feet"]
        if not far or far[0] <= 5:
            yield "crit near", not denied(clause, found.start(), found.end())


def _denials(clause: str) -> Iterator[tuple[str, bool]]:
    """What a creature in the condition cannot do."""
    for effect, verb in (("no move", r"mov(?:e|ing)(?! closer)"), ("no speech", r"(?:speak|talk)(?:ing)?"), ("no sight", r"see(?:ing)?"), ("no hearing", r"hear(?:ing)?"),
                         ("no reaction", r"(?:take |use |have |make )?(?:any )?(?:actions or |actions and |actions, )?reactions?"), ("no action", r"(?:take |use )?(?:any )?actions?\b"), ("no bonus action", r"(?:take |use )?(?:any )?bonus actions?"),
                         ("no concentration", r"(?:maintain |keep |hold )?concentrat(?:e|ion|ing)"), ("no approach", r"(?:willingly )?(?:move|get|come|go|step|walk) (?:any )?(?:closer|nearer|towards?)"),
                         ("no attack on charmer", r"(?:attack|harm|hurt|target) (?:the charmer|whoever (?:charmed|did)|its charmer|the one who|the (?:creature|person) (?:that|who))")):  # fmt: skip
        if search(
            rf"\b(?:can't|cannot|can not|unable to|can no longer|not able to|couldn't|no|not|without)(?: even| willingly| also| still)? {verb}\b",
            clause,
        ):
            yield effect, True
        elif search(rf"\b(?:can|may|able to|free to)(?: still| even| also| normally)? {verb}\b", clause) and not search(
            r"\bonly\b|\bfalter", clause
        ):
            yield effect, False
    found = search(r"\b(?:loses?|breaks?|ends?|drops?) (?:your |its |their |the |any )?concentration", clause)
    if found:
        yield "no concentration", not denied(clause, found.start(), found.end())


def _others(clause: str, subject: str) -> Iterator[tuple[str, bool]]:
    found = search(r"\bspeed\b[^.;,]{0,24}\b(?:0|zero|nothing)\b|\bspeed 0\b|\b(?:0|zero) speed\b|\bno speed\b", clause)
    if found:
        yield "speed 0", not denied(clause, found.start(), found.end()) and "nothing" not in clause[: found.start()]
    given = search(r"\bspeed\b(?: of| is|:| becomes)*(?: only| just)? (\d+)\b", clause)
    if given and int(given[1]) > 0:
        yield "speed some", True
    found = search(r"\bresist\w*\b[^.;,]{0,14}\ball\b|\ball damage\b[^.;,]{0,14}\bhalved", clause)
    if found:
        yield "resist all", not denied(clause, found.start(), found.end())
    found = search(r"\bimmun\w*\b[^.;,]{0,14}\ball\b|\btakes? no damage\b", clause)
    if found:
        yield "immune all", not denied(clause, found.start(), found.end())
    if search(
        r"\bwhatever the charmer|\bobeys?\b|\bcommands?\b.*\bcharm|\bfollows? (?:the charmer's|its|all|every) (?:orders|commands)|\bmind control",
        clause,
    ):
        yield "obeys", not search(r"\bnot\b|n't\b|\bno\b", clause)
    if search(r"\bcondition (?:deals?|does|inflicts?)\b[^.;,]{0,24}\bdamage", clause):
        yield "damage", True
    if (
        search(r"[+-] ?\d+ (?:to|on) (?:hit|attack|ac|saves|checks|all)|\bac (?:drops|penalty)", clause)
        and subject != "exhaustion"
    ):
        yield "flat modifier", True
    if (
        search(r"\bincapacitated\b", clause)
        and subject != "incapacitated"
        and not search(r"\b(?:grappler|charmer|caster|becomes?|if|when|source)\b", clause)
    ):
        found = search(r"\bincapacitated\b", clause)
        yield "incapacitated", not (found and denied(clause, found.start(), found.end()))
    if not search(r"\bdrag|\bcarr|\bstand|\bget(?:s|ting)? up|\bcosts?\b", clause) and search(
        r"\bspeed\b[^.;,]{0,14}\bhalv|\bhalf (?:its |your |their )?speed|\bhalves (?:its |your |their )?speed", clause
    ):
        yield "speed half", True
