"""Spells whose effect the table decides, in both editions; and the table against the fact file."""

from typing import Any

import pytest

from errors import UserMistake
from tests.combat.fights import Board, hero
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat import spells
from truth_blocks.dnd5e.combat.spells import grown, rounds, scaled, spell
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.values import ability

BOTH = pytest.mark.parametrize("edition", ["5.1", "5.2"])


def table(facts: Facts, edition: str = "5.2", seed: int = 1, **changes: Any) -> Board:
    """Mira (level 5, DC 15, no count of slots) first, then Torv, then two bandits of 40 hit points and AC 10."""
    caster = hero(spell_dc=15, spell_attack=7, **{"slots": {}, "hp": 40, "most": 40, **changes})
    board = Board(facts, edition, seed).do("join", "mira", caster, initiative="20")
    board.do("join", "torv", hero("Torv"), initiative="15")
    return board.do("add", creature="bandit", hp="40", ac="10", count="2", initiative="5").do("next")


def failing(facts: Facts, edition: str, success: bool = False, **order: str) -> Board:
    """The first seed for which the target of this cast fails (or makes) its save."""
    for seed in range(1, 200):
        board = table(facts, edition, seed).do("cast", "mira", **order)
        if [event.success for event in board.events(ev.Saved)][:1] == [success]:  # type: ignore[attr-defined]
            return board
    raise AssertionError(order)


def conditions(board: Board, name: str) -> set[str]:
    return {condition.name for condition in board.of(name).conditions}


# -- the table


DIFFERS = {
    "5.1": {"animal friendship", "beacon of hope", "divine favor", "earthquake", "faithful hound", "fire shield", "haste",
            "heat metal", "holy aura", "inflict wounds", "irresistible dance", "magic missile", "phantasmal killer",
            "ray of enfeeblement", "sanctuary", "sleep"},
    "5.2": {"beacon of hope", "conjure animals", "disintegrate", "haste", "heat metal", "ice knife", "sanctuary",
            "wall of ice", "bane", "bless"},
}  # fmt: skip
"""Rows the fact file does not bear out: its transcriptions leave the figure out, give the first one of several, or
give that of another part of the spell. Each was read in the SRD's own text."""


@BOTH
def test_saves_dice_and_steps_are_those_of_the_fact_file(facts: Facts, edition: str) -> None:
    seen = 0
    for key in spells.keys(edition) - DIFFERS[edition]:
        row, rules = facts.row("spell", edition, key), spell(edition, key)
        if row is None or rules is None:
            continue
        assert row["key"] == key
        if row["save"]:
            assert ability(row["save"]) == rules.save, key
        if row["damage"] and rules.damage:
            assert rules.damage[0].split()[0].removesuffix("+MOD") == row["damage"].removesuffix("+MOD"), key
            seen += 1
        for step in facts.scaling(edition, key):
            up = rules.up[0] if rules.up else ""
            if step["damage"] and rules.damage:
                base = rules.damage[0].split()[0].removesuffix("+MOD")
                steps = max(step["slot"] - row["level"], 0) // rules.every
                found = scaled(base, up, steps) if step["slot"] else grown(base, step["caster_level"])
                assert found == step["damage"].removesuffix("+MOD"), (key, step)
            if step["targets"] and rules.more:
                assert step["targets"] == rules.targets + rules.more * (step["slot"] - row["level"]), (key, step)
    assert seen > 45


@BOTH
def test_every_save_spell_with_damage_says_what_a_successful_save_leaves(edition: str) -> None:
    for key in spells.keys(edition):
        rules = spell(edition, key)
        assert rules is not None
        if rules.save and rules.damage and not (rules.sure or rules.attack):
            assert rules.half is not None, key
        for text in (*rules.damage, rules.pain, rules.each, rules.later, rules.burst):
            assert not text or len(text.split()) == 2, (key, text)


@BOTH
def test_rows_without_a_spell_are_those_of_the_other_edition(facts: Facts, edition: str) -> None:
    other = "5.1" if edition == "5.2" else "5.2"
    for key in spells.keys(edition):
        assert facts.row("spell", edition, key) or facts.row("spell", other, key), key


