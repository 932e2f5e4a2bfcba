"""What hurts a creature and what does not, what conditions it can be in, what it breathes and what it is, however said.

*Fire does nothing to it*, *it shrugs off half of the cold*, *red dragons are weak to cold*: a clause that ties one
creature to damage types by one plain relation is held against its record. A family (*red dragons*) stands for its adult.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall, search, split, sub
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.things import names_in
from truth_blocks.dnd5e.vocabulary import CONDITION, DAMAGE

MOST_TEXT = 200
_COLOURS = "black|blue|brass|bronze|copper|gold|green|red|silver|white"
_TURNS = (
    r"\b(?:unless|except|only|other than|but not|besides|homebrew|variant|if|would|could|should|might|used to|suppose|while|polymorph\w*|wild shape|rag(?:e|es|ing)|sav(?:e|es|ing)|success\w*"
    r"|regenerat\w*|than|unlike|instead|rather|resist(?:ance)? spell|potion|ring|armou?r|cloak|ward\w*|protection|absorb|saddle|rider|party|myth|people|both|either|same|you(?:'re| are))\b|\?|, no,"
)
_RELATIONS = (
    ("vulnerabilities", r"\bvulnerab|\bweak(?:ness)?(?:es)? (?:to|against|is|are)|\bdoubled?\b|\bdoubles\b|\btwice\b|\bextra\b(?= from| damage from)|\btakes? extra\b"),
    ("resistances", r"\bresist|\bhalf (?:of )?(?:the |any |its |their |all )?\w*|\bhalve[sd]?\b|\bhalves\b"),
    ("immunities", r"\bimmun|\bno \w* ?damage|\bunharmed|\bunhurt|\bunaffected|\bunfazed|\bnothing\b|\bno effect|\bno harm|\buseless|\bimpervious|\bignores?\b|\btakes? none"
     r"|\b(?:can't|cannot|can not|doesn't|don't|does not|won't|never) (?:be )?(?:hurt|harm|harmed|burn|burned|touch|damaged?|bother|faze|scratch|work on|affect)\b|\bheals (?:it|them|(?:an? |the )?#+)|\b(?:is|are) healed\b|\bshrugs? off(?! half)"),
    ("", r"\bfull damage|\bnormal(?:ly)?\b|\bworks?\b[^.;]{0,20}\b(?:fine|well|normally|wonderfully|wonders|great|perfectly|nicely)|\bas (?:usual|normal)|\b(?:like|as) (?:any(?:one|body|thing)|every(?:one|body|thing))|\bhurts? (?:it|them|#+)(?= (?:just|like|the same|as))|\bburns? (?:it|them) (?:just|like|as)"),
)  # fmt: skip
_DENIED = (
    r"\b(?:not|no|lacks?|lacking|never|without|n't|isn't|aren't|doesn't have|don't have|has no|have no)\b[^,;]{0,14}$"
)
_IN_STATE = {
    "charm": "charmed", "frighten": "frightened", "scare": "frightened", "poison": "poisoned", "paralyze": "paralyzed", "paralyse": "paralyzed", "petrify": "petrified", "blind": "blinded",
    "deafen": "deafened", "grapple": "grappled", "restrain": "restrained", "stun": "stunned",
}  # fmt: skip
_TYPES = "aberration|beast|celestial|construct|dragon|elemental|fey|fiend|giant|humanoid|monstrosity|ooze|plant|undead"
_BLOWS = {"bludgeoning", "piercing", "slashing"}
_TREATED = r"\b(?:non-?magic\w*|magic\w*|silver\w*|adamantine|cold iron|mundane|ordinary|normal weapons?)\b"

Row = Mapping[str, Any]


def said_of_defences(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on statements about one creature, or about the dragons of one colour."""
    if len(text) > MOST_TEXT:
        return []
    subject = _subject(text, facts, edition, known)
    if subject is None:
        return []
    row, masked = subject
    found: list[Checked] = []
    for clause in split(
        r"[.;:!]|, (?=(?:so|but|and|which|because|since|as|yet|though)\b)|\b(?:but|because|since|seeing as|even though|though|yet)\b",
        masked,
    ):
        if not search(_TURNS, clause):
            found += _damage(clause, row, edition)
            found += _conditions(clause, row, edition)
            found += _kind(clause, row, edition)
        found += _breath(clause, row, facts, edition)
    return found


