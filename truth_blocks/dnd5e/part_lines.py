"""The traits, actions and senses of a creature as lines of its card: names, and the figures that stand in them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from truth_blocks.dnd5e.facts import Entry
from truth_blocks.dnd5e.readers.entries.words import span

_KINDS = (("trait", "Traits"), ("action", "Actions"), ("bonus action", "Bonus actions"), ("reaction", "Reactions"))
_MILE = 5_280
_UNTOLD = frozenset(["Multiattack", "Spellcasting", "Legendary actions"])


def senses(entries: Iterable[Entry]) -> str:
    """The senses in a line, ``blindsight 60 ft, darkvision 120 ft``; empty when there are none."""
    found = ((each.name.lower(), _ordered(each, "feet")) for each in entries if each.kind == "sense")
    return ", ".join(f"{name} {feet[0]} ft" for name, feet in found if feet)


def part_lines(entries: Sequence[Entry], attacks: Iterable[str]) -> list[str]:
    """Lines of Markdown for all but ``attacks``, whose names stand on the card already."""
    shown = {re.sub(r" \(.*", "", name).lower() for name in attacks} | {name.lower() for name in _UNTOLD}
    lines: list[str] = []
    for kind, title in _KINDS:
        lines += _told(title, [each for each in entries if each.kind == kind and each.name.lower() not in shown])
    legendary = [each for each in entries if each.kind == "legendary"]
    count = next((_ordered(each, "number") for each in legendary if each.name == "Legendary actions"), [])
    if count:
        lines += _told(f"Legendary actions ({count[-1]} a round)", [e for e in legendary if e.name not in _UNTOLD])
    return lines


def _told(title: str, parts: Iterable[Entry]) -> Iterator[str]:
    """One line for all that have no figures, one for each that has."""
    lines = [(each.name, figures(each)) for each in parts]
    if plain := [name for name, told in lines if not told]:
        yield f"**{title}** {', '.join(plain)}"
    yield from (f"- **{name}** {told}" for name, told in lines if told)


def figures(part: Entry) -> str:
    """The save and the uses of a part, ``DC 21 Dex save, 60 ft cone, 18d6 fire, half on a success (recharge 5–6)``.

    Empty for a part that has neither.
    """
    used = [f"{each} a day" for each in _ordered(part, "uses")]
    used += [f"recharge {each}–6" if each != "6" else "recharge 6" for each in _ordered(part, "recharge")]
    told = _save(part) if len(part.values.get("dc", ())) == 1 else ""
    return " ".join(filter(None, (told, f"({', '.join(used)})" if used else "")))


def _save(part: Entry) -> str:
    abilities = " or ".join(each.capitalize() for each in _ordered(part, "save"))
    near = [each for each in _ordered(part, "feet") if float(each) < _MILE]
    shape, times = _ordered(part, "shape"), _ordered(part, "time")
    area = f" {shape[0]}" if len(shape) == 1 and shape != ["sphere"] else ""
    conditions = [each for each in _ordered(part, "condition") if each != "incapacitated"]
    dice = f"{', '.join(_ordered(part, 'dice'))} {' or '.join(_ordered(part, 'type'))}"
    told = [
        f"DC {_ordered(part, 'dc')[0]} {abilities} save".replace("  ", " "),
        f"{'/'.join(near)} ft{area}" if near else "",
        dice.strip() if "dice" in part.values else "",
        ", ".join(conditions or _ordered(part, "condition")),
        span(times[0]) if times else "",
        "half on a success" if "success" in part.values else "",
    ]
    return ", ".join(filter(None, told))


def _ordered(part: Entry, kind: str) -> list[str]:
    return sorted(part.values.get(kind, ()), key=lambda each: (float(each) if each.isdigit() else 0, each))
