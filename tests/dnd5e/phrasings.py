"""True and false statements in many wordings, made from the data: a set to tune on and a set held out.

Each wording is ``field: template``; ``{n}`` is the name, ``{v}`` the value. HELD_OUT was written before the reader was
changed and is only ever measured.
"""

import random
from collections.abc import Iterator
from typing import Any

from truth_blocks.dnd5e.facts import Facts

TUNED = """
spell.level: {n} is a {r}-level spell.
spell.level: {n} is a level {v} spell.
spell.level: The spell level of {n} is {v}.
spell.school: {n} belongs to the school of {v}.
spell.school: {n} is an {v} spell.
spell.range_ft: {n} has a range of {v} feet.
spell.range_ft: The range of {n} is {v} ft.
spell.range_ft: You can cast {n} at a target within {v} feet.
spell.save: {n} calls for a {v} saving throw.
spell.save: Targets of {n} make a {v} save.
spell.damage: {n} deals {v} damage.
spell.damage_type: {n} deals {v} damage.
spell.class: {n} is on the {v} spell list.
spell.casting_time: Casting {n} takes {a}.
spell.concentration: {n} {c} concentration.
spell.components: {n} has the components {v}.
spell.duration: {n} lasts {v}.
creature.ac: The {n} has an Armor Class of {v}.
creature.ac: {n}: AC {v}.
creature.hp: The {n} has {v} hit points.
creature.hp: A typical {n} has {v} HP.
creature.cr: The {n} has a challenge rating of {v}.
creature.xp: The {n} is worth {v} XP.
creature.hit_dice: The {n}'s hit dice are {v}.
creature.str: The {n} has a Strength of {v}.
creature.dex: The {n} has Dexterity {v}.
creature.speed: The {n} has a walking speed of {v} feet.
attack.to_hit: The {n}'s {k} attack has +{v} to hit.
attack.damage: The {n}'s {k} deals {v} damage.
weapon.damage: A {n} deals {v} damage.
weapon.damage_type: A {n} deals {v} damage.
armor.base_ac: {n} has a base AC of {v}.
class.slots: A level {l} {n} has {v} {r}-level spell slots.
"""
HELD_OUT = """
spell.level: You need at least a {r}-level slot to cast {n}.
spell.level: {n} (level {v}) is a popular choice.
spell.level: {n} is cast using a spell slot of level {v} or higher.
spell.level: As a {r}-level spell, {n} costs a matching slot.
spell.school: {n} is of the {v} school.
spell.school: In terms of magic school, {n} counts as {v}.
spell.school: {n}'s school is {v}.
spell.range_ft: {n} can reach out to {v} feet.
spell.range_ft: {n} reaches targets up to {v} ft away.
spell.range_ft: With its {v}-foot range, {n} is handy.
spell.range_ft: {n}'s range: {v} feet.
spell.save: To resist {n}, a creature makes a {v} saving throw.
spell.save: {n} forces a {s} save.
spell.save: The saving throw against {n} is {v}.
spell.save: {n} requires the target to succeed on a {v} saving throw.
spell.damage: On a failed save or hit, {n} does {v} damage.
spell.damage: The base damage of {n} is {v}.
spell.damage: {n} inflicts {v} points of damage.
spell.damage_type: The damage type of {n} is {v}.
spell.damage_type: {n} inflicts {v} damage on its victims.
spell.damage_type: Damage from {n} is {v}.
spell.class: {v}s can learn {n}.
spell.class: {n} is available to {v}s.
spell.class: {n} appears on the {v}'s spell list.
spell.casting_time: {n} has a casting time of {v}.
spell.casting_time: It takes {a} to cast {n}.
spell.casting_time: You cast {n} as {a}.
spell.concentration: You {d} need to concentrate on {n}.
spell.concentration: {n} is {e} concentration spell.
spell.components: The components for {n} are {v}.
spell.components: {n} needs {w} components.
spell.duration: The duration of {n} is {v}.
creature.ac: {n} AC is {v}.
creature.ac: To hit a {n} you must beat its armor class of {v}.
creature.ac: With an AC of {v}, the {n} is hard to hit.
creature.ac: The armour class of the {n} is {v}.
creature.hp: On average, the {n} has {v} hit points.
creature.hp: The {n}'s hit point average is {v}.
creature.hp: The {n} starts with {v} hp.
creature.hp: The hit point total of a {n} is {v}.
creature.cr: The {n} is a CR {v} creature.
creature.cr: {n} (CR {v}) makes a good foe.
creature.cr: The challenge rating of the {n} is {v}.
creature.xp: Defeating a {n} earns {v} experience points.
creature.xp: The {n} gives {v} XP when slain.
creature.hit_dice: The {n} rolls {v} for hit points.
creature.hit_dice: The {n} has hit dice of {v}.
creature.str: The {n}'s STR score is {v}.
creature.str: The Strength score of the {n} is {v}.
creature.dex: With a Dex of {v}, the {n} moves about.
creature.speed: The {n} walks at {v} ft.
creature.speed: The {n} can move {v} feet per turn.
creature.speed: The speed of the {n} is {v} ft.
attack.to_hit: The {n} attacks with its {k} at +{v}.
attack.to_hit: The attack bonus of the {n}'s {k} is +{v}.
attack.damage: When a {n} hits with its {k}, it deals {v} damage.
weapon.damage: The damage die of a {n} is {v}.
weapon.damage: The {n} does {v} damage on a hit.
weapon.damage_type: The {n} is a weapon that inflicts {v} damage.
weapon.damage_type: {n} damage is {v}.
armor.base_ac: Wearing {n} gives you a base armor class of {v}.
armor.base_ac: {n} provides AC {v}.
class.slots: At level {l}, a {n} has {v} spell slots of {r} level.
class.slots: A {n} of level {l} gets {v} {r}-level slots.
class.slots: {n}s have {v} {r}-level spell slots at level {l}.
"""
ORDINALS = ["0th", "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th"]
SCHOOLS = [
    "abjuration",
    "conjuration",
    "divination",
    "enchantment",
    "evocation",
    "illusion",
    "necromancy",
    "transmutation",
]
ABILITIES = ["strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma"]
DAMAGES = [
    "acid",
    "cold",
    "fire",
    "force",
    "lightning",
    "necrotic",
    "poison",
    "psychic",
    "radiant",
    "thunder",
    "slashing",
    "piercing",
    "bludgeoning",
]
CASTERS = ["bard", "cleric", "druid", "paladin", "ranger", "sorcerer", "warlock", "wizard"]
CASTING = {"action": "an action", "bonus action": "a bonus action", "reaction": "a reaction"}


