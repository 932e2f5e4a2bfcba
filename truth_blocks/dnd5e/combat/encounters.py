"""An encounter's budget in both editions, and a group of creatures that fits it."""

import re

from errors import UserMistake
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.ledgers import adjusted_xp, budgets

DIFFICULTIES = {"5.2": ("low", "moderate", "high"), "5.1": ("easy", "medium", "hard", "deadly")}


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
    """The group of like creatures that comes closest to the budget without passing it, and its (adjusted) XP.

    Of several that come as close, the smallest group: up to two creatures for each character.
    """
    factors = {n: adjusted_xp(facts, edition, levels, [100] * n) / 100 for n in range(1, 2 * len(levels) + 1)}
    best: tuple[int, int, str] | None = None
    for name in facts.names("creature", edition):
        row = facts.row("creature", edition, name)
        if row is None or not row["xp"] or row["hp"] is None:
            continue
        for count, factor in factors.items():
            cost = int(row["xp"] * factor)
            if cost <= xp and (best is None or (cost, -count) > best[:2]):
                best = (cost, -count, row["name"])
    if best is None:
        return None
    return (f"{-best[1]} × {best[2]}" if best[1] < -1 else best[2]), best[0]


def answer(facts: Facts, levels: list[int], difficulty: str, edition: str) -> str:
    """Budget and suggestion as Markdown.

    Raises:
        UserMistake: the edition has no such difficulty.
    """
    names = DIFFICULTIES[edition]
    difficulty = difficulty or names[1]
    if difficulty not in names:
        raise UserMistake(f"SRD {edition} knows the difficulties {', '.join(names)}.")
    known = budgets(facts, edition, levels)
    found = suggestion(facts, levels, known[difficulty], edition)
    table = ", ".join(f"{name} {known[name]:,}" for name in names)
    adjusted = ", adjusted for numbers" if edition == "5.1" else ""
    fits = f"Fits: {found[0]} ({found[1]:,} XP{adjusted})." if found else "No creature of the data fits this budget."
    heading = f"**{difficulty.capitalize()} encounter** for levels {', '.join(map(str, levels))} · SRD {edition}"
    return f"{heading}\nBudget {known[difficulty]:,} XP ({table}).\n{fits}"
