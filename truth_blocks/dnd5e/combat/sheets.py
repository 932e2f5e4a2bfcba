"""A character sheet: what rolls and fights need of a character, read strictly."""

import re
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.combat.chance import doubled, read_dice
from truth_blocks.dnd5e.combat.state import Attack, Combatant, Condition, Slots
from truth_blocks.dnd5e.dice import names_in, read_values
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.values import ABILITIES, ability

MOST_BYTES = 20_000


class Weapon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One attack: ``{"name":"Longsword","to_hit":5,"damage":"1d8+3","type":"slashing"}``."""

    name: str
    to_hit: int
    damage: str
    type: str = ""
    ranged: bool = False


class Sheet(msgspec.Struct, forbid_unknown_fields=True):
    """A character. ``slots`` and ``slots_left`` list spell slots from level 1 on."""

    name: str
    level: int
    hp: int
    ac: int
    max_hp: int = 0
    class_name: str = msgspec.field(name="class", default="")
    abilities: dict[str, int] = {}
    save_proficiencies: list[str] = []
    attacks: list[Weapon] = []
    slots: list[int] = []
    slots_left: list[int] = []
    spell_save_dc: int | None = None
    spell_attack: int | None = None
    temp_hp: int = 0
    hit_dice_left: int | None = None
    exhaustion: int = 0


def read(content: bytes | str) -> Sheet:
    """A sheet from JSON.

    Raises:
        UserMistake: not JSON of this shape, or a value out of bounds; says which.
    """
    try:
        if len(content) > MOST_BYTES:
            raise UserMistake(f"A character has {MOST_BYTES:,} bytes at most. Nothing was changed.")
        return checked(msgspec.json.decode(content, type=Sheet))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UserMistake(f"That is not a character: {str(error)[:150]}. Nothing was changed.") from None


def checked(sheet: Sheet) -> Sheet:
    """The sheet with its defaults filled in.

    Raises:
        UserMistake: a value out of bounds.
    """
    sheet.name = " ".join(sheet.name.split())[:40]
    sheet.max_hp = sheet.max_hp or sheet.hp
    sheet.slots_left = sheet.slots_left or list(sheet.slots)
    bounds = (
        ("level", sheet.level, 1, 20), ("max_hp", sheet.max_hp, 1, 999), ("hp", sheet.hp, 0, sheet.max_hp),
        ("ac", sheet.ac, 1, 40), ("exhaustion", sheet.exhaustion, 0, 6), ("temp_hp", sheet.temp_hp, 0, 999),
        *((name, score, 1, 30) for name, score in sheet.abilities.items()),
        *(("to_hit", weapon.to_hit, -10, 30) for weapon in sheet.attacks),
        *(("slots", count, 0, 9) for count in (*sheet.slots, *sheet.slots_left)),
    )  # fmt: skip
    for name, value, low, high in bounds:
        if not low <= value <= high:
            raise UserMistake(f"{name[:30]} is from {low} to {high}, not {value}. Nothing was changed.")
    if len(sheet.attacks) > 12 or len(sheet.slots) > 9 or len(sheet.slots_left) != len(sheet.slots):
        raise UserMistake("A character has at most 12 attacks and slots of 9 levels. Nothing was changed.")
    sheet.abilities = {ability(name) or _bad(name): score for name, score in sheet.abilities.items()}
    sheet.save_proficiencies = [ability(name) or _bad(name) for name in sheet.save_proficiencies]
    for weapon in sheet.attacks:
        read_dice(weapon.damage)
        doubled(weapon.damage)
    return sheet


def _bad(name: str) -> str:
    raise UserMistake(f'"{name[:20]}" is no ability. Nothing was changed.')


def proficiency(level: int) -> int:
    """Proficiency bonus of a level."""
    return 2 + (level - 1) // 4


def numbers(sheet: Sheet) -> dict[str, int]:
    """What ``@names`` in dice mean for a character: level, prof, and the modifier of each ability that was set."""
    modifiers = {short: (score - 10) // 2 for short, score in sheet.abilities.items()}
    return {"level": sheet.level, "prof": proficiency(sheet.level), **modifiers}


def values_for(dice: str, given: str, sheet: Sheet) -> str:
    """The ``values:`` of a roll, with the character's for the names in the dice that ``given`` leaves open."""
    try:
        said = read_values(given) if given.strip() else {}
    except UserMistake:
        return given  # the block says what is wrong with it
    known = numbers(sheet)
    filled_in = [f"{name}={known[name]}" for name in names_in(dice) if name in known and name not in said]
    return " ".join(filter(None, (given.strip(), *filled_in)))


