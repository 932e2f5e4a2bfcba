"""The cards of look-ups as Markdown: spells and creatures by `render`, gear and classes here."""

from collections.abc import Iterator, Mapping
from typing import Any

from errors import UserMistake
from truth_blocks.contracts import LookUp, Topic
from truth_blocks.dnd5e import render
from truth_blocks.dnd5e.facts import Facts, Row, key_of
from truth_blocks.dnd5e.readers.gear.words import sold
from truth_blocks.dnd5e.readers.rules.known import casting_ability, versatile_damage, weapon_words
from truth_blocks.dnd5e.render import UNKNOWN

GEAR = ("weapon", "armor", "item")
"""The kinds of row that `/dnd item` finds, the one with the most figures first."""
MOST_LEVEL = 20
_Features = list[tuple[str, list[int]]]
_MASTERIES = frozenset({"cleave", "graze", "nick", "push", "sap", "slow", "topple", "vex"})


def key_for(facts: Facts, kind: str, edition: str, name: str) -> str | None:
    """The key under which a card is found by any of its names; None when the edition has no such thing."""
    return gear_key(facts, edition, name) if kind == "gear" else facts.key(kind, edition, name)


def card(facts: Facts, topic: Topic) -> LookUp:
    """What the facts say of the one thing a topic names.

    Raises:
        UserMistake: it is no longer in the data.
    """
    kind, edition, key = topic.subject["kind"], topic.variant, topic.subject["key"]
    if kind == "gear":
        found = gear(facts, edition, key)
    else:
        row = facts.row(kind, edition, key)
        found = None if row is None else (row["name"], _text(facts, kind, row, topic.subject.get("level")))
    if found is None:
        raise UserMistake(f"{topic.title} is no longer in the data. Ask again.")
    name, text = found
    if topic.subject["asked"]:
        text += f"\n-# read “{' '.join(topic.subject['asked'].split())[:60]}” as {name}"
    return LookUp(text, (f'SRD {edition}, "{name}"',), cacheable=True)


def _text(facts: Facts, kind: str, row: Row, level: int | None) -> str:
    if kind == "class":
        return class_card(facts, row, level)
    return (render.spell if kind == "spell" else render.creature)(facts, row)


def gear_key(facts: Facts, edition: str, name: str) -> str | None:
    """``kind:key`` of a weapon, armour or other item by any of its names; None when the edition has none."""
    found = ((kind, facts.key(kind, edition, name)) for kind in GEAR)
    return next((f"{kind}:{key}" for kind, key in found if key is not None), None)


def gear(facts: Facts, edition: str, key: str) -> tuple[str, str] | None:
    """Name and card of a weapon, armour or item by its `gear_key`; None when it is not in the data."""
    kind, _, plain = key.partition(":")
    row = facts.row(kind, edition, plain)
    if row is None:
        return None
    priced = row if kind == "item" else sold(facts, edition, plain)
    body = {"weapon": _weapon, "armor": _armor}.get(kind, _other)(row, edition)
    lines = [f"**{row['name']}** · SRD {edition}", *body]
    if priced is not None and (bought := _bought(priced)):
        lines.append(bought)
    return row["name"], "\n".join(lines)


def _weapon(row: Row, edition: str) -> Iterator[str]:
    words = weapon_words(row["key"], edition)
    sort = [word for word in words if word in ("simple", "martial", "melee", "ranged")]
    masteries = [word for word in words if word in _MASTERIES]
    properties = [word for word in words if word not in sort and word not in masteries]
    if sort:
        yield f"{' '.join(sort)} weapon"
    yield f"**Damage** {' '.join(filter(None, (row['damage'], row['damage_type']))) or UNKNOWN}"
    if (two_hands := versatile_damage(row["key"], edition)) is not None:
        properties = [f"versatile ({two_hands})" if word == "versatile" else word for word in properties]
    if row["range_ft"]:
        yield f"**Range** {row['range_ft']:g} ft, to {row['long_range_ft']:g} ft with disadvantage"
    if properties:
        yield f"**Properties** {', '.join(properties)}"
    if masteries and edition != "5.1":
        yield f"**Mastery** {', '.join(masteries)}"


def _armor(row: Row, edition: str) -> Iterator[str]:
    base, cap = row["base_ac"], row["dex_cap"]
    if base is not None and base < 10:
        yield f"**AC** +{base}"
    else:
        added = "" if not row["dex"] else " + Dexterity modifier" + (f" (at most {cap})" if cap is not None else "")
        yield f"**AC** {base if base is not None else UNKNOWN}{added}"
    if row["strength"]:
        yield f"**Strength** {row['strength']} needed, or the speed falls by 10 ft"
    if row["stealth_disadvantage"]:
        yield "**Stealth** disadvantage"


