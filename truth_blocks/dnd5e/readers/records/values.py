"""The values that the fields of creatures, weapons, armour and things have, as far as a statement speaks of them."""

from collections.abc import Mapping
from typing import Any

from truth_blocks.dnd5e.readers.matching import findall, match
from truth_blocks.dnd5e.readers.sums.solving import Scene
from truth_blocks.dnd5e.vocabulary import SHORT_ABILITY

APART = r"\bdiffer|\bdifference|\bapart|\bmore\b|\bless\b|\bhigher|\blower|\bfarther|\bfurther|\bshorter|\blonger|\bgreater|\bgap\b|\bahead|\bbehind|\bby \d"
Sets = list[set[Any] | None]


def _unless_null(*values: Any) -> set[Any] | None:
    return None if any(value is None for value in values) else set(values)


def terms(dice: str) -> tuple[int, int, int]:
    """Dice as count, faces and bonus; zeros where they are no dice."""
    found = match(r"(\d*)d(\d+)(?:([+-])(\d+))?$", dice.replace(" ", ""))
    if not found:
        return 0, 0, 0
    return int(found[1] or 1), int(found[2]), int(found[4] or 0) * (-1 if found[3] == "-" else 1)


def spread(dice: str, told: Scene) -> set[Any]:
    """The average, least and greatest of dice, where the statement speaks of them."""
    count, faces, bonus = terms(dice)
    low, high = count + bonus, count * faces + bonus
    found: set[Any] = set()
    found |= (
        {(low + high) // 2, (low + high) / 2}
        if told.has(r"\baverag|\bmean\b|\bexpect|\bavg|\bdamage\b|\bdeals?\b|\bfrom which|\bhit points?|\bhp\b")
        else set()
    )
    found |= (
        {low, high}
        if told.has(r"\bmax|\bmin|\bmost|\bleast|\bbetween|\btheoretical|\bat best|\blowest|\bhighest")
        else set()
    )
    return found


def creature_values(row: Mapping[str, Any], told: Scene) -> Sets:
    """Numbers, experience, rating, dice and feet of a creature."""
    numbers: set[Any] = set()
    unknown = False
    for cue, field in (
        (r"\bac\b|armou?r class|\barmou?red", "ac"), (r"\bhp\b|hit points?|\bhealth", "hp"), (r"\bproficiency", "pb"),
        (r"\bpassive|\bperceive", "passive_perception"), (r"\bxp\b|experience|\bworth", "xp"), (r"\bcr\b|\bchallenge", "cr"),
    ):  # fmt: skip
        if told.has(cue):
            unknown |= row[field] is None
            numbers |= {row[field]}
    if told.has(r"\bspeed|\bfl(?:y|ies|ying)\b|\bwalk|\bswim|\bclimb|\bburrow"):
        numbers |= set((row["speed"] or {}).values())
    for short in {found[:3] for found in findall(rf"\b({SHORT_ABILITY})\b", told.text)}:
        if row[short] is None:
            unknown = True
            continue
        numbers |= {row[short], (row[short] - 10) // 2}
        saved = (row["saves"] or {}).get(short)
        if told.has(r"\bsav"):
            numbers |= {saved, (row[short] - 10) // 2 + (row["pb"] or 0)}
    for skill, bonus in (row["skills"] or {}).items():
        if skill.replace("_", " ") in told.text:
            numbers |= {bonus}
    if told.has(
        r"\b(?:acrobatics|arcana|athletics|deception|history|insight|intimidation|investigation|medicine|nature|perception|persuasion|religion|stealth|survival)\b(?! score)"
    ) and not told.has(r"\bpassive"):
        unknown |= not row["skills"]
    if told.has(r"\binitiative"):
        unknown |= row["initiative"] is None
        numbers |= {row["initiative"], 10 + (row["initiative"] or 0)}
    attacks = told.facts.attacks(row["ed"], row["key"])
    dice: set[Any] = set()
    speeds = {mode: value for mode, value in (row["speed"] or {}).items() if isinstance(value, int)}
    modes = [
        mode
        for cue, mode in (
            (r"\bwalk|\bon foot|\bon land", "walk"),
            (r"\bfl(?:y|ies|ying)\b", "fly"),
            (r"\bswim", "swim"),
            (r"\bclimb", "climb"),
            (r"\bburrow", "burrow"),
        )
        if told.has(cue)
    ]
    feet: set[Any] = {speeds.get(mode, 0) for mode in modes} if modes else set(speeds.values())
    if told.has(r"\battack|\bto hit|\bhits?\b(?! points?| di)|\bhitting|\bdamage|\bdeals?|\bmakes?|\breach|\brange"):
        for attack in attacks:
            numbers |= (
                {attack["to_hit"]}
                if told.has(
                    r"\bto hit|\bbonus|\bhit(?:s|ting)? with|\badds?\b|\bmodifier|\battacks? (?:at|with)|\bplus|\+"
                )
                else set()
            )
            feet |= {attack["reach_ft"], attack["range_ft"]}
            for each in (attack["damage"], attack["extra_damage"]):
                if each:
                    dice |= {each}
                    numbers |= spread(each, told) if "d" in str(each) else {each}
        unknown |= not attacks or any(a["damage"] is None or a["to_hit"] is None for a in attacks)
    if row["hit_dice"] and told.has(r"\bhit di[ce]|\bhp\b|\bhit points?|\baverag"):
        dice |= {row["hit_dice"]}
        numbers |= spread(row["hit_dice"], told)
    if told.has(
        r"\blegendary|\brecharge|\btimes\b|\bper day|\bdc\b|\bsave (?:dc|for)|\bregenerat|\bmultiattack|\bspell|\bcasts?\b|\bfeet of\b|\bbreath|\bdarkvision|\bblindsight|\btruesight|\btremorsense|\baura|\bwithin|\brounds\b|\bleft\b|\bremain|\bstill has|\bafter \d|\bdealt to|\barrows|\btakes? \d|\bgrappl|\btotal (?:of|would)|\broll(?:s|ed) (?:an? )?\d|\bbeat\b|\bstealth total|\bturn|\bkill(?:s|ed)? (?:\d|by)|\blevel\b|\bplayers?\b|\bparty\b|\bsplit|\bshare|\beach\b|\bapiece|\bgroup of|\btwo #|\b(?:[2-9]|1\d) (?:\w+ )?#"
    ):
        return [None] * 5
    if told.has(r"\breach|\brange|\blong\b") and not attacks:
        feet = set()
    known = {value for value in numbers if value is not None}
    return [
        None if unknown or not known else known,
        None if row["xp"] is None else {row["xp"]},
        None if row["cr"] is None else {row["cr"]},
        None if unknown or not dice else dice,
        None if not feet - {None} or row["speed"] is None else feet - {None},
    ]  # fmt: skip


def weapon_values(row: Mapping[str, Any], told: Scene) -> Sets:
    """Dice, feet and numbers of a weapon."""
    if row["damage"] is None or told.has(
        r"\btwo[- ]hand|\b2[- ]hand|\bin both\b|\bwith both\b|\bversatile|\bboth hands|\bcrit|\bmastery|\bbeyond\b|\bpast\b|\b(?:light|heavy|hand|great|long|short|other|two-handed|big|small) ones?\b|\bbonus|\bstrength|\bdexterity|\bmagic|\blevel|\breach|\+ ?\d|\bfeet (?:farther|more)|\bcosts?\b|\bgp\b|\bweigh|\bpound|\bac\b|\bhit points|\brolls? (?:an? )?(?:total|\d+ (?:to|for|on|and))"
    ):
        return [None] * 3
    feet = {row["range_ft"], row["long_range_ft"]} - {None, 0}
    count, faces, _ = terms(row["damage"])
    numbers: set[Any] | None = spread(row["damage"], told) | (
        {count, faces} if told.has(r"\bsides?|\bsided|\bfaces|\bdie\b|\bdice\b") else set()
    )
    if told.has(r"\d+ ?/ ?\d+"):  # 40/120
        numbers = numbers | feet if numbers and feet else None
    sides = {f"1d{faces}"} if told.has(r"\bsides?|\bsided|\bfaces|\bdie\b") else set()
    return [{row["damage"], *sides}, feet or None, numbers or None]


def armor_values(row: Mapping[str, Any], told: Scene) -> Sets:
    """Numbers of armour, with the Dexterity a statement gives."""
    if row["base_ac"] is None or told.has(
        r"\bmagic|\bstyle\b|\bdefen[cs]e\b|\bshield|\bbracers|\bring of|\bcloak|\bcover|\bhit|\bmiss|\battack|\bcosts?|\bweigh|\bpound|\bminutes?|\bdon|\bdoff|\bspeed|\blevel"
    ):
        return [None]
    numbers: set[Any] = {row["base_ac"], (row["dex_cap"] or 0) if row["dex"] else 0}
    if row["dex_cap"] is None and row["dex"]:
        numbers -= {0}
    if told.has(r"\bstrength|\bstr\b"):
        if not row.get("strength"):
            return [None]
        numbers |= {row["strength"]}
    if told.has(r"\bdex"):
        for figure in told.figs:
            if (
                figure.kind in ("mod", "number", "score")
                and isinstance(figure.value, float)
                and -5 <= figure.value <= 10
                and figure.kind != "score"
            ):
                dex = int(figure.value)
                if told.has(r"\blargest|\bmax|\bmost\b|\bcap|\blimit|\ballows?\b") and len(told.figs) == 1:
                    return [{row["dex_cap"]} if row["dex_cap"] is not None else None]
                numbers |= {
                    figure.value,
                    row["base_ac"]
                    + (min(dex, row["dex_cap"]) if row["dex_cap"] is not None else dex if row["dex"] else 0),
                }
        for figure in (f for f in told.figs if f.kind == "score"):
            dex = (int(figure.value) - 10) // 2
            numbers |= {
                figure.value,
                row["base_ac"] + (min(dex, row["dex_cap"]) if row["dex_cap"] is not None else dex if row["dex"] else 0),
            }
            if not told.has(r"\bon top of|\bbase\b|\bbeyond|\badd|\bplus\b"):
                numbers -= {row["base_ac"]} if row["dex"] and dex else set()
    return [numbers]


def item_values(row: Mapping[str, Any], told: Scene) -> Sets:
    """Price and weight of a thing."""
    if told.has(
        r"\b(?:two|three|\d+) #|\bhalf\b|\bsell|\beach\b|\bper\b|\bpair|\bset of|\bholds?\b|\bquarts?|\bcontains?"
    ):
        return [None, None]
    return [_unless_null(row["cost_gp"]), _unless_null(row["weight_lb"])]