def combatant(sheet: Sheet, user: str) -> Combatant:
    """The sheet as it enters a fight."""
    modifiers = {short: (sheet.abilities.get(short, 10) - 10) // 2 for short in ABILITIES}
    saves = {
        short: modifier + (proficiency(sheet.level) if short in sheet.save_proficiencies else 0)
        for short, modifier in modifiers.items()
    }
    return Combatant(
        sheet.name, "player", user, sheet.ac, sheet.hp, sheet.max_hp, sheet.abilities.get("dex", 10), 0, 0,
        saves=saves, level=sheet.level, spell_dc=sheet.spell_save_dc, spell_attack=sheet.spell_attack,
        attacks=tuple(Attack(w.name, w.to_hit, w.damage, w.type, ranged=w.ranged) for w in sheet.attacks),
        temp=sheet.temp_hp,
        slots={
            str(level): Slots(most, left)
            for level, (most, left) in enumerate(zip(sheet.slots, sheet.slots_left, strict=True), 1)
            if most
        },
        source="character sheet",
        conditions=[Condition("exhaustion", sheet.exhaustion)] if sheet.exhaustion else [],
    )  # fmt: skip


def after_fight(sheet: Sheet, who: Combatant) -> Sheet:
    """The sheet with what the fight left: hit points, temporary ones, slots, exhaustion."""
    left = [who.slots[level].left if level in who.slots else 0 for level in map(str, range(1, len(sheet.slots) + 1))]
    return msgspec.structs.replace(
        sheet, hp=min(who.hp, sheet.max_hp), temp_hp=who.temp, slots_left=left,
        exhaustion=min(who.exhaustion, 6),
    )  # fmt: skip


_SETTABLE = {"name": str, "class": str, "level": int, "hp": int, "max_hp": int, "ac": int, "temp_hp": int,
             "spell_save_dc": int, "spell_attack": int, "exhaustion": int}  # fmt: skip
_ATTACK = re.compile(
    r"attack\s+(?P<name>[\w '’-]{1,40}?)\s+\+?(?P<hit>-?\d{1,2})\s+(?P<damage>\d*d\d[\d+d-]*)\s*(?P<type>[a-z]*)"
)


def changed(sheet: Sheet | None, text: str) -> Sheet:
    """The sheet with ``level 5, hp 31, str 16, attack Longsword +5 1d8+3 slashing, slots 4 2`` set.

    Raises:
        UserMistake: something in it is not read; nothing is set then.
    """
    values: dict[str, Any] = msgspec.to_builtins(sheet) if sheet else {"name": "", "level": 1, "hp": 0, "ac": 10}
    for part in filter(None, (part.strip() for part in text.split(","))):
        _set(values, part)
    if not values["name"] or not (values["hp"] or values.get("max_hp")):
        raise UserMistake("A new character needs a name and hp: /dnd character set: name Mira, level 3, hp 24, ac 15")
    return checked(msgspec.convert(values, Sheet))


def _set(values: dict[str, Any], part: str) -> None:
    word, _, rest = part.partition(" ")
    key, rest = word.lower(), rest.strip()
    short = ability(key)
    if key == "attack" and (found := _ATTACK.fullmatch(part)):
        weapon = {"name": found["name"], "to_hit": int(found["hit"]), "damage": found["damage"], "type": found["type"]}
        others = [each for each in values.get("attacks", []) if each["name"].lower() != found["name"].lower()]
        values["attacks"] = [*others, weapon]
    elif key == "slots" and re.fullmatch(r"\d( \d){0,8}", rest):
        values["slots"] = values["slots_left"] = [int(digit) for digit in rest.split()]
    elif key in _SETTABLE and _SETTABLE[key] is str and rest:
        values[key] = rest[:40]
    elif key in _SETTABLE and re.fullmatch(r"[+-]?\d{1,3}", rest):
        values[key] = int(rest)
    elif short and re.fullmatch(r"\d{1,2}", rest):
        values["abilities"] = {**values.get("abilities", {}), short: int(rest)}
    else:
        known = ", ".join([*_SETTABLE, *ABILITIES, "slots 4 2", "attack NAME +5 1d8+3 slashing"])
        raise UserMistake(f'"{part[:40]}" is not read. Known: {known}. Nothing was changed.')


def shown(sheet: Sheet) -> str:
    """The compact sheet."""
    scores = ", ".join(f"{short.upper()} {score} ({(score - 10) // 2:+d})" for short, score in sheet.abilities.items())
    lines = [
        f"**{sheet.name}** · level {sheet.level}{' ' + sheet.class_name if sheet.class_name else ''}",
        f"HP {sheet.hp}/{sheet.max_hp}{f' +{sheet.temp_hp} temporary' if sheet.temp_hp else ''} · AC {sheet.ac} · "
        f"proficiency +{proficiency(sheet.level)}" + (f" · exhaustion {sheet.exhaustion}" if sheet.exhaustion else ""),
        scores,
        *(f"{w.name}: {w.to_hit:+d}, {w.damage} {w.type}".rstrip() for w in sheet.attacks),
    ]
    if any(sheet.slots):
        pairs = zip(sheet.slots_left, sheet.slots, strict=True)
        lines.append("slots " + ", ".join(f"{n}: {left}/{most}" for n, (left, most) in enumerate(pairs, 1) if most))
    if sheet.spell_save_dc is not None:
        lines.append(f"spell save DC {sheet.spell_save_dc}")
    return "\n".join(filter(None, lines))


def rested(sheet: Sheet, kind: str, dice: int, edition: str, facts: Facts, roll: Any) -> tuple[Sheet, str]:
    """The sheet after a rest, and what it gave. ``roll``: a `Chance`.

    Raises:
        UserMistake: dead, more hit dice than are left, or a class the data does not know.
    """
    if sheet.hp == 0:
        raise UserMistake(f"{sheet.name} is at 0 hit points and gains nothing from a rest. Heal first.")
    left = sheet.level if sheet.hit_dice_left is None else sheet.hit_dice_left
    if kind == "long":
        back = sheet.level if edition == "5.2" else min(left + max(sheet.level // 2, 1), sheet.level)
        after = msgspec.structs.replace(
            sheet, hp=sheet.max_hp, temp_hp=0, slots_left=list(sheet.slots), hit_dice_left=back,
            exhaustion=max(sheet.exhaustion - 1, 0),
        )  # fmt: skip
        return after, f"{sheet.name} is at {after.hp}/{after.max_hp}, slots are back, {back} hit dice."
    row = facts.row("class", edition, sheet.class_name) if sheet.class_name else None
    if dice and row is None:
        raise UserMistake("The class decides the hit die: /dnd character set: class wizard. Nothing was changed.")
    if dice > left:
        raise UserMistake(f"{sheet.name} has {left} hit dice left. Nothing was changed.")
    gained, rolls = 0, []
    bonus = (sheet.abilities.get("con", 10) - 10) // 2
    for _ in range(dice):
        rolled = roll.roll(read_dice(f"1d{row['hit_die']}{bonus:+d}" if bonus else f"1d{row['hit_die']}"))  # type: ignore[index]
        gained += max(rolled.total, 1 if edition == "5.2" else 0)
        rolls.append(f"{rolled.dice} = {rolled.total}")
    slots = list(sheet.slots) if sheet.class_name.lower() == "warlock" else sheet.slots_left
    after = msgspec.structs.replace(
        sheet, hp=min(sheet.hp + gained, sheet.max_hp), hit_dice_left=left - dice, slots_left=slots
    )
    said = f" ({', '.join(rolls)})" if rolls else ""
    return after, f"{sheet.name} is at {after.hp}/{after.max_hp}{said}, {left - dice} hit dice left."