@pytest.mark.parametrize(
    ("dice", "more", "steps", "found"),
    [("8d6", "1d6", 2, "10d6"), ("2d4+4", "5", 2, "2d4+14"), ("10d6+40", "3d6", 1, "13d6+40"), ("70", "10", 3, "100"),
     ("1d8+3", "1d8", 1, "2d8+3"), ("8d6", "", 4, "8d6")],
)  # fmt: skip
def test_dice_grow_with_the_slot(dice: str, more: str, steps: int, found: str) -> None:
    assert scaled(dice, more, steps) == found


def test_cantrips_grow_with_the_level_and_durations_are_rounds() -> None:
    assert [grown("1d10", level) for level in (1, 5, 11, 17)] == ["1d10", "2d10", "3d10", "4d10"]
    assert [rounds(text) for text in ("1 round", "1 minute", "1 hour", "8 hours", "instantaneous", None)] == [
        1, 10, 600, None, None, None,
    ]  # fmt: skip


# -- damage


@BOTH
@pytest.mark.parametrize(
    ("target", "slot", "dice"),
    [("bandit a", "", {"Bandit A": 3}), ("bandit a, bandit b", "", {"Bandit A": 2, "Bandit B": 1}),
     ("bandit a, bandit b, bandit b", "", {"Bandit A": 1, "Bandit B": 2}), ("bandit a, bandit b", "4", {"Bandit A": 3, "Bandit B": 3})],
)  # fmt: skip
def test_the_darts_of_magic_missile_are_split_and_each_deals_its_own(
    facts: Facts, edition: str, target: str, slot: str, dice: dict[str, int]
) -> None:
    board = table(facts, edition).do("cast", "mira", spell="magic missile", target=target, slot=slot)
    damaged = board.events(ev.Damaged)
    assert {event.target: len(event.parts[0].rolled.kept) for event in damaged} == dice  # type: ignore[attr-defined]
    for event in damaged:
        rolled = event.parts[0].rolled  # type: ignore[attr-defined]
        assert rolled.total == sum(rolled.kept) + len(rolled.kept)
    with pytest.raises(UserMistake, match="at most 3 darts"):
        table(facts, edition).do("cast", "mira", spell="magic missile", target="bandit a, bandit a, bandit b, bandit b")


@BOTH
def test_scorching_ray_attacks_once_for_each_ray_and_eldritch_blast_for_each_beam(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="scorching ray", target="bandit a, bandit b", slot="3")
    assert len(board.events(ev.Attacked)) == 4
    board = table(facts, edition, level=11).do("cast", "mira", spell="eldritch blast", target="bandit a")
    assert len(board.events(ev.Attacked)) == 3
    assert all(event.parts[0].rolled.dice in ("1d10", "2d10") for event in board.events(ev.Damaged))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("edition", "cast_now", "again_dice"), [("5.1", 0, "2d10"), ("5.2", 1, "2d10")])
def test_moonbeam_strikes_again_once_a_turn_until_concentration_ends(
    facts: Facts, edition: str, cast_now: int, again_dice: str
) -> None:
    board = table(facts, edition).do("cast", "mira", spell="moonbeam", target="bandit a")
    assert len(board.events(ev.Damaged)) == cast_now
    board.do("next").do("again", spell="moonbeam", target="bandit a, bandit b")
    assert [event.parts[0].rolled.dice for event in board.events(ev.Damaged)] == [again_dice] * 2  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="has struck Bandit A in this turn"):
        board.do("again", spell="moonbeam", target="bandit a")
    board.do("next").do("again", spell="moonbeam", target="bandit a")
    board.do("damage", target="mira", amount="40")
    with pytest.raises(UserMistake, match="goes on"):
        board.do("again", spell="moonbeam", target="bandit a")


