"""Calculations of a fight that a claim may make, each against the rules of its edition."""

from truth_blocks.dnd5e import dice
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
    whole_list,
    within,
    yes,
)
from truth_blocks.dnd5e.values import word

MODIFIERS = {
    "none": "none", "normal": "none", "no": "none", "resist": "resistance", "resistant": "resistance",
    "resistance": "resistance", "vulnerable": "vulnerability", "vulnerability": "vulnerability",
    "vuln": "vulnerability",
    "immune": "immunity", "immunity": "immunity", "half": "resistance", "halved": "resistance",
    "double": "vulnerability", "doubled": "vulnerability",
}  # fmt: skip
COVERS = {
    "none": 0, "no": 0, "half": 2, "1 2": 2, "one half": 2, "three quarters": 5, "three quarter": 5, "3 4": 5,
    "threequarters": 5,
}  # fmt: skip
MODES = {
    "advantage": "max", "adv": "max", "disadvantage": "min", "dis": "min", "disadv": "min", "normal": "first",
    "none": "first", "straight": "first", "both": "first",
}  # fmt: skip


def face(claim: Claim, *names: str) -> int:
    """A face of a d20."""
    return within(claim, 1, 20, *(names or ("d20", "roll", "die", "natural")))


def attack_vs_ac(claim: Claim, edition: str) -> Result:
    """``d20 + bonus = total`` against ``ac`` (and ``cover``); natural 20 hits, natural 1 misses ("Attack Rolls")."""
    ac = whole(claim, "ac", "armor_class", "target_ac")
    if given(claim, ("cover",)):
        ac += COVERS.get(word(claim["cover"]).removesuffix(" cover"), 0)
    bonus = given(claim, ("bonus", "to_hit", "attack_bonus", "modifier"))
    if bonus is None and given(claim, ("total",)) is None:
        raise NotComputable("needs bonus or total")
    rolled = bonus or given(claim, ("d20", "roll", "die", "natural"))
    d20 = face(claim) if rolled else 10  # a total alone says nothing of a natural 1 or 20
    total = d20 + whole(claim, bonus) if bonus else whole(claim, "total")
    if given(claim, ("total",)) and whole(claim, "total") != total:
        return Result(False, f"total {total}", f"total {whole(claim, 'total')}")
    if given(claim, ("crit", "critical")) and yes(claim, "crit", "critical") != (d20 == 20):
        return Result(False, f"critical: {'yes' if d20 == 20 else 'no'}", claim.get("crit", claim.get("critical")))
    expected = d20 == 20 or (d20 != 1 and total >= ac)
    if given(claim, ("miss", "misses")):
        return Result(yes(claim, "miss", "misses") != expected, not expected, claim.get("miss", claim.get("misses")))
    hit = yes(claim, "hit", "hits", *RESULTS)
    return Result(hit == expected, expected, hit)


def crit_dice(claim: Claim, edition: str) -> Result:
    """Twice the dice, the modifier once: ``1d8+3`` → ``2d8+3`` (SRD 5.2, "Critical Hits")."""
    base, crit = _terms(claim, "base", "dice", "damage"), _terms(claim, "crit", "critical", "crit_dice", *RESULTS)
    doubled = {faces: (count * 2 if faces else count) for faces, count in base.items()}
    shown = "+".join(f"{count}d{faces}" for faces, count in sorted(doubled.items(), reverse=True) if faces)
    shown += f"{doubled[0]:+d}" if doubled.get(0) else ""
    return Result(crit == doubled, shown, claim.get("crit"))


def _terms(claim: Claim, *names: str) -> dict[int, int]:
    """Dice per number of faces; plain numbers under 0. Only sums of plain dice count."""
    terms: dict[int, int] = {}
    sign = 1
    for step in expression(claim, *names).written:
        if isinstance(step, str):
            if step not in ("+", "-", "neg"):
                raise NotComputable(f"needs {names[0]} as a plain sum of dice")
            sign = 1 if step == "+" else -1
            continue
        faces, count = (step.faces, step.count) if isinstance(step, dice.Dice) else (0, step)
        terms[faces] = terms.get(faces, 0) + sign * count
    return {faces: count for faces, count in terms.items() if count}


def spell_save_dc(claim: Claim, edition: str) -> Result:
    """8 + proficiency bonus + ability modifier."""
    return valued(claim, 8 + _proficiency(claim) + _modifier(claim), "value", "dc", "save_dc")


def spell_attack(claim: Claim, edition: str) -> Result:
    """Proficiency bonus + ability modifier."""
    return valued(claim, _proficiency(claim) + _modifier(claim), "value", "bonus", "to_hit")


def _proficiency(claim: Claim) -> int:
    """The bonus itself, or the one of a level."""
    if given(claim, ("prof", "prof_bonus", "proficiency", "proficiency_bonus", "pb")):
        return whole(claim, "prof", "prof_bonus", "proficiency", "proficiency_bonus", "pb")
    return 2 + (within(claim, 1, 20, "level") - 1) // 4 if given(claim, ("level",)) else whole(claim, "prof")


