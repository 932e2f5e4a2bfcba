"""Calculations away from the dice: movement, exhaustion, falls, loads, travel."""

from truth_blocks.dnd5e.operands import (
    RESULTS,
    Claim,
    NotComputable,
    Result,
    expression,
    given,
    optional,
    valued,
    whole,
    within,
    yes,
    yes_if_given,
)
from truth_blocks.dnd5e.values import dice_text, number, word

TERRAINS = {"normal": 1, "none": 1, "difficult": 2, "climb": 2, "climbing": 2, "swim": 2, "swimming": 2, "crawl": 2,
            "crawling": 2}  # fmt: skip
PACES = {"fast": (4, 30), "normal": (3, 24), "slow": (2, 18)}
"""Miles per hour and per day of eight hours."""
SIZES = {"tiny": 0.5, "small": 1, "medium": 1, "large": 2, "huge": 4, "gargantuan": 8}


def movement(claim: Claim, edition: str) -> Result:
    """Feet of movement: what a ``distance`` costs, what is ``left``, or whether it is ``allowed``."""
    speed = whole(claim, "speed", "speed_ft") * (2 if yes_if_given(claim, "dash", "dashes") else 1)
    cost = optional(claim, "distance", "distance_ft", "moved", "feet") * _per_foot(claim)
    if yes_if_given(claim, "stand", "stand_up", "standing", "prone"):
        cost += whole(claim, "speed", "speed_ft") // 2
    for names, expected in (
        (("allowed", "possible", "can", "reaches"), cost <= speed),
        (("cost", "cost_ft"), cost),
        (("total", "total_ft"), speed),
    ):
        if given(claim, names) and isinstance(expected, bool):
            said = yes(claim, *names)
            return Result(said == expected, expected, said)
        if given(claim, names):
            return valued(claim, expected, *names)
    if cost > speed:
        return Result(False, f"not possible: it costs {cost} of {speed} ft", claim.get("value"))
    if given(claim, ("distance", "distance_ft", "moved", "feet")) is None:
        return valued(claim, (speed - cost) // _per_foot(claim), "value", "reach", "left")
    return valued(claim, speed - cost, "value", "left", "remaining", "left_ft")


def _per_foot(claim: Claim) -> int:
    """Feet of movement for each foot of ground: one more for difficult terrain and for climbing, swimming, crawling."""
    kind = TERRAINS.get(word(claim.get("terrain") or "normal").removesuffix(" terrain"))
    if kind is None:
        raise NotComputable("needs terrain as normal, difficult, climb, swim or crawl")
    slow = sum(yes_if_given(claim, name) for name in ("difficult", "difficult_terrain", "climb", "swim", "crawl"))
    way = TERRAINS.get(word(claim.get("mode") or "normal"), 1)
    return kind + slow + (way - 1)


def exhaustion(claim: Claim, edition: str) -> Result:
    """What a level of exhaustion does; 5.1 has a table of six levels, 5.2 takes 2 off d20 tests and 5 ft off speed."""
    level = within(claim, 0, 6, "level", "exhaustion")
    if given(claim, ("dead", "dies", "death")):
        said = yes(claim, "dead", "dies", "death")
        return Result(said == (level == 6), level == 6, said)
    return _exhausted_51(claim, level) if edition == "5.1" else _exhausted_52(claim, level)


def _exhausted_52(claim: Claim, level: int) -> Result:
    if given(claim, ("speed_reduction", "speed_penalty", "speed_penalty_ft")):
        name = given(claim, ("speed_reduction", "speed_penalty", "speed_penalty_ft")) or ""
        return valued({"value": abs(whole(claim, name))}, 5 * level)
    if given(claim, ("speed", "speed_ft")):
        left = max(whole(claim, "speed", "speed_ft") - 5 * level, 0)
        return valued(claim, left, "value", "speed_after", "new_speed")
    if given(claim, ("total", "roll", "d20")) and given(claim, ("value",)):
        return valued(claim, whole(claim, "total", "roll", "d20") - 2 * level)
    penalty = given(claim, ("penalty", "d20_penalty", *RESULTS))
    if penalty is None:
        raise NotComputable("needs penalty, speed or dead")
    return Result(abs(whole(claim, penalty)) == 2 * level, -2 * level, claim[penalty])


def _exhausted_51(claim: Claim, level: int) -> Result:
    if given(claim, ("speed", "speed_ft")):
        speed = whole(claim, "speed", "speed_ft")
        left = 0 if level >= 5 else speed // 2 if level >= 2 else speed
        return valued(claim, left, "value", "speed_after", "new_speed")
    if given(claim, ("hp_max", "max_hp")):
        most = whole(claim, "hp_max", "max_hp")
        return valued(claim, most // 2 if level >= 4 else most, "value", "hp_max_after")
    for name, first in (("disadvantage_checks", 1), ("disadvantage_attacks", 3), ("disadvantage_saves", 3)):
        if given(claim, (name,)):
            return Result(yes(claim, name) == (level >= first), level >= first, claim[name])
    if given(claim, ("penalty", "d20_penalty")):
        return Result(optional(claim, "penalty", "d20_penalty") == 0, 0, claim.get("penalty", claim.get("d20_penalty")))
    raise NotComputable("needs speed, hp_max, disadvantage_checks, disadvantage_attacks, disadvantage_saves or dead")


def fall_damage(claim: Claim, edition: str) -> Result:
    """1d6 per 10 feet, at most 20d6 (both editions, "Falling"); ``value`` is the dice, or ``total`` a roll of them."""
    count = min(max(whole(claim, "feet", "distance", "height", "distance_ft", "height_ft"), 0) // 10, 20)
    if given(claim, ("total",)):
        total = whole(claim, "total")
        return Result(count <= total <= 6 * count, f"{count} to {6 * count}", total)
    said = claim.get(given(claim, ("dice", "damage", *RESULTS)) or "dice")
    if said is None:
        raise NotComputable("needs value as dice")
    shown = f"{count}d6" if count else "0"
    plain = dice_text(said)
    return Result(plain == shown or (plain == str(count) and "d" not in str(said)), shown, said)


def carrying(claim: Claim, edition: str) -> Result:
    """Strength × 15 pounds, × 30 to push, drag or lift; doubled per size above Medium, halved for Tiny."""
    score = within(claim, 1, 30, "strength", "score", "str")
    factor = SIZES.get(word(claim.get("size") or "medium"))
    if factor is None:
        raise NotComputable("needs size from tiny to gargantuan")
    lift = word(claim.get("mode") or "carry") in ("push", "drag", "lift", "push drag or lift")
    return valued(claim, int(score * (30 if lift else 15) * factor), "value", "capacity", "pounds", "lb")


def jump(claim: Claim, edition: str) -> Result:
    """A long jump is the Strength score, a high jump 3 + the modifier, in feet; half without a running start."""
    high = word(claim.get("kind") or claim.get("mode") or "long") in ("high", "high jump")
    score = whole(claim, "strength", "score", "str") if given(claim, ("strength", "score", "str")) else None
    if score is None and not high:
        raise NotComputable("needs strength as a whole number")
    reach = 3 + ((score - 10) // 2 if score is not None else whole(claim, "mod", "modifier")) if high else score or 0
    running = yes(claim, "running") if given(claim, ("running",)) else not yes_if_given(claim, "standing")
    return valued(claim, max(reach, 0) // (1 if running else 2), "value", "feet", "distance")


def travel(claim: Claim, edition: str) -> Result:
    """Miles at a pace in some hours (up to eight) or days."""
    pace = PACES.get(word(claim.get("pace") or "normal").removesuffix(" pace"))
    if pace is None:
        raise NotComputable("needs pace as fast, normal or slow")
    if given(claim, ("days",)):
        return valued(claim, pace[1] * whole(claim, "days"), "value", "miles")
    return valued(claim, pace[0] * within(claim, 0, 8, "hours"), "value", "miles")


def passive(claim: Claim, edition: str) -> Result:
    """10 + the modifier (+ proficiency of a ``level``); 5 more with advantage, 5 less with disadvantage."""
    mode = word(claim.get("mode") or "normal")
    extra = {"advantage": 5, "adv": 5, "disadvantage": -5, "dis": -5}.get(mode, 0)
    if given(claim, ("level",)):
        extra += 2 + (within(claim, 1, 20, "level") - 1) // 4
    return valued(claim, 10 + whole(claim, "modifier", "mod", "bonus") + extra, "value", "score")


def average(claim: Claim, edition: str) -> Result:
    """The mean of a sum of dice, exact or rounded down as stat blocks write it."""
    from truth_blocks.dnd5e.odds import distribution

    found = distribution(expression(claim, "expr", "expression", "dice"))
    said = number(claim.get(given(claim, ("value", "average", "mean", "result")) or "value"))
    if found is None or said is None:
        raise NotComputable("needs value as a number and dice whose odds can be computed")
    return Result(abs(said - found.mean) < 1e-9 or said == found.mean // 1, found.mean, said)
