"""Encounter budgets of both editions, and a group of creatures that fits one."""

import re

from errors import UserMistake
from truth_blocks.dnd5e.facts import Facts

# XP per character of levels 1 to 20. 5.2: low, moderate, high (SRD 5.2, "Combat Encounter Difficulty").
_52 = (
    (50, 75, 100), (100, 150, 200), (150, 225, 400), (250, 375, 500), (500, 750, 1100), (600, 1000, 1400),
    (750, 1300, 1700), (1000, 1700, 2100), (1300, 2000, 2600), (1600, 2300, 3100), (1900, 2900, 4100),
    (2200, 3700, 4700), (2600, 4200, 5400), (2900, 4900, 6200), (3300, 5400, 7800), (3800, 6100, 9800),
    (4500, 7200, 11700), (5000, 8700, 14200), (5500, 10700, 17200), (6400, 13200, 22000),
)  # fmt: skip
# 5.1: easy, medium, hard, deadly (the basic rules of that edition).
_51 = (
    (25, 50, 75, 100), (50, 100, 150, 200), (75, 150, 225, 400), (125, 250, 375, 500), (250, 500, 750, 1100),
    (300, 600, 900, 1400), (350, 750, 1100, 1700), (450, 900, 1400, 2100), (550, 1100, 1600, 2400),
    (600, 1200, 1900, 2800), (800, 1600, 2400, 3600), (1000, 2000, 3000, 4500), (1100, 2200, 3400, 5100),
    (1250, 2500, 3800, 5700), (1400, 2800, 4300, 6400), (1600, 3200, 4800, 7200), (2000, 3900, 5900, 8800),
    (2100, 4200, 6300, 9500), (2400, 4900, 7300, 10900), (2800, 5700, 8500, 12700),
)  # fmt: skip
DIFFICULTIES = {"5.2": ("low", "moderate", "high"), "5.1": ("easy", "medium", "hard", "deadly")}
_STEPS = (0.5, 1, 1.5, 2, 2.5, 3, 4, 5)


def budget(levels: list[int], difficulty: str, edition: str) -> int:
    """XP for a party; the difficulty must be one of the edition's."""
    place = DIFFICULTIES[edition].index(difficulty)
    table = _52 if edition == "5.2" else _51
    return sum(table[level - 1][place] for level in levels)


def multiplier(monsters: int, party: int, edition: str) -> float:
    """5.1 weighs numbers, one step more for a party below three, one less above five; 5.2 does not."""
    if edition == "5.2":
        return 1
    place = 1 + sum(monsters >= bound for bound in (2, 3, 7, 11, 15))
    return _STEPS[place + (party < 3) - (party > 5)]


def party(text: str) -> list[int]:
    """``4x3`` or ``3,3,4,5`` as levels.

    Raises:
        UserMistake: not levels, or more than ten characters.
    """
    levels: list[int] = []
    for part in text.replace(" ", "").split(","):
        found = re.fullmatch(r"(?:(\d{1,2})[x×])?(\d{1,2})", part)
        if not found or not 1 <= int(found[2]) <= 20:
            raise UserMistake("party: is levels from 1 to 20, for example 4x3 (four of level 3) or 3,3,4.")
        levels += [int(found[2])] * int(found[1] or 1)
    if not 1 <= len(levels) <= 10:
        raise UserMistake("A party has one to ten characters.")
    return levels


def suggestion(facts: Facts, levels: list[int], xp: int, edition: str) -> tuple[str, int] | None:
    """The group of like creatures that comes closest to the budget without passing it, and its (adjusted) XP."""
    best: tuple[int, int, str, int] | None = None
    for name in facts.names("creature", edition):
        row = facts.row("creature", edition, name)
        if row is None or not row["xp"] or row["hp"] is None:
            continue
        for count in range(1, 2 * len(levels) + 1):
            cost = int(row["xp"] * count * multiplier(count, len(levels), edition))
            if cost <= xp and (best is None or (cost, -count) > best[:2]):
                best = (cost, -count, row["name"], count)
    return (f"{best[3]} × {best[2]}" if best[3] > 1 else best[2], best[0]) if best else None


def answer(facts: Facts, levels: list[int], difficulty: str, edition: str) -> str:
    """Budget and suggestion as Markdown.

    Raises:
        UserMistake: the edition has no such difficulty.
    """
    names = DIFFICULTIES[edition]
    difficulty = difficulty or names[1]
    if difficulty not in names:
        raise UserMistake(f"SRD {edition} knows the difficulties {', '.join(names)}.")
    xp = budget(levels, difficulty, edition)
    found = suggestion(facts, levels, xp, edition)
    table = ", ".join(f"{name} {budget(levels, name, edition):,}" for name in names)
    adjusted = ", adjusted for numbers" if edition == "5.1" else ""
    fits = f"Fits: {found[0]} ({found[1]:,} XP{adjusted})." if found else "No creature of the data fits this budget."
    heading = f"**{difficulty.capitalize()} encounter** for levels {', '.join(map(str, levels))} · SRD {edition}"
    return f"{heading}\nBudget {xp:,} XP ({table}).\n{fits}"
