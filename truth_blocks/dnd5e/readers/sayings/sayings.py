"""What people say that spells do and rules are, held against two tables of sayings.

``spell_sayings.toml`` is about spells, beyond the fields of their records; ``rule_sayings.toml`` about the rules that
tables often state wrong. A saying is settled by its words or by its figures; where neither is plain it stays open.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.combat.spells import Spell, spell
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import search, split, sub
from truth_blocks.dnd5e.readers.sayings.stems import stems
from truth_blocks.dnd5e.readers.spells.verbs import named_plainly, spells_named
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.vocabulary import SHORT_ABILITY

MOST_TEXT = 220
_TURNS = (
    r"\b(?:unless|except|homebrew|house rules?|variant|feat\b|metamagic|other than|used to|if (?:it|you|they) (?:had|were)"
    r"|thanks to|because of|due to|(?:granted|revealed|given) by|would be|wish|if only|in the (?:old|new) rules|according to|people (?:say|think)|a myth)\b|, no,"
)
_ROLLED = (
    r"\b(?:make|makes|making|roll|rolls|rolling|requires?|needs?|uses?|is|takes?|calls? for|with) (?:you to make )?"
    r"(?:an? |1 )?(?:(melee|ranged) )?(?:spell )?attack(?: roll)?\b"
)
_UNERRING = (
    r"\b(?:no|without an?|not? need an?) (?:spell )?attack roll|\balways hits|\bhits automatically|\bautomatically hits"
)
_SAVED = (
    rf"\b(?:{SHORT_ABILITY}) (?:sav|throw)|\b(?:failed|successful) sav|\bsave for (?:half|none)"
    r"|\b(?:makes?|requires?|needs?|calls? for|asks? for|wants?|forces?|allows?|gets?|rolls?) an? (?:\w+ )?sav"
)
_SPARED = (
    r"\bno damage (?:at all )?(?:on|with|after|if)|\b(?:negates?|avoids?|escapes?) (?:all|the|any) (?:the )?damage"
    r"|\btakes? no(?:ne|thing| damage)"
)
_TURNED_ABOUT = r"\b(?:nothing|none|nobody|no one|neither|nor|hardly|scarcely)\b"
"""Words that turn a wrong saying about where they stand outside it."""
_CONTRAST = r"[.;]|,? \b(?:whereas|while|but|unlike)\b"
_CONCESSION = r"\b(?:even (?:if|when|though)|no matter (?:how|what|whether)|whether or not|although|however (?:much|many))\b[^.;]*"
_UNSETTLED = r"\bnot\b|n't\b|\bno\b|\bnever\b|\bslots?\b|\bper\b|\beach level"


class Saying(msgspec.Struct, frozen=True):
    """A thing that people say of some spells or of a rule: in figures (``kinds``, ``values``) or in words.

    ``about``: all of these stand in the sentence, ``block``: this does not. Then it is wrong with ``wrong`` and without
    ``right``, right the other way round; or its one figure of ``kinds`` is among ``values``.
    """

    about: tuple[str, ...]
    expected: str
    spells: tuple[str, ...] = ()
    name: str = "effect"
    kinds: str = ""
    values: tuple[float | str, ...] = ()
    wrong: str = ""
    right: str = ""
    block: str = ""
    edition: str = ""

    def holds(self, text: str, *, alone: bool = True) -> bool | None:
        """Whether a plain sentence is right in this; None where it is not about it, or not plainly."""
        if not all(search(cue, text) for cue in self.about) or (self.block and search(self.block, text)):
            return None
        if not self.kinds:
            wrong, right = search(self.wrong, text), search(self.right, text) is not None
            if wrong and not right and search(_TURNED_ABOUT, text[: wrong.start()] + "." + text[wrong.end() :]):
                return None
            if wrong is not None and right:
                return False if self._conceded(text, wrong) else None
            return right if (wrong is not None) != right else None
        said = [figure for figure in figures(text) if figure.kind in self.kinds.split()]
        if len(said) != 1 or not alone or search(_UNSETTLED, text.replace("1st-level slot", "")):
            return None
        value = said[0].value
        if isinstance(value, str) and value.partition("+")[0] in self.values:
            return True  # with a modifier that the saying has as a word
        return (value if isinstance(value, str) else abs(value)) in self.values

    def _conceded(self, text: str, wrong: re.Match[str]) -> bool:
        """Whether only a concession (*even if it never leaves*) has words that would make it right."""
        rest = sub(_CONCESSION, " ", text)
        return rest != text and wrong[0] in rest and search(self.right, rest) is None


@lru_cache(maxsize=2)
def sayings(kind: str) -> tuple[Saying, ...]:
    """The tables of a kind, ``spell`` or ``rule``: ``spell_sayings.toml`` and every ``…_spell_sayings.toml`` beside it."""
    files = sorted(Path(__file__).parent.glob(f"*{kind}_sayings.toml"))
    return tuple(msgspec.convert(row, Saying) for file in files for row in tomllib.loads(file.read_text())["saying"])


@lru_cache(maxsize=1)
def _by_spell() -> dict[str, list[Saying]]:
    """The sayings of each spell."""
    found: dict[str, list[Saying]] = {}
    for each in sayings("spell"):
        for key in each.spells:
            found.setdefault(key, []).append(each)
    return found


def said_of_spells(text: str, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on what a statement says that a spell does."""
    if len(text) > MOST_TEXT:
        return []
    text = named_plainly(text)
    named = {mention.key: mention for mention in spells_named(text, known)}
    found = []
    for key, mention in named.items():
        masked = plain(text[: mention.start] + "###" + text[mention.end :])
        if len(named) > 1:  # what is said of this spell and not of the other
            masked = next((part for part in split(_CONTRAST, masked) if "###" in part), masked)
        if search(_TURNS, masked):
            continue
        if len(named) == 1:
            found += [
                verdict(right, "spell.in_a_fight", expected, edition, mention.name)
                for right, expected in _in_a_fight(masked, spell(edition, key))
            ]
        for each in _by_spell().get(key, ()):
            if each.edition in ("", edition):
                right = each.holds(masked, alone=len(named) == 1)
                if right is not None:
                    found.append(verdict(right, f"spell.{each.name}", each.expected, edition, mention.name))
    return found