@BOTH
def test_a_spell_used_again_keeps_its_slot_and_belongs_to_the_casters_turn(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="heat metal", target="bandit a", slot="4")
    assert board.events(ev.Damaged)[0].parts[0].rolled.dice == "4d8"  # type: ignore[attr-defined]
    board.do("again", "mira", spell="heat metal", target="bandit a")
    assert board.events(ev.Damaged)[0].parts[0].rolled.dice == "4d8"  # type: ignore[attr-defined]
    board.do("next")
    with pytest.raises(UserMistake, match="Mira's turn"):
        board.do("again", spell="heat metal", target="bandit a")


@BOTH
def test_spirit_guardians_ask_for_the_damage_type(facts: Facts, edition: str) -> None:
    with pytest.raises(UserMistake, match="add choice: radiant, necrotic"):
        table(facts, edition).do("cast", "mira", spell="spirit guardians")
    board = table(facts, edition).do("cast", "mira", spell="spirit guardians", choice="necrotic")
    board.do("again", spell="spirit guardians", target="bandit a")
    assert board.events(ev.Damaged)[0].parts[0].kind == "necrotic"  # type: ignore[attr-defined]


@BOTH
def test_ice_storm_deals_two_types_and_a_higher_slot_adds_to_one(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="ice storm", target="bandit a", slot="6")
    parts = board.events(ev.Damaged)[0].parts  # type: ignore[attr-defined]
    assert [(part.rolled.dice, part.kind) for part in parts] == [
        ("4d8" if edition == "5.1" else "4d10", "bludgeoning"), ("4d6", "cold"),
    ]  # fmt: skip


@BOTH
def test_acid_arrow_bites_again_at_the_end_of_the_next_turn(facts: Facts, edition: str) -> None:
    board = next(
        board for seed in range(1, 60)
        if (board := table(facts, edition, seed).do("cast", "mira", spell="acid arrow", target="bandit a")).events(ev.Attacked)[0].hit  # type: ignore[attr-defined]
    )  # fmt: skip
    board.do("next").do("next").do("next")
    assert [event.parts[0].rolled.dice for event in board.events(ev.Damaged)] == ["2d4"]  # type: ignore[attr-defined]
    assert not board.do("next").do("next").do("next").do("next").events(ev.Damaged)


@BOTH
def test_power_word_kill_counts_hit_points_and_disintegrate_leaves_dust(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="power word kill", target="bandit a", slot="9")
    assert board.of("Bandit A").dead
    board = table(facts, edition).do("add", creature="Titan", hp="150", ac="10")
    board.do("cast", "mira", spell="power word kill", target="titan", slot="9")
    assert bool(board.events(ev.Damaged)) == (edition == "5.2")
    assert not board.of("Titan").dead
    board = failing(facts, edition, spell="disintegrate", target="torv", slot="6")
    assert [event.how for event in board.events(ev.Died)] == ["dust"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("edition", "floor"), [("5.1", True), ("5.2", False)])
def test_harm_lowers_the_maximum_and_in_51_leaves_a_hit_point(facts: Facts, edition: str, floor: bool) -> None:
    board = failing(facts, edition, spell="harm", target="bandit a", slot="6")
    bandit = board.of("Bandit A")
    assert (bandit.hp, bandit.dead) == ((1, False) if floor else (0, True))
    assert not floor or bandit.most == 1


# -- healing


@pytest.mark.parametrize(
    ("name", "slot", "old", "new"),
    [("cure wounds", "", "1d8+4", "2d8+4"), ("cure wounds", "3", "3d8+4", "6d8+4"), ("healing word", "2", "2d4+4", "4d4+4"),
     ("mass healing word", "4", "2d4+4", "3d4+4"), ("mass cure wounds", "6", "4d8+4", "6d8+4"),
     ("prayer of healing", "3", "3d8+4", "3d8"), ("heal", "7", "80", "80")],
)  # fmt: skip
def test_healing_rolls_the_editions_dice_with_the_modifier(
    facts: Facts, name: str, slot: str, old: str, new: str
) -> None:
    for edition, dice in (("5.1", old), ("5.2", new)):
        board = table(facts, edition).do("damage", target="torv", amount="23")
        board.do("cast", "mira", spell=name, target="torv", slot=slot)
        healed = board.events(ev.Healed)[0]
        assert healed.rolled.dice == dice  # type: ignore[attr-defined]
        assert board.of("Torv").hp == min(1 + healed.rolled.total, 24)  # type: ignore[attr-defined]


