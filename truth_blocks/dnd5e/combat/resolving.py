"""What a casting does to its targets, by the spell's row."""

from collections.abc import Sequence

import msgspec

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat import mending
from truth_blocks.dnd5e.combat.attacking import strike
from truth_blocks.dnd5e.combat.bonds import afflict, kill, raise_maximum, warded_off
from truth_blocks.dnd5e.combat.chance import Rolled, read_dice
from truth_blocks.dnd5e.combat.harm import hurt
from truth_blocks.dnd5e.combat.saving import cover_of, save
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.spells import Spell, grown, scaled, with_mod
from truth_blocks.dnd5e.combat.state import Attack, Bond, Combatant, Condition, Mods

Rolls = list[tuple[Rolled, str]]


class Casting(msgspec.Struct):
    """One casting or later use of a spell, with every figure it needs."""

    scene: Scene
    by: Combatant
    name: str
    rules: Spell
    slot: int
    steps: int
    level: int = 0
    """The caster's, for a cantrip; 0 for spells with a level."""
    rays: int = 0
    dc: int | None = None
    bonus: int | None = None
    mod: int | None = None
    choice: str = ""
    half: bool = False
    left: int | None = None
    """Rounds the spell has left; None for no end within a fight."""
    concentration: bool = False
    later: bool = False
    """A use after the casting."""

    def dice(self, text: str, more: str = "") -> str:
        """Dice at this slot or level."""
        plain = with_mod(text, self.mod)
        return grown(plain, self.level) if self.level and not self.rules.beams else scaled(plain, more, self.steps)

    def damage(self) -> list[tuple[str, str]]:
        """Dice and type of each part."""
        ups = (*self.rules.up, *[""] * len(self.rules.damage))
        found = []
        for part, up in zip(self.rules.damage, ups, strict=False):
            text, _, kind = part.partition(" ")
            found.append((self.dice(text, up), self.choice if "|" in kind else kind))
        return found

    def roll(self) -> Rolls:
        """The damage, rolled once."""
        return [(self.scene.chance.roll(read_dice(text)), kind) for text, kind in self.damage()]

    def typed(self, text: str, up: str = "") -> str:
        """``2d4 acid`` at this slot."""
        dice, _, kind = text.partition(" ")
        return f"{scaled(dice, up, self.steps)} {kind}" if dice else ""


def resolve(casting: Casting, names: Sequence[Combatant]) -> None:
    """Let the spell do what it does. ``names`` may hold one target several times when there are rays or darts."""
    rules = casting.rules
    targets = [each for each in {each.name: each for each in names}.values() if _reached(casting, each)]
    names = [each for each in names if each in targets]
    if rules.pool:
        _pooled(casting, targets)
    elif rules.rays and names:
        _rays(casting, names)
    elif rules.attack:
        _attacks(casting, targets)
    elif rules.save and not (rules.sure or (casting.later and rules.sure_again)):
        _saves(casting, targets)
    else:
        mending.share(casting, targets)
        for target in targets:
            _surely(casting, target)


def _reached(casting: Casting, target: Combatant) -> bool:
    """Whether the spell can affect this target; when it cannot, that is told and nothing happens to it."""
    rules = casting.rules
    kind = target.type or ("humanoid" if target.kind == "player" else "")
    why = ""
    if kind and ((rules.only and kind not in rules.only) or kind in rules.never):
        why = kind
    elif rules.unless_immune and rules.unless_immune in target.condition_immunities:
        why = f"cannot be {'exhausted' if rules.unless_immune == 'exhaustion' else rules.unless_immune}"
    elif any(mods.shields == casting.name for _, mods in target.mods):
        why = "shielded"
    if why:
        casting.scene.emit(ev.Unaffected(target.name, casting.name, why))
    return not why


