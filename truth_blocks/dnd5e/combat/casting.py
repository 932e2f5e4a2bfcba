"""``/combat cast`` and ``/combat again``: who may, at what cost, with which figures."""

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.attacking import break_off
from truth_blocks.dnd5e.combat.bonds import end_if_idle, end_spell, lose_concentration, release
from truth_blocks.dnd5e.combat.resolving import Casting, resolve
from truth_blocks.dnd5e.combat.saving import save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.spells import Spell, rounds, spell
from truth_blocks.dnd5e.combat.state import Combatant, Lasting
from truth_blocks.dnd5e.combat.using import spend
from truth_blocks.dnd5e.facts import Row, key_of
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.values import ability

UNDECIDED = Spell()


def cast_order(scene: Scene) -> None:
    """A spell on its targets."""
    actor = scene.actor()
    row = _row(scene)
    known = spell(row["ed"], row["key"])
    rules = known or UNDECIDED
    slot = _slot(scene, actor, row)
    names = _named(scene, actor, row, rules, slot)
    casting = _casting(scene, actor, row, rules, slot)
    if scene.option("reaction") == "true":
        spend(scene, actor, "reaction")
    targets = list({target.name: target for target in names}.values())
    scene.emit(ev.Cast(actor.name, row["name"], slot, tuple(each.name for each in targets), _note(row, known, targets)))
    break_off(scene, actor)
    if row["concentration"]:
        lose_concentration(scene, actor, f"now on {row['name']}")
        scene.emit(ev.Concentrating(actor.name, row["name"]))
    _begin(scene, casting, [target.name for target in targets])
    if known is None and row["save"]:
        for target in targets:
            save(scene, target, ability(row["save"]) or "con", _dc(scene, actor), f"against {row['name']}")
    elif rules.cast:
        resolve(casting, names)
        if targets and (rules.gives or rules.mark is not None):
            end_if_idle(scene, actor.name, row["name"])


def _row(scene: Scene) -> Row:
    edition = scene.fight.edition
    text = scene.option("spell")
    key = scene.facts.key("spell", edition, text)
    name = text if key else Names(scene.facts, "spell", edition).resolve(text)[0]
    row = scene.facts.row("spell", edition, name)
    if row is None:
        raise UserMistake(f'"{text[:40]}" is not in SRD {edition}. Nothing was changed.')
    return row


def _slot(scene: Scene, actor: Combatant, row: Row) -> int:
    """The slot that is spent: the one asked for, else the spell's own level.

    Raises:
        UserMistake: below the spell's level, or none is left.
    """
    slot = scene.whole("slot", 0, 9)
    if row["level"] == 0:
        if slot:
            raise UserMistake(f"{row['name']} is a cantrip and takes no slot. Nothing was changed.")
        return 0
    slot = row["level"] if slot is None else slot
    if slot < row["level"]:
        raise UserMistake(f"{row['name']} needs a slot of level {row['level']} or more. Nothing was changed.")
    if actor.slots and (str(slot) not in actor.slots or actor.slots[str(slot)].left < 1):
        raise UserMistake(f"{actor.name} has no slot of level {slot} left. Nothing was changed.")
    return int(slot)


def _named(scene: Scene, actor: Combatant, row: Row, rules: Spell, slot: int) -> list[Combatant]:
    """The targets in the order they were named; a ray or dart may be sent at one of them twice.

    Raises:
        UserMistake: too many, none where one is needed, or somebody it is not for.
    """
    given = bool(scene.option("target"))
    if rules.me:
        if given and scene.targets() != [actor]:
            raise UserMistake(f"{row['name']} is for {actor.name} alone. Nothing was changed.")
        return [actor]
    if not given:
        if rules.targets and rules.cast:
            raise UserMistake(f"{row['name']} needs a target. Nothing was changed.")
        return []
    steps = max(slot - row["level"], 0) // rules.every
    rays = shots(rules, steps, actor.level) if rules.rays else 0
    found = scene.named_targets() if rays else scene.targets(dead=rules.revives)
    most = rays or (rules.targets + rules.more * steps if rules.targets else 0)
    if most and len(found) > most:
        what = "darts or rays" if rays else "targets" if most > 1 else "target"
        raise UserMistake(f"{row['name']} has at most {most} {what} here, not {len(found)}. Nothing was changed.")
    return found


def shots(rules: Spell, steps: int, level: int) -> int:
    """How many rays or darts there are."""
    beams = (level >= 5) + (level >= 11) + (level >= 17) if rules.beams else 0
    return rules.rays + rules.more_rays * steps + beams


def _casting(scene: Scene, actor: Combatant, row: Row, rules: Spell, slot: int) -> Casting:
    """The figures of a casting; what is needed and not known is asked for."""
    steps = max(slot - row["level"], 0) // rules.every
    half = {"half": True, "none": False}.get(scene.option("on_save"), bool(rules.half))
    return Casting(
        scene, actor, row["name"], rules, slot, steps,
        level=actor.level if row["level"] == 0 else 0,
        rays=shots(rules, steps, actor.level) if rules.rays else 0,
        dc=_dc(scene, actor) if rules.save else None,
        bonus=_figure(scene, actor, "bonus", actor.spell_attack, -5, 30) if rules.attack else None,
        mod=_mod(scene, actor) if rules.uses_mod else None,
        choice=_choice(scene, row["name"], rules), half=half, left=rules.lasts or rounds(row["duration"]),
        concentration=bool(row["concentration"]),
    )  # fmt: skip


def _dc(scene: Scene, actor: Combatant) -> int:
    return _figure(scene, actor, "dc", actor.spell_dc, 1, 40)


