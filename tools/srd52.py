"""The parts of SRD 5.2, from a folder of JSON files that hold a public transcription of it.

Its texts leave figures to macros (``[[/damage average]]``); they are filled in from the structured fields of the same entry.
What cannot be filled in with certainty becomes `UNKNOWN`.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.srd_parts import UNKNOWN, Part
from truth_blocks.dnd5e.facts import key_of

_Entry = Mapping[str, Any]
_ABILITIES = ("str", "dex", "con", "int", "wis", "cha")
_LONG = {"str": "Strength", "dex": "Dexterity", "con": "Constitution", "int": "Intelligence", "wis": "Wisdom", "cha": "Charisma"}  # fmt: skip
_KINDS = {"bonus_action": "bonus action", "special": "trait"}
_UNITS = {"ft": "feet", "mi": "miles", "minute": "minutes", "hour": "hours", "day": "days", "round": "rounds"}


def parts52(folder: Path, attacks: Mapping[tuple[str, str], str]) -> Iterator[Part]:
    """All parts; ``folder`` has a folder for each kind of entry, ``attacks`` are told by the keys of creature and attack.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    for entry in _entries(folder / "monsters"):
        yield from _of_creature(entry, attacks)
    for entry in _entries(folder / "spells"):
        yield from _of_spell(entry)
    for entry in _entries(folder / "features"):
        yield _part(entry, "class", str(entry["source_slug"]), "feature")
    for owner_kind in ("item", "feat", "background", "condition"):
        for entry in _entries(folder / f"{owner_kind}s"):
            yield _part(entry, owner_kind, entry["name"], owner_kind)


def _part(entry: _Entry, owner_kind: str, owner: str, kind: str) -> Part:
    text = filled(entry["description"], entry, entry.get("activities") or ())
    told = f"{_of_item(entry)}{text}" if owner_kind == "item" else text
    return Part("5.2", owner_kind, owner, kind, entry["name"], _plain(told))


def _of_creature(entry: _Entry, attacks: Mapping[tuple[str, str], str]) -> Iterator[Part]:
    for kind, name, text in _creature(entry):
        told = attacks.get((key_of(entry["name"]), key_of(name)))
        text = re.sub(rf"^{UNKNOWN}\. {UNKNOWN}".replace("?", r"\?"), told, text) if told else text
        yield Part("5.2", "creature", entry["name"], kind, name, _plain(text))


def _of_spell(entry: _Entry) -> Iterator[Part]:
    text = filled(entry["description"], entry, entry["activities"])
    effect, *higher = re.split(r"Using a Higher-Level Spell Slot\.|Cantrip Upgrade\.", text, maxsplit=1)
    for kind, told in (("effect", effect), *(("higher", each) for each in higher)):
        yield Part("5.2", "spell", entry["name"], kind, entry["name"], _plain(told))


def _entries(folder: Path) -> Iterator[_Entry]:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing")
    for path in sorted(folder.glob("*.json")):
        yield json.loads(path.read_text("utf-8"))


def _plain(text: str) -> str:
    text = re.split(r"\bFoundry Note\b", text)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _of_item(entry: _Entry) -> str:
    told = f"{entry['rarity']} magic item. " if entry.get("rarity") else ""
    told += "Requires attunement. " if entry.get("requires_attunement") else ""
    told += f"Costs {entry['cost_gp']:g} gp. " if entry.get("cost_gp") else ""
    return told.replace("_", " ").replace("-", " ")


def _creature(entry: _Entry) -> Iterator[tuple[str, str, str]]:
    for field in ("special_abilities", "actions", "legendary_actions", "lair_actions"):
        for each in entry[field]:
            kind = _KINDS.get(each["kind"], each["kind"])
            yield (
                kind,
                re.sub(r"\s*\(.*?\)", "", each["name"]),
                f"{filled(each['description'], entry, each['activities'])} {_used(each, entry)}",
            )
    if entry["legendary_action_uses"]:
        yield "legendary", "Legendary actions", f"{entry['legendary_action_uses']} legendary actions."
    for sense, feet in entry["senses"].items():
        if feet:
            unit = "" if sense == "passive_perception" else " feet"
            yield "sense", sense.replace("_", " ").capitalize(), f"{sense.replace('_', ' ')} {feet}{unit}."
    yield "languages", "Languages", f"Speaks {', '.join(map(str, entry['languages']))}."
    yield "size", "Size", f"{entry['creature_size']} {entry['creature_type']}, {entry['alignment']}."


def _used(each: _Entry, entry: _Entry) -> str:
    told = f"Recharge {each['recharge']}." if each["recharge"] else ""
    told += f" {each['uses_per_day']}/day." if each["uses_per_day"] else ""
    uses = entry["legendary_resistance_uses"]
    return told + (f" {uses}/day, {uses} times per day." if each["name"] == "Legendary Resistance" and uses else "")


def filled(text: str, entry: _Entry, activities: Any) -> str:
    """A description with its macros filled in."""
    by_id = {each["id"]: each for each in activities}
    first = next(iter(activities), None)

    def fill(found: re.Match[str]) -> str:
        inside, shown = found[1], found[2]
        named = re.search(r"\bactivity=(\w+)", inside)
        activity = by_id.get(named[1]) if named else first
        value = _macro(inside, entry, activity, activities)
        return value if value is not None else (shown or UNKNOWN)

    text = re.sub(r"&(?:amp;)?Reference\[(\w[\w ]*?)(?: apply=\w+)?\](?:\{([^}]*)\})?", lambda m: m[2] or m[1], text)
    text = re.sub(r"@(?:UUID|Embed)\[[^\]]*\](?:\{([^}]*)\})?", lambda m: m[1] or "", text)
    return re.sub(r"\[\[([^\]]*)\]\](?:\{([^}]*)\})?", fill, text)


