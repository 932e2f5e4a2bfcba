"""Sums of the table told in a breath: experience of several monsters, passive scores, AC without armour, hit points by level."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import findall, match, search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

MOST_TEXT = 180
HEDGED = r"\bnot\b|n't\b|\bno (?!special|armou?r|shield|roll)|\bnever\b|\bunless\b|\bexcept\b|\babout\b|\baround\b|\broughly\b|\bhomebrew|\bhouse\b|\binstead\b|\bif it were\b|\bused to\b|\bat least\b|\bat most\b|\bor more\b"
_TOTAL = (
    r"\b(?:total|altogether|all together|in all|combined|for the lot|in sum|together|comes? to|adds? up|makes?|worth)\b"
)

Sum = tuple[bool, str, str]
"""Whether it is right, the rule's name and what it comes to."""


def said_in_sums(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on such sums."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(HEDGED, lowered):
        return []
    figs = figures(lowered)
    found: list[Checked] = []
    for reader in (
        _experience,
        _passive,
        _unarmored,
        _hit_points,
        _rising,
        _modifier,
        _kept_spell,
        _resisted,
        _critical,
    ):
        told = reader(lowered, figs, facts, edition)
        if told is not None:
            right, rule, expected = told
            found.append(verdict(right, f"calc.{rule}", expected, edition, rule.replace("_", " ")))
    return found


def _of(figs: Sequence[Figure], *kinds: str) -> list[Figure]:
    return [figure for figure in figs if figure.kind in kinds]


def _mod(figure: Figure) -> int:
    """The modifier: said as one, or that of a score."""
    return figure.whole if figure.kind == "mod" else (figure.whole - 10) // 2


def _experience(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Three CR 1 monsters are worth 600 XP all together*."""
    ratings, gains = _of(figs, "cr"), [f.whole for f in _of(figs, "xp")]
    if (
        len(ratings) != 1
        or not gains
        or search(
            r"\badjust|\bmultipl|\bencounter|\bdifficult|\bthreshold|\bbudget|\bsplit|\bshare|\bdivid|\bplayer|\bparty|\bper (?:head|person)|\blair|\blevel|\bbetween\b|\bmore than|\bthan\b",
            text,
        )
    ):
        return None
    table = {str(key): value for key, value in facts.figures("xp_by_cr").items()}
    rating = text[ratings[0].start : ratings[0].end].strip()
    unit = table.get(rating)
    counted = search(
        rf"\b(\d+|a pair of|a couple of|both|a dozen) (?:\w+ )?(?:of )?(?:cr|challenge(?: rating)?)[- ]?(?:of )?{rating}\b",
        text,
    )
    number = (
        1
        if counted is None
        else {"a pair of": 2, "a couple of": 2, "both": 2, "a dozen": 12}.get(counted[1]) or int(counted[1])
    )
    left = [f for f in figs if f.kind == "number" and not (counted and f.text == counted[1])]
    if unit is None or left:
        return None
    total = int(unit) * number
    right = (
        all(gain in {int(unit), total} for gain in gains)
        if len(gains) > 1 or (number > 1 and search(r"\beach\b|\bapiece\b", text))
        else gains[0] == total
    )
    return right, "xp_total", f"{number} × {int(unit):,} = {total:,} XP"


def _passive(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Wisdom 16 and proficiency in Perception at level 5: passive 16*."""
    if not search(r"\bpassive", text) or search(
        r"\bexpert|\bobservant|\bfeat\b|\bhalf prof|\bjack\b|\bpace\b|\bdc\b", text
    ):
        return None
    abilities = [
        f
        for f in figs
        if f.kind == "score"
        or (
            f.kind == "mod"
            and search(
                r"\bmod\w*(?: of| is|:)? ?$|\b(?:wis|int|cha|wisdom|intelligence)\w* (?:of |modifier (?:of )?)?$",
                text[: f.start],
            )
        )
    ]
    levels = _of(figs, "level")
    bonus = [f for f in _of(figs, "mod") if search(r"\bprofic\w*(?: bonus)?(?: of| is|:|,)? ?$", text[: f.start])]
    said = [f for f in _of(figs, "number", "score") if f not in abilities and f.whole != 10]
    if (
        len(abilities) != 1
        or len(said) != 1
        or len(figs) - len([f for f in figs if f.text == "10"]) != len(abilities) + len(levels) + len(bonus) + 1
    ):
        return None
    skilled = search(r"\bproficien", text) is not None
    if skilled and len(levels) + len(bonus) != 1:
        return None
    value = 10 + _mod(abilities[0])
    if skilled:
        value += bonus[0].whole if bonus else 2 + (levels[0].whole - 1) // 4
    if search(r"\bdisadvantage", text):
        value -= 5
    elif search(r"\badvantage", text):
        value += 5
    return said[0].whole == value, "passive", str(value)


def _unarmored(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Barbarian without armor, Dex 14, Con 16, a shield: AC 17*."""
    named = set(findall(r"\b(barbarian|monk)\b", text))
    if (
        len(named) != 1
        or not search(r"\bac\b|armou?r class", text)
        or search(
            r"\bleather|\bmail\b|\bplate\b|\bhide\b|\bcover|\brag(?:e|ing)\b|\bhaste|\bspell|\bmagic|\+ ?\d (?:shield|ring)|\bring\b|\bbracers",
            text,
        )
    ):
        return None
    other = "con" if "barbarian" in named else "wis"
    own: dict[str, int] = {}
    for name in ("dex", other):
        found = search(
            rf"\b{name}\w*(?: score| mod\w*)?(?: of| is|:|,)? ?([+-]?\d+)\b|(?<![\d+-])([+-]?\d+) (?:in )?{name}\w*\b",
            text,
        )
        if found is None:
            return None
        value = found[1] or found[2]
        own[name] = int(value) if value[0] in "+-" or int(value) < 6 else (int(value) - 10) // 2
    acs = [f.whole for f in _of(figs, "ac")]
    shield = search(r"(?<!without a )(?<!without )(?<!no )(?<!with no )\bshield", text) is not None
    if len(acs) != 1 or (shield and "monk" in named):
        return None
    value = 10 + sum(own.values()) + 2 * shield
    return acs[0] == value, "unarmored_ac", str(value)


def _hit_points(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Third-level wizard, Con 12, average hit points each level: 17*."""
    named = set(findall(rf"\b({ANY_CLASS})\b", text))
    if len(named) != 1 or search(
        r"\bdraconic|\bdwar|\btough|\baid\b|\btemp|\bdamage|\bregain|\bheal|\bper level|\ba level\b|\bmulticlass|\bslot|\beach time",
        text,
    ):
        return None
    row = facts.row("class", edition, named.pop())
    levels, scores = (
        _of(figs, "level"),
        [
            f
            for f in figs
            if f.kind in ("score", "mod") and search(r"\bcon\w*(?: score| mod\w*)?(?: of| is|:|,)? ?$", text[: f.start])
        ],
    )
    said = [f for f in figs if f.kind in ("hp", "number") and f not in levels]
    first = search(r"\bstarts?\b|\bbegins?\b|\b1st[- ]level|\blevel[- ]1\b", text) is not None
    fixed = search(r"\baverage|\bfixed", text) is not None
    if (
        row is None
        or len(scores) != 1
        or len(said) != 1
        or len(levels) > 1
        or len(figs) != len(levels) + 2
        or not search(r"\bhp\b|\bhit points?", text)
    ):
        return None
    level = levels[0].whole if levels else 1 if first else 0
    if not 1 <= level <= 20 or (level > 1 and not fixed):
        return None
    die, con = int(row["hit_die"]), _mod(scores[0])
    value = die + con + (level - 1) * (die // 2 + 1 + con)
    return said[0].whole == value, "class_hp", str(value)


def _rising(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*40 feet of speed, 20 left after standing up from prone*."""
    feet = [f.whole for f in _of(figs, "feet")] + [f.whole for f in _of(figs, "number")]
    if (
        len(feet) != 2
        or len(figs) != 2
        or not search(r"\b(?:stands?|standing|gets?|getting) up\b|\bon (?:your|his|her|its|their) feet", text)
    ):
        return None
    if not search(r"\bleft\b|\bleaves?\b|\bremain|\bstill\b|\bcosts?\b|\bspend", text) or search(
        r"\bdash|\bdifficult|\bmount|\bathlete|\bhalf\b", text
    ):
        return None
    whole = max(feet)
    return min(feet) == whole // 2, "standing_up", f"{whole // 2} feet"


def _modifier(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Strength 18, subtract ten, halve: +4*."""
    scores, mods = _of(figs, "score"), _of(figs, "mod")
    rest = [f for f in figs if f.kind == "number"]
    if len(scores) != 1 or len(mods) != 1 or len(figs) != 2 + len(rest) or any(f.whole not in (10, 2) for f in rest):
        return None
    if not search(r"\bmodifier\b|\bsubtract|\bhalv", text) or search(
        r"\bsav|\bcheck|\bproficien|\bac\b|\battack|\bdamage|\binitiative|\bdc\b|\bhp\b|\bhit", text
    ):
        return None
    value = _mod(scores[0])
    return mods[0].whole == value, "ability_modifier", f"{value:+d}"


def _kept_spell(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """No save to keep a spell is against less than DC 10."""
    dcs = [f.whole for f in _of(figs, "dc")]
    if (
        len(dcs) != 1
        or not search(r"\bconcentrat", text)
        or not search(r"\bdamage|\bhit\b|\bpoints", text)
        or search(r"\b10\b", text)
    ):
        return None
    return (False, "concentration_dc", "at least 10") if dcs[0] < 10 else None


def _resisted(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*Resistant to fire, 27 fire damage rolled, so it loses 13*."""
    found = search(
        r"\bresist\w*\b[^.;]*?\b(\d+) (?:points of )?(?:\w+ )?damage\b[^.;]*?\b(?:loses?|takes?|suffers?|only|just)\W+(?:only |just )?(\d+)\b",
        text,
    )
    numbers = [f for f in figs if f.kind in ("number", "hp")]
    if (
        found is None
        or len(numbers) != 2
        or search(r"\bvulner|\bimmun|\bsav|\bleft\b|\breduc|\bminus|\bgains?\b|\btemp", text)
    ):
        return None
    value = int(found[1]) // 2
    return int(found[2]) in (value, int(found[1])), "resistance", str(value)


def _critical(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Sum | None:
    """*A critical hit with +4 Strength deals 4d6 + 8* doubles the modifier."""
    if not search(r"\bcrit", text) or search(
        r"\bsneak|\bsmite|\bbrutal|\bsavage|\brag|\bmagic|\bduel|\bhex|\bextra|\bnormal|\bplus (?:the|its)\b", text
    ):
        return None
    figs = [f for f in figs if not (f.kind == "number" and match(r" hand", text[f.end :]))]
    mods = [
        f
        for f in _of(figs, "mod", "score")
        if f.kind == "score"
        or match(r" (?:\w+ )?(?:str|dex)\w*(?: mod\w*)?|(?: ability)? mod", text[f.end :])
        or search(r"\b(?:str|dex|mod)\w*(?: modifier)?(?: of| is|:)? ?$", text[: f.start])
    ]
    dice = [str(f.value) for f in _of(figs, "dice") if "+" in str(f.value)]
    if len(mods) != 1 or len(dice) != 1 or len(figs) != 2:
        return None
    said = int(dice[0].rpartition("+")[2])
    return said == _mod(mods[0]), "critical_modifier", f"{_mod(mods[0]):+d}, once"
