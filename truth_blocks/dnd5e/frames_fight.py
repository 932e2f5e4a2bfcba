"""Frames for what happens in a fight: attacks, saves, damage, hit points, death saves, cover, conditions in numbers."""

import re
from collections.abc import Mapping
from typing import Any

from truth_blocks.dnd5e.frames import Claims, Frame, Values, role
from truth_blocks.dnd5e.matching import search, sub

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
    if not {"good", "bad"} & v.keys() or "bad" in v and 1 in rolls:
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


_DAMAGE = {"before": r"half of|after|takes?|took|taking|suffers?|loses?|hits?(?: \w+)? for|damage(?: of)?|hurt for|eats?|dealt|deals?|absorbs?|blasted for|against",
           "after": r"(?:\w+ )?(?:points? of (?:\w+ )?)?(?:damage|dmg)\b|-?damage|into\b|points\b"}  # fmt: skip
_LEFT = {"before": r"left (?:with|on|at)|leav(?:es|ing)(?: \w+)?(?: with| on| at)?|down to|drops? to|ends?(?: up)? (?:on|at|with)|goes to|remain\w*(?: at)?"
                   r"|falls? to|reduced to|still has|is (?:now )?(?:on|at)|now (?:on|at|has)?|(?:be|sits?|stays?|left) (?:at|on)|stands? at|=|has|keeps?|finish(?:es)? (?:on|at|with)|sits at|to|costs?(?: \w+){0,2} exactly|loses?",
         "after": r"(?:hp |hit points? )?(?:are |were )?(?:left|remain(?:s|ing)?|remained)\b"}  # fmt: skip