def _subject(text: str, facts: Facts, edition: str, known: Mentions) -> tuple[Row, str] | None:
    """The record of the one creature or family that a text names, and the plain text with its name as ``###``."""
    named = [m for m in names_in(text, known) if m.kind == "creature"]
    keys = {m.key for m in named}
    if len(keys) == 1:
        row = facts.row("creature", edition, named[0].key)
        for mention in reversed(named):
            text = text[: mention.start] + "###" + text[mention.end :]
        return (row, plain(text)) if row else None
    lowered = plain(text)
    short = search(rf"\b(young|adult|ancient) ({_COLOURS})(?:'s|s)?\b(?! dragon)", lowered)
    if not keys and short is not None and (row := facts.row("creature", edition, f"{short[1]} {short[2]} dragon")):
        return row, lowered[: short.start()] + "###" + lowered[short.end() :]
    colours = set(findall(rf"\b({_COLOURS})\b", lowered))
    if (
        keys
        or len(colours) != 1
        or not search(rf"\b(?:{_COLOURS}) dragons?\b", lowered)
        or search(r"\b(?:wyrmlings?|young|adult|ancient)\b", lowered)
    ):
        return None
    row = facts.row("creature", edition, f"adult {colours.pop()} dragon")
    return (row, sub(rf"\b(?:{_COLOURS}) dragons?\b", "###", lowered)) if row else None


def _damage(clause: str, row: Row, edition: str) -> Iterator[Checked]:
    types = set(findall(rf"\b({DAMAGE})\b(?! (?:bolt|ray|breath|giant|elemental))", clause))
    related = [(field, found) for field, words in _RELATIONS if (found := search(words, clause)) is not None]
    if search(
        rf"#'s (?:\w+ )?(?:{DAMAGE})\b|\b(?:halves?|halved|reduces?|cuts?) (?:the |an? )?#+(?:'s)? (?:{DAMAGE})\b",
        clause,
    ):
        return  # what it deals
    if not types or len(related) != 1 or not _close(clause, related[0][1].span(), types):
        return
    field, found = related[0]
    if search(r"\bdeals?\b|\bbreath|\bbite|\bclaws?\b|\battacks?\b(?! from)", clause) and not search(
        r"\battacks? (?:from|that)|\b(?:weapon|nonmagical|non-magical) attacks", clause
    ):
        return
    own = {name: set(row[name] or ()) for name in ("resistances", "immunities", "vulnerabilities")}
    if edition == "5.1" and types & _BLOWS & (own["resistances"] | own["immunities"]):
        return  # only from some attacks, which the record does not tell
    denied = (
        search(_DENIED, clause[: found.start()]) is not None
        if field and found[0][:3] in ("vul", "res", "imm", "wea")
        else False
    )
    if field:
        holds = types <= own[field]
        right = not types & own[field] if denied else holds
    else:
        right = not any(types & each for each in own.values())
    yield verdict(right, "creature.defences", _told(own), edition, str(row["name"]))


def _close(clause: str, span: tuple[int, int], types: set[str]) -> bool:
    """Whether a damage type stands near the relation, so that the one is said of the other."""
    near = clause[max(span[0] - 44, 0) : span[1] + 44]
    return any(search(rf"\b{each}\b", near) for each in types)


def _told(own: Mapping[str, set[str]]) -> str:
    parts = [f"{name}: {', '.join(sorted(types))}" for name, types in own.items() if types]
    return "; ".join(parts) or "no resistances, immunities or vulnerabilities"


