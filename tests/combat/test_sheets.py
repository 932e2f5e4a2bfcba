"""Characters, rests and encounters."""

import pytest

from errors import UserMistake
from tests.combat.fights import hero
from truth_blocks.dnd5e.combat import encounters, sheets
from truth_blocks.dnd5e.combat.chance import Chance
from truth_blocks.dnd5e.combat.state import Slots
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.ledgers import budgets

WIZARD = "name Mira, class wizard, level 5, hp 27, ac 12, con 14, dex 16, attack Dagger +6 1d4+3 piercing, slots 4 3 2"


def test_a_sheet_is_set_piece_by_piece() -> None:
    sheet = sheets.changed(None, WIZARD)
    sheet = sheets.changed(sheet, "hp 20, str 8")
    assert (sheet.hp, sheet.max_hp, sheet.abilities["str"], sheet.slots) == (20, 27, 8, [4, 3, 2])
    who = sheets.combatant(sheet, "mira")
    assert (who.hp, who.most, who.saves["con"], who.attacks[0].to_hit) == (20, 27, 2, 6)
    assert who.slots["3"] == Slots(2, 2)


@pytest.mark.parametrize(
    "text",
    [
        "hp many",
        "level 5",
        "name Mira, hp 10, level 99",
        "name Mira, hp 10, sanity 3",
        "name Mira, hp 5, attack Axe +5 9999d9999",
    ],
)
def test_a_sheet_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UserMistake):
        sheets.changed(None, text)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"name": 1}', '{"name":"M","level":1,"hp":5,"ac":10,"x":1}', "{" * 9_000, "x" * 30_000]
)
def test_json_that_is_no_character_is_refused(content: str) -> None:
    with pytest.raises(UserMistake):
        sheets.read(content)


def test_a_fight_leaves_its_mark_on_the_sheet() -> None:
    sheet = sheets.changed(None, WIZARD)
    after = sheets.after_fight(sheet, hero(hp=3, temp=2, slots={"1": Slots(4, 1), "2": Slots(3, 3), "3": Slots(2, 0)}))
    assert (after.hp, after.temp_hp, after.slots_left) == (3, 2, [1, 3, 0])


@pytest.mark.parametrize(("edition", "dice"), [("5.1", 3), ("5.2", 5)])
def test_a_long_rest_restores_and_the_editions_differ_in_hit_dice(facts: Facts, edition: str, dice: int) -> None:
    sheet = sheets.changed(None, WIZARD)
    sheet.hp, sheet.slots_left, sheet.hit_dice_left, sheet.exhaustion = 1, [0, 0, 0], 1, 2
    after, _ = sheets.rested(sheet, "long", 0, edition, facts, Chance(1))
    assert (after.hp, after.slots_left, after.hit_dice_left, after.exhaustion) == (27, [4, 3, 2], dice, 1)


def test_a_short_rest_spends_hit_dice_of_the_class(facts: Facts) -> None:
    sheet = sheets.changed(None, WIZARD)
    sheet.hp = 5
    after, said = sheets.rested(sheet, "short", 2, "5.2", facts, Chance(1))
    assert 5 + 2 * 3 <= after.hp <= 5 + 2 * 8
    assert after.hit_dice_left == 3
    assert "1d6+2" in said
    with pytest.raises(UserMistake, match="3 hit dice left"):
        sheets.rested(after, "short", 4, "5.2", facts, Chance(1))
    with pytest.raises(UserMistake, match="decides the hit die"):
        sheets.rested(sheets.changed(None, "name A, hp 5"), "short", 1, "5.2", facts, Chance(1))


@pytest.mark.parametrize(
    ("levels", "difficulty", "edition", "said"),
    [([3] * 4, "moderate", "5.2", "Budget 900 XP (low 600, moderate 900, high 1,600)"), ([3] * 4, "medium", "5.1", "600 XP"),
     ([1, 20], "high", "5.2", "22,100 XP"), ([5], "", "5.1", "**Medium encounter** for levels 5 · SRD 5.1")],
)  # fmt: skip
def test_budgets_of_both_editions(facts: Facts, levels: list[int], difficulty: str, edition: str, said: str) -> None:
    assert said in encounters.answer(facts, levels, difficulty, edition)


def test_an_edition_has_its_own_difficulties(facts: Facts) -> None:
    with pytest.raises(UserMistake, match="low, moderate, high"):
        encounters.answer(facts, [3], "deadly", "5.2")


@pytest.mark.parametrize("edition", ["5.1", "5.2"])
def test_a_suggestion_never_passes_its_budget(facts: Facts, edition: str) -> None:
    for levels in ([1], [3, 3, 3, 3], [11] * 5, [20] * 6):
        for difficulty in encounters.DIFFICULTIES[edition]:
            xp = budgets(facts, edition, levels)[difficulty]
            found = encounters.suggestion(facts, levels, xp, edition)
            assert found is not None
            assert xp * 0.5 <= found[1] <= xp


@pytest.mark.parametrize("text", ["", "0", "21", "x3", "4x", "99x1", "three"])
def test_a_party_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UserMistake):
        encounters.party(text)
