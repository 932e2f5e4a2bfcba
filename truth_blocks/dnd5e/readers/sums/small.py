"""More sums told in a breath: temporary hit points, slots left, crawling, shares, initiative, caster levels, critical dice."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import findall, finditer, search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.plain import HEDGED, MOST_TEXT, Sum
from truth_blocks.dnd5e.readers.sums.solving import prepared

_LEFT = r"\b(?:left|remain\w*|leaves?|leaving|down to|still (?:has|have)|ends? (?:up )?(?:at|on|with)|stands? at|goes to|drops? (?:you |him |her |it |them )?to)\b"
_CASTERS = {"bard": 2, "cleric": 2, "druid": 2, "sorcerer": 2, "wizard": 2, "paladin": 1, "ranger": 1}
"""Halves of a caster level that a level of each class counts."""


def said_in_small_sums(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on such sums."""
    lowered = plain(prepared(text))
    if len(lowered) > MOST_TEXT or search(HEDGED, lowered):
        return []
    figs = figures(lowered)
    found: list[Checked] = []
    for reader in (
        _temporary,
        _travel,
        _slots_left,
        _crawling,
        _initiative,
        _death_saves,
        _caster_level,
        _critical_dice,
    ):
        told = reader(lowered, figs, edition)
        if told is not None:
            right, rule, expected = told
            found.append(verdict(right, f"calc.{rule}", expected, edition, rule.replace("_", " ")))
    shared = _shared(lowered, figs, facts)
    return [*found, verdict(shared[0], f"calc.{shared[1]}", shared[2], edition, "shares")] if shared else found


def _whole(figs: Sequence[Figure], *kinds: str) -> list[int]:
    return [figure.whole for figure in figs if figure.kind in kinds]


