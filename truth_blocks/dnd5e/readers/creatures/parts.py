"""Whether a creature has a sense, a trait, a language, a way to move, so many attacks or a DC, asserted or denied.

The parts of its entry are the closed list: what a plain sentence about one creature says it has must be among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Entry, Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.entries.parts import has_name, masked, plain_name
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, match, search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

MOST_TEXT = 160
_TURNS = (
    r"\b(?:unless|except|homebrew|variant|if|would|could|should|might|used to|suppose|polymorph\w*|wild shape|than|unlike|instead|rather|myth|compared?|both|either|same|only when|familiar|summon\w*|ring|cloak|potion"
    r"|boots|goggles|you can|you have|players?|party|rider|spell|cast|casts|form|shape|shapeshift\w*)\b|\?|, no,"
)
_DENIED = r"\b(?:not|no|lacks?|lacking|never|without|neither|nor|isn't|aren't|doesn't|don't|can't|cannot|has no|have no|devoid of)\b[^,;.]{0,24}$"
_GIVES = r"\b(?:has|have|having|with|possess\w*|gets?|comes? with|features?|boasts?|sports?|uses?|thanks to|relies? on|sees? (?:by|with|using|in)|its|their|'s|enjoys?|benefits? from|due to|because of)\b"
_SENSES = r"darkvision|blindsight|truesight|tremorsense"
_LANGUAGES = r"abyssal|aquan|auran|celestial|common|deep speech|draconic|druidic|dwarvish|elvish|giant|gnomish|goblin|gnoll|halfling|ignan|infernal|orc|primordial|sylvan|terran|undercommon"
_SINGLE = frozenset(
    ["Regeneration", "Amphibious", "Flyby", "Telepathy", "Rampage", "Reckless", "Evasion", "Invisibility", "Charge"]
)
"""Names of traits of one word that is no other word of the game."""
_MOVES = (
    ("fly", r"\bfl(?:y|ies|ying)\b"),
    ("swim", r"\bswim(?:s|ming)?\b"),
    ("climb", r"\bclimb(?:s|ing)?\b"),
    ("burrow", r"\bburrow(?:s|ing)?\b"),
)

Row = Mapping[str, Any]


def said_of_parts(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on such statements about one creature."""
    named = names_in(text, known)
    if len(text) > MOST_TEXT or len({(m.kind, m.key) for m in named}) != 1 or named[0].kind != "creature":
        return []
    row = facts.row("creature", edition, named[0].key)
    lowered = plain(prepared(masked(text, named)))
    if row is None or search(_TURNS, lowered):
        return []
    entries = facts.entries(edition, "creature", named[0].key)
    told = [
        *_senses(lowered, entries), *_traits(lowered, entries, facts, edition), *_languages(lowered, entries), *_moves(lowered, row, entries),
        *_attacks(lowered, entries), *_dc(lowered, entries),
    ]  # fmt: skip
    return [verdict(right, f"creature.{rule}", expected, edition, named[0].name) for right, rule, expected in told]


def _denies(text: str, at: int) -> bool:
    return search(_DENIED, text[:at]) is not None


def _senses(text: str, entries: Sequence[Entry]) -> Iterator[tuple[bool, str, str]]:
    own = {each.name.lower() for each in entries if each.kind == "sense"} & set(_SENSES.split("|"))
    for found in set(findall(rf"\b({_SENSES})\b", text)):
        at = text.index(found)
        denied = (
            _denies(text, at)
            or match(r"\W*(?:\w+ ){0,2}(?:doesn't|isn't|not|no use)", text[at + len(found) :]) is not None
        )
        leads = (
            search(rf"^\W*(?:a |its )?{found}\b[^.;]{{0,30}}\b(?:is how|lets|helps|allows|shows|guides)\b", text)
            is not None
        )
        if denied or leads or search(_GIVES, text[max(at - 50, 0) : at]):
            yield (found in own) != denied, "sense", ", ".join(sorted(own)) or "no such sense"


