"""Both editions of one thing side by side."""

from collections.abc import Mapping
from typing import Any

from errors import UserMistake
from truth_blocks.contracts import LookUp
from truth_blocks.dnd5e.facts import Facts, Row, key_of
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.values import shown

EDITIONS = ("5.1", "5.2")
KINDS = ("condition", "spell", "creature", "rule")
KIND_SHOWN = {"condition": "condition", "spell": "spell", "creature": "monster", "rule": "rule"}
FIELDS = {
    "spell": ("level", "school", "casting_time", "range_text", "components", "material_cost", "ritual",
              "concentration", "duration", "save", "damage", "damage_type", "shape", "shape_ft", "class"),
    "creature": ("size", "creature_type", "ac", "hp", "hit_dice", "cr", "xp", "pb", "speed", "str", "dex", "con",
                 "int", "wis", "cha", "resistances", "immunities", "vulnerabilities", "condition_immunities",
                 "passive_perception"),
}  # fmt: skip
FLAGS = ("ritual", "concentration")
TITLES = {"range_text": "range", "pb": "proficiency bonus", "class": "classes"}


def resolve(facts: Facts, text: str, names: Mapping[tuple[str, str], Names]) -> tuple[str, str]:
    """Kind and name of what is meant, known to at least one edition; an exact name wins over a near one.

    Raises:
        UserMistake: nothing of that name; says what is closest.
    """
    for kind in KINDS:
        for edition in EDITIONS:
            if facts.key(kind, edition, text[:100]) is not None:
                exact = names["rule" if kind == "condition" else kind, edition].by_alias.get(key_of(text))
                return kind, exact or text
    near: list[tuple[float, str, str]] = []
    for (kind, _), each in names.items():
        near += [(score, name, kind) for score, name in each.closest(text)]
    near = sorted(set(near), reverse=True)
    if near and near[0][0] >= 0.84 and len({name for score, name, _ in near if score > near[0][0] - 0.05}) == 1:
        return near[0][2], near[0][1]
    closest = ", ".join(dict.fromkeys(name for _, name, _ in near[:3]))
    said = " ".join(text.split())[:60]
    raise UserMistake(f'"{said}" is in neither edition.' + (f" Closest: {closest}." if closest else ""))


def compared(facts: Facts, kind: str, name: str) -> LookUp:
    """Both editions side by side; ``≠`` marks what differs."""
    if kind in ("condition", "rule"):
        sides = {ed: _effects(facts, ed, name) for ed in EDITIONS}
    else:
        sides = {ed: _figures(facts, kind, ed, name) for ed in EDITIONS}
    sources = tuple(f'SRD {ed}, "{name}"' for ed in EDITIONS if sides[ed] is not None)
    lines = [f"**{name[:1].upper() + name[1:]}** · SRD 5.1 and 5.2 ({KIND_SHOWN[kind]})"]
    missing = [ed for ed in EDITIONS if sides[ed] is None]
    if missing:
        there = next(ed for ed in EDITIONS if ed not in missing)
        lines.append(f"Only in SRD {there}; SRD {missing[0]} does not have it.")
        lines += [f"  **{field}** {value}" for field, value in (sides[there] or {}).items()]
        return LookUp("\n".join(lines), sources, cacheable=True)
    old, new = sides["5.1"] or {}, sides["5.2"] or {}
    fields = list(dict.fromkeys([*old, *new]))
    whole = kind in ("condition", "rule")
    open_ = [f for f in fields if not whole and not f.startswith("attack") and (f not in old or f not in new)]
    differing = [field for field in fields if old.get(field) != new.get(field) and field not in open_]
    lines.append(f"{len(differing) or 'No'} difference{'s' * (len(differing) != 1)} in {len(fields)} facts.")
    for field in differing:
        lines.append(f"≠ **{field}**\n  5.1: {old.get(field) or '—'}\n  5.2: {new.get(field) or '—'}")
    lines += [f"= **{field}** {old[field]}" for field in fields if field not in differing and field not in open_]
    if open_:
        lines.append(f"Not known in both editions: {', '.join(open_)}.")
    return LookUp("\n".join(lines), sources, cacheable=True)


def _effects(facts: Facts, edition: str, name: str) -> dict[str, str] | None:
    rule = facts.rule(edition, name)
    if rule is None:
        return None
    return {effect.field.replace("_", " "): effect.sentence for effect in rule.effects}


def _figures(facts: Facts, kind: str, edition: str, name: str) -> dict[str, str] | None:
    row = facts.row(kind, edition, name)
    if row is None:
        return None
    found = {TITLES.get(field, field.replace("_", " ")): _shown(field, row[field]) for field in FIELDS[kind]}
    if kind == "creature":
        found |= {f"attack: {each['name']}": _attack(each) for each in facts.attacks(edition, row["key"])}
    return {field: value for field, value in found.items() if value}


def _shown(field: str, value: Any) -> str:
    if value is None:
        return ""
    if value == []:
        return "none"
    if field in FLAGS:
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {feet:g} ft" for name, feet in value.items())
    return shown(value).replace("_", " ").replace("+MOD", " + modifier").lower()


def _attack(row: Row) -> str:
    hit = f"{row['to_hit']:+d} to hit" if row["to_hit"] is not None else ""
    return ", ".join(filter(None, (hit, row["damage"], row["extra_damage"] and f"+ {row['extra_damage']}")))
