"""Who is in the fight: players with their sheet, creatures of the SRD, the lair; and the initiative."""

from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import fit_maximum
from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.scene import Scene, plain_name
from truth_blocks.dnd5e.combat.state import SURPRISED, Ability, Attack, Combatant, Condition
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.values import ABILITIES

MOST_COMBATANTS, MOST_AT_ONCE = 40, 20
LAIR = "Lair"


def join_order(scene: Scene) -> None:
    """``/combat join``: a player, from the sheet or from the options."""
    given = scene.order.sheet
    name = _name(scene.option("name") or (given.name if given else ""))
    _free(scene, name)
    mine = [each for each in scene.fight.order if each.kind == "player" and each.user == scene.order.user]
    if mine and not scene.order.commands_all:
        raise UserMistake(f"You are in this fight already, as {mine[0].name}. Nothing was changed.")
    hp, ac = scene.whole("hp", 1, 999), scene.whole("ac", 1, 40)
    if given is None and (hp is None or ac is None):
        raise UserMistake("There is no character sheet of yours: give hp: and ac:, or make one with /dnd character.")
    base = given or Combatant(name, "player", "", 0, 0, 0, 0, 0, 0)
    if base.exhaustion >= 6:
        raise UserMistake(f"{name} has six levels of exhaustion, which is death. Nothing was changed.")
    bonus = scene.whole("bonus", -10, 20)
    rolled, initiative = _initiative(scene, _modifier(base) if bonus is None else bonus, base.exhaustion)
    who = msgspec.structs.replace(
        base, name=name, user=scene.order.user, hp=hp or base.hp, most=max(hp or 0, base.most), ac=ac or base.ac,
        initiative=initiative, seat=len(scene.fight.order), conditions=[*base.conditions, *_surprise(scene, name)],
    )  # fmt: skip
    scene.emit(ev.Joined(who, rolled))
    fit_maximum(scene, scene.fight.of(name))


def _surprise(scene: Scene, name: str) -> list[Condition]:
    """In 5.1 the surprised do nothing in their first turn; in 5.2 they roll initiative with disadvantage instead."""
    if scene.option("surprised") != "true" or scene.fight.edition != "5.1":
        return []
    return [Condition(SURPRISED, left=1, edge="end", of=name)]


def _modifier(who: Combatant) -> int:
    return (who.dexterity - 10) // 2 if who.dexterity else 0


def add_order(scene: Scene) -> None:
    """``/combat add``: one or several creatures; several share one initiative unless ``apart``."""
    scene.dm_only()
    if scene.option("creature").lower() == "lair":
        _add_lair(scene)
        return
    count = scene.whole("count", 1, MOST_AT_ONCE) or 1
    if len(scene.fight.order) + count > MOST_COMBATANTS:
        raise UserMistake(f"A fight holds {MOST_COMBATANTS} at most. Nothing was changed.")
    base, bonus = creature(scene)
    names = list(_names(scene, scene.option("name") or base.name, count))
    shared: tuple[Rolled | None, int] | None = None
    for name in names:
        if shared is None or scene.option("apart") == "true":
            shared = _initiative(scene, bonus)
        rolled, initiative = shared
        who = msgspec.structs.replace(
            base, name=name, initiative=initiative, seat=len(scene.fight.order), conditions=_surprise(scene, name)
        )
        scene.emit(ev.Joined(who, rolled))


def _add_lair(scene: Scene) -> None:
    """The lair acts on count 20 and loses ties."""
    _free(scene, LAIR)
    lair = Combatant(LAIR, "lair", scene.fight.dm, 0, 0, 0, 0, 20, len(scene.fight.order))
    scene.emit(ev.Joined(lair, None))


def _initiative(scene: Scene, bonus: int, exhaustion: int = 0) -> tuple[Rolled | None, int]:
    """A pinned count, or a roll: a Dexterity check, which exhaustion hinders from its first level on."""
    pinned = scene.whole("initiative", -10, 50)
    if pinned is not None:
        return None, pinned
    new = scene.fight.edition == "5.2"
    signs = [{"advantage": 1, "disadvantage": -1}.get(scene.option("mode"), 0)]
    signs.append(-1 if (scene.option("surprised") == "true" if new else exhaustion) else 0)
    mode = "" if (1 in signs) == (-1 in signs) else "advantage" if 1 in signs else "disadvantage"
    rolled = scene.chance.d20(bonus - (2 * exhaustion if new else 0), mode)
    return rolled, rolled.total