def statements(facts: Facts, wordings: str, count: int, seed: int) -> Iterator[tuple[str, str, bool, str]]:
    """Edition, text, whether it is true, and the field."""
    chance = random.Random(seed)
    lines = [line.split(": ", 1) for line in wordings.strip().splitlines()]
    made = 0
    while made < count:
        field, template = chance.choice(lines)
        edition = chance.choice(("5.1", "5.2"))
        for true in (True, False):
            text = _made(facts, field, template, edition, chance, true)
            if text:
                made += 1
                yield edition, text, true, f"{field}: {template}"


def _made(facts: Facts, field: str, template: str, ed: str, chance: random.Random, true: bool) -> str | None:
    value: Any
    kind, _, column = field.partition(".")
    table = "creature" if kind == "attack" else kind
    name = chance.choice(facts.names(table, ed))
    row = facts.row(table, ed, name)
    assert row is not None
    if "#" in name or "(" in name:
        return None
    words: dict[str, Any] = {"n": row["name"]}
    if kind == "attack":
        attacks = [a for a in facts.attacks(ed, row["key"]) if a[column] is not None and "(" not in a["name"]]
        if not attacks:
            return None
        attack = chance.choice(attacks)
        if sum(a["name"] == attack["name"] for a in attacks) > 1:
            return None
        words["k"] = attack["name"]
        value = attack[column]
    elif kind == "class":
        words["l"], rank = chance.randint(1, 20), chance.randint(1, 5)
        words["r"] = ORDINALS[rank]
        table_row: Any = row["slots"][words["l"] - 1]
        if row["slot_level"] or not isinstance(table_row, list) or rank > len(table_row):
            return None
        value = table_row[rank - 1]
    else:
        value = (row["speed"] or {}).get("walk") if column == "speed" else row[column]
    if value is None or (column == "level" and value == 0) or value == [] or (column == "range_ft" and value == 0):
        return None
    if column in ("damage_type", "class") and isinstance(value, list):
        if len(value) > 1 and column == "damage_type":
            return None
        pool = DAMAGES if column == "damage_type" else CASTERS
        if all(each in value for each in pool):
            return None
        value = chance.choice(value) if true else chance.choice([each for each in pool if each not in value])
    elif not true:
        value = _other(column, value, chance)
    if (column == "damage" and "d" not in str(value)) or "MOD" in str(value):
        return None
    if column == "cr":
        value = {0.125: "1/8", 0.25: "1/4", 0.5: "1/2"}.get(value, value)
    words["v"] = f"{value:,}" if column == "xp" else value
    words.setdefault("r", ORDINALS[value] if column == "level" else "")
    if column == "casting_time":
        words["a"] = CASTING.get(value, value)
    if column == "concentration":
        words |= {
            "c": "requires" if value else "does not require",
            "d": "" if value else "don't",
            "e": "a" if value else "not a",
        }
    if column == "components":
        long = {"V": "verbal", "S": "somatic", "M": "material"}
        words["w"] = " and ".join(long[letter] for letter in value.split(", "))
    if column == "save":
        words["s"] = str(value)[:3].upper()
    return " ".join(template.format(**words).split())


