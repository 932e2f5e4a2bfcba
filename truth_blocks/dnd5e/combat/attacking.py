"""``/combat attack``: the roll, what gives advantage, the hit, the damage."""

from collections.abc import Iterator

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import relieve
from truth_blocks.dnd5e.combat.chance import doubled, read_dice
from truth_blocks.dnd5e.combat.harm import damage_type, hurt
from truth_blocks.dnd5e.combat.saving import cover_of, with_marks
from truth_blocks.dnd5e.combat.scene import Scene, plain_name
from truth_blocks.dnd5e.combat.state import Attack, Combatant, Condition, Mods
from truth_blocks.dnd5e.combat.using import spend
from truth_blocks.dnd5e.facts import key_of

FOR_ATTACKER = {"blinded": -1, "frightened": -1, "poisoned": -1, "prone": -1, "restrained": -1, "invisible": 1}
AGAINST = {
    "blinded": 1,
    "paralyzed": 1,
    "petrified": 1,
    "restrained": 1,
    "stunned": 1,
    "unconscious": 1,
    "invisible": -1,
}
HELPLESS = frozenset({"paralyzed", "unconscious"})
"""Hits from within 5 feet on these are critical (both SRDs)."""


def attack_order(scene: Scene) -> None:
    """One attack on one target."""
    actor = scene.actor()
    targets = scene.targets()
    if len(targets) > 1:
        raise UserMistake("One attack has one target. Nothing was changed.")
    if targets[0] is actor:
        raise UserMistake(f"{actor.name} cannot attack {actor.name}. Nothing was changed.")
    attack = chosen(scene, actor)
    if scene.option("reaction") == "true":
        spend(scene, actor, "reaction")
    elif scene.option("legendary") == "true":
        spend(scene, actor, "legendary")
    for condition in actor.conditions:
        if condition.name == "charmed" and condition.bond is not None and condition.bond.by == targets[0].name:
            raise UserMistake(f"{actor.name} is charmed by {targets[0].name} and cannot attack. Nothing was changed.")
    strike(scene, actor, targets[0], attack)


def chosen(scene: Scene, actor: Combatant) -> Attack:
    """One of the actor's attacks, or the one that bonus and damage describe.

    Raises:
        UserMistake: no such attack, or not enough said.
    """
    bonus, damage, wanted = scene.whole("bonus", -20, 40), scene.option("damage"), scene.option("attack")
    if bonus is not None and damage:
        read_dice(damage)
        doubled(damage)  # what cannot be doubled must not fail on a critical hit alone
        return Attack(plain_name(wanted) or "attack", bonus, damage, damage_type(scene.option("type")))
    known = {key_of(each.name): each for each in actor.attacks}
    found = [each for key, each in known.items() if key == key_of(wanted)] or [
        each for key, each in known.items() if key.startswith(key_of(wanted))
    ]
    if len(found) == 1:
        return found[0]
    if not known:
        raise UserMistake(f"No attacks of {actor.name} are known: give bonus: and damage:. Nothing was changed.")
    if wanted and not found:
        raise UserMistake(
            f'{actor.name} has no attack "{wanted[:40]}". Known: {", ".join(a.name for a in known.values())}.'
        )
    raise UserMistake(f"Say which attack: {', '.join(attack.name for attack in found)}. Nothing was changed.")


def strike(scene: Scene, actor: Combatant, target: Combatant, attack: Attack, *, magic: bool = False) -> bool:
    """Natural 20 hits and is critical, natural 1 misses, else the total must reach the AC. ``magic`` is a spell's."""
    mode, why = advantage(scene, actor, target, attack.ranged)
    penalty = 2 * actor.exhaustion if scene.fight.edition == "5.2" else 0
    extra, names = with_marks(actor, "attack")
    rolled = scene.chance.d20(attack.to_hit - penalty, mode, extra)
    ac = target.armour + cover_of(scene, target)
    hit = rolled.face == 20 or (rolled.face != 1 and rolled.total >= ac)
    crit = hit and (rolled.face == 20 or (not attack.ranged and bool(target.afflictions & HELPLESS)))
    scene.emit(ev.Attacked(actor.name, target.name, attack.name, rolled, ac, hit, crit, (*why, *names)))
    used = [(who, each) for who, each, mods in _once(actor, target) if mods.once]
    if hit and attack.damage:
        rolls = [
            (scene.chance.roll(doubled(text) if crit else read_dice(text)), kind)
            for text, kind in _damage(actor, target, attack, magic)
        ]
        hurt(scene, target, rolls, attack.name, by=actor.name, crit=crit)
    for who, condition in used:
        if condition in who.conditions:
            relieve(scene, who, condition)
    break_off(scene, actor)
    return hit


