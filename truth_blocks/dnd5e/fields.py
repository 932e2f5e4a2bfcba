"""The fields a fact claim may name, and how each is compared with a row of the data."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from truth_blocks.dnd5e.facts import Facts, Row, key_of
from truth_blocks.dnd5e.ledgers import slots
from truth_blocks.dnd5e.values import ability, dice_text, number, same, word

Outcome = tuple[str, Any, Any, bool | None]
"""Field, claimed value, expected value, verdict (None: unverifiable). A field the data does not have ends in ``?``."""

PLAIN = {
    "spell": ("level", "school", "concentration", "ritual", "save", "damage_type", "class", "duration", "attack",
              "shape", "shape_ft", "material_cost"),
    "creature": ("ac", "hp", "hit_dice", "cr", "xp", "pb", "size", "creature_type", "passive_perception", "initiative",
                 "resistances", "immunities", "vulnerabilities", "condition_immunities"),
    "weapon": ("damage", "damage_type", "range_ft", "long_range_ft"),
    "armor": ("base_ac", "dex", "dex_cap", "strength", "stealth_disadvantage"),
    "item": ("cost_gp", "weight_lb", "category", "rarity", "attunement"),
    "class": ("hit_die", "saves"),
}  # fmt: skip
SPELLINGS = {
    "resistance": "resistances", "resist": "resistances", "immunity": "immunities", "immune": "immunities",
    "vulnerability": "vulnerabilities", "condition_immunity": "condition_immunities", "prof_bonus": "pb",
    "proficiency_bonus": "pb", "classes": "class", "range": "range_ft", "hd": "hit_dice", "walk_ft": "speed_ft",
    "speed": "speed_ft", "adds_dexterity": "dex", "attunement_required": "attunement", "damage_types": "damage_type",
    "saving_throw": "save", "save_ability": "save", "saving_throws": "saves", "armor_class": "ac", "armour_class": "ac",
    "hit_points": "hp", "challenge_rating": "cr", "challenge": "cr", "experience": "xp", "experience_points": "xp",
    "type": "creature_type", "cast_time": "casting_time", "attack_roll": "attack", "cost": "cost_gp",
    "price": "cost_gp",
    "weight": "weight_lb", "walking_speed": "speed_ft", "walk_speed": "speed_ft", "fly_speed": "fly_ft",
    "flying_speed": "fly_ft", "swim_speed": "swim_ft", "climb_speed": "climb_ft", "burrow_speed": "burrow_ft",
    "fly": "fly_ft", "swim": "swim_ft", "climb": "climb_ft", "burrow": "burrow_ft", "spell_level": "level",
    "spell_school": "school", "requires_concentration": "concentration", "long_range": "long_range_ft",
    "normal_range": "range_ft", "ac_base": "base_ac", "strength_requirement": "strength", "min_strength": "strength",
    "damage_dice": "damage", "size_category": "size",
}  # fmt: skip
FIELDS_OF: dict[str, dict[str, str]] = {
    "armor": {"ac": "base_ac", "armor_class": "base_ac", "base": "base_ac", "stealth": "stealth_disadvantage"},
    "class": {"save": "saves", "saving_throw": "saves", "hit_dice": "hit_die"},
    "weapon": {}, "item": {}, "spell": {}, "creature": {"type": "creature_type"},
}  # fmt: skip
"""Spellings that mean a field only for one kind of subject."""
FLAGS = {"concentration", "ritual", "attack", "dex", "stealth_disadvantage", "attunement"}
SPEEDS = {"speed_ft": "walk", "fly_ft": "fly", "swim_ft": "swim", "climb_ft": "climb", "burrow_ft": "burrow"}


def compare(facts: Facts, kind: str, row: Row, claim: Mapping[str, Any]) -> Iterator[Outcome]:
    """Every field of the claim against the row."""
    special = {"spell": _spell, "creature": _creature, "class": _class, "armor": _armor}.get(kind)
    done: set[str] = {"type", "edition", kind}
    if special is not None:
        for outcome, used in special(facts, row, claim):
            done |= used
            yield outcome
    for name, claimed in claim.items():
        if name in done:
            continue
        field = FIELDS_OF[kind].get(name) or SPELLINGS.get(name, name)
        if field not in PLAIN[kind]:
            yield f"{name[:40]}?", claimed, None, None
        else:
            expected = row[field]
            known = bool(expected) if field in FLAGS and expected is not None else expected
            yield field, claimed, known, same(known, claimed)


Used = Iterator[tuple[Outcome, set[str]]]


def _spell(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Used:
    for name in ("range_ft", "range"):
        if name in claim:
            yield _range(row, name, claim[name]), {name}
    if "components" in claim:
        letters = _letters(claim["components"])
        expected = row["components"]
        held = None if expected is None else letters == frozenset(expected.replace(", ", ""))
        yield ("components", claim["components"], expected, held), {"components"}
    if "component" in claim:
        held = None if row["components"] is None else _letters(claim["component"]) <= set(row["components"].split(", "))
        yield ("component", claim["component"], row["components"], held), {"component"}
    if "casting_time" in claim:
        said = word(re.sub(r"(?<=\d)(?=[a-z])", " ", str(claim["casting_time"])[:60].partition(",")[0].lower()))
        known = row["casting_time"]
        yield ("casting_time", said, known, None if known is None else said == word(known)), {"casting_time"}
    if "damage" in claim:
        yield _spell_damage(facts, row, claim), {"damage", "slot", "character_level"}


def _armor(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Used:
    """Light armour adds all of Dexterity, medium up to a cap, heavy none; a shield is none of them."""
    if "category" in claim and row["base_ac"] is not None:
        worn = "heavy" if not row["dex"] else "light" if row["dex_cap"] is None else "medium"
        known = "shield" if row["base_ac"] < 10 else worn
        yield ("category", claim["category"], known, same(known, claim["category"])), {"category"}


def _range(row: Row, name: str, claimed: Any) -> Outcome:
    """A range in feet; touch and self are 0 or the word; sight and the like only the word."""
    said, text = number(claimed), word(str(claimed).partition("(")[0])
    if said is None or text == word(row["range_text"] or ""):
        return name, claimed, row["range_text"], text == word(row["range_text"] or "")
    expected = row["range_ft"]
    if expected == 0:
        return name, claimed, row["range_text"], 0 <= said < 1
    return name, claimed, expected, same(expected, said)


def _letters(claimed: Any) -> frozenset[str]:
    text = "".join(map(str, claimed)) if isinstance(claimed, list) else str(claimed)
    text = text.lower().partition("(")[0]
    for long in ("verbal", "somatic", "material"):
        text = text.replace(long, long[0])
    return frozenset(letter.upper() for letter in text if letter in "vsm")


def _spell_damage(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Outcome:
    """Damage, at a slot or a character's level when the claim says one."""
    claimed, slot, caster = claim["damage"], number(claim.get("slot")), number(claim.get("character_level"))
    expected: Any = row["damage"]
    if slot is not None and row["level"] and slot < row["level"]:
        return "slot", slot, f"at least {row['level']}", False
    if slot is not None and slot > row["level"]:
        steps = [s for s in facts.scaling(row["ed"], row["key"]) if s["slot"] == slot]
        expected = steps[0]["damage"] if steps else None
    elif caster is not None and caster >= 5:
        steps = [s for s in facts.scaling(row["ed"], row["key"]) if s["caster_level"] and s["caster_level"] <= caster]
        expected = steps[-1]["damage"] if steps else None
    return "damage", claimed, expected, same(expected, claimed)