def _in_a_fight(text: str, row: Spell | None) -> Iterator[tuple[bool, str]]:
    """Whether a spell is aimed with an attack roll, whether it allows a save, and what a success leaves of its damage."""
    if row is None or not row.damage or search(r"\bcover|\badvantage|\bshield\b", text):
        return
    if (row.beams or row.rays) and search(r"\b(?:each|every|per|a single|one|1) (?:\w+ )?(?:beam|ray|dart)", text):
        dice = [figure.value for figure in figures(text) if figure.kind == "dice"]
        own = [each.partition(" ")[0] for each in row.damage]
        if len(dice) == len(own) == 1 and not search(r"\bcrit|\bmod|\bcharisma|\bagoni", text):
            yield dice == own, f"{own[0]} each"
    aimed = bool(row.attack)
    expected = f"a {row.attack} spell attack" if aimed else "no attack roll"
    denies = search(r"\b(?:no|not|without|never|instead of|rather than)\b|n't\b", text) is not None
    rolled = search(_ROLLED, text)
    if rolled and not denies:
        yield aimed and rolled[1] in (None, row.attack), expected
    elif search(_UNERRING, text):
        yield not aimed, expected
    if aimed and not row.save and not denies and search(_SAVED, text):
        yield False, f"{expected}, no save"
    if row.save and row.half is not None and search(r"\bsav|\bsucce", text):
        keeps = "half on a successful save" if row.half else "no damage on a successful save"
        if search(r"\bhal(?:f|v\w+)\b", text) and not denies and not search(r"\bspeed|\bmovement", text):
            yield row.half, keeps
        elif search(_SPARED, text):
            yield not row.half, keeps


def said_of_rules(text: str, edition: str) -> list[Checked]:
    """Verdicts on rules that a statement is plainly about."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(_TURNS, lowered):
        return []
    return [
        verdict(right, f"rule.{each.name}", each.expected, edition, re.sub(r"[._]", " ", each.name))
        for each in likely_sayings(lowered)
        if each.edition in ("", edition) and (right := each.holds(lowered)) is not None
    ]


def likely_sayings(text: str) -> list[Saying]:
    """The sayings of rules whose subject may stand in a text, in the order of the tables."""
    every, by_stem = _by_stems()
    places = set(by_stem[""])
    for stem, found in by_stem.items():
        if stem in text:
            places.update(found)
    return [every[place] for place in sorted(places)]


@lru_cache(maxsize=1)
def _by_stems() -> tuple[tuple[Saying, ...], dict[str, list[int]]]:
    """The sayings of rules, and their places by the letters one of which their subject has; the rest under none."""
    every = sayings("rule")
    places: dict[str, list[int]] = {"": []}
    for place, each in enumerate(every):
        rarest = max((stems(cue) for cue in each.about), key=lambda found: min(map(len, found), default=0))
        for stem in rarest or {""}:
            places.setdefault(stem, []).append(place)
    return every, places
