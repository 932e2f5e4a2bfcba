"""Saving throws: what adds to them, what lets them fail, death saves."""

from errors import UserMistake
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.bonds import kill
from truth_blocks.dnd5e.combat.chance import Rolled
from truth_blocks.dnd5e.combat.scene import Scene
from truth_blocks.dnd5e.combat.state import Combatant
from truth_blocks.dnd5e.values import ability

FAILS_BY_ITSELF = frozenset({"paralyzed", "petrified", "stunned", "unconscious"})
"""Conditions under which Strength and Dexterity saves fail without a roll (both SRDs)."""
COVER = {"half": 2, "three-quarters": 5}
"""What cover adds to the AC and to Dexterity saves (both SRDs)."""


def cover_of(scene: Scene, who: Combatant) -> int:
    """The cover of one target: for all of them, or for those ``covered`` names."""
    given = scene.option("cover")
    if given and given not in COVER:
        raise UserMistake(f"cover: is one of {', '.join(COVER)}. Nothing was changed.")
    behind = [scene.named(name).name for name in scene.option("covered").split(",") if name.strip()]
    if behind and not given:
        raise UserMistake("covered: says who; say with cover: which cover they have. Nothing was changed.")
    return COVER[given] if given and (not behind or who.name in behind) else 0


def with_marks(who: Combatant, roll: str) -> tuple[str, tuple[str, ...]]:
    """Dice that spells add to an ``attack`` or ``save`` roll, and the names of the spells."""
    texts = [(getattr(mods, roll), condition) for condition, mods in who.mods if getattr(mods, roll)]
    return "".join(text for text, _ in texts), tuple(c.bond.spell if c.bond else c.name for _, c in texts)


def save(
    scene: Scene, who: Combatant, short: str, dc: int, against: str = "", mode: str = "", cover: int = 0, by: str = ""
) -> bool:
    """A saving throw; Strength and Dexterity fail by themselves for the paralyzed and the like."""
    if short in ("str", "dex") and who.afflictions & FAILS_BY_ITSELF:
        scene.emit(ev.Saved(who.name, short, None, dc, False, against, by=by))
        return False
    mode = _mode(scene, who, short, mode)
    extra, why = with_marks(who, "save")
    bonus = who.saves.get(short, 0) - (2 * who.exhaustion if scene.fight.edition == "5.2" else 0)
    if short == "dex":
        bonus += cover + sum(mods.dex for _, mods in who.mods)
        why = (*why, *(f"{name} cover" for name, value in COVER.items() if value == cover))
    rolled = scene.chance.d20(bonus, mode, extra)
    scene.emit(ev.Saved(who.name, short, rolled, dc, rolled.total >= dc, against, why, by))
    return rolled.total >= dc


def _mode(scene: Scene, who: Combatant, short: str, mode: str) -> str:
    """Advantage or disadvantage: one of each cancels, however many there are."""
    signs = [{"advantage": 1, "disadvantage": -1}.get(mode, 0)]
    signs.append(-1 if short == "dex" and "restrained" in who.afflictions else 0)
    signs.append(-1 if scene.fight.edition == "5.1" and who.exhaustion >= 3 else 0)
    keys = ("death", "all") if short == "death" else (short, "all")
    signs += [mods.saves.get(key, 0) for _, mods in who.mods for key in keys]
    better, worse = 1 in signs, -1 in signs
    return "" if better == worse else "advantage" if better else "disadvantage"


def death_save(scene: Scene, who: Combatant) -> None:
    """10 or more succeeds, a 1 fails twice, a 20 wakes with 1 hit point; three of a kind decide."""
    penalty = 2 * who.exhaustion if scene.fight.edition == "5.2" else 0
    extra, _ = with_marks(who, "save")
    rolled = scene.chance.d20(-penalty, _mode(scene, who, "death", ""), extra)
    successes, failures = who.successes, who.failures
    if rolled.face == 1:
        failures = min(failures + 2, 3)
    elif rolled.total >= 10 or rolled.face == 20:
        successes += 1
    else:
        failures += 1
    scene.emit(ev.DeathSave(who.name, rolled, min(successes, 3), failures))
    if rolled.face == 20:
        scene.emit(ev.Healed(who.name, "", Rolled("1", (), (), 1), 0, 1))
    elif failures >= 3:
        kill(scene, who)
    elif successes >= 3:
        scene.emit(ev.Stabilised(who.name))


def save_order(scene: Scene) -> None:
    """``/combat save``: one ability against a DC, for one or more."""
    short, dc = ability(scene.option("ability")), scene.whole("dc", 1, 40)
    if short is None or dc is None:
        raise UserMistake("Say an ability (str, dex, con, int, wis, cha) and a dc from 1 to 40. Nothing was rolled.")
    if scene.option("cover") and short != "dex":
        raise UserMistake("Cover counts on Dexterity saves alone. Nothing was rolled.")
    targets = scene.targets()
    for target in targets:
        scene.allowed(target)
    for target in targets:
        save(scene, target, short, dc, mode=scene.option("mode"), cover=cover_of(scene, target))