def _conditions(clause: str, row: Row, edition: str) -> Iterator[Checked]:
    immune = set(row["condition_immunities"] or ())
    verbs = "|".join(_IN_STATE)
    said: dict[str, bool] = {}
    found = search(
        rf"\b(?:{CONDITION}|{verbs})[- ]immune\b|\bimmun\w+ to (?:being |the |getting |becoming )?(?:condition )?({CONDITION}|charm|fear|petrification|paralysis)\b",
        clause,
    )
    if found:
        word = found[1] or search(r"^\w+", found[0])[0]  # type: ignore[index]
        name = _IN_STATE.get(
            word, {"fear": "frightened", "petrification": "petrified", "paralysis": "paralyzed"}.get(word, word)
        )
        said[name] = search(_DENIED, clause[: found.start()]) is None
    found = search(
        rf"#+ (?:(?:is|are) (?:the|an?) [\w ]{{0,24}}(?:that|which|who) )?(can(?:'t|not| not| never)?|could(?:n't| not)) (?:still |even |also |normally |perfectly well )?(?:be|become|get) (?:\w+ly )?({CONDITION})\b",
        clause,
    )
    if found:
        said[found[2]] = found[1] not in ("can", "could")
    found = search(
        rf"\b(?:you|we|i|players?|nobody|no one|somebody|anyone|one) (can(?:'t|not| not| never)?) (?:even |still |also )?({verbs}) (?:an? |the )?#",
        clause,
    )
    if found:
        said[_IN_STATE[found[2]]] = found[1] != "can" or search(r"\b(?:nobody|no one)\b", clause) is not None
    expected = f"condition immunities: {', '.join(sorted(immune)) or 'none'}"
    for name, claimed in said.items():
        if name != "prone":
            yield verdict(
                (name in immune) == claimed, "creature.condition_immunities", expected, edition, str(row["name"])
            )


def _kind(clause: str, row: Row, edition: str) -> Iterator[Checked]:
    """*its creature type is Humanoid*, *listed as a Fey*."""
    found = search(
        rf"\b(?:creature )?type (?:is|of|being|reads|says)(?: an?)? ({_TYPES})s?\b|\b(?:listed|classed|classified|counted|counts?|considered|typed) as (?:an? )?(?:\w+ )?({_TYPES})s?\b"
        rf"|(?:#+ (?:is|are)|\b(?:it's|it is|they're|they are|he's|she's))(?: an?| actually an?| actually| really an?)? (?:(?:tiny|small|medium|large|huge|gargantuan) )?({_TYPES})s?\b(?! of)(?! (?:made|that|who))",
        clause,
    )
    if found and row["creature_type"]:
        said = found[1] or found[2] or found[3]
        denied = (
            search(_DENIED, clause[: found.start()]) is not None
            or search(r"\b(?:not|no longer|never)\b|n't\b", found[0]) is not None
        )
        right = (str(row["creature_type"]).lower().startswith(said)) != denied
        yield verdict(right, "creature.type", str(row["creature_type"]), edition, str(row["name"]))


def _breath(clause: str, row: Row, facts: Facts, edition: str) -> Iterator[Checked]:
    """The damage type, the shape and the save of a dragon's breath."""
    parts = facts.entries(edition, "creature", str(row["key"]))
    fumes = search(rf"\b(?:breathes?|exhales?|spews?) (?:out )?(?:a \w+ of )?({DAMAGE})\b|\bbreath weapon", clause)
    if fumes and not any("Breath" in entry.name or "Steam" in entry.name for entry in parts):
        if (
            parts
            and not search(rf"{_DENIED}|\bnot\b|n't\b|\bno\b", clause)
            and not search(r"\bspell|\bsummon|\byou\b", clause)
        ):
            yield verdict(False, "creature.breath", "no breath weapon", edition, str(row["name"]))
        return
    if not str(row["key"]).endswith("dragon") or not search(
        r"\bbreath|\bbreathes?\b|\bexhales?\b|\bspits?\b|\bspews?\b|\bbelch", clause
    ):
        return
    if search(
        rf"{_DENIED}|\bnot\b|n't\b|\bno\b|\bor\b|\bwhile\b|\bthan\b|\bunlike\b|\bresist|\bimmun|\bhold|\bwater\b",
        clause,
    ):
        return
    own: dict[str, set[str]] = {"type": set(), "shape": set(), "save": set()}
    for entry in parts:
        if "Breath" in entry.name:
            for kind, values in own.items():
                values |= entry.values.get(kind, frozenset())
    said = {"type": set(findall(rf"\b({DAMAGE})\b", sub(r"\bpoison(?:ous)? gas|\bpoison gas", "poison", clause))), "shape": set(findall(r"\b(cone|line|sphere|cube|cylinder)s?\b", clause)),
            "save": {each[:3] for each in findall(r"\b(str|dex|con|int|wis|cha)\w* sav", clause)}}  # fmt: skip
    expected = ", ".join(sorted(own["type"] | own["shape"])) + f", save {'/'.join(sorted(own['save']))}"
    if own["type"] and any(said.values()):
        right = all(values <= own[kind] for kind, values in said.items())
        yield verdict(right, "creature.breath", expected, edition, str(row["name"]))