def test_51_heals_neither_undead_nor_constructs_and_52_does(facts: Facts) -> None:
    for edition, healed in (("5.1", False), ("5.2", True)):
        board = table(facts, edition).do("add", creature="skeleton").do("damage", target="skeleton", amount="5")
        board.do("cast", "mira", spell="cure wounds", target="skeleton")
        assert bool(board.events(ev.Healed)) is healed
        assert bool(board.events(ev.Unaffected)) is not healed


def test_a_monsters_spellcasting_modifier_is_asked_for(facts: Facts) -> None:
    board = table(facts).do("next").do("next")
    with pytest.raises(UserMistake, match="give mod:"):
        board.do("cast", spell="cure wounds", target="bandit b")
    assert board.do("cast", spell="cure wounds", target="bandit b", mod="2").events(ev.Healed)


@pytest.mark.parametrize(("edition", "dice"), [("5.1", "1d4+14"), ("5.2", "2d4+14")])
def test_false_life_and_heroism_give_temporary_hit_points(facts: Facts, edition: str, dice: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="false life", slot="3")
    assert board.events(ev.Warded)[0].rolled.dice == dice  # type: ignore[attr-defined]
    board = table(facts, edition).do("cast", "mira", spell="heroism", target="torv").do("next")
    assert board.of("Torv").temp == 4
    assert conditions(board.do("condition", target="mira", condition="prone"), "Torv") == {"heroism"}


@BOTH
def test_aid_raises_the_maximum_and_revivify_the_dead(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="aid", target="torv, mira", slot="3")
    assert (board.of("Torv").hp, board.of("Torv").most) == (34, 34)
    board.do("damage", target="torv", amount="90").do("cast", "mira", spell="revivify", target="torv")
    assert (board.of("Torv").dead, board.of("Torv").hp) == (False, 1)
    with pytest.raises(UserMistake, match="is not dead"):
        board.do("cast", "mira", spell="revivify", target="torv")


@BOTH
def test_death_ward_leaves_one_hit_point_once(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="death ward", target="torv")
    assert board.do("damage", target="torv", amount="70").of("Torv").hp == 1
    assert board.do("damage", target="torv", amount="5").of("Torv").down


@BOTH
def test_lesser_restoration_ends_the_condition_there_is(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("condition", target="torv", condition="poisoned")
    board.do("condition", target="torv", condition="blinded")
    with pytest.raises(UserMistake, match="add choice: poisoned, blinded"):
        board.do("cast", "mira", spell="lesser restoration", target="torv")
    assert conditions(
        board.do("cast", "mira", spell="lesser restoration", target="torv", choice="blinded"), "Torv"
    ) == {"poisoned"}


@BOTH
def test_chill_touch_stops_healing(facts: Facts, edition: str) -> None:
    for seed in range(1, 60):
        board = table(facts, edition, seed).do("cast", "mira", spell="chill touch", target="bandit a")
        if board.events(ev.Damaged):
            break
    hp = board.of("Bandit A").hp
    assert board.do("heal", target="bandit a", amount="10").of("Bandit A").hp == hp


# -- conditions and marks


@BOTH
def test_hold_person_paralyzes_and_is_saved_against_at_the_end_of_each_turn(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="hold person", target="torv")
    assert conditions(board, "Torv") == {"paralyzed"}
    board.do("next")
    for _ in range(40):
        board.do("next")
        saved = [event for event in board.events(ev.Saved) if event.who == "Torv"]  # type: ignore[attr-defined]
        if saved and saved[0].success:  # type: ignore[attr-defined]
            break
    assert conditions(board, "Torv") == set()
    assert board.of("Mira").concentration == ""


@BOTH
def test_hold_person_is_for_humanoids_and_the_slot_is_spent(facts: Facts, edition: str) -> None:
    board = table(facts, edition, slots=hero().slots).do("add", creature="ogre")
    board.do("cast", "mira", spell="hold person", target="ogre")
    assert board.events(ev.Unaffected)
    assert not board.events(ev.Saved)
    assert board.of("Mira").slots["2"].left == 1


@BOTH
def test_losing_concentration_frees_whom_it_held(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="hold person", target="torv").do("damage", target="mira", amount="40")
    assert conditions(board, "Torv") == set()
    lines = board.events(ev.Relieved)
    assert [(event.who, event.spell) for event in lines] == [("Torv", "Hold Person")]  # type: ignore[attr-defined]


@BOTH
def test_bless_adds_a_die_to_attacks_and_saves_and_bane_takes_one(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="bless", target="mira, torv")
    attack = board.do("attack", "mira", target="bandit a").events(ev.Attacked)[0]
    assert attack.rolled.dice == "1d20+5+1d4"  # type: ignore[attr-defined]
    assert "Bless" in attack.why  # type: ignore[attr-defined]
    assert board.do("save", target="torv", ability="wis", dc="10").events(ev.Saved)[0].rolled.dice == "1d20+1+1d4"  # type: ignore[attr-defined]
    board = failing(facts, edition, spell="bane", target="torv")
    assert board.do("save", target="torv", ability="wis", dc="10").events(ev.Saved)[0].rolled.dice == "1d20+1-1d4"  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="at most 3 targets"):
        board.do("cast", "mira", spell="bless", target="mira, torv, bandit a, bandit b")


