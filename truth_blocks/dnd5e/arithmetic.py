"""Calculations a claim may make, each against the rules of its edition."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e import dice
from truth_blocks.dnd5e.values import flag, number, same, word

Claim = Mapping[str, Any]


class NotComputable(Exception):
    """An operand is missing or not of its kind; says which."""


class Result(msgspec.Struct, frozen=True):
    """What a calculation gives and whether the claim agrees."""

    holds: bool
    expected: Any
    found: Any


def _whole(claim: Claim, name: str) -> int:
    value = number(claim.get(name))
    if value is None or not value.is_integer():
        raise NotComputable(f"needs {name} as a whole number")
    return int(value)


def _yes(claim: Claim, name: str) -> bool:
    value = flag(claim.get(name))
    if value is None:
        raise NotComputable(f"needs {name} as true or false")
    return value


def _die(claim: Claim) -> int:
    face = _whole(claim, "d20")
    if not 1 <= face <= 20:
        raise NotComputable("needs d20 from 1 to 20")
    return face


def _value(claim: Claim, expected: int, name: str = "value") -> Result:
    found = _whole(claim, name)
    return Result(found == expected, expected, found)


def _hits(face: int, total: int, ac: int) -> bool:
    """Natural 20 hits, natural 1 misses, else the total must reach the AC (SRD 5.2, "Attack Rolls")."""
    return face == 20 or (face != 1 and total >= ac)


def attack_vs_ac(claim: Claim, edition: str) -> Result:
    """``d20 + bonus = total`` against ``ac``; ``hit`` is what the claim says."""
    face, ac, hit = _die(claim), _whole(claim, "ac"), _yes(claim, "hit")
    if "bonus" not in claim and "total" not in claim:
        raise NotComputable("needs bonus or total")
    total = face + _whole(claim, "bonus") if "bonus" in claim else _whole(claim, "total")
    if "total" in claim and _whole(claim, "total") != total:
        return Result(False, f"total {total}", f"total {_whole(claim, 'total')}")
    expected = _hits(face, total, ac)
    return Result(hit == expected, expected, hit)


def crit_dice(claim: Claim, edition: str) -> Result:
    """Twice the dice, the modifier once: ``1d8+3`` → ``2d8+3`` (SRD 5.2, "Critical Hits")."""
    base, crit = _dice_terms(claim, "base"), _dice_terms(claim, "crit")
    doubled = {faces: (count * 2 if faces else count) for faces, count in base.items()}
    shown = "+".join(f"{count}d{faces}" for faces, count in sorted(doubled.items(), reverse=True) if faces)
    shown += f"{doubled[0]:+d}" if doubled.get(0) else ""
    return Result(crit == doubled, shown, claim.get("crit"))


def _dice_terms(claim: Claim, name: str) -> dict[int, int]:
    """Dice per number of faces; plain numbers under 0. Only sums of plain dice count."""
    text = claim.get(name)
    if not isinstance(text, str):
        raise NotComputable(f"needs {name} as dice")
    try:
        written = dice.parse(text).written
    except UserMistake as error:
        raise NotComputable(f"needs {name} as dice") from error
    terms: dict[int, int] = {}
    sign = 1
    for step in written:
        if isinstance(step, str):
            if step not in ("+", "-", "neg"):
                raise NotComputable(f"needs {name} as a plain sum of dice")
            sign = 1 if step == "+" else -1
            continue
        faces, count = (step.faces, step.count) if isinstance(step, dice.Dice) else (0, step)
        terms[faces] = terms.get(faces, 0) + sign * count
    return {faces: count for faces, count in terms.items() if count}


def spell_save_dc(claim: Claim, edition: str) -> Result:
    """8 + proficiency bonus + ability modifier."""
    return _value(claim, 8 + _whole(claim, "prof") + _whole(claim, "mod"))


def spell_attack(claim: Claim, edition: str) -> Result:
    """Proficiency bonus + ability modifier."""
    return _value(claim, _whole(claim, "prof") + _whole(claim, "mod"))


def hp_after(claim: Claim, edition: str) -> Result:
    """Hit points after damage: resistance halves and rounds down, temporary points go first, never below 0."""
    damage = max(_whole(claim, "damage"), 0)
    kind = word(claim.get("modifier") or "none")
    factors = {"resist": "resistance", "resistant": "resistance", "vulnerable": "vulnerability", "immune": "immunity"}
    kind = factors.get(kind, kind)
    if kind not in ("none", "normal", "resistance", "vulnerability", "immunity"):
        raise NotComputable("needs modifier as none, resistance, vulnerability or immunity")
    taken = {"resistance": damage // 2, "vulnerability": damage * 2, "immunity": 0}.get(kind, damage)
    temporary = _whole(claim, "temp_hp") if "temp_hp" in claim else 0
    return _value(claim, max(_whole(claim, "hp") - max(taken - temporary, 0), 0))


def concentration_dc(claim: Claim, edition: str) -> Result:
    """10 or half the damage, whichever is higher; at most 30 in 5.2."""
    found = max(10, _whole(claim, "damage") // 2)
    return _value(claim, min(found, 30) if edition == "5.2" else found)


def roll_bounds(claim: Claim, edition: str) -> Result:
    """A total, or a least and greatest total, of a dice expression."""
    text = claim.get("expr")
    if not isinstance(text, str):
        raise NotComputable("needs expr as dice")
    try:
        found = dice.parse(text)
    except UserMistake as error:
        raise NotComputable(str(error)) from error
    shown = f"{found.low} to {found.high}"
    for name, bound in (("min", found.low), ("max", found.high)):
        if name in claim and _whole(claim, name) != bound:
            return Result(False, shown, claim[name])
    if "total" not in claim and not {"min", "max"} & claim.keys():
        raise NotComputable("needs total, min or max")
    inside = "total" not in claim or found.low <= _whole(claim, "total") <= found.high
    return Result(inside, shown, claim.get("total"))


def advantage(claim: Claim, edition: str) -> Result:
    """The higher of two rolls with advantage, the lower with disadvantage, the first otherwise."""
    rolls = claim.get("rolls")
    if not isinstance(rolls, list) or not 1 <= len(rolls) <= 3:
        raise NotComputable("needs rolls as a list of one to three numbers")
    faces = [_whole({"rolls": face}, "rolls") for face in rolls]
    chosen = {"advantage": max(faces), "adv": max(faces), "disadvantage": min(faces), "dis": min(faces)}
    mode = word(claim.get("mode"))
    if mode not in chosen and mode not in ("normal", "none"):
        raise NotComputable("needs mode as advantage, disadvantage or normal")
    return _value(claim, chosen.get(mode, faces[0]), "used")


def cover(claim: Claim, edition: str) -> Result:
    """AC behind cover: half +2, three-quarters +5."""
    kind = word(claim.get("cover") or "none").removesuffix(" cover")
    bonus = {"none": 0, "half": 2, "three quarters": 5, "three quarter": 5, "3 4": 5, "1 2": 2}.get(kind)
    if bonus is None:
        raise NotComputable("needs cover as none, half or three-quarters")
    return _value(claim, _whole(claim, "ac") + bonus)


def death_save(claim: Claim, edition: str) -> Result:
    """10 or more succeeds."""
    expected = _die(claim) >= 10
    return Result(_yes(claim, "success") == expected, expected, claim.get("success"))


def prof_bonus(claim: Claim, edition: str) -> Result:
    """Proficiency bonus of a level from 1 to 20."""
    level = _whole(claim, "level")
    if not 1 <= level <= 20:
        raise NotComputable("needs level from 1 to 20")
    return _value(claim, 2 + (level - 1) // 4)


def ability_modifier(claim: Claim, edition: str) -> Result:
    """Half of the score less 10, rounded down."""
    expected = (_whole(claim, "score") - 10) // 2
    return Result(bool(same(expected, claim.get("value"))), expected, claim.get("value"))


OPERATIONS: dict[str, Callable[[Claim, str], Result]] = {
    "attack_vs_ac": attack_vs_ac, "natural": attack_vs_ac, "crit_dice": crit_dice, "spell_save_dc": spell_save_dc,
    "spell_attack": spell_attack, "hp_after": hp_after, "concentration_dc": concentration_dc,
    "roll_bounds": roll_bounds,
    "advantage": advantage, "cover": cover, "death_save": death_save, "prof_bonus": prof_bonus,
    "ability_modifier": ability_modifier,
}  # fmt: skip
