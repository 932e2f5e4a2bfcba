"""The most and the least of a roll told in a breath, the lowest roll that hits, what is left of a creature's hit points."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import match, search
from truth_blocks.dnd5e.readers.plain_sums import HEDGED, MOST_TEXT, Sum
from truth_blocks.dnd5e.readers.solving import prepared
from truth_blocks.dnd5e.readers.stated import verdict


def said_in_bounds(text: str, edition: str) -> list[Checked]:
    """Verdicts on such sums."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(HEDGED.replace(r"\bnot\b|n't\b|", ""), lowered):
        return []
    figs = figures(lowered)
    found: list[Checked] = []
    for reader in (_bound, _lowest_hit, _left_after, _more_temporary, _score_range):
        told = reader(lowered, figs)
        if told is not None:
            right, rule, expected = told
            found.append(verdict(right, f"calc.{rule}", expected, edition, rule.replace("_", " ")))
    return found


def _values(figs: Sequence[Figure], *kinds: str) -> list[int]:
    return [figure.whole for figure in figs if figure.kind in kinds]


def _bound(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*with a +3 modifier the maximum of a halberd (1d10) is 13*."""
    dice = [str(f.value) for f in figs if f.kind == "dice"]
    mods, said = _values(figs, "mod"), _values(figs, "number", "hp")
    most = search(r"\bmax(?:imum)?\b|\bmost\b|\bhighest\b|\blargest\b|\bas much as\b", text) is not None
    least = (
        search(r"\bmin(?:imum)?\b|\bleast\b|\blowest\b|\bsmallest\b|\bnever (?:\w+ ){0,3}(?:below|under|less)", text)
        is not None
    )
    if len(dice) != 1 or len(mods) > 1 or len(said) != 1 or len(figs) != 2 + len(mods) or most == least:
        return None
    if search(
        r"\bcrit|\bresist|\bvulner|\bsav|\bhal(?:f|v)|\baverage|\bdrop|\badvantage|\bnot\b|n't\b|\bor more|\bexplod|\bsneak|\bdc\b|\bat most \d+ (?:dice|times)|\bper\b|\beach\b|\blevel",
        text,
    ):
        return None
    head, _, extra = dice[0].partition("+")
    found = match(r"(\d+)d(\d+)$", head)
    if found is None or (extra and mods):
        return None
    bonus = int(extra) if extra else mods[0] if mods else 0
    value = int(found[1]) * (int(found[2]) if most else 1) + bonus
    return said[0] == value, "bound", str(value)


def _lowest_hit(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*with +7 the lowest roll that hits AC 14 is a 7*."""
    mods, acs, said = _values(figs, "mod"), _values(figs, "ac"), _values(figs, "number")
    if (
        len(mods) != 1
        or len(acs) != 1
        or len(said) != 1
        or len(figs) != 3
        or search(r"\bcover|\bcrit|\btotal|\badvantage|\bbless", text)
    ):
        return None
    if not search(r"\b(?:lowest|least|smallest|minimum|needs?|need to roll|required?)\b", text) or not search(
        r"\bhit|\broll", text
    ):
        return None
    value = max(2, min(20, acs[0] - mods[0]))
    return said[0] == value, "lowest_hit", str(value)


def _left_after(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*average hit points (22), 16 damage dealt: 6 left*, and whether the damage drops it."""
    having = search(r"\b(?:hp|hit points?) ?\((\d+)\)|\bwith (\d+) (?:hp|hit points?)\b", text)
    harm = search(
        r"\b(?:after|dealt|takes?|taking|deals?)\W+(\d+) (?:points of )?(?:\w+ )?damage|\b(\d+) (?:\w+ )?damage (?:has been|is|was) dealt",
        text,
    )
    if having is None or harm is None or search(r"\btemp|\bresist|\bvulner|\bheal|\bregain|\bhalf|\bimmun", text):
        return None
    points, dealt = int(having[1] or having[2]), int(harm[1] or harm[2])
    if search(r"\b(?:does|do|will|would)(?:n't| not) drop to 0\b", text):
        return dealt < points, "hp_after", str(max(0, points - dealt))
    left = search(r"\b(?:still has|has|is left with|keeps) (\d+)\b(?! (?:hp|hit points?)? ?\()", text)
    if left is None or len(figs) != 3:
        return None
    value = max(0, points - dealt)
    return int(left[1]) == value, "hp_after", str(value)


def _more_temporary(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*someone who has 11 temporary hit points and is granted 8 has at most 11*."""
    if not search(r"\btemp\w* (?:hp|hit points?)", text) or not search(
        r"\b(?:granted|given|gains?|gets?|receives?|offered)\b", text
    ):
        return None
    numbers = _values(figs, "number", "hp")
    if (
        len(numbers) != 3
        or len(figs) != 3
        or search(r"\bdamage|\btakes?\b|\bloses?\b|\breal\b|\bmax(?:imum)? hp", text)
    ):
        return None
    *given, said = numbers
    return (False, "temporary_hp", str(max(given))) if said == sum(given) else None


def _score_range(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*a score of 10 or 11 gives +0*."""
    found = search(r"\bscores? of (\d+) (?:or|and|to) (\d+)\b", text)
    mods = _values(figs, "mod")
    if found is None or len(mods) != 1 or len(figs) != 3:
        return None
    wanted = {(int(each) - 10) // 2 for each in found.groups()}
    return wanted == {mods[0]}, "ability_modifier", " or ".join(f"{each:+d}" for each in sorted(wanted))
