"""Look-ups as Markdown."""

from collections.abc import Iterable, Mapping
from typing import Any

from truth_blocks.dnd5e.dice import Dice, Die, Roll
from truth_blocks.dnd5e.facts import Facts, Row, Rule
from truth_blocks.dnd5e.part_lines import part_lines, senses
from truth_blocks.dnd5e.values import ABILITIES, shown

UNKNOWN = "not in the data"


def _feet(value: float | None) -> str:
    """A distance in feet, or in miles from one mile on."""
    if value is None:
        return UNKNOWN
    miles = value / 5_280
    return f"{value:g} ft" if miles < 1 else f"{miles:,.0f} mile{'s' if miles > 1 else ''}"


def _listed(value: Iterable[Any] | None) -> str:
    return ", ".join(str(each).replace("_", " ") for each in value) if value else ""


def _bonuses(value: Mapping[str, int] | None) -> str:
    return ", ".join(f"{name.replace('_', ' ').capitalize()} {bonus:+d}" for name, bonus in (value or {}).items())


def _line(label: str, text: str) -> str:
    return f"**{label}** {text}"


def spell(facts: Facts, row: Row) -> str:
    """One spell: every known field, and how it grows with slots or levels."""
    level = "cantrip" if row["level"] == 0 else f"level {row['level']}"
    marks = [name for name in ("concentration", "ritual") if row[name]]
    lines = [
        f"**{row['name']}** · SRD {row['ed']}",
        " ".join(filter(None, (level, row["school"]))) + (f" · {', '.join(marks)}" if marks else ""),
        _line("Casting time", row["casting_time"] or UNKNOWN),
        _line("Range", row["range_text"] or UNKNOWN),
        _line(
            "Components",
            (row["components"] or "none") + (f" ({row['material_cost']} gp)" if row["material_cost"] else ""),
        ),
        _line("Duration", row["duration"] or UNKNOWN),
    ]
    if row["save"]:
        lines.append(_line("Saving throw", row["save"].capitalize()))
    if row["attack"]:
        lines.append(_line("Attack", "spell attack roll"))
    if row["damage"] or row["damage_type"]:
        lines.append(_line("Damage", " ".join(filter(None, (_dice_shown(row["damage"]), _listed(row["damage_type"]))))))
    if row["shape"]:
        lines.append(_line("Area", f"{row['shape']}, {_feet(row['shape_ft'])}"))
    lines += _scaling(facts.scaling(row["ed"], row["key"]))
    lines.append(_line("Classes", _listed(name.capitalize() for name in row["class"]) if row["class"] else UNKNOWN))
    return "\n".join(lines)


def _dice_shown(damage: str | None) -> str:
    return (damage or "").replace("+MOD", " + modifier")


def _scaling(steps: list[Row]) -> list[str]:
    """One line for slots, one for character levels; a value that repeats is shown where it begins."""
    lines = []
    for column, label in (("slot", "With a higher slot"), ("caster_level", "At higher levels")):
        parts: list[str] = []
        last = ""
        for step in steps:
            if not step[column]:
                continue
            gains = [
                _dice_shown(step["damage"]),
                f"{step['targets']} targets" if step["targets"] else "",
                step["duration"] or "",
            ]
            text = " ".join(filter(None, gains))
            if text and text != last:
                parts.append(f"{step[column]}: {text}")
            last = text
        if parts:
            lines.append(_line(label, " · ".join(parts)))
    return lines


