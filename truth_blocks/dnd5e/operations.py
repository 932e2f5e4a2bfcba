"""Every calculation that a claim may name, with the other names it goes by."""

from collections.abc import Callable

from truth_blocks.dnd5e import arithmetic, journeys, ledgers, sheet_math
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.operands import Claim, Result

PLAIN: dict[str, Callable[[Claim, str], Result]] = {
    "attack_vs_ac": arithmetic.attack_vs_ac, "natural": arithmetic.attack_vs_ac, "crit_dice": arithmetic.crit_dice,
    "spell_save_dc": arithmetic.spell_save_dc, "spell_attack": arithmetic.spell_attack,
    "damage_taken": arithmetic.damage_taken, "resistance": arithmetic.resistance,
    "vulnerability": arithmetic.vulnerability, "immunity": arithmetic.immunity, "hp_after": arithmetic.hp_after,
    "temp_hp": arithmetic.temp_hp, "concentration_dc": arithmetic.concentration_dc,
    "roll_bounds": arithmetic.roll_bounds, "advantage": arithmetic.advantage, "cover": arithmetic.cover,
    "saving_throw": arithmetic.d20_test, "ability_check": arithmetic.d20_test, "death_save": arithmetic.death_save,
    "prof_bonus": arithmetic.prof_bonus, "ability_modifier": arithmetic.ability_modifier,
    "movement": journeys.movement, "exhaustion": journeys.exhaustion, "fall_damage": journeys.fall_damage,
    "carrying": journeys.carrying, "jump": journeys.jump, "travel": journeys.travel, "passive": journeys.passive,
    "average": journeys.average, "instant_death": sheet_math.instant_death,
    "hit_dice_regained": sheet_math.hit_dice_regained, "hold_breath": sheet_math.hold_breath,
    "missiles": sheet_math.missiles, "needed_roll": sheet_math.needed_roll, "skill_bonus": sheet_math.skill_bonus,
    "lay_on_hands": sheet_math.lay_on_hands, "sum": sheet_math.added,
}  # fmt: skip
FROM_TABLES: dict[str, Callable[[Claim, str, Facts], Result]] = {
    "slots_spent": ledgers.slots_spent, "xp_for_cr": ledgers.xp_for_cr, "level_xp": ledgers.level_xp,
    "xp_award": ledgers.xp_award, "encounter_difficulty": ledgers.encounter_difficulty,
    "encounter_budget": ledgers.encounter_budget, "max_hp": sheet_math.max_hp, "slots_total": sheet_math.slots_total,
    "first_slot": sheet_math.first_slot, "worn_ac": sheet_math.worn_ac, "xp_between": sheet_math.xp_between,
    "compare": ledgers.compare,
}  # fmt: skip
ALSO = {
    "attack": "attack_vs_ac", "critical_dice": "crit_dice", "crit": "crit_dice", "save_dc": "spell_save_dc",
    "spell_attack_bonus": "spell_attack", "damage_modifier": "damage_taken", "damage_after_resistance": "damage_taken",
    "resist": "resistance", "hit_points_after": "hp_after", "healing": "hp_after", "temporary_hp": "temp_hp",
    "temp_hp_after": "temp_hp", "concentration": "concentration_dc", "bounds": "roll_bounds",
    "disadvantage": "advantage", "save": "saving_throw", "check": "ability_check", "d20_test": "saving_throw",
    "death_saves": "death_save", "death_saving_throw": "death_save", "proficiency": "prof_bonus",
    "proficiency_bonus": "prof_bonus", "modifier": "ability_modifier", "move": "movement",
    "movement_cost": "movement", "falling": "fall_damage", "fall": "fall_damage", "carrying_capacity": "carrying",
    "long_jump": "jump", "high_jump": "jump", "travel_pace": "travel", "passive_score": "passive",
    "passive_check": "passive", "passive_perception": "passive", "slots_left": "slots_spent",
    "slots_remaining": "slots_spent", "spell_slots": "slots_spent", "cr_xp": "xp_for_cr", "xp_by_cr": "xp_for_cr",
    "xp_for_level": "level_xp", "xp_awards": "xp_award", "xp": "xp_award", "encounter": "encounter_difficulty",
    "difficulty": "encounter_difficulty", "xp_budget": "encounter_budget", "xp_threshold": "encounter_budget",
}  # fmt: skip
NAMES = (*PLAIN, *FROM_TABLES)


def calculated(facts: Facts, operation: str, claim: Claim, edition: str) -> Result | None:
    """The result of a claim's calculation; None for an operation that is not known.

    Raises:
        NotComputable: an operand is missing or not of its kind.
    """
    name = operation.strip().lower().replace("-", "_").replace(" ", "_")
    if name == "high_jump":
        claim = {"kind": "high", **claim}
    if name == "disadvantage":
        claim = {"mode": "disadvantage", **claim}
    if name == "advantage" and "mode" not in claim:
        claim = {"mode": "advantage", **claim}
    name = ALSO.get(name, name)
    if name in PLAIN:
        return PLAIN[name](claim, edition)
    return FROM_TABLES[name](claim, edition, facts) if name in FROM_TABLES else None
