"""Frames for what happens in a fight: attacks, saves, damage, hit points, death saves, cover, conditions in numbers."""

import re
from collections.abc import Mapping
from typing import Any

from truth_blocks.dnd5e.readers.frames.frames import Claims, Values, frames
from truth_blocks.dnd5e.readers.matching import search, sub

_MISS = re.compile(
    r"\bmiss(?:es|ed)?\b|\bfall(?:s|ing)? short|\bwhiff|\bgoes wide|\bshort of\b|\bis(?: not|n't) enough|\bnot enough|\bglances off"
    r"|(?:n't|\b(?:not|no longer|never|cannot|fails? to|failed to|unable to)) (?:\w+ )?(?:hit|connect|land|meet|beat|reach|touch|get through)"
)
_HIT = re.compile(
    r"\bhit(?:s|ting)?\b|\bconnect(?:s|ed)?\b|\blands?\b|\bmeets?\b|\bexceeds?\b|\bbeats?\b|\breach(?:es)?\b|\benough\b|\bgets through\b|\bties\b"
)
_FAILS = re.compile(
    r"\bfail(?:s|ed|ure)?\b|\bmiss(?:es|ed)?\b|\bnot (?:enough|make|pass|save|succeed)|n't (?:make|pass|save|succeed|enough)|\bflunk|\bshort of\b|\bblows? (?:it|the)"
)
_PASSES = re.compile(
    r"\bsucce\w+|\bpass(?:es|ed)?\b|\bma(?:de|kes?) (?:it|the save|the check)|\bsaved\b|\bsaves (?!for|vs|against)|\bholds\b|\benough\b|\bmeets\b|\bbeats\b"
)
_DEAD = re.compile(r"\bkill(?:s|ed)?\b|\boutright\b|\bdies\b|\bdead\b|\binstant(?:ly)? (?:death|dead)")
_ALIVE = re.compile(
    r"\bonly (?:drops?|knocks?|downs?)|\b(?:no|not|isn't|avoids?|without) (?:an )?(?:instant|outright)|\bsurviv|\bunconscious\b"
    r"|(?:not|n't) (?:kill|die|dead)|\bnot dead|\bmerely\b|\bjust (?:drops?|down|knocks?)|\bdying\b|\brolls? death"
)


def hit(text: str) -> bool | None:
    """Whether a sentence says that an attack hits; None when it says neither."""
    said = sub(
        r"\b(?:bonus |plus |\d+ |modifier )to hit\b|\bto-hit\b|\bhits? points?\b|\bif i hit\b|\bneeds? to hit\b|\bhit (?:me|us|him|her|them) for\b",
        " ",
        text,
    )
    if _MISS.search(said):
        return False
    return True if _HIT.search(said) else None


def passes(text: str) -> bool | None:
    """Whether a sentence says that a save or check succeeds; None when it says neither or both."""
    said = sub(r"\bsaving throws?\b|\b(?:save|throw) (?:on|of|against|vs)", " ", text)
    bad, good = _FAILS.search(said) is not None, _PASSES.search(said) is not None
    return None if bad == good and not bad else not bad


def cover_in(text: str) -> str | None:
    """The degree of cover a sentence names."""
    found = search(r"\b(half|three[- ]quarters?) cover", text)
    return found[1].replace(" ", "-").removesuffix("s") if found else None


def calc(operation: str, **values: Any) -> dict[str, Any]:
    """A calculation claim."""
    return {"type": "calc", "op": operation, **{name: value for name, value in values.items() if value is not None}}


def _n(values: Values, name: str) -> int | None:
    return values[name].whole if name in values else None


