"""The most and the least of a roll told in a breath, the lowest roll that hits, what is left of a creature's hit points."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import match, search
from truth_blocks.dnd5e.readers.rules.known import versatile_damage
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.plain import HEDGED, MOST_TEXT, Sum
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

_TWO_HANDS = r"\b(?:2|two)[- ]hand|\bin (?:both|2|two) hands|\bboth hands"
_MORE_DAMAGE = (
    r"\bsneak|\bsmite|\bbrutal|\bsavage|\brag(?:e|ing)|\bduel(?:ing|ling)|\bhex\b|\bmark\b|\bextra|\bmagic|\bresist|\bvulner|\bper\b|\beach\b|\blevel|\battacks\b|\btimes\b|\brange|\bac\b|\bto hit|\bnot\b|n't\b"
    r"|\bat least|\bat most|\bmore than|\bless than|\bhalf-orc|\bgreat weapon|\brerolls?"
)


def said_in_bounds(text: str, edition: str) -> list[Checked]:
    """Verdicts on such sums."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(HEDGED.replace(r"\bnot\b|n't\b|", ""), lowered):
        return []
    figs = figures(lowered)
    found: list[Checked] = []
    for reader in (_bound, _beyond, _lowest_hit, _left_after, _more_temporary, _score_range):
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
        r"\bcrit|\bresist|\bvulner|\bsav|\bhal(?:f|v)|\baverage|\bdrop|\badvantage|\bnot\b|n't\b|\bor more|\bexplod|\bsneak|\bdc\b|\bat most \d+ (?:dice|times)|\bper\b|\beach\b|\blevel|\bhit point maximum|\bdecreas|\breduc",
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


def _beyond(text: str, figs: Sequence[Figure]) -> Sum | None:
    """*3d8+4 can't roll below 7*."""
    dice = [str(f.value) for f in figs if f.kind == "dice"]
    said = search(
        r"\b(?:cannot|can't|can never|never|won't|not) (?:\w+ )?(?:roll|be|go|come|fall|give|deal|do)s? (?:\w+ )?(below|under|less than|lower than|fewer than|above|over|more than|higher than) (\d+)\b",
        text,
    )
    if len(dice) != 1 or said is None or len(figs) != 2 or search(r"\bcrit|\badvantage|\breroll|\bminimum of", text):
        return None
    head, _, extra = dice[0].partition("+")
    found = match(r"(\d+)d(\d+)$", head)
    if found is None or not (extra.isdigit() or not extra):
        return None
    low = said[1] in ("below", "under", "less than", "lower than", "fewer than")
    value = int(found[1]) * (1 if low else int(found[2])) + int(extra or 0)
    right = int(said[2]) <= value if low else int(said[2]) >= value
    return right, "bound", str(value)


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


def weapon_bounds(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict on the most, the least or the average of one weapon with a modifier, critical or not."""
    named = {m.key: m for m in names_in(text, known) if m.kind == "weapon"}
    lowered = plain(prepared(text))
    if len(named) != 1 or len(lowered) > MOST_TEXT or search(_MORE_DAMAGE, lowered):
        return []
    mention = next(iter(named.values()))
    row = facts.row("weapon", edition, mention.key)
    figs = figures(lowered)
    bonus = [f for f in figs if f.kind in ("mod", "score")]
    said = [f for f in figs if f.kind in ("number", "hp")]
    if (
        row is None
        or not row["damage"]
        or len(bonus) != 1
        or len(said) != 1
        or len(figs) != 2 + len(_values(figs, "dice"))
    ):
        return []
    modifier = bonus[0].whole if bonus[0].kind == "mod" else (bonus[0].whole - 10) // 2
    other = versatile_damage(mention.key, edition)
    dice = (
        {str(row["damage"])}
        if search(r"\b(?:one|1)[- ]hand|\bin (?:one|1) hand", lowered)
        else {str(row["damage"]), other or ""}
    )
    if search(_TWO_HANDS, lowered) and other:
        dice = {other}
    values = {value for each in dice if each for value in _ends(each, modifier, lowered)}
    if not values:
        return []
    told = " or ".join(f"{value:g}" for value in sorted(values))
    return [verdict(float(said[0].value) in values, "weapon.bounds", told, edition, mention.name)]


def _ends(dice: str, modifier: int, text: str) -> set[float]:
    """What the words of a sentence ask of some dice and a modifier."""
    found = match(r"(\d+)d(\d+)$", dice)
    if found is None:
        return set()
    count, faces = int(found[1]) * (2 if search(r"\bcrit", text) else 1), int(found[2])
    if search(r"\baverage", text):
        mean = count * (faces + 1) / 2 + modifier
        return {mean, float(int(mean))}
    if search(r"\bmax|\bmost\b|\bhighest|\bbest\b|\bup to\b|\bas much as\b|\bas high as\b|\btops? out", text):
        return {float(count * faces + modifier)}
    if search(r"\bmin|\bleast\b|\blowest|\bworst\b", text):
        return {float(count + modifier)}
    return set()