def _traits(text: str, entries: Sequence[Entry], facts: Facts, edition: str) -> Iterator[tuple[bool, str, str]]:
    every = facts.entry_names(edition, "creature", "trait", "reaction")
    own = {plain_name(each.name) for each in entries}
    for name, _ in every:
        shown = plain_name(name)
        if (
            not (" " in name or name in _SINGLE)
            or not has_name(text, name)
            or search(r"\bspellcasting|\blegendary", shown)
        ):
            continue
        at = max(text.find(shown), 0)
        denied = _denies(text, at)
        if denied or search(_GIVES, text[max(at - 50, 0) : at]):
            yield (shown in own) != denied, "trait", f"{'it has' if shown in own else 'no'} {name}"


def _languages(text: str, entries: Sequence[Entry]) -> Iterator[tuple[bool, str, str]]:
    own = {value for each in entries if each.kind == "languages" for value in each.values.get("language", ())}
    found = search(rf"\b(speaks?|understands?|knows?|talks?|fluent in)\b[^.;]{{0,24}}?\b({_LANGUAGES})\b", text)
    if found is None or not own or any("number" in each.values for each in entries if each.kind == "languages"):
        return
    denied = _denies(text, found.start()) or search(r"\b(?:not|no)\b", found[0]) is not None
    said = set(findall(rf"\b({_LANGUAGES})\b", text[found.start() :]))
    if not denied and not search(r"\bbut\b|\bcan't\b|\bcannot\b|\bor\b", text):
        yield said <= own, "languages", ", ".join(sorted(own))


def _moves(text: str, row: Row, entries: Sequence[Entry]) -> Iterator[tuple[bool, str, str]]:
    own = set(row["speed"] or ())
    if any(
        search(r"\bshap|\bspellcast|\bspider climb|\bice walk|\bearth glide|\bteleport", plain_name(each.name))
        for each in entries
    ):
        return
    for mode, words in _MOVES:
        found = search(
            rf"(?:\bcan(?:'t|not| not)?|\bable to|\bunable to|#+|\bit) (?:\w+ly )?{words}(?! (?:by|into|out|away|off|up|down|over|at you|apart|open))|\b(?:has|have|with|no|lacks?|without)(?: an?)? {words} speed",
            text,
        )
        if found and own:
            denied = (
                _denies(text, found.end())
                or search(r"\bcan't|\bcannot|\bcan not|\bunable|\bno\b|\black|\bwithout", found[0]) is not None
            )
            yield (
                (mode in own) != denied,
                "speed",
                ", ".join(f"{name} {feet}" for name, feet in sorted((row["speed"] or {}).items())),
            )
            return


def _attacks(text: str, entries: Sequence[Entry]) -> Iterator[tuple[bool, str, str]]:
    """How many attacks Multiattack makes: a number that does not stand there at all."""
    parts = [each for each in entries if each.name == "Multiattack"]
    own = {int(number) for each in parts for number in each.values.get("number", ())}
    found = search(
        r"\b(?:makes?|gets?|has|have|takes?|attacks?)(?: only| just)? (\d+) (?:\w+ )?(?:attacks|times|swings|strikes)\b",
        text,
    )
    if (
        found is None
        or (parts and not own)
        or search(r"\blegendary|\bround\b|\bactions? surge|\bnot\b|n't\b|\bno\b|\band\b|\bor\b|\bplus\b", text)
    ):
        return
    said = int(found[1])
    if not parts:
        yield said == 1, "multiattack", "no Multiattack"
    elif said not in own:
        yield False, "multiattack", f"{max(own)} attacks"


def _dc(text: str, entries: Sequence[Entry]) -> Iterator[tuple[bool, str, str]]:
    """A DC that stands nowhere in the entry."""
    said = {figure.whole for figure in figures(text) if figure.kind == "dc"}
    own = {int(dc) for each in entries for dc in each.values.get("dc", ())}
    if (
        len(said) == 1
        and own
        and not search(
            r"\bconcentrat|\byour\b|\bcheck|\bperception|\bstealth|\bhid(?:e|ing)|\bgrappl|\brecall|\bknow|\bpassive|\bnot\b|n't\b|\bno\b|\bdeath sav|\bdamage (?:taken|dealt)",
            text,
        )
    ):
        right = said <= own
        if not right:
            yield False, "dc", f"DC {', '.join(str(dc) for dc in sorted(own))}"