def _figure(scene: Scene, actor: Combatant, option: str, known: int | None, low: int, high: int) -> int:
    given = scene.whole(option, low, high)
    value = known if given is None else given
    if value is None:
        what = {"dc": "spell save DC", "bonus": "spell attack bonus", "mod": "spellcasting modifier"}[option]
        raise UserMistake(f"The {what} of {actor.name} is not known: give {option}:. Nothing was changed.")
    return value


def _mod(scene: Scene, actor: Combatant) -> int:
    """The spellcasting modifier: given, or what a character's spell save DC leaves without 8 and proficiency."""
    known = actor.spell_dc - 10 - (actor.level - 1) // 4 if actor.spell_dc is not None and actor.level else None
    return _figure(scene, actor, "mod", known, -5, 15)


def _choice(scene: Scene, name: str, rules: Spell) -> str:
    """What the caster chose of what the spell offers."""
    given, offered = scene.option("choice").lower(), rules.choices
    if not offered:
        return given if rules.one else ""
    if given not in offered:
        raise UserMistake(f"{name} offers a choice: add choice: {', '.join(offered)}. Nothing was changed.")
    return given


def _note(row: Row, known: Spell | None, targets: list[Combatant]) -> str:
    """What the engine leaves to the table."""
    if known is None:
        if not targets:
            return ""
        what = "what a failed save does stands in the spell's text" if row["save"] else "its effect is not decided here"
        return f"{what}; /combat damage, heal or condition applies it"
    held = {"area": "strikes whoever it reaches", "steps": "strikes whoever moves in it", "act": "uses it"}
    later = f"/combat again {held[known.held]}" if not known.cast and known.held in held else ""
    return "; ".join(filter(None, (later, known.note)))


def _begin(scene: Scene, casting: Casting, struck: list[str]) -> None:
    """Hold a spell that goes on."""
    rules = casting.rules
    bears = bool(rules.gives or rules.mark is not None) and not rules.until and not rules.stays
    if casting.concentration or rules.held or (bears and casting.left is not None):
        lasting = Lasting(
            casting.by.name, casting.name, casting.slot, casting.left, casting.dc, casting.bonus, casting.mod,
            casting.choice, casting.concentration, rules.held, struck if rules.cast and rules.held == "area" else [],
        )  # fmt: skip
        scene.emit(ev.Began(lasting))


def again_order(scene: Scene) -> None:
    """``/combat again``: a spell that goes on strikes again, or ends with ``end``."""
    lasting = _lasting(scene)
    caster = scene.fight.of(lasting.by)
    scene.allowed(caster)
    if scene.option("end") == "true":
        end_spell(scene, lasting, "ended")
        return
    row = scene.facts.row("spell", scene.fight.edition, lasting.spell)
    rules = spell(scene.fight.edition, row["key"]) if row else None
    if row is None or rules is None or not rules.held:
        raise UserMistake(f"{lasting.spell} does nothing more by itself; end: yes ends it. Nothing was changed.")
    targets = scene.targets()
    _may_again(scene, caster, lasting, rules, targets)
    casting = Casting(
        scene, caster, lasting.spell, rules, lasting.slot, max(lasting.slot - row["level"], 0) // rules.every,
        dc=lasting.dc, bonus=lasting.bonus, mod=lasting.mod, choice=lasting.choice, half=bool(rules.half),
        level=caster.level if row["level"] == 0 else 0, left=lasting.left, concentration=lasting.concentration,
        later=True,
    )  # fmt: skip
    scene.emit(ev.Again(lasting.by, lasting.spell, tuple(target.name for target in targets)))
    if rules.held == "move":
        release(scene, lasting.by, lasting.spell)
    resolve(casting, targets)


def _lasting(scene: Scene) -> Lasting:
    """The spell meant: by its name and, where several cast it, by its caster.

    Raises:
        UserMistake: no such spell goes on, or more than one.
    """
    wanted = key_of(scene.option("spell"))
    by = scene.named(scene.option("by")).name if scene.option("by") else ""
    going = scene.fight.lasting
    found = [each for each in going if key_of(each.spell).startswith(wanted) and wanted and by in ("", each.by)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserMistake(f"Say whose: by: {', '.join(each.by for each in found)}. Nothing was changed.")
    here = ", ".join(f"{each.spell} ({each.by})" for each in going) or "none"
    raise UserMistake(f'No spell "{scene.option("spell")[:40]}" goes on. Going on: {here}. Nothing was changed.')


def _may_again(scene: Scene, caster: Combatant, lasting: Lasting, rules: Spell, targets: list[Combatant]) -> None:
    """Raise UserMistake when it is not the moment for it."""
    if rules.held in ("act", "move"):
        if scene.fight.current != caster.name:
            raise UserMistake(f"{lasting.spell} is used in {caster.name}'s turn. Nothing was changed.")
        if not caster.acts:
            raise UserMistake(f"{caster.name} cannot act. Nothing was changed.")
    if rules.held == "area":
        for target in targets:
            if target.name in lasting.struck:
                raise UserMistake(f"{lasting.spell} has struck {target.name} in this turn. Nothing was changed.")
    if (rules.held == "move" or rules.targets == 1) and len(targets) > 1:
        raise UserMistake(f"{lasting.spell} has one target. Nothing was changed.")
    if rules.held == "move":
        marked = [each for each in scene.fight.order for c in each.conditions if c.is_from(caster.name, lasting.spell)]
        if any(not (each.dead or each.down or each.gone) for each in marked):
            raise UserMistake(f"{lasting.spell} moves on when its target is at 0 hit points. Nothing was changed.")
