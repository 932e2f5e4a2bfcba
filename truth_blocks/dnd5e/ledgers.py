"""Calculations with tables: experience, encounters, levels, spell slots."""

from collections.abc import Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.operands import (
    RESULTS,
    Claim,
    NotComputable,
    Result,
    given,
    valued,
    whole,
    whole_list,
    within,
)
from truth_blocks.dnd5e.values import number, word

MOST_CREATURES, MOST_PARTY = 100, 20
DIFFICULTY_WORDS = {
    "trivial": "trivial", "none": "trivial", "easy": "easy", "medium": "medium", "hard": "hard", "deadly": "deadly",
    "low": "low", "moderate": "moderate", "high": "high", "beyond high": "beyond high", "above high": "beyond high",
}  # fmt: skip


def slots(row: Row, level: int, slot_level: int) -> int:
    """Spell slots of one level that a class has at a class level from 1 to 20."""
    if row["slot_level"] is not None:
        count: int = row["slots"][level - 1]
        return count if row["slot_level"][level - 1] == slot_level else 0
    having: list[int] = row["slots"][level - 1]
    return having[slot_level - 1] if 1 <= slot_level <= len(having) else 0


def caster_slots(facts: Facts, edition: str, caster: str, level: int, slot_level: int) -> int:
    """Slots of a full, half or third caster, of pact magic, or of a class by name.

    Raises:
        NotComputable: no such kind of caster.
    """
    table = facts.figures("caster_slots").get(f"{caster} {edition}") or facts.figures("caster_slots").get(caster)
    if table is None:
        row = facts.row("class", edition, caster)
        if row is None:
            raise NotComputable("needs class, or caster as full, half, third or pact")
        return slots(row, level, slot_level)
    having = table[level - 1]
    found: int = having[slot_level - 1] if 1 <= slot_level <= len(having) else 0
    return found


def slots_spent(claim: Claim, edition: str, facts: Facts) -> Result:
    """Slots left of those there are; the number there is can come from ``class``, ``level`` and ``slot_level``."""
    caster = claim.get("class", claim.get("caster"))
    if isinstance(caster, str):
        kind = word(caster).removesuffix(" caster").removesuffix(" magic")
        having = caster_slots(facts, edition, kind, within(claim, 1, 20, "level"), within(claim, 1, 9, "slot_level"))
    else:
        having = whole(claim, "slots", "total", "have", "max", "count")
    if given(claim, ("spent", "used", "cast")) is None:
        return valued(claim, having, "value", "count", "slots")
    spent = whole(claim, "spent", "used", "cast")
    if not 0 <= spent <= having:
        return Result(False, f"at most {having} can be spent", f"{spent} spent")
    return valued(claim, having - spent, "value", "left", "remaining")


def xp_for_cr(claim: Claim, edition: str, facts: Facts) -> Result:
    """Experience for one creature of a challenge rating."""
    return valued(claim, _xp_of(facts, edition, claim.get("cr")), "value", "xp")


def level_xp(claim: Claim, edition: str, facts: Facts) -> Result:
    """Experience that a level needs, or the level that an amount of it makes."""
    table: list[int] = facts.figures("level_xp")
    if given(claim, ("xp",)) and given(claim, ("level",)) and given(claim, RESULTS) is None:
        return valued(claim, table[within(claim, 1, 20, "level") - 1], "xp")
    if given(claim, ("xp",)):
        reached = sum(whole(claim, "xp") >= need for need in table)
        return valued(claim, max(reached, 1), "level", "value")
    return valued(claim, table[within(claim, 1, 20, "level") - 1], "value")