def _modifier(claim: Claim) -> int:
    """The modifier itself, or the one of a score."""
    if given(claim, ("mod", "modifier", "ability_modifier", "ability_mod")) is None and given(claim, ("score",)):
        return (whole(claim, "score") - 10) // 2
    return whole(claim, "mod", "modifier", "ability_modifier", "ability_mod")


def taken(claim: Claim, fixed: str = "") -> int:
    """Damage after resistance (half, rounded down), vulnerability (double) or immunity; both of the first two apply."""
    damage = max(whole(claim, "damage", "amount"), 0)
    kinds = [fixed] if fixed else _modifiers(claim)
    if "immunity" in kinds:
        return 0
    halved = damage // 2 if "resistance" in kinds else damage
    return halved * 2 if "vulnerability" in kinds else halved


def _modifiers(claim: Claim) -> list[str]:
    """``modifier: "resistance"``, or ``resistance: true`` and the like."""
    stated = claim.get("modifier", claim.get("defence", claim.get("defense")))
    listed = stated if isinstance(stated, list) else [stated or "none"]
    kinds = [MODIFIERS.get(word(each)) for each in listed[:4]]
    if None in kinds:
        raise NotComputable("needs modifier as none, resistance, vulnerability or immunity")
    names = {"resistance": ("resistance", "resistant"), "vulnerability": ("vulnerability", "vulnerable"),
             "immunity": ("immunity", "immune")}  # fmt: skip
    flags = [kind for kind, keys in names.items() if given(claim, keys) and yes(claim, *keys)]
    return [kind for kind in kinds if kind] + flags


def damage_taken(claim: Claim, edition: str) -> Result:
    """Damage after resistance, vulnerability or immunity."""
    return valued(claim, taken(claim), "value", "taken", "damage_taken", "final")


def resistance(claim: Claim, edition: str) -> Result:
    """Half the damage, rounded down, unless ``modifier`` names another defence."""
    return valued(claim, taken(claim, "" if claim.get("modifier") else "resistance"), "value", "taken", "damage_taken")


def vulnerability(claim: Claim, edition: str) -> Result:
    """Twice the damage, unless ``modifier`` names another defence."""
    fixed = "" if claim.get("modifier") else "vulnerability"
    return valued(claim, taken(claim, fixed), "value", "taken", "damage_taken")


def immunity(claim: Claim, edition: str) -> Result:
    """No damage, unless ``modifier`` names another defence."""
    return valued(claim, taken(claim, "" if claim.get("modifier") else "immunity"), "value", "taken", "damage_taken")


def hp_after(claim: Claim, edition: str) -> Result:
    """Hit points after damage or healing: temporary points go first, never below 0, never above ``max_hp``."""
    points = whole(claim, "hp", "hit_points", "current_hp")
    temporary = optional(claim, "temp_hp", "temp", "temporary_hp", "temporary")
    healed = max(optional(claim, "healing", "heal", "healed"), 0)
    hurt = taken(claim) if given(claim, ("damage", "amount")) or not healed else 0
    left = max(points - max(hurt - temporary, 0), 0) + healed
    if given(claim, ("max_hp", "hp_max")):
        left = min(left, max(whole(claim, "max_hp", "hp_max"), 0))
    if given(claim, ("temp_left", "temp_after")) and whole(claim, "temp_left", "temp_after") != max(
        temporary - hurt, 0
    ):
        return Result(False, f"temporary {max(temporary - hurt, 0)}", claim.get("temp_left", claim.get("temp_after")))
    return valued(claim, left, "value", "hp_after", "remaining", "left", "new_hp")


def temp_hp(claim: Claim, edition: str) -> Result:
    """Temporary hit points: with ``damage`` what is left of hit points, with ``new`` which of the two is kept."""
    if given(claim, ("damage", "amount")):
        if given(claim, ("hp", "hit_points")) is None:
            left = max(whole(claim, "temp_hp", "temp", "current", "have") - taken(claim), 0)
            return valued(claim, left, "value", "temp_left", "left", "remaining")
        return hp_after(claim, edition)
    had = whole(claim, "current", "temp_hp", "temp", "old", "have")
    return valued(claim, max(had, whole(claim, "new", "gained", "gain")), "value", "kept")