def creature(facts: Facts, row: Row) -> str:
    """One creature: figures, defences, attacks."""
    kind = " ".join(filter(None, (row["size"], row["creature_type"]))).capitalize()
    dice = f" ({row['hit_dice']})" if row["hit_dice"] else ""
    xp = f" ({row['xp']:,} XP)" if row["xp"] is not None else ""
    initiative = f" · **Initiative** {row['initiative']:+d}" if row["initiative"] is not None else ""
    lines = [
        f"**{row['name']}** · SRD {row['ed']}",
        kind,
        _line("AC", shown(row["ac"])) + f" · **HP** {shown(row['hp'])}{dice}{initiative}",
        _line("Speed", ", ".join(f"{name} {_feet(value)}" for name, value in (row["speed"] or {}).items()) or UNKNOWN),
        " · ".join(f"**{name.upper()}** {row[name]} ({(row[name] - 10) // 2:+d})" for name in ABILITIES),
    ]
    for label, text in (
        ("Saving throws", _bonuses(row["saves"])),
        ("Skills", _bonuses(row["skills"])),
        ("Resistances", _listed(row["resistances"])),
        ("Immunities", _listed(row["immunities"])),
        ("Vulnerabilities", _listed(row["vulnerabilities"])),
        ("Condition immunities", _listed(row["condition_immunities"])),
    ):
        if text:
            lines.append(_line(label, text))
    entries = facts.entries(row["ed"], "creature", row["key"])
    sensed = _line("Senses", seen) + " · " if (seen := senses(entries)) else ""
    lines.append(sensed + _line("Passive Perception", shown(row["passive_perception"])))
    lines.append(_line("CR", shown(row["cr"])) + f"{xp} · **Proficiency bonus** {row['pb']:+d}")
    attacks = facts.attacks(row["ed"], row["key"])
    lines += [_attack(attack) for attack in attacks]
    lines += part_lines(entries, [attack["name"] for attack in attacks])
    return "\n".join(lines)


def _attack(row: Row) -> str:
    hit = f"{row['to_hit']:+d} to hit" if row["to_hit"] is not None else ""
    reach = f"reach {_feet(row['reach_ft'])}" if row["reach_ft"] else ""
    far = f"range {_feet(row['range_ft'])}" if row["range_ft"] else ""
    damage = " ".join(filter(None, (row["damage"], row["damage_type"])))
    extra = (
        "+ " + " ".join(filter(None, (row["extra_damage"], row["extra_damage_type"]))) if row["extra_damage"] else ""
    )
    return f"- **{row['name']}** " + ", ".join(filter(None, (hit, reach, far, f"{damage} {extra}".strip())))


def rule(found: Rule) -> str:
    """What the table says about a topic."""
    lines = [f"**{found.title}** · SRD {found.edition}", *(f"- {_sentence(e.sentence)}" for e in found.effects)]
    return "\n".join(lines)


def _sentence(text: str) -> str:
    shown_text = text[0].upper() + text[1:]
    return shown_text if shown_text.endswith((".", ":")) else shown_text.rstrip(",;") + "."


def roll(result: Roll, label: str) -> str:
    """A roll with every die: dropped ones struck out, rerolls and explosions marked."""
    parts: list[str] = []
    fallen = iter(result.dice)
    for step in result.expression.written:
        if isinstance(step, Dice):
            parts.append(_dice(*next(fallen)))
        else:
            parts.append({"neg": "−", "-": " − ", "+": " + ", "*": " × ", "/": " ÷ "}.get(str(step), str(step)))
    head = f"**{label}**: " if label else ""
    shown_dice = "".join(parts)
    return f"{head}`{result.expression.text}` = {shown_dice} = **{result.total:,}**"


def _dice(dice: Dice, fallen: tuple[Die, ...]) -> str:
    """``(6, 5, ~~1~~)``; past 60 dice the rest is counted, the seed still gives them all."""
    texts = []
    for die in fallen[:60]:
        before = "".join(f"{face}→" for face in die.before[:5])
        text = f"{before}{die.value}{'!' if die.exploded else ''}"
        texts.append(f"**{text}**" if die.kept else f"~~{text}~~")
    if len(fallen) > 60:
        rest = sum(die.value for die in fallen[60:] if die.kept)
        texts.append(f"{len(fallen) - 60} more dice worth {rest:,}")
    name = f" {dice.label}" if dice.label else ""
    return (texts[0] if len(texts) == 1 else f"({', '.join(texts)})") + name