def _once(actor: Combatant, target: Combatant) -> Iterator[tuple[Combatant, Condition, Mods]]:
    """Marks that bear on this roll."""
    yield from ((actor, each, mods) for each, mods in actor.mods if mods.own)
    yield from ((target, each, mods) for each, mods in target.mods if mods.against)


def _damage(actor: Combatant, target: Combatant, attack: Attack, magic: bool) -> Iterator[tuple[str, str]]:
    """Dice and type of everything a hit deals: the weapon's or spell's own, and what marks add."""
    yield attack.damage, attack.kind
    if attack.extra:
        yield attack.extra, attack.extra_kind
    texts = [mods.weapon for _, mods in actor.mods if mods.weapon and not magic]
    for condition, mods in target.mods:
        if mods.hunted and condition.bond is not None and condition.bond.by == actor.name:
            texts += [] if magic and mods.hunted_by == "weapon" else [mods.hunted]
    for text in texts:
        dice, _, kind = text.partition(" ")
        yield dice, attack.kind if kind == "weapon" else kind


def break_off(scene: Scene, actor: Combatant) -> None:
    """End what ends when its bearer attacks or casts a spell."""
    spells = {(each.bond.by, each.bond.spell) for each, mods in actor.mods if mods.breaks and each.bond is not None}
    for condition in list(actor.conditions):
        if condition.bond is not None and (condition.bond.by, condition.bond.spell) in spells:
            relieve(scene, actor, condition)


def advantage(scene: Scene, actor: Combatant, target: Combatant, ranged: bool) -> tuple[str, tuple[str, ...]]:
    """Advantage, disadvantage or neither: one of each cancels, however many there are."""
    reasons = list(_reasons(scene, actor, target, ranged))
    better, worse = any(sign > 0 for sign, _ in reasons), any(sign < 0 for sign, _ in reasons)
    mode = "" if better == worse else "advantage" if better else "disadvantage"
    return mode, tuple(reason for _, reason in reasons)


def _reasons(scene: Scene, actor: Combatant, target: Combatant, ranged: bool) -> Iterator[tuple[int, str]]:
    given = scene.option("mode")
    if given in ("advantage", "disadvantage"):
        yield (1 if given == "advantage" else -1), given
    for name in sorted(_visible(actor) & FOR_ATTACKER.keys()):
        yield FOR_ATTACKER[name], f"{actor.name} {name}"
    for name in sorted(_visible(target) & AGAINST.keys()):
        yield AGAINST[name], f"{target.name} {name}"
    for condition, mods in actor.mods:
        if mods.own:
            yield mods.own, f"{actor.name} {_spell(condition)}"
    for condition, mods in target.mods:
        if mods.against:
            yield mods.against, f"{target.name} {_spell(condition)}"
    if "prone" in target.afflictions:
        yield (-1 if ranged else 1), f"{target.name} prone"
    if scene.fight.edition == "5.1" and actor.exhaustion >= 3:
        yield -1, f"{actor.name} exhausted"


def _visible(who: Combatant) -> frozenset[str]:
    """Conditions that count; being invisible does not help whoever a spell outlines."""
    return who.afflictions - ({"invisible"} if any(mods.seen for _, mods in who.mods) else set())


def _spell(condition: Condition) -> str:
    return condition.bond.spell if condition.bond is not None else condition.name