def _temporary(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*45 hit points and 8 temporary ones, 20 damage: 33 left*."""
    numbers = _whole(figs, "hp", "number")
    soaked = search(r"\b(\d+) (?:\w+ )?temp", text)
    having = search(r"\b(\d+) (?:of \d+ )?(?:real |current |normal )?(?:hp|hit points?)\b(?! temp)", text)
    if soaked is None or having is None or len(numbers) != 4 or len(figs) != 4 or not search(_LEFT, text):
        return None
    if search(r"\bheal|\bregain|\bresist|\bvulner|\bhalf|\bmax|\btemp\w* (?:hp |hit points )?(?:left|remain)", text):
        return None
    temporary, points = int(soaked[1]), int(having[1])
    rest = list(numbers)
    for each in (temporary, points):
        if each not in rest:
            return None
        rest.remove(each)
    harm, left = rest
    value = points - max(0, harm - temporary)
    return left == value, "hp_after", f"{value} hit points"


def _travel(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*Six hours at a normal pace are 18 miles*."""
    paces = {speed for word, speed in (("fast", 4), ("normal", 3), ("slow", 2)) if search(rf"\b{word}(?:ly)?\b", text)}
    hours = search(r"\b(\d+) hours?\b", text)
    miles = [figure.value for figure in figs if figure.kind == "mile"]
    if len(paces) != 1 or hours is None or len(miles) != 1 or len(figs) != 2:
        return None
    if not search(r"\bpace|\btravel|\bmarch|\bmov|\bwalk|\bcover", text) or search(
        r"\bdifficult|\bmount|\bhorse|\bforced", text
    ):
        return None
    value = paces.pop() * int(hours[1])
    return miles[0] == value, "travel", f"{value} miles"


def _slots_left(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*four 1st-level slots, three cast, one left*."""
    found = search(
        r"\b(\d+) (?:\d\w\w[- ]level |level[- ]\d )?(?:spell )?slots?\b[^.;]*?\b(?:casts?|spends?|spent|uses?|used|burns?|expends?)(?: up)? (\d+)\b[^.;]*?\b(?:has|have|with|leaves?|leaving)(?: (?:him|her|it|you|them))?(?: only| just)? (\d+) (?:\w+ )?(?:left|remaining|more)?",
        text,
    )
    spent = search(
        r"\b(?:casting|spending|using|burning|expending|spends?|spent|uses?|used|burns?|expends?)(?: up)? (\d+) (?:out )?of (?:the |your |its |her |his |their )?(\d+) (?:\d\w\w[- ]level |level[- ]\d )?(?:spell )?slots?\b[^.;]*?\b(?:leaves?|leaving)(?: (?:him|her|it|you|them))?(?: only| just)? (\d+)\b",
        text,
    )
    if spent is not None and not search(r"\brecover|\bregain|\brest\b|\bpact", text):
        value = int(spent[2]) - int(spent[1])
        return int(spent[3]) == value, "slots_left", str(value)
    if (
        found is None
        or search(r"\brecover|\bregain|\brest\b|\bpact", text)
        or not search(r"\bleft\b|\bremain|\bleaves?\b|\bleaving\b", text)
    ):
        return None
    value = int(found[1]) - int(found[2])
    return int(found[3]) == value, "slots_left", str(value)


def _crawling(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*a speed of 30 crawls 15 feet*."""
    feet = _whole(figs, "feet", "number")
    if (
        len(feet) != 2
        or len(figs) != 2
        or not search(r"\bcrawl", text)
        or search(r"\bdifficult|\bdash|\bextra|\bcosts?\b|\bper foot", text)
    ):
        return None
    value = max(feet) // 2
    return (
        min(feet) <= value
        if search(r"\bup to|\bcan crawl\b(?! only)", text) and min(feet) <= value
        else min(feet) == value,
        "crawling",
        f"{value} feet",
    )


def _initiative(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*initiative with Dex 8 is −1*."""
    scores, mods = _whole(figs, "score"), _whole(figs, "mod")
    if (
        len(scores) != 1
        or len(mods) != 1
        or len(figs) != 2
        or not search(r"\binitiative", text)
        or search(r"\balert|\bproficien|\broll(?:s|ed)\b|\bswash", text)
    ):
        return None
    value = (scores[0] - 10) // 2
    return mods[0] == value, "initiative", f"{value:+d}"


def _death_saves(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """Three failures are death and three successes stable, whatever the other count."""
    fails = search(r"\b(\d) (?:failed|failures?|fails)\b", text)
    passes = search(r"\b(\d) (?:success\w*|successful|passed|passes)\b", text)
    if (
        not fails
        or not passes
        or not search(r"\bsav|\bdeath", text)
        or search(r"\bdc\b|\bpetrif|\bdisease|\bcontagion|\bspell", text)
    ):
        return None
    dead, stable = (
        search(r"\bdead\b|\bdies?\b|\bdeath\b(?! sav)", text) is not None,
        search(r"\bstab(?:le|ili)", text) is not None,
    )
    if dead == stable or {fails[1], passes[1]} == {"3"}:
        return None
    right = fails[1] == "3" if dead else passes[1] == "3"
    return right, "death_saves", "three failures are death, three successes stable"


def _caster_level(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*paladin 2 and sorcerer 3 cast as a level 4 caster*."""
    pairs = {found[1]: int(found[2]) for found in finditer(rf"\b({'|'.join(_CASTERS)}) (?:level )?(\d+)\b", text)}
    said = search(
        r"\b(?:caster|spellcaster) level (?:of |is |= ?)?(\d+)\b|\b(?:level )?(\d+)(?:st|nd|rd|th)?[- ](?:level )?(?:multiclass )?(?:spell)?caster\b",
        text,
    )
    if len(pairs) != 2 or said is None or search(r"\beldritch|\btrickster|\bwarlock|\bslots? of", text):
        return None
    up = 1 if edition == "5.2" else 0
    value = sum(level if _CASTERS[name] == 2 else (level + up) // 2 for name, level in pairs.items())
    return int(said[1] or said[2]) == value, "caster_level", str(value)


def _critical_dice(text: str, figs: Sequence[Figure], edition: str) -> Sum | None:
    """*a crit with 3d6 sneak attack and a rapier rolls 2d8 and 6d6*: what is said doubled has an even count."""
    dice = [str(f.value) for f in figs if f.kind == "dice"]
    if (
        not search(r"\bcrit", text)
        or len(dice) != 3
        or not search(r"\bsneak|\bsmite", text)
        or search(r"\bbrutal|\bhalf-orc|\bsavage|\baverage", text)
    ):
        return None
    given, *rolled = [each.partition("+")[0].partition("d") for each in dice]
    doubled = [(int(count), die) for count, _, die in rolled]
    if not any(die == given[2] and count == 2 * int(given[0]) for count, die in doubled):
        return None
    other = [(count, die) for count, die in doubled if not (die == given[2] and count == 2 * int(given[0]))]
    return (False, "critical_dice", "all dice twice") if len(other) == 1 and other[0][0] % 2 else None


def _shared(text: str, figs: Sequence[Figure], facts: Facts) -> Sum | None:
    """*a CR 3 monster gives four players 175 XP each*."""
    ratings = [text[f.start : f.end].strip() for f in figs if f.kind == "cr"]
    gains = _whole(figs, "xp")
    party = findall(r"\b(\d+) (?:player|character|adventurer|hero|pc|party member|people|friend)\w*", text)
    if (
        len(ratings) != 1
        or len(gains) != 1
        or len(party) != 1
        or len(figs) != 3
        or not search(r"\beach\b|\bapiece\b|\bper (?:player|head|person|character)", text)
    ):
        return None
    unit = {str(key): value for key, value in facts.figures("xp_by_cr").items()}.get(ratings[0])
    if unit is None:
        return None
    value = int(unit) // int(party[0])
    return gains[0] == value, "xp_share", f"{value:,} XP each"