def _surely(casting: Casting, target: Combatant) -> None:
    """What needs neither attack nor save."""
    rules, scene = casting.rules, casting.scene
    if rules.below and target.hp > rules.below:
        if rules.above:
            dice, _, kind = rules.above.partition(" ")
            hurt(scene, target, [(scene.chance.roll(read_dice(dice)), kind)], casting.name, by=casting.by.name)
        else:
            scene.emit(ev.Unaffected(target.name, casting.name, f"more than {rules.below} hit points"))
        return
    if rules.kills:
        if not warded_off(scene, target):
            kill(scene, target)
        return
    mending.mend(casting, target)
    if rules.raises:
        raise_maximum(scene, target, rules.raises * (1 + casting.steps), casting.name)
    rolls = casting.roll()
    if rules.worse_dice and target.type in rules.worse:
        rolls.append((scene.chance.roll(read_dice(rules.worse_dice)), rolls[0][1]))
    if rolls:
        hurt(scene, target, rolls, casting.name, by=casting.by.name)
    settle(casting, target)


def _saves(casting: Casting, targets: Sequence[Combatant]) -> None:
    """One damage roll for all, a save each."""
    rules = casting.rules
    rolls = casting.roll() if targets else []
    for target in targets:
        made = _saved(casting, target)
        if rolls and (casting.half or not made):
            taken = hurt(
                casting.scene, target, rolls, casting.name, by=casting.by.name, half=made, dust=rules.dust,
                floor=rules.floor,
            )  # fmt: skip
            if rules.reduces and not made and not target.dead:
                raise_maximum(casting.scene, target, -taken, casting.name)
        if not made:
            settle(casting, target)


def _saved(casting: Casting, target: Combatant) -> bool:
    rules, scene = casting.rules, casting.scene
    cover = 0 if rules.no_cover else cover_of(scene, target)
    mode = "advantage" if rules.eased else "disadvantage" if target.type in rules.weak else scene.option("mode")
    return save(scene, target, rules.save, casting.dc or 10, f"against {casting.name}", mode, cover, casting.by.name)


def _attacks(casting: Casting, targets: Sequence[Combatant]) -> None:
    """A spell attack on each target, and what bursts from it."""
    rules, scene = casting.rules, casting.scene
    for target in targets[:1] if rules.burst else targets:
        text, kind = (casting.damage() or [("", "")])[0]
        attack = Attack(casting.name, casting.bonus or 0, text, kind, ranged=rules.attack == "ranged")
        if strike(scene, casting.by, target, attack, magic=True):
            if rules.drains:
                _drain(casting)
            settle(casting, target)
        elif rules.miss_half and text:
            rolls = [(scene.chance.roll(read_dice(text)), kind)]
            hurt(scene, target, rolls, casting.name, by=casting.by.name, half=True)
    if rules.burst and targets:
        _burst(casting, targets)


