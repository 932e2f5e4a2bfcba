"""Frames for sheets and journeys: levels, slots, skills, DCs, experience, movement, jumps, loads, falls."""

from collections.abc import Mapping

from truth_blocks.dnd5e.frames import Claims, Frame, Values, role
from truth_blocks.dnd5e.frames_fight import calc, cover_in
from truth_blocks.dnd5e.matching import findall, search
from truth_blocks.dnd5e.vocabulary import ANY_CLASS, SHORT_ABILITY, SIZE

_TO_VALUE = (
    r"is|are|=|equals|:|of|to|at|comes to|gives?|makes?|becomes?|works out (?:to|at)|has|have|gets?|just|only|a|an"
)


def _n(values: Values, name: str) -> int | None:
    return values[name].whole if name in values else None


def _size(text: str) -> str | None:
    found = search(rf"\b({SIZE})\b", text)
    return found[1] if found else None


def _difficult(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("movement", speed=100_000, distance=_n(v, "distance"), difficult=True, cost=_n(v, "cost"))]


def _climbing(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    mode = search(r"climb|swim|crawl", text)
    if mode is None:
        return None
    base = {"speed": 100_000, "distance": _n(v, "distance"), mode[0]: True}
    harder = "difficult" in text and "rough" not in v
    claims = [calc("movement", **base, difficult=harder or None, cost=_n(v, "cost"))]
    if "rough" in v:
        claims.append(calc("movement", **base, difficult=True, cost=_n(v, "rough")))
    return claims


def _dash(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("movement", speed=_n(v, "speed"), dash=True, total=_n(v, "total"))]


def _stand(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    rest = [calc("movement", speed=_n(v, "speed"), stand=True, value=_n(v, "left"))] if "left" in v else []
    return [calc("movement", speed=_n(v, "speed"), stand=True, cost=_n(v, "cost")), *rest]


def _jump(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    kind = "high" if search(r"high jump|jump\w* (?:straight )?up|vertical", text) else "long"
    known = {"kind": kind, "strength": _n(v, "strength"), "mod": _n(v, "mod")}
    if "standing" in v:
        return [
            calc("jump", **known, value=_n(v, "reach")),
            calc("jump", **known, standing=True, value=_n(v, "standing")),
        ]
    standing = search(r"\bstanding|without (?:a )?run|no run", text) is not None
    return [calc("jump", **known, standing=standing or None, value=_n(v, "reach"))]


def _load(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    lift = search(r"\b(?:push|drag|lift)", text) is not None
    if lift and search(r"\bcarr", text):
        return None
    return [
        calc(
            "carrying",
            strength=_n(v, "strength"),
            size=_size(text),
            mode="push" if lift else None,
            value=_n(v, "pounds"),
        )
    ]


def _fall(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    feet = v["feet"].whole
    claims = [calc("fall_damage", feet=feet, value=str(v["dice"].value))] if "dice" in v else []
    if "average" in v:
        claims.append(calc("average", expr=f"{max(min(feet // 10, 20), 1)}d6", value=_n(v, "average")))
    return claims or None


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


_COST = {
    "before": r"costs?|spending|eats(?: up)?|takes?|uses?(?: up)?|requires?|spends?|expends?|burns?|needs?",
    "after": r"(?:ft\.?|feet|foot)? ?of (?:my |your |the |his |her |their )?(?:move|movement|speed)\b",
}
_LEVEL = {"before": rf"level|lvl|(?:{ANY_CLASS})|at|for|of"}
SHEET: tuple[Frame, ...] = (
    Frame(
        "difficult terrain",
        (r"difficult (?:terrain|ground)",),
        (
            role(
                "distance",
                "feet number",
                after=r"(?:ft\.?|feet|foot)? ?(?:of|through|across|in) (?:the )?difficult",
                before=r"moving|move|crossing|walk\w*|cover\w*|through|for",
            ),
            role("cost", "feet number", **_COST),
        ),
        _difficult,
        block=r"climb|swim|crawl|jump|stand",
    ),
    Frame(
        "climbing",
        (r"\bclimb(?:s|ing|er)?\b(?!'s)|\bswim(?:s|ming)?\b|\bcrawl(?:s|ing)?\b",),
        (
            role("distance", "feet number", before=r"ascend|climb\w*|swim\w*|crawl\w*|cover|move|go|every|each"),
            role(
                "rough",
                "feet number",
                after=r"(?:ft\.?|feet|foot)? ?(?:were|if|when|in|where|should|through).*difficult",
                strict=True,
                optional=True,
            ),
            role("cost", "feet number", **_COST),
        ),
        _climbing,
        block=r"\beach\b|\bevery\b|\bspeed (?:of|is)|with a climb",
    ),
    Frame(
        "dash",
        (r"\bdash",),
        (
            role(
                "speed",
                "feet number",
                before=r"with|speed(?: of)?|at|from|normal(?:ly)?|base|has",
                after=r"(?:ft\.?|feet|foot)? ?(?:speed|walk)",
            ),
            role(
                "total",
                "feet number",
                before=r"=|is|gives?|moves?|total|up to|to|covers?|get|for|can",
                after=r"(?:ft\.?|feet|foot)? ?(?:in (?:1|a) turn|total|that turn|this turn)",
            ),
        ),
        _dash,
        block=r"difficult|climb|bonus action dash|twice",
    ),
    Frame(
        "standing up",
        (r"\bstand(?:s|ing)? (?:back )?up|\bget(?:s|ting)? (?:back )?up|\bfrom prone",),
        (
            role(
                "left",
                "feet number",
                after=r"(?:feet|ft|foot)? ?(?:of movement )?(?:left|remaining|to spare)",
                strict=True,
                optional=True,
            ),
            role(
                "speed",
                "feet number",
                before=r"of (?:my|your|his|her|the|its|their|a)|speed(?: of| is)?|with(?: a)?",
                after=r"(?:ft\.?|feet|foot)?[- ]?(?:of )?(?:speed|walk)",
            ),
            role("cost", "feet number", **_COST),
        ),
        _stand,
    ),
    Frame(
        "jump",
        (r"\bjump|\bleap",),
        (
            role(
                "strength",
                "score number",
                before=rf"(?:{SHORT_ABILITY})(?: score)?(?: of)?",
                after=rf"(?:{SHORT_ABILITY})",
                strict=True,
            ),
            role(
                "standing",
                "feet number",
                before=r"standing|without(?: a)? run\w*|no run\w*",
                after=r"(?:feet|ft|foot)?\.? ?(?:\w+ )?(?:from a standstill|standing|from standing|without|with no)",
                strict=True,
                optional=True,
            ),
            role("reach", "feet number", before=r":|is|covers?|reach\w*|clears?|to|goes|jump\w*|leap\w*|of"),
        ),
        _jump,
        block=r"run-?up of|10 feet (?:run|of)|difficult|\bdc\b",
    ),
    Frame(
        "load",
        (r"\bcarr|capacity|push|drag|lift|haul",),
        (
            role(
                "strength",
                "score number",
                before=rf"(?:{SHORT_ABILITY})(?: score)?(?: of)?",
                after=rf"(?:{SHORT_ABILITY})",
            ),
            role("pounds", "pound number", after=r"(?:lb|pound)", before=r"capacity|carr\w+|=|:"),
        ),
        _load,
        block=r"speed|encumbered|heavily",
    ),
    Frame(
        "fall",
        (r"\bfall|\bdrop|\bplummet|\btumbl|\bplung|\bfell\b",),
        (
            role("feet", "feet"),
            role("dice", "dice", optional=True),
            role(
                "average",
                "number hp",
                before=r"i\.e\.|average(?: of)?|avg|about|around|or",
                after=r"(?:\w+ ){0,2}(?:on average|average)",
                optional=True,
                strict=True,
            ),
        ),
        _fall,
        block=r"water|\bfly|per \d|every|each",
    ),
    Frame(
        "doubled proficiency",
        (r"\bprof", r"\bdoubl|\btwice"),
        (
            role("level", "level number", before=r"level|lvl|at"),
            role("value", "mod number", before=r"bonus(?: is| of)?|is"),
            role("doubled", "mod number", before=r"to|becomes|=|gives|makes", strict=True),
        ),
        _doubled_proficiency,
        block=r"#|\bdc\b",
    ),
    Frame(
        "save dc and spell attack",
        (r"\bdc\b", r"\bspell attack"),
        (
            role("level", "level number", before=r"level|lvl"),
            role("score", "score number", before=rf"(?:{SHORT_ABILITY})(?: score)?(?: of)?", optional=True),
            role(
                "mod", "mod", before=rf"(?:{SHORT_ABILITY}) mod\w*(?: of)?|modifier(?: of)?", strict=True, optional=True
            ),
            role("dc", "dc number", before=r"dc(?: of)?"),
            role("attack", "mod number", before=r"attack(?: bonus)?(?: of)?"),
        ),
        _dc_and_attack,
        block=r"#|\broll(?:ed|s)",
    ),
    Frame(
        "proficient skill",
        (r"\bproficien", r"\bbonus|\btotal"),
        (
            role("level", "level number", before=r"level|lvl|at"),
            role(
                "value",
                "mod number",
                before=r"total(?: \w+){0,3}|bonus(?: of)?|:|=|is|of",
                after=r"(?:total|in total|overall)",
            ),
            role(
                "mod",
                "mod number",
                after=rf"(?:\w+ )?(?:ability|{SHORT_ABILITY}|mod)",
                before=rf"{SHORT_ABILITY}|mod\w*",
            ),
        ),
        _proficient,
        block=r"passive|\bdc\b|expertise|\bprof\w* bonus|attack|#|half",
    ),
    Frame(
        "unarmed strike",
        (r"\bunarmed|\bpunch", r"\bdamage|\bdeals?|\byields?"),
        (
            role(
                "mod",
                "mod number",
                before=rf"(?:{SHORT_ABILITY})(?: mod\w*)?(?: of)?|mod\w*(?: of)?",
                after=rf"(?:{SHORT_ABILITY}|mod)",
            ),
            role("value", "number hp", before=r"yields?|deals?|is|does|=|for|of", after=r"(?:\w+ )?damage|points"),
        ),
        _unarmed,
        block=r"monk|martial|\bdc\b|grappl|level",
    ),
    Frame(
        "expertise",
        (r"\bexpertise",),
        (
            role("level", "level number", before=r"level|lvl|at"),
            role(
                "value",
                "mod number",
                before=r":|total|=|is|gives?|makes?|comes to|for",
                after=r"(?:total|in total|altogether|bonus|overall)",
            ),
            role(
                "mod",
                "mod number",
                after=rf"(?:ability|{SHORT_ABILITY}|mod)",
                before=rf"ability|{SHORT_ABILITY}|mod\w*",
            ),
            role("prof", "mod number", after="prof", before=r"prof\w*(?: bonus)?(?: of)?", strict=True, optional=True),
        ),
        _skill,
        block=r"passive|doubl|twice|\bdc\b",
    ),
    Frame(
        "passive",
        (r"\bpassive",),
        (
            role("level", "level number", before=r"level|lvl|at", optional=True, strict=True),
            role(
                "mod",
                "mod number",
                after=r"(?:mod|bonus|wis|int|perc)",
                before=r"mod\w*(?: of)?|bonus(?: of)?|with a|wis\w*",
            ),
            role("value", "number", before=_TO_VALUE),
        ),
        _passive,
        block=r"expertise|\bpace|travel|#|disadvantage",
    ),
    Frame(
        "hit points at a level",
        (r"\bhp\b|hit points?", r"\bcon\b|constitution"),
        (
            role("level", "level number", before=rf"(?:{ANY_CLASS})|level|lvl", strict=True, optional=True),
            role(
                "con",
                "mod number",
                after=r"(?:con\b|constitution)",
                before=r"con(?:stitution)?(?: modifier| mod)?(?: of)?",
            ),
            role(
                "value",
                "hp number",
                before=rf"{_TO_VALUE}|on|with|starts?|total|max(?:imum)?",
                after=r"(?:max )?(?:hp|hit points)",
            ),
        ),
        _hit_points,
        block=r"damage|\btemp|#|regain|breath|\bdc\b",
    ),
    Frame(
        "experience between levels",
        (r"\bxp\b|experience", r"\bfrom\b|between"),
        (
            role("from", "level number", before=r"from(?: level)?|between(?: levels?)?", strict=True),
            role("to", "level number", before=r"to(?: level)?|and(?: level)?|until|reach", strict=True),
            role("xp", "xp number", before=r"need\w*|another|takes?|requires?|is|costs?"),
        ),
        _xp_between,
        block=r"#|encounter|budget",
    ),
    Frame(
        "encounter budget",
        (r"budget|threshold|encounter", r"\b(?:low|moderate|high|easy|medium|hard|deadly)\b"),
        (
            role(
                "characters",
                "number",
                after=r"(?:\w+ )?(?:characters?|pcs?|players?|adventurers|heroes|people|of us|\w+s of level|level)",
                before=r"for|party of",
                optional=True,
            ),
            role("level", "level number", before=r"level|lvl"),
            role(
                "one",
                "xp number",
                after=r"(?:xp )?(?:per|each|a head|apiece)",
                before=r"\(",
                strict=True,
                optional=True,
            ),
            role("xp", "xp number", before=_TO_VALUE, after=r"xp|experience"),
        ),
        _budget,
        block="#",
    ),
    Frame(
        "experience of several",
        (r"\bxp\b|experience",),
        (
            role("count", "number", after=r"#+|(?:\w+ )?#+", strict=True),
            role(
                "total",
                "xp number",
                after=r"(?:xp |experience )?(?:total|altogether|in all|of monsters|together)",
                before=r"would be|totals?|is|are|give|worth|=|make",
            ),
            role("each", "xp number", after=r"(?:xp )?(?:each|apiece|per|a head)", strict=True, optional=True),
            role(
                "party",
                "number",
                before=r"for|between|among|by|across|of",
                after=r"(?:of us|players|characters|pcs|ways|people|heroes|party|adventurers)",
                strict=True,
                optional=True,
            ),
            role(
                "one",
                "xp number",
                before=r"(?:1|one) gives|gives|since(?: 1| one| each)?|each(?: is| gives)?|at",
                optional=True,
                strict=True,
            ),
        ),
        _xp_share,
    ),
    Frame(
        "missiles",
        (r"\b(?:dart|missile|ray|beam|bolt)s?(?:\(s\))?\b|#",),
        (
            role("slot", "slot", optional=True),
            role("level", "level", optional=True),
            role("count", "number", after=r"(?:\w+ )?(?:dart|missile|ray|beam|bolt)", strict=True),
        ),
        _missiles,
        block=r"damage|\bd4|each",
    ),
    Frame(
        "grapple dc",
        (r"grappl|shov|unarmed strike", r"\bdc\b"),
        (
            role("prof", "mod number", after=r"prof", before=r"prof\w*(?: bonus)?(?: of| is)?", optional=True),
            role("level", "level", optional=True),
            role("score", "score", optional=True),
            role(
                "mod",
                "mod number",
                after=rf"(?:{SHORT_ABILITY}|mod)",
                before=rf"(?:{SHORT_ABILITY})(?: mod\w*)?(?: of)?|mod\w*",
                optional=True,
            ),
            role("dc", "dc number", before=_TO_VALUE),
        ),
        _grapple_dc,
        block=r"\broll|escape check of",
    ),
    Frame(
        "spell save dc",
        (r"\bdc\b", r"spell|cast|stat|sav"),
        (
            role("prof", "mod number", after=r"prof", before=r"prof\w*(?: bonus)?(?: of| is)?", optional=True),
            role("level", "level number", before=r"level|lvl|at", after="", optional=True, strict=True),
            role(
                "score",
                "score number",
                before=r"with a|score(?: of)?",
                after=r"(?:in |as )?(?:the |their |his |her )?(?:cast|spell|int|wis|cha)",
                optional=True,
                strict=False,
            ),
            role(
                "mod",
                "mod number",
                after=rf"(?:\w+ )?(?:{SHORT_ABILITY}|mod|stat|casting)",
                before=rf"(?:{SHORT_ABILITY})(?: mod\w*)?(?: of)?|mod\w*(?: of)?",
                optional=True,
            ),
            role("dc", "dc number", before=_TO_VALUE),
        ),
        _spell_dc,
        block=r"\broll|concentrat|damage|\bnat|fail|succeed|passes|\d ?\+ ?\d+ against|#",
    ),
    Frame(
        "spell attack",
        (r"spell attack",),
        (
            role("prof", "mod number", after=r"prof", before=r"prof\w*(?: bonus)?(?: of| is)?", optional=True),
            role("level", "level number", before=r"level|lvl", optional=True, strict=True),
            role(
                "score",
                "score number",
                before=r"with an?|score(?: of)?",
                after=r"(?:in|as) (?:the |their |his |her )?(?:cast|spell|int|wis|cha)",
                optional=True,
            ),
            role(
                "mod",
                "mod",
                after=rf"(?:\w+ )?(?:{SHORT_ABILITY}|mod|stat|casting)",
                before=rf"(?:{SHORT_ABILITY})(?: mod\w*)?(?: of)?|mod\w*(?: of)?",
                optional=True,
            ),
            role("value", "mod number", before=_TO_VALUE),
        ),
        _spell_attack,
        block=r"\broll(?:ed|s) (?:a )?\d|\bac\b|#",
    ),
    Frame(
        "proficiency bonus",
        (r"\bprof(?:iciency)?\b(?! in)",),
        (
            role("level", "level number", before=r"level|lvl|at|for|from", strict=True),
            role("value", "mod number", before=_TO_VALUE, after=r"(?:prof|bonus)"),
        ),
        _prof,
        block=r"#|\bcr\b|expert|\bdc\b|proficiency (?:with|in)|skills|half|double|\bdice?\b|save profs",
    ),
    Frame(
        "initiative score",
        (r"initiative",),
        (
            role("mod", "mod", after=r"(?:dex|mod)", before=r"dex\w*(?: mod\w*)?(?: of)?|mod\w*(?: of)?"),
            role("value", "number", before=_TO_VALUE),
        ),
        _initiative,
        block=r"\broll(?:s|ed) (?:a )?\d|advantage|alert|#|prof",
    ),
    Frame(
        "hit dice regained",
        (r"long rest", r"hit (?:point )?di[ce]"),
        (
            role("level", "level number", before=r"level|lvl", strict=True),
            role(
                "value",
                "number",
                after=r"(?:spent |of (?:his|her|their|your) )?(?:hit|di[ce])",
                before=r"most|returns?|back|regains?|restores?|recovers?|to",
            ),
        ),
        _hit_dice,
        block=r"\bd\d|\bhp\b",
    ),
    Frame(
        "breath",
        (r"\bbreath",),
        (
            role("con", "mod number", after=r"con", before=r"con\w*(?: mod\w*)?(?: of)?|mod\w*(?: of)?"),
            role("value", "time"),
        ),
        _breath,
    ),
    Frame(
        "slots in all",
        (r"\bslots?\b", r"total|added|altogether|all levels|in all|combined|overall"),
        (
            role("level", "level number", before=rf"level|lvl|{ANY_CLASS}", strict=True),
            role("count", "number", after=r"(?:spell )?slots?"),
        ),
        _slots_total,
        block=r"pact slot\(s\)|all of level",
    ),
    Frame(
        "highest slot",
        (r"highest|top|best", r"slot|spell level|level (?:of )?spell"),
        (
            role("level", "level number", before=rf"level|lvl|{ANY_CLASS}"),
            role("value", "level number slot", before=_TO_VALUE),
            role("slot", "slot", optional=True),
        ),
        _highest,
    ),
    Frame(
        "first slot",
        (r"\bslot", r"first|earliest|shows? up|starts?|arrives?|comes? online|unlock|gets?|gain"),
        (role("slot", "slot"), role("level", "level number", before=r"level|lvl|at")),
        _first_slot,
        block=r"\b\d+ (?:\d(?:st|nd|rd|th)|spell slot|slots)|multiclass caster",
    ),
    Frame(
        "slots",
        (r"\bslots?\b",),
        (
            role(
                "level",
                "level number",
                before=ANY_CLASS,
                after=r"(?:full|half|third)? ?(?:caster)",
            ),
            role("slot", "slot level", before=r"(?:all|each) of(?: level)?|of"),
            role(
                "count",
                "number",
                after=r"(?:pact |spell )?(?:slots?|\d)|of|x",
                before=r"has|have|gets?|with|is|are|:|=|exactly",
            ),
        ),
        _slots,
        block=r"#|recover|regain|worth|expend|requires?|needs?|damage|spent|used|left|regain",
    ),
    Frame(
        "no slots",
        (r"\bno\b.*slot|\bwithout\b.*slot",),
        (role("level", "level number", before=rf"level|lvl|{ANY_CLASS}"), role("slot", "slot")),
        _no_slots,
        block=r"#",
    ),
    Frame(
        "lay on hands",
        (r"lay on hands",),
        (
            role("level", "level number", before=r"level|lvl|paladin"),
            role("value", "number hp", before=_TO_VALUE, after=r"(?:points?|hp|hit points|total)"),
        ),
        _lay,
    ),
    Frame(
        "worn armour",
        (r"\bac\b|\bputs me|\barmou?r class|total", r"#"),
        (
            role(
                "dex", "mod number", after=r"dex", before=r"dex\w*(?: mod\w*)?(?: of| is)?", optional=True, strict=True
            ),
            role("value", "ac number", before=r"ac|on|to|at|is|=|of"),
        ),
        _worn,
        block=r"\bhit|\bmiss|magic|\+\d (?:leather|plate|chain|half|ring|scale|breast|studded|hide|shield)",
    ),
    Frame(
        "spell average and maximum",
        (r"average|mean|avg", r"\bmax|\bmost|\bhighest", r"#"),
        (
            role("value", "number hp", before=rf"{_TO_VALUE}|around|about|deals?"),
            role("most", "number hp", before=r"max\w*(?: of| damage of)?|most|highest|up to"),
        ),
        _spell_bounds,
        block=r"slot|level \d|upcast|\beach|\d+th|cantrip|bolts|ray|beam|per |half",
    ),
    Frame(
        "spell average",
        (r"average|mean|avg",),
        (role("value", "number", before=rf"{_TO_VALUE}|around|about"),),
        _spell_average,
        block=r"slot|level \d|upcast|hp|each|\d+th|cantrip|bolt|ray|beam|per ",
    ),
    Frame(
        "weapon bounds",
        (r"\bmax|\bmin|most|least|highest|lowest|average",),
        (role("value", "number", before=rf"{_TO_VALUE}|for|around|about"),),
        _weapon_bound,
        block=r"#[^#]+#|str\b|strength|dex|mod(?:ifier)? of|\+\d|range|two hands|versatile|crit",
    ),
    Frame(
        "modifier",
        (r"\bmod\b|\bmodifier|\bcheck|\bbonus",),
        (
            role("score", "score number", before=r"score(?: of)?", strict=True),
            role("value", "mod number", before=_TO_VALUE, after=r"(?:mod|modifier|to|bonus)"),
        ),
        _modifier,
        block=r"#|prof|\bdc\b|\bsave|attack|\bac\b|level|expert|\bhp\b|passive|\broll",
    ),
    Frame(
        "level experience",
        (r"\bxp\b|experience", r"level|lvl"),
        (role("level", "level number", before=r"level|lvl|\d+(?:st|nd|rd|th)"), role("xp", "xp number")),
        _level_xp,
        block=r"#|encounter|budget|monster|difficulty|\beach\b|adventuring|\bcr\b|challenge|between|from level|award|party",
    ),
)