@BOTH
def test_two_castings_of_bless_do_not_add_up(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="bless", target="mira").do("next")
    board.do("cast", "torv", spell="bless", target="mira", by="torv", dc="13").do("next").do("next").do("next")
    assert board.do("attack", "mira", target="bandit a").events(ev.Attacked)[0].rolled.dice == "1d20+5+1d4"  # type: ignore[attr-defined]


@BOTH
def test_faerie_fire_gives_advantage_and_outlines_the_invisible(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="faerie fire", target="bandit a")
    board.do("condition", target="bandit a", condition="invisible")
    assert board.do("attack", "mira", target="bandit a").events(ev.Attacked)[0].rolled.dice.startswith("2d20kh1")  # type: ignore[attr-defined]


@BOTH
def test_guiding_bolt_helps_the_next_attack_alone(facts: Facts, edition: str) -> None:
    board = next(
        board for seed in range(1, 60)
        if (board := table(facts, edition, seed).do("cast", "mira", spell="guiding bolt", target="bandit a")).events(ev.Damaged)
    )  # fmt: skip
    board.do("next")
    assert board.do("attack", "torv", target="bandit a").events(ev.Attacked)[0].rolled.dice.startswith("2d20kh1")  # type: ignore[attr-defined]
    assert board.do("attack", "torv", target="bandit a").events(ev.Attacked)[0].rolled.dice.startswith("1d20")  # type: ignore[attr-defined]


@BOTH
def test_shield_is_a_reaction_of_five_until_the_casters_turn_and_stops_magic_missile(
    facts: Facts, edition: str
) -> None:
    board = table(facts, edition).do("next").do("cast", "mira", spell="shield", by="mira", reaction="true")
    assert board.of("Mira").armour == 20
    assert not board.of("Mira").reaction
    board.do("cast", "torv", spell="magic missile", target="mira")
    assert board.events(ev.Unaffected)
    assert board.do("next").do("next").do("next").of("Mira").armour == 15


def test_undo_cast_shield_and_attack_again_is_the_same_roll(facts: Facts) -> None:
    board = table(facts).do("next").do("next")
    before = board.log
    first = board.do("attack", target="mira", bonus="5", damage="1d8").events(ev.Attacked)[0]
    board.log = before
    board.do("cast", "mira", spell="shield", by="mira", reaction="true")
    second = board.do("attack", target="mira", bonus="5", damage="1d8").events(ev.Attacked)[0]
    assert first.rolled == second.rolled  # type: ignore[attr-defined]
    assert second.ac == first.ac + 5  # type: ignore[attr-defined]


