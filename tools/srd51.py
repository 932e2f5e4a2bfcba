"""The parts of SRD 5.1, from a folder of Python modules that hold a public transcription of it."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.srd_parts import Part

_Entry = Mapping[str, Any]
_COINS = {"cp": 0.01, "sp": 0.1, "ep": 0.5, "gp": 1, "pp": 10}


def parts51(folder: Path) -> Iterator[Part]:
    """All parts; ``folder`` has a module for each kind of entry.

    Raises:
        FileNotFoundError: a module is missing.
        SyntaxError: a module is not what it was.
    """
    for owner_kind, owner, kind, name, text in _all(folder):
        plain = " ".join(re.sub(r"\*+|^#+ ", " ", text, flags=re.M).split())
        if plain:
            yield Part("5.1", owner_kind, owner, kind, name, plain)


def _all(folder: Path) -> Iterator[tuple[str, str, str, str, str]]:
    for entry in entries(folder / "Monsters.py"):
        owner = re.sub(r", [\w ]+ Form$", "", entry["name"])
        yield from (("creature", owner, *part) for part in _creature(entry))
    for entry in entries(folder / "Spells.py"):
        yield from (("spell", entry["name"], *part) for part in _spell(entry))
    for entry in entries(folder / "Features.py"):
        text = f"Level {entry['level']}. {_joined(entry['desc'])}"
        yield "class", entry["class_"]["name"], "feature", _unbracketed(entry["name"]), text
    for entry in entries(folder / "MagicItems.py"):
        yield "item", entry["name"], "item", entry["name"], _joined(entry["desc"])
    for entry in entries(folder / "Equipment.py"):
        yield "item", entry["name"], "item", entry["name"], _gear(entry)
    species = [*entries(folder / "Races.py"), *entries(folder / "Subraces.py")]
    for entry in species:
        yield from (("species", entry["name"], *part) for part in _species(entry))
    for entry in entries(folder / "Traits.py"):
        for owner in (*entry["races"], *entry["subraces"]):
            yield "species", owner["name"], "trait", entry["name"], _joined(entry["desc"])
    for kind in ("Feats", "Backgrounds", "Conditions", "RuleSections"):
        owner_kind = {"RuleSections": "rule"}.get(kind, kind.lower().removesuffix("s"))
        for entry in entries(folder / f"{kind}.py"):
            text = entry.get("desc") or entry.get("feature", {}).get("desc", "")
            yield owner_kind, entry["name"], owner_kind, entry["name"], _joined(text)


def entries(path: Path) -> Iterator[_Entry]:
    """The keyword arguments of every ``entry_builder(...)`` assigned in a module; nothing of it is executed."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            yield {word.arg: ast.literal_eval(word.value) for word in node.value.keywords if word.arg}


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "\n".join(text)


def _creature(entry: _Entry) -> Iterator[tuple[str, str, str]]:
    for field, kind in (
        ("special_abilities", "trait"),
        ("actions", "action"),
        ("reactions", "reaction"),
        ("legendary_actions", "legendary"),
    ):
        for each in entry.get(field) or ():
            yield kind, _unbracketed(each["name"]), f"{each['desc']} {_used(each)}"
    if entry.get("legendary_actions"):
        yield "legendary", "Legendary actions", "3 legendary actions per round."
    for sense, value in (entry.get("senses") or {}).items():
        yield "sense", sense.replace("_", " ").capitalize(), f"{sense.replace('_', ' ')} {value}."
    yield "languages", "Languages", f"Speaks {entry.get('languages') or 'no language'}."
    yield "size", "Size", f"{entry['size']} {entry['type']} {entry.get('subtype') or ''}, {entry['alignment']}."


def _unbracketed(name: str) -> str:
    return re.sub(r"\s*\(.*?\)", "", name)


def _used(each: _Entry) -> str:
    usage = each.get("usage") or {}
    if usage.get("type") == "recharge on roll":
        return f"Recharge {usage['min_value']}-6."
    if usage.get("type") == "per day":
        return f"{usage['times']} times per day. {usage['times']}/day."
    return ""


def _spell(entry: _Entry) -> Iterator[tuple[str, str, str]]:
    yield "effect", entry["name"], _joined(entry["desc"])
    if entry.get("higher_level"):
        yield "higher", entry["name"], _joined(entry["higher_level"])
    if entry.get("material"):
        yield "materials", entry["name"], entry["material"]


def _gear(entry: _Entry) -> str:
    cost = entry.get("cost") or {}
    told = f"Costs {cost['quantity'] * _COINS[cost['unit']]:g} gp. " if cost else ""
    told += f"Weighs {entry['weight']:g} pounds. " if entry.get("weight") else ""
    return told + _joined(entry.get("desc") or "")


def _species(entry: _Entry) -> Iterator[tuple[str, str, str]]:
    bonuses = [f"{each['ability_score']['name']} +{each['bonus']}" for each in entry.get("ability_bonuses") or ()]
    if bonuses:
        yield "abilities", "Ability Score Increase", ". ".join(bonuses)
    if entry.get("speed"):
        yield "trait", "Speed", f"Walks {entry['speed']} feet."
        yield "trait", "Size", f"{entry['size']}. {entry.get('size_description', '')}"
        yield "trait", "Age", entry["age"]
        yield "trait", "Languages", entry["language_desc"]