def _macro(inside: str, entry: _Entry, activity: _Entry | None, activities: Any) -> str | None:
    words = inside.split()
    if inside.startswith("lookup @name"):
        return str(entry["name"])
    if words[0] == "/item":
        return inside.removeprefix("/item ") if "." not in inside else None
    if words[0] in ("/r", "/roll") or (words[0] == "/damage" and len(words) > 1 and re.match(r"\(?\d", words[1])):
        return _rolled(inside)
    if words[0] == "/award":
        return inside.removeprefix("/award ")
    if words[0] == "/damage":
        of = activity if activity and (activity.get("damage") or {}).get("parts") else next((each for each in activities if (each.get("damage") or {}).get("parts")), None)  # fmt: skip
        return _damage(of, entry)
    if words[0] in ("/save", "/check", "/skill"):
        return _tested(inside, entry, activity)
    if words[0] == "lookup":
        return _looked_up(words[1], entry, activity)
    return None


def _rolled(inside: str) -> str | None:
    found = re.search(r"(\d+d\d+(?: ?[+-] ?\d+)?)", inside)
    kind = re.search(r"type=(\w+)|\b(acid|bludgeoning|cold|fire|force|lightning|necrotic|piercing|poison|psychic|radiant|slashing|thunder)\b", inside)  # fmt: skip
    if found is None:
        return None
    return found[1] + (f" {kind[1] or kind[2]}" if kind else "")


def modifier(entry: _Entry, ability: str) -> int:
    """The modifier of an ability."""
    return int(entry["ability_scores"][ability] - 10) // 2


def _damage(activity: _Entry | None, entry: _Entry) -> str | None:
    if activity is None or activity["kind"] == "attack":
        return None
    told = []
    for part in activity["damage"]["parts"]:
        if part["custom"]["enabled"] or "@" in part["bonus"] or part["denomination"] is None:
            return None
        count, faces, bonus = part["number"], part["denomination"], int(part["bonus"] or 0)
        average = count * (faces + 1) // 2 + bonus
        dice = f"{count}d{faces}" + (f" + {bonus}" if bonus else "")
        told.append(f"{average} ({dice}) {' or '.join(part['types'])}")
    return " plus ".join(told) or None


def save_dc(entry: _Entry, activity: _Entry) -> int | None:
    """The DC of an activity's save: 8, the proficiency bonus and an ability's modifier, or as written."""
    dc = (activity.get("save") or activity.get("check") or {}).get("dc") or {}
    how = entry.get("spellcasting_ability") if dc.get("calculation") == "spellcasting" else dc.get("calculation")
    if how in _ABILITIES and "ability_scores" in entry:
        return 8 + int(entry["proficiency_bonus"]) + modifier(entry, how)
    written = str(dc.get("formula") or "")
    return int(written) if not how and written.isdigit() else None


def _tested(inside: str, entry: _Entry, activity: _Entry | None) -> str | None:
    ability = re.search(r"ability=(\w+)|\b(str|dex|con|int|wis|cha)\b", inside)
    skill = re.search(r"skill=(\w+)", inside)
    dc = re.search(r"dc=(\d+)", inside)
    told = f"DC {dc[1]} " if dc else ""
    if "dc=@" in inside and "ability_scores" in entry:
        number = spell_dc(entry)
        told = f"DC {number} " if number else ""
    if not ability and activity is not None and inside.startswith("/save"):
        number = save_dc(entry, activity)
        abilities = (activity.get("save") or {}).get("ability") or []
        return (
            f"DC {number} {' or '.join(_LONG[each] for each in abilities)} saving throw"
            if number and abilities
            else None
        )
    if not ability:
        return None
    named = _LONG.get(ability[1] or ability[2], "")
    return (
        told + named + (" saving throw" if inside.startswith("/save") else f" check{' ' + skill[1] if skill else ''}")
    )


def spell_dc(entry: _Entry) -> int | None:
    """The spell save DC of a creature."""
    ability = entry.get("spellcasting_ability")
    return 8 + int(entry["proficiency_bonus"]) + modifier(entry, ability) if ability in _ABILITIES else None


def _looked_up(path: str, entry: _Entry, activity: _Entry | None) -> str | None:
    if path == "@attributes.spell.dc":
        number = spell_dc(entry) if "ability_scores" in entry else None
        return str(number) if number else None
    found = re.fullmatch(r"@abilities\.(\w+)\.(dc|mod)", path)
    if found and "ability_scores" in entry:
        own = modifier(entry, found[1])
        return str(own if found[2] == "mod" else 8 + int(entry["proficiency_bonus"]) + own)
    if activity is None:
        return None
    if path == "@save.dc.value":
        number = save_dc(entry, activity)
        return str(number) if number else None
    if path.startswith("@labels.description."):
        template = (activity.get("target") or {}).get("template") or {}
        if path.endswith("affects"):
            return "Each creature"
        return f"{template['size']}-foot {template['type']}" if template.get("size") else None
    if path == "@healing.formula":
        healing = activity.get("healing") or {}
        plain = healing.get("denomination") and not healing.get("bonus")
        return f"{healing['number']}d{healing['denomination']}" if plain else None
    if path == "@damage.onSave":
        return str(activity["damage"].get("on_save"))
    value: Any = activity
    for step in path.removeprefix("@").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if path.startswith(("@target.affects.type", "@target.affects.labels")):
        return str(activity["target"]["affects"]["type"] or "creature")
    if value in (None, "") or "@" in str(value):
        return None
    return _UNITS.get(str(value), str(value))