@BOTH
def test_haste_raises_the_ac_and_52_leaves_whoever_it_leaves_incapacitated(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="haste", target="torv")
    assert board.of("Torv").armour == 17
    assert board.do("save", target="torv", ability="dex", dc="10").events(ev.Saved)[0].rolled.dice.startswith("2d20kh1")  # type: ignore[attr-defined]
    board.do("again", "mira", spell="haste", end="true")
    assert conditions(board, "Torv") == ({"incapacitated"} if edition == "5.2" else set())


@BOTH
def test_slow_lowers_ac_and_dexterity_saves_and_forbids_reactions(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="slow", target="torv")
    assert board.of("Torv").armour == 13
    assert board.do("save", target="torv", ability="dex", dc="10").events(ev.Saved)[0].rolled.dice == "1d20+1"  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="cannot take reactions"):
        board.do("use", what="reaction", by="torv")


@BOTH
def test_sleep_is_a_pool_of_hit_points_in_51_and_two_saves_in_52(facts: Facts, edition: str) -> None:
    if edition == "5.1":
        board = table(facts, edition).do("damage", target="bandit a", amount="38")
        board.do("cast", "mira", spell="sleep", target="bandit a, bandit b")
        assert conditions(board, "Bandit A") == {"unconscious"}
        assert board.events(ev.Pooled)[0].rolled.dice == "5d8"  # type: ignore[attr-defined]
        assert conditions(board.do("damage", target="bandit a", amount="1"), "Bandit A") == set()
        return
    slept = False
    for seed in range(1, 60):
        board = table(facts, edition, seed).do("cast", "mira", spell="sleep", target="torv")
        if conditions(board, "Torv") == {"incapacitated"}:
            board.do("next").do("next")
            assert conditions(board, "Torv") in (set(), {"unconscious"})
            slept = slept or bool(conditions(board, "Torv"))
    assert slept


@BOTH
def test_hypnotic_pattern_ends_on_damage_and_hideous_laughter_is_saved_against_anew(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="hypnotic pattern", target="bandit a")
    assert conditions(board, "Bandit A") == {"charmed", "incapacitated"}
    assert conditions(board.do("damage", target="bandit a", amount="1"), "Bandit A") == set()
    board = failing(facts, edition, spell="hideous laughter", target="bandit a")
    saved = board.do("damage", target="bandit a", amount="1").events(ev.Saved)[0]
    assert saved.rolled.dice.startswith("2d20kh1")  # type: ignore[attr-defined]


@BOTH
def test_blindness_asks_which_and_command_says_what(facts: Facts, edition: str) -> None:
    board = failing(facts, edition, spell="blindness/deafness", target="bandit a", choice="deafened")
    assert conditions(board, "Bandit A") == {"deafened"}
    board = failing(facts, edition, spell="command", target="torv", choice="grovel")
    assert conditions(board.do("next"), "Torv") == {"command", "prone"}
    assert conditions(board.do("next"), "Torv") == {"prone"}


@BOTH
def test_web_restrains_whoever_it_reaches_and_the_charmed_do_not_strike_the_charmer(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="web")
    for _ in range(30):
        board.do("again", spell="web", target="torv")
        if conditions(board, "Torv"):
            break
        board.do("next")
    assert conditions(board, "Torv") == {"restrained"}
    board = failing(facts, edition, spell="charm person", target="torv").do("next")
    with pytest.raises(UserMistake, match="charmed by Mira"):
        board.do("attack", "torv", target="mira")


@BOTH
def test_a_mark_adds_its_dice_to_the_hunters_hits_and_moves_on_from_the_dead(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="hunter's mark", target="bandit a")
    hit = board.do("attack", "mira", target="bandit a", bonus="30", damage="1d8", type="piercing").events(ev.Damaged)[0]
    assert hit.parts[1].rolled.dice in ("1d6", "2d6")  # type: ignore[attr-defined]
    assert hit.parts[1].kind == ("piercing" if edition == "5.1" else "force")  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="moves on when its target is at 0"):
        board.do("again", "mira", spell="hunter's mark", target="bandit b")
    board.do("damage", target="bandit a", amount="90").do("again", "mira", spell="hunter's mark", target="bandit b")
    assert conditions(board, "Bandit B") == {"hunter's mark"}