def _drain(casting: Casting) -> None:
    """The caster regains half of the spell's own damage."""
    dealt = [event for event in casting.scene.events if isinstance(event, ev.Damaged) and event.source == casting.name]
    taken = dealt[-1].parts[0].taken if dealt else 0
    if taken > 1:
        rolled = Rolled(str(taken // 2), (), (), taken // 2)
        mending.regain(casting.scene, casting.by, rolled, casting.by.name, casting.name)


def _burst(casting: Casting, targets: Sequence[Combatant]) -> None:
    dice, _, kind = casting.typed(casting.rules.burst, casting.rules.burst_up).partition(" ")
    rolled = casting.scene.chance.roll(read_dice(dice))
    for target in targets:
        if not target.dead and not _saved(casting, target):
            hurt(casting.scene, target, [(rolled, kind)], casting.name, by=casting.by.name)


def _rays(casting: Casting, names: Sequence[Combatant]) -> None:
    """Rays or darts, round the targets as they were named. Darts strike at once, rays one after the other."""
    rules, scene = casting.rules, casting.scene
    text, kind = casting.damage()[0]
    aimed = [names[place % len(names)] for place in range(casting.rays)]
    if rules.attack:
        attack = Attack(casting.name, casting.bonus or 0, text, kind, ranged=rules.attack == "ranged")
        for target in aimed:
            living = target if not target.dead else next((each for each in names if not each.dead), None)
            if living is not None:
                strike(scene, casting.by, living, attack, magic=True)
        return
    for target in {each.name: each for each in names}.values():
        darts = aimed.count(target)
        dice = "+".join([text] * darts)
        if darts:
            hurt(scene, target, [(scene.chance.roll(read_dice(dice)), kind)], casting.name, by=casting.by.name)


def _pooled(casting: Casting, targets: Sequence[Combatant]) -> None:
    """As many hit points of creatures as the dice say, the weakest first, leaving out the unconscious."""
    scene = casting.scene
    rolled = scene.chance.roll(read_dice(casting.dice(casting.rules.pool, casting.rules.pool_up)))
    scene.emit(ev.Pooled(casting.by.name, casting.name, rolled))
    pool = rolled.total
    for target in sorted(targets, key=lambda each: each.hp):
        if "unconscious" in target.afflictions:
            scene.emit(ev.Unaffected(target.name, casting.name, "unconscious"))
        elif target.hp <= pool:
            pool -= target.hp
            settle(casting, target)
        else:
            scene.emit(ev.Unaffected(target.name, casting.name, f"{pool} hit points left of the roll"))


def settle(casting: Casting, target: Combatant) -> None:
    """The conditions and the mark of a spell on somebody it took hold of."""
    if target.dead:
        return
    rules, scene = casting.rules, casting.scene
    for text in rules.gives:
        name = casting.choice if "|" in text else text
        if name in target.condition_immunities or any(name in mods.immune for _, mods in target.mods):
            scene.emit(ev.Unaffected(target.name, casting.name, f"cannot be {name}"))
        elif rules.stays:
            afflict(scene, target, Condition(name))
        else:
            afflict(scene, target, _timed(casting, target, Condition(name, bond=_bond(casting))))
    if rules.mark is not None or rules.later:
        mark = _timed(
            casting, target, Condition(casting.name.lower(), bond=_bond(casting), mods=_mods(casting, target))
        )
        mark.word = casting.choice if rules.words else ""
        if rules.later:  # at the end of the next turn, which is not the one under way
            mark.left, mark.edge, mark.of = 1 + (scene.fight.current == target.name), "end", target.name
        scene.emit(ev.Afflicted(target.name, mark))


def _bond(casting: Casting) -> Bond:
    rules = casting.rules
    pain = casting.typed(rules.pain, rules.pain_up)
    return Bond(
        casting.by.name, casting.name, rules.save, casting.dc or 0, rules.again, rules.then, pain,
        casting.typed(rules.each, rules.each_up), casting.typed(rules.later, rules.later_up), rules.hurt, rules.after,
    )  # fmt: skip


def _timed(casting: Casting, target: Combatant, condition: Condition) -> Condition:
    """The condition with its end: the spell's own, or the edge of a turn the row names."""
    who, _, edge = casting.rules.until.partition("-")
    if not who:
        condition.left, condition.edge, condition.of = casting.left, "start", casting.by.name
        return condition
    of = casting.by.name if who == "caster" else casting.scene.fight.current if who == "turn" else target.name
    condition.of = of
    condition.edge = "start" if edge == "start" else "end"
    counts_this = who != "turn" and condition.edge == "end" and casting.scene.fight.current == of
    condition.left = 2 if counts_this else 1
    return condition


def _mods(casting: Casting, target: Combatant) -> Mods | None:
    """The row's changes with the caster's modifier and choice put in."""
    rules = casting.rules
    if rules.mark is None:
        return None
    mods = rules.mark
    if "MOD" in mods.turn:
        mods = msgspec.structs.replace(mods, turn=mods.turn.replace("MOD", str(max(casting.mod or 0, 0))))
    if "CHOICE" in mods.resist:
        mods = msgspec.structs.replace(mods, resist=(casting.choice,))
    if rules.bare:
        mods = msgspec.structs.replace(mods, least_ac=rules.bare + (target.dexterity - 10) // 2)
    return mods