def _other(row: Row, edition: str) -> Iterator[str]:
    if row["rarity"]:
        attuned = {1: "needs attunement", 0: "no attunement"}.get(row["attunement"], "")
        yield " · ".join(filter(None, ("magic item", row["rarity"], attuned)))
    elif row["category"]:
        yield str(row["category"]).replace("-", " ")


def _bought(row: Row) -> str:
    parts = []
    if row["cost_gp"] is not None:
        parts.append(f"**Cost** {_coins(row['cost_gp'])}")
    if row["weight_lb"] is not None:
        parts.append(f"**Weight** {row['weight_lb']:g} lb")
    return " · ".join(parts)


def _coins(gold: float) -> str:
    """A price in the coin it is written in: 0.1 gp is 1 sp, 0.02 gp is 2 cp."""
    for worth, coin in ((1, "gp"), (10, "sp"), (100, "cp")):
        if abs(gold * worth - round(gold * worth)) < 1e-6:
            return f"{round(gold * worth):,} {coin}"
    return f"{gold:g} gp"


def level_of(text: str) -> int | None:
    """A character level from an option; None for the whole table.

    Raises:
        UserMistake: not a whole number from 1 to 20.
    """
    if not text.strip():
        return None
    if not text.strip().isdecimal() or not 1 <= int(text) <= MOST_LEVEL:
        raise UserMistake(f'A level is a whole number from 1 to {MOST_LEVEL}, not "{text[:20]}".')
    return int(text)


def class_card(facts: Facts, row: Row, level: int | None) -> str:
    """A class at one level, or what each level brings."""
    features = _features(facts, row)
    saves = ", ".join(str(each).capitalize() for each in row["saves"] or ())
    at = f", level {level}" if level else ""
    lines = [f"**{row['name']}**{at} · SRD {row['ed']}", f"**Hit die** d{row['hit_die']} · **Saving throws** {saves}"]
    if (ability := casting_ability(row["key"])) is not None and row["slots"]:
        lines.append(f"**Casts with** {ability.capitalize()}")
    lines += _at_level(row, features, level) if level else _table(row, features)
    return "\n".join(lines)


def _at_level(row: Row, features: _Features, level: int) -> Iterator[str]:
    yield f"**Proficiency bonus** +{2 + (level - 1) // 4}"
    if slots := _slots(row, level):
        yield f"**Spell slots** {slots}"
    figures = {name: values[level - 1] for name, values in (row["columns"] or {}).items() if values[level - 1]}
    if figures:
        yield " · ".join(f"**{_titled(name)}** {_figure(name, value)}" for name, value in figures.items())
    new = [name for name, levels in features if level in levels]
    old = [name for name, levels in features if min(levels) < level and level not in levels]
    yield f"**New at level {level}** {', '.join(new) or 'nothing'}"
    if old:
        yield f"**From before** {', '.join(old)}"


def _table(row: Row, features: _Features) -> Iterator[str]:
    if any(row["slots"] or ()):
        yield f"**Spell slots at level 20** {_slots(row, MOST_LEVEL)}"
    for level in range(1, MOST_LEVEL + 1):
        if names := [name for name, levels in features if level in levels]:
            yield f"- **{level}** {', '.join(names)}"


def _features(facts: Facts, row: Row) -> _Features:
    """Features by their written names, each with the levels that bring it or make it better."""
    written = dict(facts.aliases("class_feature", row["ed"]))
    gained: Mapping[str, list[int]] = row["features"] or {}
    return sorted((written.get(key, key.capitalize()), levels) for key, levels in gained.items() if levels)


def _slots(row: Row, level: int) -> str:
    """``4 of 1st level, 2 of 2nd``; a warlock's slots are all of one level."""
    slots = row["slots"][level - 1] if row["slots"] else []
    if row["slot_level"]:
        return f"{slots} of level {row['slot_level'][level - 1]}"
    return ", ".join(f"{count} of level {at}" for at, count in enumerate(slots, 1) if count)


def _titled(name: str) -> str:
    return key_of(name.removesuffix("_ft").replace("_", " ")).capitalize()


def _figure(name: str, value: Any) -> str:
    return f"{value} ft" if name.endswith("_ft") else str(value)