@BOTH
def test_invisibility_ends_with_the_first_attack(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="invisibility", target="mira")
    assert "invisible" in conditions(board, "Mira")
    attack = board.do("attack", "mira", target="bandit a").events(ev.Attacked)[0]
    assert attack.rolled.dice.startswith("2d20kh1")  # type: ignore[attr-defined]
    assert conditions(board, "Mira") == set()


@BOTH
def test_a_minute_is_ten_of_the_casters_turns(facts: Facts, edition: str) -> None:
    board = table(facts, edition).do("cast", "mira", spell="bless", target="torv")
    for _ in range(9 * 4):
        board.do("next")
    assert conditions(board, "Torv") == {"bless"}
    for _ in range(4):
        board.do("next")
    assert conditions(board, "Torv") == set()
    assert board.of("Mira").concentration == ""


def test_vampiric_touch_gives_half_of_it_back(facts: Facts) -> None:
    for seed in range(1, 60):
        board = table(facts, "5.2", seed).do("damage", target="mira", amount="30")
        board.do("cast", "mira", spell="vampiric touch", target="bandit a")
        if board.events(ev.Damaged):
            taken = board.events(ev.Damaged)[0].parts[0].taken  # type: ignore[attr-defined]
            assert board.of("Mira").hp == 10 + taken // 2
            return
    raise AssertionError


def test_searing_smite_burns_at_the_start_of_each_turn_until_saved(facts: Facts) -> None:
    board = table(facts).do("cast", "mira", spell="searing smite", target="torv", slot="2")
    assert board.events(ev.Damaged)[0].parts[0].rolled.dice == "2d6"  # type: ignore[attr-defined]
    board.do("next")
    assert [event.parts[0].rolled.dice for event in board.events(ev.Damaged)] == ["2d6"]  # type: ignore[attr-defined]
    assert board.events(ev.Saved)[0].ability == "con"  # type: ignore[attr-defined]


# -- what is refused, and what is left to the table


@pytest.mark.parametrize(
    ("options", "said"),
    [({"spell": "bless"}, "needs a target"), ({"spell": "shield", "target": "torv"}, "for Mira alone"),
     ({"spell": "hold person", "target": "torv, bandit a"}, "at most 1 target"),
     ({"spell": "command", "target": "torv", "choice": "dance"}, "add choice: approach"),
     ({"spell": "fireball", "target": "torv", "cover": "much"}, "cover: is one of"),
     ({"spell": "fireball", "target": "torv", "covered": "torv"}, "say with cover:"),
     ({"spell": "fireball", "target": "nobody"}, "not in this fight")],
)  # fmt: skip
def test_a_cast_that_cannot_be_is_refused_and_changes_nothing(facts: Facts, options: dict[str, str], said: str) -> None:
    board = table(facts)
    before = board.log
    with pytest.raises(UserMistake, match=said):
        board.do("cast", "mira", **options)
    assert board.log is before


@pytest.mark.parametrize(
    ("options", "said"),
    [({"spell": "moonbeam", "target": "torv"}, 'No spell "moonbeam" goes on'), ({"spell": "bless", "target": "torv"}, "does nothing more"),
     ({"spell": "bless"}, "does nothing more"), ({"spell": ""}, "goes on")],
)  # fmt: skip
def test_again_needs_a_spell_that_goes_on(facts: Facts, options: dict[str, str], said: str) -> None:
    board = table(facts).do("cast", "mira", spell="bless", target="mira")
    before = board.log
    with pytest.raises(UserMistake, match=said):
        board.do("again", **options)
    assert board.log is before


def test_a_spell_without_a_row_says_which_command_applies_the_rest(facts: Facts) -> None:
    cast = table(facts).do("cast", "mira", spell="polymorph", target="torv").events(ev.Cast)[0]
    assert "/combat damage, heal or condition applies it" in cast.note  # type: ignore[attr-defined]
    fly = table(facts).do("cast", "mira", spell="fly", target="torv").events(ev.Cast)[0]
    assert "not decided here" in fly.note  # type: ignore[attr-defined]