def _attack(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    said = hit(text)
    if said is None or not ({"bonus", "total"} & v.keys()):
        return None
    if "d20" in v and not 1 <= v["d20"].whole <= 20:
        return None
    total = _n(v, "total")
    return [
        calc(
            "attack_vs_ac",
            d20=_n(v, "d20"),
            bonus=_n(v, "bonus"),
            total=total,
            ac=_n(v, "ac"),
            cover=cover_in(text),
            hit=said,
        )
    ]


def _save(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    said = passes(text)
    if said is None or not ({"d20", "total"} & v.keys()) or ("d20" in v and not 1 <= v["d20"].whole <= 20):
        return None
    kind = "saving_throw" if search(r"\bsav", text) else "ability_check"
    bonus = None if "bonus" not in v and "cover" not in v else (_n(v, "bonus") or 0) + (_n(v, "cover") or 0)
    claims: list[dict[str, Any]] = []
    if "cover" in v and cover_in(text):
        claims.append(calc("cover", cover=cover_in(text), bonus=_n(v, "cover")))
    return [*claims, calc(kind, d20=_n(v, "d20"), bonus=bonus, total=_n(v, "total"), dc=_n(v, "dc"), success=said)]


def _death_tally(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    rolls = [figure.whole for figure in v["rolls"]]
    if 20 in rolls or not 2 <= len(rolls) <= 5 or not all(1 <= roll <= 20 for roll in rolls):
        return None
    if not {"good", "bad"} & v.keys() or ("bad" in v and 1 in rolls):
        return None
    claims = [calc("death_save", rolls=rolls, successes=v["good"].whole)] if "good" in v else []
    if "bad" in v:
        claims.append(calc("death_save", rolls=rolls, successes=len(rolls) - v["bad"].whole))
    return claims


def _death_one(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    said = passes(text)
    return (
        None
        if said is None
        or search(r"\b\d+ (?:failed|successful|death|success|fail)", text)
        or not 2 <= v["d20"].whole <= 19
        else [calc("death_save", d20=v["d20"].whole, success=said)]
    )


def _instant(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    alive, dead = _ALIVE.search(text) is not None, _DEAD.search(text) is not None
    if not alive and not dead:
        return None
    return [calc("instant_death", hp=_n(v, "hp"), max_hp=_n(v, "max"), damage=_n(v, "damage"), dead=not alive)]


def _heal(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("hp_after", hp=_n(v, "hp"), healing=_n(v, "healing"), max_hp=_n(v, "max"), value=_n(v, "value"))]


def _temp(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if search(r"\bcosts?\b|\bloses?\b|\blost (?!first)|\breal damage|\bgets? through", text):
        return [calc("hp_after", hp=_n(v, "hp"), temp_hp=_n(v, "temp"), damage=_n(v, "damage"),
                     value=(_n(v, "hp") or 0) - (_n(v, "value") or 0))]  # fmt: skip
    return [calc("hp_after", hp=_n(v, "hp"), temp_hp=_n(v, "temp"), damage=_n(v, "damage"), value=_n(v, "value"))]


def _rolled_damage(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    dealt = v["roll"].whole + (_n(v, "mod") or 0)
    said = [calc("sum", parts=[v["roll"].whole, _n(v, "mod") or 0], value=_n(v, "damage"))] if "damage" in v else []
    return [*said, calc("hp_after", hp=_n(v, "hp"), damage=dealt, value=_n(v, "value"))]


def _hp(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    kinds = {"resist": "resistance", "vulnerab": "vulnerability", "immun": "immunity"}
    found = [kind for cue, kind in kinds.items() if cue in text]
    if len(found) > 1 or search(r"\bhal(?:f|ve)|\bdouble|\btemp|\bheal|\bmax", text):
        return None
    modifier = found[0] if found else None
    return [calc("hp_after", hp=_n(v, "hp"), damage=_n(v, "damage"), modifier=modifier, value=_n(v, "value"))]


def _halved(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    both = search(r"\bresist", text) and search(r"\bsav", text)
    damage = v["damage"].whole
    return [calc("resistance", damage=damage // 2 if both else damage, value=_n(v, "value"))]


def _doubled(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("vulnerability", damage=_n(v, "damage"), value=_n(v, "value"))]


def _crit(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("crit_dice", base=str(v["base"].value), crit=str(v["crit"].value))]


def _spell_crit(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return (
        [calc("crit_dice", base=names["spell_damage"], crit=str(v["crit"].value))] if "spell_damage" in names else None
    )


def _crit_bounds(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    count, _, rest = str(v["dice"].value).partition("d")
    doubled = f"{int(count or 1) * 2}d{rest}"
    return [calc("roll_bounds", expr=doubled, min=_n(v, "least"), max=_n(v, "most"))]


def _advantage(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    rolls = [figure.whole for figure in v["rolls"]]
    mode = "disadvantage" if search(r"\bdis(?:adv)?", text) else "advantage"
    if (
        len(rolls) != 2
        or not all(1 <= roll <= 20 for roll in rolls)
        or search(r"(?<!dis)\badv\w*.*\bdisadv|\bdisadv.*\badv", text)
    ):
        return None
    return [calc("advantage", rolls=rolls, mode=mode, used=v["value"].whole - (_n(v, "mod") or 0))]


def _cover_ac(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    degree = cover_in(text)
    if degree is None:
        return None
    own = [calc("cover", cover=degree, bonus=_n(v, "bonus"))] if "bonus" in v else []
    return [*own, calc("cover", cover=degree, ac=_n(v, "ac"), value=_n(v, "value"))]


def _cover_bonus(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    degree = cover_in(text)
    return None if degree is None else [calc("cover", cover=degree, bonus=_n(v, "bonus"))]


def _concentration(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("concentration_dc", damage=_n(v, "damage"), value=_n(v, "dc"))]


def _exhausted_roll(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [
        calc(
            "exhaustion",
            edition="5.2",
            level=_n(v, "level"),
            total=v["d20"].whole + (_n(v, "bonus") or 0),
            value=_n(v, "value"),
        )
    ]


def _exhausted_speed(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("exhaustion", level=_n(v, "level"), speed=_n(v, "speed"), value=_n(v, "value"))]


def _exhausted_both(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [
        calc("exhaustion", level=_n(v, "level"), penalty=_n(v, "penalty")),
        calc("exhaustion", level=_n(v, "level"), speed_reduction=_n(v, "feet")),
    ]


def _exhausted_penalty(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("exhaustion", level=_n(v, "level"), penalty=_n(v, "penalty"))]


def _needed(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    target = {"ac": int(names["creature_ac"])} if "creature_ac" in names and "ac" not in v else {}
    if "ac" in v:
        target = {"ac": v["ac"].whole}
    if "dc" in v:
        target = {"dc": v["dc"].whole}
    return [calc("needed_roll", bonus=_n(v, "bonus"), value=_n(v, "value"), **target)] if target else None


FIGHT = frames("fight", globals())
"""The frames of ``fight.toml``, each with the function above that makes its claims."""