def creature(scene: Scene) -> tuple[Combatant, int]:
    """A creature of the SRD, or one of the DM's own with hp and ac; and its initiative bonus."""
    text, edition = scene.option("creature"), scene.fight.edition
    hp, ac = scene.whole("hp", 1, 2_000), scene.whole("ac", 1, 40)
    own = {
        "legendary": scene.whole("legendary", 0, 5) or 0,
        "legendary_left": scene.whole("legendary", 0, 5) or 0,
        "abilities": list(_recharges(scene.option("recharge"))),
    }
    key = scene.facts.key("creature", edition, text)
    if key is None and hp is not None and ac is not None:
        base = Combatant(_name(text), "monster", scene.fight.dm, ac, hp, hp, 10, 0, 0, source="the DM's own")
        return msgspec.structs.replace(base, **own), scene.whole("bonus", -10, 20) or 0
    if key is None:
        name, _ = Names(scene.facts, "creature", edition).resolve(text)
        key = scene.facts.key("creature", edition, name)
    row = scene.facts.row("creature", edition, key or "")
    if row is None or (row["hp"] is None and hp is None) or (row["ac"] is None and ac is None):
        raise UserMistake(f"The data does not hold hit points and AC of {text[:40]}. Give hp: and ac: yourself.")
    base = from_row(scene.facts, row, scene.fight.dm, hp or row["hp"], ac or row["ac"])
    given = scene.whole("bonus", -10, 20)
    known = row["initiative"] if row["initiative"] is not None else (row["dex"] - 10) // 2
    return msgspec.structs.replace(base, **own), known if given is None else given


def from_row(facts: Facts, row: Mapping[str, Any], dm: str, hp: int, ac: int) -> Combatant:
    """A creature's figures as a combatant."""
    known = row["saves"] or {}
    saves = {short: known.get(short, (row[short] - 10) // 2) for short in ABILITIES if row[short] is not None}
    return Combatant(
        row["name"], "monster", dm, ac, hp, hp, row["dex"] or 10, 0, 0, saves=saves, xp=row["xp"],
        type=row["creature_type"] or "",
        attacks=tuple(_attacks(facts, row)), source=f'SRD {row["ed"]}, "{row["name"]}"',
        resistances=tuple(row["resistances"] or ()), immunities=tuple(row["immunities"] or ()),
        vulnerabilities=tuple(row["vulnerabilities"] or ()),
        condition_immunities=tuple(row["condition_immunities"] or ()),
    )  # fmt: skip


def _attacks(facts: Facts, row: Mapping[str, Any]) -> Iterator[Attack]:
    for attack in facts.attacks(row["ed"], row["key"]):
        if attack["to_hit"] is not None and attack["damage"] is not None:
            yield Attack(
                attack["name"], attack["to_hit"], attack["damage"], attack["damage_type"] or "",
                attack["extra_damage"] or "", attack["extra_damage_type"] or "",
                ranged=attack["reach_ft"] is None and attack["range_ft"] is not None,
            )  # fmt: skip


def _recharges(text: str) -> Iterator[Ability]:
    """``Fire Breath 5-6, Web 6`` → abilities that recharge on that roll or more."""
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, on = part.rpartition(" ")
        first = on.removesuffix("-6").removesuffix("–6")
        if not plain_name(name) or first not in ("2", "3", "4", "5", "6"):
            raise UserMistake(f'"{part[:40]}" is not read. Write recharge: Fire Breath 5-6. Nothing was changed.')
        yield Ability(plain_name(name), int(first))


def _names(scene: Scene, base: str, count: int) -> Iterator[str]:
    """``Goblin A``, ``Goblin B`` …; one alone keeps the bare name while it is free."""
    base = _name(base)
    taken = {key_of(each.name) for each in scene.fight.order}
    if count == 1 and key_of(base) not in taken:
        yield base
        return
    letters = (f"{base} {first}{second}" for first in ("", *ascii_uppercase) for second in ascii_uppercase)
    free = (name for name in letters if key_of(name) not in taken)
    for _ in range(count):
        yield next(free)


def _name(text: str) -> str:
    """A name fit for the log: one line, letters and digits to begin with, at most 40 characters.

    Raises:
        UserMistake: there is none.
    """
    plain = plain_name(text)
    if not key_of(plain):
        raise UserMistake("Say a name in plain letters. Nothing was changed.")
    return plain


def _free(scene: Scene, name: str) -> None:
    if len(scene.fight.order) >= MOST_COMBATANTS:
        raise UserMistake(f"A fight holds {MOST_COMBATANTS} at most. Nothing was changed.")
    if any(key_of(each.name) == key_of(name) for each in scene.fight.order):
        raise UserMistake(f"{name} is in this fight already. Nothing was changed.")