def _other(column: str, value: Any, chance: random.Random) -> Any:
    pools = {"school": SCHOOLS, "save": ABILITIES, "damage_type": DAMAGES, "casting_time": ["action", "bonus action", "reaction", "1 hour"],
             "components": ["V", "S", "V, S", "V, S, M", "V, M", "S, M"], "duration": ["1 hour", "1 minute", "10 minutes", "8 hours"],
             "range_ft": [15, 45, 75, 200, 400]}  # fmt: skip
    if column == "concentration":
        return not value
    if column in ("damage", "hit_dice"):
        count, _, rest = str(value).partition("d")
        return f"{int(count or 1) + chance.choice([1, 2, 3])}d{rest}" if rest else value + "1"
    pool: Any = pools.get(column)
    if pool:
        return chance.choice([each for each in pool if each != value])
    if column == "level":
        return chance.choice([each for each in range(1, 10) if each != value])
    if column == "cr":
        return int(value) + chance.choice([1, 3])
    step = chance.choice([1, 2, 3, 5]) * (5 if column == "speed" else 1)
    return value + step


SECOND_HELD_OUT = """
spell.level: Ask any caster: {n} is {r} level magic.
spell.level: In our campaign {n} is listed as level {v}.
spell.level: {n} sits at spell level {v}.
spell.level: The wizard prepared {n}, a {r}-level spell.
spell.school: Scholars file {n} under {v}.
spell.school: {n} ({v}) is worth preparing.
spell.range_ft: {n} works at a range of up to {v} feet.
spell.range_ft: Its maximum range makes {n} usable from {v} feet away.
spell.range_ft: Range for {n} is {v} feet.
spell.save: A creature affected by {n} must make a {v} saving throw.
spell.save: {n} allows a {v} save.
spell.save: Against {n}, roll a {v} saving throw.
spell.damage: Being hit by {n} means {v} damage.
spell.damage: {n} causes {v} damage.
spell.damage: A creature caught by {n} takes {v} damage.
spell.damage_type: {n} causes {v} damage.
spell.damage_type: The energy released by {n} deals {v} damage.
spell.class: {n} is a {v} spell.
spell.class: The {v} list includes {n}.
spell.class: A {v} may prepare {n}.
spell.casting_time: Casting time of {n}: {v}.
spell.casting_time: {n} can be cast with {a}.
spell.casting_time: {n} requires {a} to cast.
spell.concentration: {n} {c} concentration to keep going.
spell.components: {n} uses {v} components.
spell.components: {n} (components: {v}) is known to many.
spell.duration: {n} persists for {v}.
spell.duration: The effect of {n} lasts up to {v}.
creature.ac: Its armor class of {v} protects the {n}.
creature.ac: The {n} boasts AC {v}.
creature.ac: You hit the {n} on a total of its AC, which is {v}.
creature.ac: A {n} has {v} AC.
creature.hp: A {n} has an average of {v} hit points.
creature.hp: {n} HP: {v}.
creature.hp: The {n} can take {v} hit points of punishment before dropping.
creature.hp: There stands a {n} with {v} hit points.
creature.cr: A {n} is rated CR {v}.
creature.cr: With a challenge rating of {v}, the {n} is a fair match.
creature.cr: The {n}'s CR is {v}.
creature.xp: Killing a {n} grants {v} XP.
creature.xp: The party earns {v} XP for a {n}.
creature.xp: The {n} has an XP value of {v}.
creature.hit_dice: The hit dice of the {n} are {v}.
creature.hit_dice: {n} hit dice: {v}.
creature.str: The {n}'s Strength score is {v}.
creature.str: A {n} has STR {v}.
creature.dex: The {n} has a Dexterity score of {v}.
creature.speed: A {n} has a speed of {v} feet.
creature.speed: The {n}'s speed is {v} ft.
creature.speed: On foot, the {n} covers {v} feet with its speed.
attack.to_hit: The {n} rolls +{v} to hit with its {k}.
attack.to_hit: A {n} has a +{v} bonus to hit with {k}.
attack.damage: The {k} of the {n} inflicts {v} damage.
attack.damage: The {n}'s {k}: {v} damage on a hit.
weapon.damage: A hit with a {n} causes {v} damage.
weapon.damage: Roll {v} for the damage of a {n}.
weapon.damage_type: A {n} inflicts {v} damage.
weapon.damage_type: The damage of a {n} is {v}.
armor.base_ac: A character in {n} starts from AC {v}.
armor.base_ac: The base armor class of {n} is {v}.
class.slots: A {n} has {v} slots of level {r} at level {l}.
class.slots: By level {l}, the {n} has {v} {r}-level slots.
class.slots: A {l}th-level {n} can use {v} {r}-level spell slots.
"""


