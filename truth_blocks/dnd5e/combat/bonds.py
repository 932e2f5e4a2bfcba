"""Conditions and spells that take hold of somebody and let go again; concentration, hit point maximum, death."""

from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import INCAPACITATING, Combatant, Condition, Lasting

HALVED_FROM = 4
"""Level of exhaustion that halves the hit point maximum (SRD 5.1, "Exhaustion"); 5.2 has no such effect."""


def afflict(scene: Scene, who: Combatant, condition: Condition) -> None:
    """Begin a condition; what takes the power to act ends concentration."""
    scene.emit(ev.Afflicted(who.name, condition))
    if condition.name in INCAPACITATING:
        lose_concentration(scene, who, condition.name)
    if condition.name == "exhaustion":
        if condition.level >= 6:
            kill(scene, who)
        fit_maximum(scene, who)


def relieve(scene: Scene, who: Combatant, condition: Condition, *, alone: bool = True) -> None:
    """End a condition; with ``alone`` also the spell, when it holds nobody else."""
    bond = condition.bond
    by, spell = (bond.by, bond.spell) if bond is not None else ("", "")
    scene.emit(ev.Relieved(who.name, condition.name, by, spell))
    if condition.name == "exhaustion":
        fit_maximum(scene, who)
    if bond is None:
        return
    if bond.after and not who.dead:
        left = 2 if scene.fight.current == who.name else 1
        afflict(scene, who, Condition(bond.after, left=left, edge="end", of=who.name))
    if alone:
        end_if_idle(scene, by, spell)


def end_if_idle(scene: Scene, by: str, spell: str) -> None:
    """End a spell that held only creatures and holds none any more."""
    held = scene.fight.held(by, spell)
    if held is None or held.held or any(c.is_from(by, spell) for each in scene.fight.order for c in each.conditions):
        return
    end_spell(scene, held, "nobody is held by it any more")


def end_spell(scene: Scene, spell: Lasting, why: str) -> None:
    """End a spell: its concentration, or the spell itself."""
    caster = scene.fight.of(spell.by)
    if caster.concentration == spell.spell:
        lose_concentration(scene, caster, why)
    else:
        scene.emit(ev.Ceased(spell.by, spell.spell))
        release(scene, spell.by, spell.spell)


def release(scene: Scene, by: str, spell: str) -> None:
    """Let go of everybody a casting holds."""
    for each in scene.fight.order:
        for condition in [c for c in each.conditions if c.is_from(by, spell)]:
            relieve(scene, each, condition, alone=False)


def lose_concentration(scene: Scene, who: Combatant, why: str) -> None:
    """End concentration, when there is any, and what it upheld."""
    if who.concentration:
        spell = who.concentration
        scene.emit(ev.ConcentrationLost(who.name, spell, why))
        release(scene, who.name, spell)


def kill(scene: Scene, who: Combatant) -> None:
    """Let somebody die."""
    lose_concentration(scene, who, "death")
    scene.emit(ev.Died(who.name))


def warded_off(scene: Scene, who: Combatant) -> bool:
    """Spend a ward against death, when there is one."""
    ward = next((condition for condition, mods in who.mods if mods.ward), None)
    if ward is not None:
        relieve(scene, who, ward)
    return ward is not None


def raise_maximum(scene: Scene, who: Combatant, by: int, why: str) -> None:
    """Change the hit point maximum; more of it is more hit points too, less of it cuts what is above."""
    if by > 0 and any(condition.name == why.lower() for condition in who.conditions):
        scene.emit(ev.Unaffected(who.name, why, f"under {why} already"))
        return
    plain = max((who.plain_most or who.most) + by, 1)
    most = _fitted(scene, who, plain)
    scene.emit(ev.Maximum(who.name, most, plain, min(who.hp + max(by, 0), most), why))
    if by > 0:
        scene.emit(ev.Afflicted(who.name, Condition(why.lower())))


def fit_maximum(scene: Scene, who: Combatant) -> None:
    """Halve the maximum for the exhausted in 5.1, and give it back."""
    plain = who.plain_most or who.most
    most = _fitted(scene, who, plain)
    if most != who.most:
        scene.emit(ev.Maximum(who.name, most, plain, min(who.hp, most), "exhaustion"))


def _fitted(scene: Scene, who: Combatant, plain: int) -> int:
    halved = scene.fight.edition == "5.1" and who.exhaustion >= HALVED_FROM
    return max(plain // 2, 1) if halved else plain