_HP = {
    "before": r"had|has|from|at|with|on|starts? (?:at|with)|had|against|and",
    "after": r"(?:real |current )?(?:hp|hit points?)\b|/",
}
FIGHT: tuple[Frame, ...] = (
    Frame(
        "concentration",
        (
            r"concentrat|keep (?:the|a|his|her|their|your|my) spell|hold(?:ing)? (?:on to |onto )?(?:the|a) spell|maintain",
            r"\bdc\b|\bsave\b|saving|\bcheck|\broll",
        ),
        (
            role("damage", "number hp", **_DAMAGE),
            role(
                "dc",
                "dc number",
                before=r"dc|save (?:is|of)|against|needs?|roll|is|becomes|=|:",
                after="or (?:higher|better|more)",
            ),
        ),
        _concentration,
        block=r"resist|half (?:of )?the damage (?:dealt|taken)|\bcan(?:not|'t)? (?:go|exceed|be)|\bmaximum\b|\bcap",
    ),
    Frame(
        "death saves",
        (r"death sav", r"success|fail"),
        (
            role("good", "number", after=r"succ", strict=True, optional=True),
            role("bad", "number", after=r"fail", strict=True, optional=True),
            role("rolls", "number", many=True),
        ),
        _death_tally,
        block=r"critical|\bcrit|or (?:more|higher|better|above|lower|less)",
    ),
    Frame(
        "death save",
        (r"death sav", r"success|succe|fail|pass"),
        (role("d20", "number", before=r"roll\w*(?: of)?|natural|nat|an?|die shows|rolling"),),
        _death_one,
        block=r"or (?:more|higher|better|above|lower|less)|at least|\bneed|\bdc\b|hp\b|hit points|damage|minimum|\bcrit|success(?:es)? |failures ",
    ),
    Frame(
        "instant death",
        (r"kill|outright|dies|dead|instant|drops?|unconscious", r"max|\bof \d+ (?:hp|hit points)|\d/\d"),
        (
            role(
                "max",
                "number hp",
                before=r"max(?:imum)?(?: hp| hit points| of|imum)?|out of|of|/",
                after=r"max",
                strict=True,
            ),
            role(
                "damage",
                "number",
                strict=True,
                before=_DAMAGE["before"],
                after=r"-?(?: ?points? of )?(?:\w+ )?(?:damage|dmg)",
            ),
            role("hp", "hp number", before=r"from|at|on|with|has|had"),
            role("zero", "number hp", before=r"to", strict=True, optional=True),
        ),
        _instant,
        denies=True,
    ),
    Frame(
        "healing",
        (r"\bheal|\bregain|\brestor|\bcure",),
        (
            role(
                "healing",
                "number hp",
                before=r"heals?|healed(?: for)?|healing(?: for| of)?|regains?|restores?|cures?(?: for)?|gets?(?: back)?",
                after=r"(?:points? of )?healing|(?:hp |hit points )?back",
            ),
            role("max", "number hp", before=r"/|max(?:imum)?(?: of| hp)?|out of|of", after=r"max"),
            role("value", "number hp", **_LEFT),
            role("hp", "number hp", before=r"at|from|on|with|has|had"),
        ),
        _heal,
        block=r"\btemp|long rest|short rest|hit di[ce]",
    ),
    Frame(
        "temporary hit points",
        (r"\btemp",),
        (
            role(
                "temp", "number hp", before=r"temp(?:orary)?(?: hp| hit points?)?(?: of|:)?", after=r"temp", strict=True
            ),
            role("damage", "number", **_DAMAGE),
            role("value", "number hp", **_LEFT),
            role("hp", "number hp", before=r"and|has|at|with|against", after=r"(?:real )?(?:hp|hit points)"),
        ),
        _temp,
        block=r"\bresist|\bheal|\bvulner|\bkeep|\bstack|\bnew\b",
    ),
    Frame(
        "rolled damage",
        (r"came up|rolled|rolls|shows?|comes up", r"\bdown to|left|remain|drops? to"),
        (
            role("dice", "dice"),
            role("roll", "number", before=r"came up|comes up|rolled|rolls|shows?|of", strict=True),
            role("mod", "mod", optional=True),
            role(
                "damage",
                "number",
                before=r"so|total(?:ling)?|=|for",
                after=r"(?:points? of )?(?:\w+ )?(?:damage|dmg)",
                optional=True,
            ),
            role("hp", "number hp", before=r"had|has|with|from|at"),
            role("value", "number hp", **_LEFT),
        ),
        _rolled_damage,
    ),
    Frame(
        "resist and save",
        (r"\bresist", r"\bsav", r"\bhal(?:f|v)"),
        (
            role(
                "value",
                "number",
                before=r"ending (?:at|on|with|up at)|to|=|is|takes?|at|leav\w+|only|just",
                strict=True,
            ),
            role("damage", "number", before=r"to|of|from|on", after=r"(?:points?|damage)"),
        ),
        _halved,
        block="cover|vulner",
    ),
    Frame(
        "save for half",
        (
            r"save(?:s|d)? for half|half damage|sav\w+ (?:\w+ )?hal(?:ves|f)|success\w* (?:\w+ )?(?:save|saving).{0,40}hal",
        ),
        (
            role(
                "value",
                "number",
                before=r"=|is|takes?|becomes|to|only|just|leav\w+|deals?",
                after=r"(?:damage )?(?:taken|round)",
            ),
            role(
                "damage",
                "number",
                before=r"on|of|from|against",
                after=r"(?:points? of )?(?:acid|fire|cold|poison|lightning|thunder|necrotic|radiant|force|psychic|damage)",
            ),
        ),
        _halved,
        block="cover|vulner|\\bdc\\b",
    ),
    Frame(
        "vulnerability",
        (r"\bvulnerab",),
        (
            role("value", "number", before=r"becomes?|to|into|=|is|takes?|turns? (?:in)?to|suffers?", after=""),
            role("damage", "number"),
        ),
        _doubled,
        block=r"resist|\bhp\b|hit points|\bheal",
    ),
    Frame(
        "resistance",
        (r"\bresist",),
        (
            role(
                "value",
                "number",
                before=r"becomes?|to|into|=|takes?|turns? (?:in)?to|only|just|down to|goes to|leav\w+|suffers?",
            ),
            role("damage", "number"),
        ),
        _halved,
        block=r"vulner|\bhp\b|hit points|cover|\bheal",
    ),
    Frame(
        "exhausted both",
        (r"exhaust", r"\bspeed", r"d20|test|roll|check"),
        (
            role(
                "level",
                "level number",
                before=r"exhaust\w*(?: level)?|level(?: of exhaustion)?",
                after=r"levels? of exh|exhaustion",
            ),
            role(
                "penalty", "mod number", before=r"minus|penalty of|imposes? an?|takes?|by", after=r"penalty|on|to|from"
            ),
            role("feet", "feet", before=r"by|loses?|costs?|minus|down", after=r"(?:feet|ft)"),
        ),
        _exhausted_both,
        block=r"\bhp\b|ability checks only|death",
    ),
    Frame(
        "exhausted roll",
        (r"exhaust", r"\broll|\bd20|\bresult|\btotal"),
        (
            role(
                "level",
                "level number",
                before=r"exhaust\w*(?: level)?|level(?: of exhaustion)?",
                after=r"levels? of exh|exhaustion",
                strict=True,
            ),
            role("d20", "number", before=r"roll\w*(?: of)?|d20(?: shows)?|die|shows?"),
            role("bonus", "mod", optional=True),
            role(
                "value",
                "number",
                before=r"result|total|final|ends? (?:up )?(?:at|with)|makes|is|=|comes to|gets?",
                after=r"total|in the end",
            ),
        ),
        _exhausted_roll,
    ),
    Frame(
        "exhausted speed",
        (r"exhaust", r"\bspeed|\bmove"),
        (
            role(
                "level",
                "level number",
                before=r"exhaust\w*(?: level)?|level(?: of exhaustion)?",
                after=r"levels? of exh|exhaustion",
                strict=True,
            ),
            role("value", "feet number", before=r"to|becomes|is now|down to|=|leaves?(?: \w+)?|only|move", strict=True),
            role("speed", "feet number", before=r"from|speed(?: of)?|goes|normally|usual\w*|base"),
        ),
        _exhausted_speed,
        block=r"\bhp\b|ability checks|attack",
    ),
    Frame(
        "exhausted penalty",
        (r"exhaust", r"d20|test|roll|check|attack|save"),
        (
            role(
                "level",
                "level number",
                before=r"exhaust\w*(?: level)?|level(?: of exhaustion)?",
                after=r"levels? of exh|exhaustion",
            ),
            role(
                "penalty",
                "mod number",
                before=r"minus|-|by|subtract\w*|penalty of|lose|take",
                after=r"penalty|on|from|to (?:all|every|your|d20)",
            ),
        ),
        _exhausted_penalty,
        block=r"\bspeed|\bfeet|\bhp\b|disadvantage|die\b|death|max",
    ),
    Frame(
        "critical bounds",
        (r"\bcrit", r"\blowest|\bleast|\bmin|\bhighest|\bmost|\bmax"),
        (
            role("dice", "dice"),
            role("least", "number", before=r"lowest|least|min\w*|from|is", after="at (?:least|minimum)", optional=True),
            role("most", "number", before=r"highest|most|max\w*|to", after="at (?:most|maximum)", optional=True),
        ),
        _crit_bounds,
    ),
    Frame(
        "critical spell",
        (r"\bcrit", r"#"),
        (role("crit", "dice"),),
        _spell_crit,
        block=r"\bnot\b|slot|level \d|upcast|average|max",
        denies=True,
    ),
    Frame(
        "critical dice",
        (r"\bcrit",),
        (
            role("base", "dice", before=r"instead of|with|from|of|normal\w*|usual\w*|not|than|base"),
            role("crit", "dice", before=r"rolls?|becomes?|to|into|deals?|is|do|does|=|you get|means|for"),
        ),
        _crit,
        denies=True,
        block=r"\bmax|average",
    ),
    Frame(
        "advantage",
        (r"\b(?:dis)?adv(?:antage|\b)",),
        (
            role(
                "value",
                "number",
                before=r"that's|that is|end up with|totals?|use|uses|keeps?|result|=|takes?|makes?|for|counts?|you get|so|final",
                after=r"(?:total|counts|stands|is (?:used|the result))",
            ),
            role("mod", "mod", optional=True),
            role("rolls", "number", many=True),
        ),
        _advantage,
        block=r"cover|\bdc\b|\bac\b|passive|exhaust|death|initiative score|initiative",
    ),
    Frame(
        "cover",
        (r"cover", r"\bac\b|armou?r class"),
        (
            role("bonus", "mod", optional=True),
            role(
                "value",
                "number ac",
                before=r"to|becomes?|=|into|effective(?: ac)?(?: of)?|counts? as|is|makes? it|treated as",
                strict=True,
            ),
            role("ac", "ac number", before=r"ac(?: of)?|from|with|armou?r class", after=r"ac\b|armou?r class"),
        ),
        _cover_ac,
        block=r"\bhit|\bmiss|\battack|\broll|\bsave (?:of|total)",
    ),
    Frame(
        "cover bonus",
        (r"cover", r"\bac\b|armou?r class|dex"),
        (
            role(
                "bonus",
                "mod number",
                after=r"(?:bonus )?(?:to|on)|bonus|ac\b",
                before=r"bonus of|adds?|by|grants?|gives?",
            ),
        ),
        _cover_bonus,
        block=r"\bhit|\bmiss|\broll|only|just ac|not",
    ),
    Frame(
        "needed roll",
        (
            r"\bneeds?\b|\bmust (?:roll|show)|\brequires?|\bhave to roll",
            r"\bhit\b|\bdc\b|\bsav|\bsucceed|\bmake it|\bpass",
        ),
        (
            role(
                "value",
                "number",
                before=r"needs?(?: to roll)?(?: at least)?(?: an?)?|rolls?|at least(?: an?)?|must (?:roll|show)|requires?",
                after=r"(?:or (?:higher|better|more) )?on the (?:die|dice|d20)|or (?:higher|better|more)",
            ),
            role("bonus", "mod", optional=False),
            role("ac", "ac", optional=True),
            role("dc", "dc", optional=True),
        ),
        _needed,
        block=r"death|cover|advantage|total",
    ),
    Frame(
        "attack",
        (r"\bhit|\bmiss|\bconnect|\bland|\bwhiff|\bmeets|\bexceed|\bbeat|\bshort|\benough|\breach",),
        (
            role(
                "total",
                "number",
                before=r"total(?:s|ing| of|'s| is)?|gets?|for a|=|equals|makes|comes to|sum|that's|result|of",
                after=r"total|to hit|in total|in all",
            ),
            role(
                "d20",
                "number",
                before=r"roll(?:s|ed|ing|s? of)?|natural(?: roll of)?|nat|die(?: shows)?|d20(?: shows| of| roll)?|shows|rolls? an?",
            ),
            role(
                "bonus",
                "mod number",
                before=r"bonus(?: of)?|adds?|with|plus|modifier(?: of)?",
                after=r"(?:to hit|bonus|mod)",
            ),
            role(
                "ac",
                "ac",
            ),
        ),
        lambda v, t, n: _attack(v, t, n),
        block=r"\bsav(?:e|ing)|\bdc\b|death|advantage|disadv|\bneed",
        denies=True,
    ),
    Frame(
        "attack",
        (r"\bhit|\bmiss|\bconnect|\bland|\bwhiff|\bmeets|\bexceed|\bbeat|\bshort|\benough|\breach",),
        (
            role(
                "d20",
                "number",
                before=r"roll(?:s|ed|ing|s? of)?|natural(?: roll of)?|nat|die(?: shows)?|d20(?: shows| of| roll)?|shows",
                after=r"on the die",
            ),
            role(
                "bonus",
                "mod number",
                before=r"bonus(?: of)?|adds?|with|plus|modifier(?: of)?",
                after=r"(?:to hit|bonus|mod)",
            ),
            role("ac", "ac"),
        ),
        lambda v, t, n: _attack(v, t, n),
        block=r"\bsav(?:e|ing)|\bdc\b|death|advantage|disadv|\bneed",
        denies=True,
    ),
    Frame(
        "attack",
        (r"\bhit|\bmiss|\bconnect|\bland|\bwhiff|\bmeets|\bexceed|\bbeat|\bshort|\benough|\breach",),
        (
            role(
                "total",
                "number",
                before=r"total(?:s|ing| of|'s| is)?|gets?|for a|=|equals|makes|comes to|sum|that's|result|of|attack roll of|attack of|roll of|an?|with",
                after=r"total|to hit|in total|in all|attack",
            ),
            role("ac", "ac"),
        ),
        lambda v, t, n: _attack(v, t, n),
        block=r"\bsav(?:e|ing)|\bdc\b|death|advantage|disadv|\bneed|natural|\bnat\b",
        denies=True,
    ),
    Frame(
        "saving throw",
        (r"\bsav(?:e|es|ing)|\bcheck|\bdc\b",),
        (
            role("dc", "dc"),
            role(
                "cover",
                "mod",
                before=r"adding the|cover(?: bonus)?(?: of)?|extra",
                after=r"(?:\w+ ){0,2}(?:half|three-quarters?) cover|(?:from|for) cover",
                optional=True,
            ),
            role(
                "total",
                "number",
                before=r"total(?:s|ing| of|'s| is)?|i\.e\.|gets?|for|=|equals|makes|comes to|so|result",
                after=r"total|in total",
                optional=True,
            ),
            role(
                "d20",
                "number",
                before=r"roll(?:s|ed|ing|s? of)?|natural|nat|die(?: shows)?|d20|a roll of",
                optional=True,
            ),
            role(
                "bonus",
                "mod number",
                before=r"bonus|adds?|with|plus|modifier|\+",
                after=r"(?:mod|bonus)",
                optional=True,
            ),
        ),
        _save,
        block=r"death|concentrat|spell save dc|advantage|disadv|\bneed|grapple",
        denies=True,
    ),
    Frame(
        "hit points",
        (r"\bhp\b|hit points?",),
        (role("value", "number hp", **_LEFT), role("damage", "number", **_DAMAGE), role("hp", "hp number", **_HP)),
        _hp,
        block=r"\btemp|death sav|\bheal|\bmax|\bkill|\bdc\b|\bac\b|level|average|\bcon\b|1st",
    ),
)
