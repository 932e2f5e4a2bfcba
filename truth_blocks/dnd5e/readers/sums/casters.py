"""Sums of casters told in a breath: how many spells are prepared (5.1), and the AC that Mage Armor gives."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.plain import HEDGED, MOST_TEXT, Sum
from truth_blocks.dnd5e.readers.sums.solving import prepared

_ABILITY = {"wizard": "int", "cleric": "wis", "druid": "wis", "paladin": "cha"}


def said_of_casters(text: str, edition: str) -> list[Checked]:
    """Verdicts on such sums."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(HEDGED, lowered):
        return []
    figs = figures(lowered)
    found: list[Checked] = []
    for told in (_prepared(lowered, figs, edition), _mage_armor(lowered, figs)):
        if told is not None:
            right, rule, expected = told
            found.append(verdict(right, f"calc.{rule}", expected, edition, rule.replace("_", " ")))
    return found


def _modifier(text: str, figs: Sequence[Figure], ability: str) -> int | None:
    """The modifier of the one ability, from its score or as it is said."""
    for figure in figs:
        beside = text[max(0, figure.start - 24) : figure.end + 16]
        if figure.kind in ("score", "mod") and search(rf"\b{ability}", beside):
            return figure.whole if figure.kind == "mod" else (figure.whole - 10) // 2
    return None


def _prepared(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*A 5th-level wizard with Intelligence 18 prepares nine spells*: level and modifier, half the level for a paladin."""
    named = [name for name in _ABILITY if search(rf"\b{name}s?\b", text)]
    levels = [f.whole for f in figs if f.kind in ("level", "ordinal")]
    said = search(r"\b(\d+) (?:\w+ )?spells?\b", text)
    if edition != "5.1" or len(named) != 1 or len(levels) != 1 or said is None or not search(r"\bprepar", text):
        return None
    modifier = _modifier(text, figs, _ABILITY[named[0]])
    if modifier is None or len(figs) != 3 or search(r"\bcantrip|\bdomain|\boath|\balways\b|\bslots?\b|\bbook\b", text):
        return None
    value = max(1, (levels[0] // 2 if named[0] == "paladin" else levels[0]) + modifier)
    return int(said[1]) == value, "prepared_spells", f"{value} spells"


def _mage_armor(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*Mage Armor with Dexterity 16 is AC 16*."""
    acs = [f.whole for f in figs if f.kind == "ac"]
    dex = _modifier(text, figs, "dex")
    if not search(r"\bmage armou?r\b", text) or dex is None or len(acs) != 1:
        return None
    rest = [f for f in figs if f.kind not in ("ac", "score", "mod") and f.whole != 13]
    if rest or search(r"\bcover|\bring\b|\bcloak|\bmagic\b|\bhaste|\bfrom\b|\binstead", text):
        return None
    value = 13 + dex + (2 if search(r"\bwith a shield|\band a shield|\bplus a shield", text) else 0)
    value += 5 if search(r"\bshield spell|\bcasts? shield|\bshield on top", text) else 0
    return acs[0] in (value, 13), "mage_armor", f"AC {value}"