def _creature(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Used:
    if "ability" in claim:
        yield from _ability(row, claim)
    for name in claim:
        short = ability(name)
        if short is not None and name not in ("ability", "skill", "save"):
            yield (short, claim[name], row[short], same(row[short], claim[name])), {name}
        field = SPELLINGS.get(name, name)
        if field in SPEEDS and row["speed"] is not None:
            expected = row["speed"].get(SPEEDS[field], 0)
            yield (field, claim[name], expected, same(expected, claim[name])), {name}
        elif field in SPEEDS:
            yield (field, claim[name], None, None), {name}
    for kind, column in (("skill", "skills"), ("save", "saves")):
        if kind in claim:
            which = ability(claim[kind]) if kind == "save" else key_of(str(claim[kind])).replace(" ", "_")
            expected = (row[column] or {}).get(which)
            yield (kind, claim.get("bonus"), expected, same(expected, claim.get("bonus"))), {kind, "bonus"}
    if "attack" in claim:
        yield from _attack(facts, row, claim)


def _ability(row: Row, claim: Mapping[str, Any]) -> Used:
    short = ability(claim["ability"])
    score = row[short] if short else None
    used = {"ability", "score", "modifier"}
    if "score" in claim:
        yield ("score", claim["score"], score, same(score, claim["score"])), used
    if "modifier" in claim:
        modifier = None if score is None else (score - 10) // 2
        yield ("modifier", claim["modifier"], modifier, same(modifier, claim["modifier"])), used
    if not {"score", "modifier"} & claim.keys():
        yield ("ability", claim["ability"], None, None), used


def _attack(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Used:
    """An attack by its name; a creature with several forms may have several of one name, and any may be meant."""
    wanted = key_of(str(claim["attack"])[:100])
    rows = [a for a in facts.attacks(row["ed"], row["key"]) if a["key"] == wanted or a["key"].startswith(wanted + " ")]
    exact = [a for a in rows if a["key"] == wanted]
    names = [n for n in ("to_hit", "damage", "damage_type", "reach_ft", "range_ft", "extra_damage") if n in claim]
    for name in names:
        known = [a[name] for a in (exact or rows) if a[name] is not None]
        expected = known[0] if len(known) == 1 else (known or None)
        yield (name, claim[name], expected, _attack_value(expected, claim[name])), {"attack", name}
    if not names:
        yield ("attack", claim["attack"], rows[0]["name"] if rows else None, True if rows else None), {"attack"}


def _attack_value(expected: Any, claimed: Any) -> bool | None:
    """A value, or for damage its average in whole points."""
    verdict = same(expected, claimed)
    average = number(claimed)
    if verdict is False and isinstance(expected, str) and "d" in expected and average is not None:
        text = dice_text(expected) or ""
        count, _, rest = text.partition("d")
        faces, sign, bonus = rest.partition("+") if "+" in rest else rest.partition("-")
        extra = int(bonus or 0) * (-1 if sign == "-" else 1)
        return int(count) * (int(faces) + 1) // 2 + extra == average
    return verdict


def _class(facts: Facts, row: Row, claim: Mapping[str, Any]) -> Used:
    level = number(claim.get("level"))
    if "feature" in claim:
        yield _feature(row, claim), {"feature", "level"}
    if level is None or not level.is_integer() or not 1 <= level <= 20:
        return
    if "slot_level" in claim or "count" in claim:
        slot_level = number(claim.get("slot_level"))
        expected = None if slot_level is None else slots(row, int(level), int(slot_level))
        name = next((key for key in ("count", "slots") if key in claim), "count")
        yield (("slots", claim.get(name), expected, same(expected, claim.get(name))), {"level", "slot_level", name})
    for name, claimed in claim.items():
        if name in ("prof_bonus", "proficiency_bonus"):
            bonus = 2 + (int(level) - 1) // 4
            yield (name, claimed, bonus, same(bonus, claimed)), {"level", name}
        elif name in row["columns"]:
            value = row["columns"][name][int(level) - 1]
            yield (name, claimed, value, same(value, claimed)), {"level", name}


def _feature(row: Row, claim: Mapping[str, Any]) -> Outcome:
    """A class feature: that the class has it, or that it comes at a level (any of its levels, if it comes again)."""
    levels = row["features"].get(key_of(str(claim["feature"])[:100]))
    if "level" not in claim:
        return "feature", claim["feature"], True if levels else None, True if levels else None
    return "feature_level", claim["level"], levels, same(levels, claim["level"]) if levels else None