def xp_award(claim: Claim, edition: str, facts: Facts) -> Result:
    """Experience of the creatures beaten, for the party or (with its size) for each character, rounded down."""
    total = sum(_creatures(claim, edition, facts))
    size = _party_size(claim)
    if given(claim, ("total_xp", "total")) and size is None:
        return valued(claim, total, "total_xp", "total")
    return valued(claim, total // (size or 1), "value", "each", "award", "per_character")


def encounter_difficulty(claim: Claim, edition: str, facts: Facts) -> Result:
    """How hard creatures are for a party: 5.1 by thresholds and a multiplier, 5.2 by the budget that holds them.

    In 5.2 an encounter between two budgets may be called by either; ``holds`` is None there.
    """
    party = _party(claim)
    xp = _creatures(claim, edition, facts)
    said = DIFFICULTY_WORDS.get(word(claim.get(given(claim, ("value", "difficulty", "rating", "result")) or "value")))
    if said is None:
        raise NotComputable("needs value as a difficulty")
    names = difficulties(facts, edition, party, xp)
    if len(names) > 1 and said in names:
        return Result(None, " or ".join(names), said)
    return Result(said in names, " or ".join(names), said)


def encounter_budget(claim: Claim, edition: str, facts: Facts) -> Result:
    """Experience budget (5.2) or threshold (5.1) of a party for a difficulty."""
    name = DIFFICULTY_WORDS.get(word(claim.get("difficulty", claim.get("rating"))))
    known = budgets(facts, edition, _party(claim))
    if name not in known:
        raise NotComputable(f"needs difficulty as one of {', '.join(known)}")
    return valued(claim, known[name], "value", "budget", "xp", "threshold")


def budgets(facts: Facts, edition: str, party: Sequence[int]) -> dict[str, int]:
    """The party's budget in experience points for each difficulty of the edition."""
    names: list[str] = facts.figures(f"encounter_difficulties {edition}")
    table: list[list[int]] = facts.figures(f"encounter_budget {edition}")
    return {name: sum(table[level - 1][place] for level in party) for place, name in enumerate(names)}


def adjusted_xp(facts: Facts, edition: str, party: Sequence[int], xp: Sequence[int]) -> int:
    """What the creatures weigh together: in 5.1 times a factor by their number, in 5.2 their plain sum."""
    if edition != "5.1":
        return sum(xp)
    steps: list[list[float]] = facts.figures("encounter_multipliers 5.1")
    place = max(index for index, (least, _) in enumerate(steps) if len(xp) >= least and least > 0)
    place += 1 if len(party) < 3 else -1 if len(party) > 5 else 0
    return int(sum(xp) * steps[min(max(place, 0), len(steps) - 1)][1])


def difficulties(facts: Facts, edition: str, party: Sequence[int], xp: Sequence[int]) -> list[str]:
    """The name of an encounter's difficulty; two names where 5.2 leaves it open."""
    weight = adjusted_xp(facts, edition, party, xp)
    known = budgets(facts, edition, party)
    reached = [name for name, least in known.items() if weight >= least]
    if edition == "5.1":
        return [reached[-1] if reached else "trivial"]
    names = [*known, "beyond high"]
    if any(weight == least for least in known.values()):
        return [reached[-1]]
    fits = next((name for name in known if weight <= known[name]), "beyond high")
    below = names[names.index(fits) - 1] if fits != names[0] else "trivial"
    return [below, fits]


def _party(claim: Claim) -> list[int]:
    """Levels of the characters: a list, or one level and how many there are."""
    names = ("party", "party_levels", "levels", "characters")
    listed = given(claim, names)
    if listed is not None and isinstance(claim[listed], list):
        levels = whole_list(claim, MOST_PARTY, *names)
    else:
        size = _party_size(claim)
        if size is None:
            raise NotComputable("needs party as a list of levels")
        levels = [within(claim, 1, 20, "level", "party_level")] * size
    if not all(1 <= level <= 20 for level in levels):
        raise NotComputable("needs party with levels from 1 to 20")
    return levels


def _party_size(claim: Claim) -> int | None:
    """How many characters share; None when the claim does not say."""
    name = given(claim, ("characters", "party_size", "players", "party", "size", "pcs", "number"))
    if name is None:
        return None
    if isinstance(claim[name], list):
        return max(len(claim[name]), 1)
    return within(claim, 1, MOST_PARTY, name)


def _creatures(claim: Claim, edition: str, facts: Facts) -> list[int]:
    """Experience of each creature: from ``xp``, from ratings, or from names."""
    name = given(claim, ("monsters", "creatures", "crs", "cr", "monster_crs", "xp", "xps", "monster_xp", "monster"))
    if name is None:
        raise NotComputable("needs monsters as a list of challenge ratings or names, or xp")
    listed = claim[name] if isinstance(claim[name], list) else [claim[name]]
    if not 1 <= len(listed) <= MOST_CREATURES:
        raise NotComputable(f"needs {name} as a list of 1 to {MOST_CREATURES}")
    found: list[int] = []
    for each in listed:
        found += _xp_each(each, name, edition, facts)
    times = number(claim.get("count", claim.get("number_of_monsters", 1)))
    if times is None or not times.is_integer() or not 1 <= times * len(found) <= MOST_CREATURES:
        raise NotComputable("needs count as a whole number")
    return found * int(times)


def _xp_each(each: Any, name: str, edition: str, facts: Facts) -> list[int]:
    if isinstance(each, Mapping):
        times = within(each, 1, MOST_CREATURES, "count") if "count" in each else 1
        key = given(each, ("xp", "cr", "name", "creature", "monster"))
        if key is None:
            raise NotComputable("needs each monster with cr, xp or name")
        return _xp_each(each[key], "xp" if key == "xp" else name.removeprefix("xp") or "cr", edition, facts) * times
    if "xp" in name:
        return [whole({"xp": each}, "xp")]
    return [_xp_of(facts, edition, each)]


def _xp_of(facts: Facts, edition: str, rating: Any) -> int:
    """Experience of a challenge rating, or of a creature by its name."""
    text = str(rating).lower().removeprefix("cr").strip() if isinstance(rating, str) else rating
    value = number(text)
    if value is not None:
        xp = facts.figures("xp_by_cr").get(f"{value:g}")
    else:
        row = facts.row("creature", edition, rating) if isinstance(rating, str) and len(rating) <= 100 else None
        xp = row["xp"] if row else None
    if xp is None:
        raise NotComputable("needs challenge ratings from 0 to 30 or creatures of the edition")
    found: int = xp
    return found


def compare(claim: Claim, edition: str, facts: Facts) -> Result:
    """Which of two spells or creatures has more of a field, or whether both have the same."""
    kind, field = claim.get("kind"), claim.get("field")
    if kind not in ("spell", "creature") or field not in (
        "range_ft",
        "level",
        "school",
        "ac",
        "hp",
        "cr",
        "xp",
        "passive_perception",
    ):
        raise NotComputable("needs kind as spell or creature and field as one that can be compared")
    rows = [
        facts.row(kind, edition, name) for name in (claim.get("first"), claim.get("second")) if isinstance(name, str)
    ]
    values = [row[field] for row in rows if row is not None]
    if len(values) != 2 or None in values:
        raise NotComputable("needs first and second with that field in the data")
    said, order = claim.get("order"), "same" if values[0] == values[1] else "different"
    if said in ("first", "second") and order != "same" and field != "school":
        order = "first" if values[0] > values[1] else "second"
    return Result(said == order, order, said)
