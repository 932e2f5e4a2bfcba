"""Sentences about what a level of exhaustion does, in the table of 5.1 and by the formula of 5.2."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import match, search, sub
from truth_blocks.dnd5e.readers.stated import denied

_FIRST = {"checks": 1, "speed half": 2, "attacks": 3, "saves": 3, "hp half": 4, "speed 0": 5, "death": 6}
_SPARED = r"\b(?:no effect on|doesn't (?:touch|affect|change|lower|reduce|slow)|does not (?:touch|affect|change|lower|reduce|slow)|leaves?|never (?:touches|affects|lowers))\b[^.;]{0,16}\b(?:speed|movement|d20|attack rolls?|saving throws?|saves|ability checks?)\b"
_OLD_SPEED = r"\bspeed\b[^.;]{0,24}\b(?:halved|halves|half)\b|\bhal(?:f|ves|ved) (?:your|its|the|their) speed\b"
_STARTS = r"\b(?:needs? |until |not before |starts? at |begins? at |kicks? in at |first at |takes )(?:\w+ ){0,3}\d"
_NOT_THESE = r",? (?:but |and )?not (?:on |to |for )?(?:attacks?(?: rolls?)?|sav\w+(?: throws?)?|(?:ability )?checks?)\b(?=[ .;!]*$)"
"""*…, not on attacks*, behind what it does."""
_SHED = r"\bremove|\breduc|\btakes? (?:off|away)|\bsheds?|\bwipes?|\brids?|\bgets? rid|\bless\b|\bclear|\brecover|\bdrop|\blower|\bdecreas|\bend|\bcur|\bshed|\blose"
_SAYS = (
    ("death", r"\bdie|\bdying|\bdeath|\bdead|\bkill|\bfatal|\blethal|\bslain"), ("hp half", r"\b(?:hp|hit points?)\b.*\b(?:half|halv)|\b(?:half|halv)\w*\b.*\b(?:hp|hit points?)"),
    ("speed half", r"\bspeed\b.*\b(?:half|halv)|\b(?:half|halv)\w*\b.*\bspeed"), ("speed 0", r"\bspeed\b.*\b(?:0|zero)\b|\bcan(?:'t|not) move"),
    ("checks", r"\bdisadvantage\b.*\bchecks?|\bchecks?\b.*\bdisadvantage"), ("attacks", r"\bdisadvantage\b.*\battack|\battack\w*\b.*\bdisadvantage"),
    ("saves", r"\bdisadvantage\b.*\bsav|\bsav\w*\b.*\bdisadvantage"),
)  # fmt: skip


def exhaustion_effects(text: str, edition: str) -> list[Checked]:
    """Verdicts on what a statement says of exhaustion."""
    lowered = sub(_NOT_THESE, "", plain(text))
    if not search(r"\bexhaust", lowered):
        return []
    figs = [
        f
        for f in figures(lowered)
        if f.kind in ("number", "level", "ordinal") and not match(r" (?:long|night|good)", lowered[f.end :])
    ]
    source = f'SRD {edition}, "Exhaustion"'
    mistaken = _mistaken(lowered, figs, edition)
    if mistaken:
        return [_checked(False, mistaken, source, edition)]
    if search(r"\blong rest", lowered):
        return _rested(lowered, [f.whole for f in figs], source, edition)
    if (
        search(r"\blevels\b", lowered)
        and search(r"\b(?:has|have|there are|comes in|consists|goes up|up to|count\w*)\b", lowered)
        and not search(r"\bspeed|\bpenalt|\bfeet\b|\bsubtract|\bminus|\bd20|\byou have\b|\bleft\b", lowered)
        and figs
    ):
        return [_checked(figs[0].whole == 6, "6 levels", source, edition)]
    each = search(r"\b(?:each|every|per|a|1|one) (?:exhaustion )?level|\blevels? each\b|\bper exhaustion", lowered)
    if each and edition == "5.2":
        return _by_level(lowered, _amounts(lowered), source)
    return _at_level(lowered, [f.whole for f in figs if f.whole <= 10], source, edition)


def _mistaken(text: str, figs: Sequence[Figure], edition: str) -> str:
    """What is right, where a statement is wrong whatever else it says; empty elsewhere."""
    if edition == "5.2" and (search(_SPARED, text) or search(_OLD_SPEED, text)):
        return "each level takes 2 off D20 Tests and 5 feet off the speed"
    beyond = any(
        6 < f.whole < 20 and (f.kind in ("level", "ordinal") or match(r" (?:exhaustion )?levels?\b", text[f.end :]))
        for f in figs
    )
    lives = r"\b(?:live|lives|survive\w*|alive|still standing|kills?|dies?|fatal|death)\b"
    if beyond and search(lives, text) and not search(r"\bfeet\b|\bdc\b|\bnot\b|n't\b|\bno\b", text):
        return "level 6 is death"
    if (
        search(r"\bshort rest", text)
        and not search(r"\blong rest|\bnot\b|n't\b|\bno\b|\bnever\b|\bnothing|\bneither", text)
        and search(_SHED, text)
    ):
        return "a long rest removes 1 level, a short rest none"
    return ""


def _at_level(text: str, levels: list[int], source: str, edition: str) -> list[Checked]:
    """What one level is said to do."""
    effects = [(name, at) for name, pattern in _SAYS if (at := search(pattern, text))]
    if 0 in levels and any(name == "speed 0" for name, _ in effects):
        levels.remove(0)
    if len(levels) != 1:
        return []
    found = []
    for effect, at in effects:
        no, has = denied(text, at.start(), at.end()), _has(effect, levels[0], edition)
        if edition == "5.1" and has and search(_STARTS, text):
            has, no = levels[0] == _FIRST[effect], False
        old = f"{effect} from level {_FIRST[effect]} (5.1)"
        told = old if edition == "5.1" else "−2 a level on d20 tests, −5 feet a level, death at 6"
        found.append(_checked(has != no, told, source, edition))
    return found


def _has(effect: str, level: int, edition: str) -> bool:
    if edition == "5.2":
        return effect == "death" and level == 6
    return level == 6 if effect == "death" else level >= _FIRST[effect] and not (effect == "speed half" and level >= 5)


def _rested(text: str, numbers: list[int], source: str, edition: str) -> list[Checked]:
    """A long rest removes one level."""
    if search(r"\b(?:all|every|completely|entirely|fully)\b(?! (?:of )?(?:your |its |the )?(?:hit|hp|lost))", text):
        no = search(r"\bnot\b|n't\b|\bnever\b", text) is not None
        return [_checked(no, "a long rest removes 1 level", source, edition)]
    if (
        len(numbers) == 1
        and search(
            _SHED,
            text,
        )
        and search(r"\blevels?\b", text)
    ):
        return [_checked(numbers[0] == 1, "a long rest removes 1 level", source, edition)]
    return []


def _checked(right: bool, expected: str, source: str, edition: str) -> Checked:
    message = "" if right else f"Exhaustion: {expected} ({source})."
    return Checked("ok" if right else "contradicted", "condition.exhaustion", expected, source, message, "Exhaustion")


def _amounts(text: str) -> list[tuple[str, int]]:
    return [(f.kind, f.whole) for f in figures(text) if f.kind in ("number", "mod", "feet")]


def _by_level(text: str, figs: list[tuple[str, int]], source: str) -> list[Checked]:
    """What each level takes off: 2 of a d20 test, 5 feet of speed."""
    found = []
    feet = [
        abs(value)
        for kind, value in figs
        if kind == "feet" or (kind == "number" and search(rf"\bspeed\b[^.;]{{0,20}}\b{value}\b", text))
    ]
    rest = [
        abs(value)
        for kind, value in figs
        if (kind in ("mod", "number") and abs(value) not in feet and value != 1) or kind == "mod"
    ]
    if search(r"\bspeed", text) and len(feet) == 1:
        found.append(_checked(feet[0] == 5, "5 feet a level", source, "5.2"))
    tests = search(r"\bd20|\btests?\b|\brolls?\b|\bchecks?\b|\bsaves?\b", text)
    if tests and len(set(rest)) == 1:
        found.append(_checked(rest[0] == 2, "2 a level on d20 tests", source, "5.2"))
    elif (
        tests
        and not rest
        and search(r"\b(?:subtracts?|minus|takes?|reduc\w*|penalty of|lowers?)\b[^.;]{0,16}\b1\b", text)
    ):
        found.append(_checked(False, "2 a level on d20 tests", source, "5.2"))
    return found