THIRD_HELD_OUT = """
spell.level: Isn't {n} a spell of the {r} level? Yes, {n} is a {r}-level spell.
spell.level: Players often forget that {n} is {r}-level.
spell.level: {n}: level {v}, no more and no less.
spell.school: {n} falls within the {v} school of magic.
spell.school: Being {v} magic, {n} is easy to spot.
spell.range_ft: One casts {n} from as far as {v} feet away.
spell.range_ft: The spell {n} has range {v} feet.
spell.save: The target of {n} saves with {v}.
spell.save: Victims of {n} attempt a {v} saving throw.
spell.save: {n} is resisted with a {s} saving throw.
spell.damage: {n} hits for {v} damage.
spell.damage: The target suffers {v} damage from {n}.
spell.damage: {n} rolls {v} for damage.
spell.damage_type: Those hit by {n} take {v} damage.
spell.damage_type: It is {v} damage that {n} deals.
spell.class: {v}s have {n} on their list.
spell.class: {n} can be learned by a {v}.
spell.casting_time: To cast {n} you need {a}.
spell.casting_time: {n} is cast as {a}.
spell.concentration: The caster of {n} {d} have to maintain concentration.
spell.components: {n} is cast with {v} components.
spell.duration: {n} stays active for {v}.
creature.ac: Armor Class {v} makes the {n} sturdy.
creature.ac: The {n}, with AC {v}, stands guard.
creature.ac: An attack roll must reach {v} to hit the {n}'s AC.
creature.hp: The {n} possesses {v} hit points.
creature.hp: Hit points of the {n}: {v}.
creature.hp: It takes {v} damage to bring a {n} from its full hit points of {v} to 0.
creature.cr: The {n} sits at CR {v}.
creature.cr: A {n} has CR {v}.
creature.xp: For a {n} you award {v} XP.
creature.xp: Each {n} yields {v} experience points.
creature.hit_dice: The {n} has {v} hit dice.
creature.str: The {n} has {v} Strength.
creature.str: Strength of the {n}: {v}.
creature.dex: Its Dexterity of {v} serves the {n} well.
creature.speed: The {n} moves {v} ft. per round.
creature.speed: The walking speed of a {n} equals {v} feet.
attack.to_hit: The {n}'s {k} has an attack bonus of +{v}.
attack.to_hit: With its {k}, the {n} adds +{v} to the attack roll.
attack.damage: A {k} from the {n} deals {v} damage.
attack.damage: The {n} deals {v} damage with its {k}.
weapon.damage: {n}s deal {v} damage.
weapon.damage: The {n} has a damage die of {v}.
weapon.damage_type: {n}s deal {v} damage.
armor.base_ac: The AC of {n} is {v}.
armor.base_ac: {n} sets your AC at {v}.
class.slots: How many {r}-level slots does a level {l} {n} have? A level {l} {n} has {v} {r}-level slots.
class.slots: The number of {r}-level spell slots for a level {l} {n} is {v}.
"""
