"""Frames for sheets: levels, slots, skills, DCs, hit points, experience, armour, damage on average."""

from collections.abc import Mapping

from truth_blocks.dnd5e.readers.frames.fight import calc, cover_in
from truth_blocks.dnd5e.readers.frames.frames import Claims, Values, frames
from truth_blocks.dnd5e.readers.matching import findall, search


def _n(values: Values, name: str) -> int | None:
    return values[name].whole if name in values else None


def _skill(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [
        calc(
            "skill_bonus",
            expertise=True,
            level=_n(v, "level"),
            prof=_n(v, "prof"),
            mod=_n(v, "mod"),
            value=_n(v, "value"),
        )
    ]


def _doubled_proficiency(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [
        calc("prof_bonus", level=_n(v, "level"), value=_n(v, "value")),
        calc("sum", parts=[_n(v, "value"), _n(v, "value")], value=_n(v, "doubled")),
    ]


def _dc_and_attack(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    base = {"level": _n(v, "level"), "score": _n(v, "score"), "mod": _n(v, "mod")}
    return [calc("spell_save_dc", **base, value=_n(v, "dc")), calc("spell_attack", **base, value=_n(v, "attack"))]


def _proficient(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("skill_bonus", level=_n(v, "level"), mod=_n(v, "mod"), value=_n(v, "value"))]


def _unarmed(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("sum", parts=[1, _n(v, "mod")], value=_n(v, "value"))]


def _passive(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "level" in v and not search(r"proficien|\bprof\b|trained", text):
        return None
    if "level" not in v and search(r"proficien|\bprof\b|expertise", text):
        return None
    mode = "advantage" if search(r"\badvantage", text) else None
    return [calc("passive", modifier=_n(v, "mod"), level=_n(v, "level"), mode=mode, value=_n(v, "value"))]


def _hit_points(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "class" not in names or ((_n(v, "level") or 1) > 1 and not search(r"fixed|average|taking the|standard", text)):
        return None
    return [
        calc("max_hp", **{"class": names["class"]}, level=_n(v, "level") or 1, con=_n(v, "con"), value=_n(v, "value"))
    ]


def _xp_between(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [{**calc("xp_between", to=_n(v, "to"), value=_n(v, "xp")), "from": _n(v, "from")}]


def _level_xp(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("level_xp", level=_n(v, "level"), value=_n(v, "xp"))]


def _budget(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    named = findall(r"\b(low|moderate|high|easy|medium|hard|deadly)\b", text)
    if len(set(named)) != 1:
        return None
    base = {"difficulty": named[0], "level": _n(v, "level")}
    claims = [calc("encounter_budget", **base, characters=_n(v, "characters") or 1, value=_n(v, "xp"))]
    return [*claims, calc("encounter_budget", **base, characters=1, value=_n(v, "one"))] if "one" in v else claims


def _xp_share(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    creature, count = names.get("creature"), _n(v, "count")
    if creature is None or count is None:
        return None
    group = {"monsters": [creature], "count": count}
    if search(r"\d\.\d", text):
        return None  # shares are whole
    claims = [calc("xp_award", **group, total=_n(v, "total"))] if "total" in v else []
    if "each" in v and "party" in v:
        claims.append(calc("xp_award", **group, characters=_n(v, "party"), value=_n(v, "each")))
    elif "one" in v:
        claims.append({"type": "fact", "creature": creature, "xp": _n(v, "one")})
    return claims or None


def _missiles(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    spell = names.get("spell", "").lower()
    if spell == "eldritch blast":
        return [calc("missiles", spell=spell, level=_n(v, "level"), value=_n(v, "count"))]
    if spell in ("magic missile", "scorching ray") and not search(r"character level|caster", text):
        return [calc("missiles", spell=spell, slot=_n(v, "slot") or _n(v, "level"), value=_n(v, "count"))]
    return None


def _spell_dc(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if not {"prof", "level"} & v.keys():
        return None
    return [
        calc(
            "spell_save_dc",
            prof=_n(v, "prof"),
            level=_n(v, "level"),
            mod=_n(v, "mod"),
            score=_n(v, "score"),
            value=_n(v, "dc"),
        )
    ]


def _grapple_dc(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [
        calc(
            "spell_save_dc",
            edition="5.2",
            prof=_n(v, "prof"),
            level=_n(v, "level"),
            mod=_n(v, "mod"),
            score=_n(v, "score"),
            value=_n(v, "dc"),
        )
    ]


def _spell_attack(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if not {"prof", "level"} & v.keys():
        return None
    return [
        calc(
            "spell_attack",
            prof=_n(v, "prof"),
            level=_n(v, "level"),
            mod=_n(v, "mod"),
            score=_n(v, "score"),
            value=_n(v, "value"),
        )
    ]


def _prof(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("prof_bonus", level=_n(v, "level"), value=_n(v, "value"))]


def _modifier(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("ability_modifier", score=_n(v, "score"), value=_n(v, "value"))]


def _initiative(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("passive", modifier=_n(v, "mod"), value=_n(v, "value"))]


def _hit_dice(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("hit_dice_regained", level=_n(v, "level"), value=_n(v, "value"))]


def _breath(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "minute" not in text:
        return None
    said = str(v["value"].text)
    return [calc("hold_breath", con=_n(v, "con"), value="0.5" if said == "0.5" else int(float(said)))]


def _slots(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    rank = _n(v, "slot")
    caster = search(r"\b(full|half|third|pact)[- ]?(?:caster|magic)", text)
    if caster:
        return [
            {**calc("slots_spent", level=_n(v, "level"), slot_level=rank, value=_n(v, "count")), "caster": caster[1]}
        ]
    if "class" not in names:
        return None
    return [
        {"type": "fact", "class": names["class"], "level": _n(v, "level"), "slot_level": rank, "count": _n(v, "count")}
    ]


def _no_slots(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "class" not in names:
        return None
    return [{"type": "fact", "class": names["class"], "level": _n(v, "level"), "slot_level": _n(v, "slot"), "count": 0}]


def _slots_total(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return (
        [calc("slots_total", **{"class": names["class"]}, level=_n(v, "level"), value=_n(v, "count"))]
        if "class" in names
        else None
    )


def _highest(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    value = _n(v, "value") or _n(v, "slot")
    return (
        [calc("slots_total", **{"class": names["class"]}, level=_n(v, "level"), highest=True, value=value)]
        if "class" in names
        else None
    )


def _first_slot(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return (
        [calc("first_slot", **{"class": names["class"]}, slot_level=_n(v, "slot"), value=_n(v, "level"))]
        if "class" in names
        else None
    )


def _lay(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("lay_on_hands", level=_n(v, "level"), value=_n(v, "value"))]


def _worn(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "armor" not in names:
        return None
    if "dex" not in v and not search(r"\bshield|\bcover", text):
        return None
    shield = search(r"\bshield", text) is not None and not search(
        r"\b(?:no|without(?: a)?|sans|minus the) shield|shieldless", text
    )
    return [
        calc(
            "worn_ac",
            armor=names["armor"],
            dex=_n(v, "dex"),
            shield=shield or None,
            cover=cover_in(text),
            value=_n(v, "value"),
        )
    ]


def _spell_average(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("average", expr=names["spell_damage"], value=_n(v, "value"))] if "spell_damage" in names else None


def _spell_bounds(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "spell_damage" not in names:
        return None
    return [
        calc("average", expr=names["spell_damage"], value=_n(v, "value")),
        calc("roll_bounds", expr=names["spell_damage"], max=_n(v, "most")),
    ]


def _weapon_bound(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    if "weapon_damage" not in names:
        return None
    name = "max" if search(r"\bmax|most|highest", text) else "min" if search(r"\bmin|least|lowest", text) else None
    if name is None:
        return [calc("average", expr=names["weapon_damage"], value=v["value"].value)] if "average" in text else None
    return [calc("roll_bounds", expr=names["weapon_damage"], **{name: _n(v, "value")})]


SHEET = frames("sheet", globals())
"""The frames of ``sheet.toml``, each with the function above that makes its claims."""