def concentration_dc(claim: Claim, edition: str) -> Result:
    """10 or half the damage, whichever is higher; at most 30 in 5.2."""
    found = max(10, whole(claim, "damage", "amount") // 2)
    return valued(claim, min(found, 30) if edition == "5.2" else found, "value", "dc")


def advantage(claim: Claim, edition: str) -> Result:
    """The higher of two rolls with advantage, the lower with disadvantage, the first otherwise."""
    faces = whole_list(claim, 3, "rolls", "dice")
    mode = MODES.get(word(claim.get("mode")))
    if mode is None:
        raise NotComputable("needs mode as advantage, disadvantage or normal")
    expected = {"max": max(faces), "min": min(faces), "first": faces[0]}[mode]
    return valued(claim, expected, "used", "kept")


def cover(claim: Claim, edition: str) -> Result:
    """AC (or with ``save`` a Dexterity save) behind cover: half +2, three-quarters +5."""
    bonus = COVERS.get(word(claim.get("cover") or "none").removesuffix(" cover"))
    if bonus is None:
        raise NotComputable("needs cover as none, half or three-quarters")
    if given(claim, ("bonus",)) and given(claim, ("ac", "base_ac", "save")) is None:
        return valued(claim, bonus, "bonus")
    return valued(claim, whole(claim, "ac", "base_ac", "save") + bonus, "value", "effective_ac", "total")


def d20_test(claim: Claim, edition: str) -> Result:
    """A saving throw or ability check: the total must reach the DC; a natural 20 or 1 changes nothing."""
    dc = whole(claim, "dc", "target")
    bonus = given(claim, ("bonus", "modifier", "mod"))
    total = face(claim) + whole(claim, bonus) if bonus else whole(claim, "total", "d20", "roll")
    if bonus and given(claim, ("total",)) and whole(claim, "total") != total:
        return Result(False, f"total {total}", claim["total"])
    said = yes(claim, "success", "succeeds", "saved", "pass", *RESULTS)
    return Result(said == (total >= dc), total >= dc, said)


def death_save(claim: Claim, edition: str) -> Result:
    """10 or more succeeds; 20 gives 1 hit point back; 1 counts as two failures. Several ``rolls`` give an outcome."""
    if given(claim, ("rolls",)) and given(claim, ("successes",)):
        rolls = whole_list(claim, 5, "rolls")
        return valued({"value": claim["successes"]}, sum(roll >= 10 for roll in rolls))
    if given(claim, ("rolls",)):
        return _death_saves(whole_list(claim, 5, "rolls"), word(claim.get("outcome", claim.get("value"))))
    if given(claim, ("successes",)):
        raise NotComputable("needs rolls to count successes")
    d20 = face(claim)
    if given(claim, ("failures",)):
        return valued({"value": claim["failures"]}, {1: 2}.get(d20, int(d20 < 10)))
    if given(claim, ("hp", "regains")):
        return valued({"value": claim.get("hp", claim.get("regains"))}, int(d20 == 20))
    said = yes(claim, "success", "succeeds", *RESULTS)
    return Result(said == (d20 >= 10), d20 >= 10, said)


def _death_saves(rolls: list[int], said: str) -> Result:
    """Three successes make stable, three failures dead, a 20 wakes; the rolls after the end do not count."""
    good = bad = 0
    outcome = "dying"
    for d20 in rolls:
        if not 1 <= d20 <= 20:
            raise NotComputable("needs rolls from 1 to 20")
        good, bad = good + (d20 >= 10), bad + (2 if d20 == 1 else int(d20 < 10))
        outcome = "conscious" if d20 == 20 else "dead" if bad >= 3 else "stable" if good >= 3 else "dying"
        if outcome != "dying":
            break
    same_as = {"awake": "conscious", "alive": "conscious", "dies": "dead", "undecided": "dying", "stabilized": "stable"}
    return Result(same_as.get(said, said) == outcome, outcome, said)


def ability_modifier(claim: Claim, edition: str) -> Result:
    """Half of the score less 10, rounded down."""
    return valued(claim, (whole(claim, "score") - 10) // 2, "value", "modifier", "mod")


def prof_bonus(claim: Claim, edition: str) -> Result:
    """Proficiency bonus of a level from 1 to 20 or of a challenge rating up to 30."""
    if given(claim, ("level",)) is None and given(claim, ("cr",)):
        rating = max(within(claim, 0, 30, "cr") if "/" not in str(claim["cr"]) else 1, 1)
    else:
        rating = within(claim, 1, 20, "level", "character_level")
    return valued(claim, 2 + (rating - 1) // 4, "value", "bonus", "prof", "prof_bonus")


def roll_bounds(claim: Claim, edition: str) -> Result:
    """A total, or a least and greatest total, of a dice expression."""
    found = expression(claim, "expr", "expression", "dice", "roll")
    shown = f"{found.low} to {found.high}"
    for names, bound in ((("min", "minimum", "low"), found.low), (("max", "maximum", "high"), found.high)):
        if given(claim, names) and whole(claim, *names) != bound:
            return Result(False, shown, claim[given(claim, names) or ""])
    totals = ("total", *RESULTS)
    if given(claim, totals) is None:
        if given(claim, ("min", "minimum", "low", "max", "maximum", "high")) is None:
            raise NotComputable("needs total, min or max")
        return Result(True, shown, None)
    total = whole(claim, *totals)
    inside = found.low <= total <= found.high
    possible = claim.get("possible")
    return Result(inside if possible is None else yes(claim, "possible") == inside, shown, total)
