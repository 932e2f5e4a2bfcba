"""What the engine decides, in both editions."""

from typing import Any

import pytest

from errors import NotAllowed, UserMistake
from tests.combat.fights import Board, hero
from truth_blocks.dnd5e.combat import events as ev
from truth_blocks.dnd5e.combat.chance import doubled
from truth_blocks.dnd5e.combat.harm import after_modifiers, concentration_dc
from truth_blocks.dnd5e.combat.state import Condition
from truth_blocks.dnd5e.facts import Facts

BOTH = pytest.mark.parametrize("edition", ["5.1", "5.2"])


def duel(facts: Facts, edition: str = "5.2", seed: int = 1, **changes: Any) -> Board:
    """Mira first, one goblin with 40 hit points and AC 15 after her; Mira's turn."""
    board = Board(facts, edition, seed).do("join", "mira", hero(**changes), initiative="20")
    board.do("add", creature="Straw Man", hp="40", ac="15", initiative="5")
    return board.do("next")


def with_face(facts: Facts, face: int, edition: str, **order: str) -> ev.Attacked:
    """An attack whose d20 shows this face."""
    for seed in range(1, 3_000):
        attacked = duel(facts, edition, seed).do("attack", "mira", target="straw man", **order).events(ev.Attacked)[0]
        assert isinstance(attacked, ev.Attacked)
        if attacked.rolled.face == face:
            return attacked
    raise AssertionError(face)


@BOTH
@pytest.mark.parametrize(
    ("face", "bonus", "hit", "crit"),
    [(1, "30", False, False), (20, "-20", True, True), (10, "5", True, False), (9, "5", False, False)],
)
def test_a_natural_1_misses_a_natural_20_is_critical_and_the_ac_decides_the_rest(
    facts: Facts, edition: str, face: int, bonus: str, hit: bool, crit: bool
) -> None:
    attacked = with_face(facts, face, edition, bonus=bonus, damage="1d8")
    assert (attacked.hit, attacked.crit) == (hit, crit)


@pytest.mark.parametrize(
    ("dice", "critical"), [("1d8+3", "2d8+3"), ("d6", "2d6"), ("2d6+1d4+2", "4d6+2d4+2"), ("5", "5")]
)
def test_a_critical_hit_doubles_the_dice_and_not_what_is_added(dice: str, critical: str) -> None:
    assert doubled(dice).text == critical


@BOTH
@pytest.mark.parametrize(
    ("damage", "in_51", "in_52"), [(1, 10, 10), (21, 10, 10), (22, 11, 11), (59, 29, 29), (90, 45, 30)]
)
def test_the_concentration_dc_is_half_the_damage_and_capped_in_52(
    edition: str, damage: int, in_51: int, in_52: int
) -> None:
    assert concentration_dc(damage, edition) == (in_51 if edition == "5.1" else in_52)


@pytest.mark.parametrize(
    ("fields", "amount", "taken"),
    [({"resistances": ("fire",)}, 9, 4), ({"vulnerabilities": ("fire",)}, 9, 18), ({"immunities": ("fire",)}, 9, 0),
     ({"resistances": ("fire",), "vulnerabilities": ("fire",)}, 9, 8), ({"resistances": ("cold",)}, 9, 9)],
)  # fmt: skip
def test_resistance_halves_then_vulnerability_doubles_and_immunity_ends_it(
    fields: Any, amount: int, taken: int
) -> None:
    assert after_modifiers(hero(**fields), "fire", amount)[0] == taken


def test_the_srd_creatures_own_resistances_count(facts: Facts) -> None:
    board = (
        Board(facts, "5.1")
        .do("add", creature="adult red dragon")
        .do("damage", target="dragon", amount="20", type="fire")
    )
    assert board.of("Adult Red Dragon").hp == 256
    assert board.do("damage", target="dragon", amount="20", type="cold").of("Adult Red Dragon").hp == 236


@BOTH
def test_temporary_hit_points_go_first_and_do_not_add_up(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("heal", target="mira", amount="8", temporary="true")
    board.do("heal", target="mira", amount="5", temporary="true")
    assert board.of("Mira").temp == 8
    board.do("damage", target="mira", amount="10")
    assert (board.of("Mira").temp, board.of("Mira").hp) == (0, 22)


@BOTH
def test_a_player_at_0_is_dying_and_saves_at_the_start_of_each_turn(facts: Facts, edition: str) -> None:
    outcomes = set()
    for seed in range(1, 60):
        board = duel(facts, edition, seed).do("damage", target="mira", amount="24")
        assert board.of("Mira").down
        for _ in range(12):
            board.do("next")
            mira = board.of("Mira")
            saves = [event for event in board.log.entries[-1].events if isinstance(event, ev.DeathSave)]
            if saves and saves[0].rolled.face == 20:
                assert mira.hp == 1
            if mira.dead or mira.stable or mira.hp:
                outcomes.add("dead" if mira.dead else "stable" if mira.stable else "up")
                break
    assert outcomes == {"dead", "stable", "up"}


@BOTH
def test_damage_at_0_is_a_failed_save_and_a_critical_two(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("damage", target="mira", amount="24").do("damage", target="mira", amount="1")
    assert board.of("Mira").failures == 1
    assert board.do("damage", target="mira", amount="1", crit="true").of("Mira").dead


@BOTH
def test_damage_that_passes_0_by_the_maximum_kills_at_once_and_monsters_die_at_0(facts: Facts, edition: str) -> None:
    assert duel(facts, edition).do("damage", target="mira", amount="48").of("Mira").dead
    assert not duel(facts, edition).do("damage", target="mira", amount="47").of("Mira").dead
    assert duel(facts, edition).do("damage", target="straw", amount="40").of("Straw Man").dead


@BOTH
def test_healing_stops_at_the_maximum_and_ends_dying(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("damage", target="mira", amount="30").do("damage", target="mira", amount="1")
    board.do("heal", target="mira", amount="5")
    assert (board.of("Mira").hp, board.of("Mira").failures) == (5, 0)
    assert board.do("heal", target="mira", amount="100").of("Mira").hp == 24


@BOTH
def test_damage_asks_for_concentration_and_falling_ends_it(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("cast", "mira", spell="bless", target="mira")
    assert board.of("Mira").concentration == "Bless"
    assert board.of("Mira").slots["1"].left == 3
    saved = board.do("damage", target="mira", amount="4").events(ev.Saved)
    assert isinstance(saved[0], ev.Saved)
    assert saved[0].dc == 10
    assert board.do("damage", target="mira", amount="24").of("Mira").concentration == ""


@BOTH
def test_a_save_spell_halves_for_those_who_make_it(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("cast", "mira", spell="fireball", target="straw man, mira", slot="3")
    saves = {save.who: save.success for save in board.events(ev.Saved) if save.against.endswith("Fireball")}  # type: ignore[attr-defined]
    for damaged in board.events(ev.Damaged):
        assert isinstance(damaged, ev.Damaged)
        part = damaged.parts[0]
        assert part.rolled.dice == "8d6"
        assert part.taken == (part.rolled.total // 2 if saves[damaged.target] else part.rolled.total)


@BOTH
def test_higher_slots_and_levels_scale_by_the_facts(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("cast", "mira", spell="burning hands", target="straw", slot="2")
    assert all(event.parts[0].rolled.dice == "4d6" for event in board.events(ev.Damaged))  # type: ignore[attr-defined]
    bolt = duel(facts, edition, seed=5, level=11).do("cast", "mira", spell="fire bolt", target="straw")
    dice = [event.parts[0].rolled.dice for event in bolt.events(ev.Damaged)]  # type: ignore[attr-defined]
    assert dice in (["3d10"], ["6d10"], [])


@BOTH
@pytest.mark.parametrize(("cover", "bonus"), [("half", "+5"), ("three-quarters", "+8"), ("", "+3")])
def test_cover_counts_on_dexterity_saves(facts: Facts, edition: str, cover: str, bonus: str) -> None:
    saved = duel(facts, edition).do("save", target="mira", ability="dex", dc="12", cover=cover).events(ev.Saved)[0]
    assert isinstance(saved, ev.Saved)
    assert saved.rolled is not None
    assert saved.rolled.dice == f"1d20{bonus}"
    cast = duel(facts, edition).do(
        "cast", "mira", spell="fireball", target="mira, straw", cover=cover, covered="mira" if cover else ""
    )
    dice = {event.who: event.rolled.dice for event in cast.events(ev.Saved) if event.ability == "dex"}  # type: ignore[attr-defined]
    assert dice == {"Mira": f"1d20{bonus}", "Straw Man": "1d20"}
    with pytest.raises(UserMistake, match="Dexterity saves alone"):
        duel(facts, edition).do("save", target="mira", ability="con", dc="12", cover="half")


@BOTH
def test_sacred_flame_knows_no_cover(facts: Facts, edition: str) -> None:
    saved = (
        duel(facts, edition).do("cast", "mira", spell="sacred flame", target="straw", cover="half").events(ev.Saved)[0]
    )
    assert saved.rolled.dice == "1d20"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("edition", "most", "hp"), [("5.1", 12, 12), ("5.2", 24, 24)])
def test_the_fourth_level_of_exhaustion_halves_the_maximum_in_51_and_its_end_gives_it_back(
    facts: Facts, edition: str, most: int, hp: int
) -> None:
    board = duel(facts, edition).do("condition", target="mira", condition="exhaustion", level="4")
    assert (board.of("Mira").most, board.of("Mira").hp) == (most, hp)
    assert board.do("heal", target="mira", amount="30").of("Mira").hp == most
    halved = board.log
    board.do("condition", target="mira", condition="exhaustion", level="3")
    assert (board.of("Mira").most, board.of("Mira").hp) == (24, hp)
    board.log = halved
    assert board.do("condition", target="mira", condition="exhaustion", off="true").of("Mira").most == 24
    assert duel(facts, edition).do("condition", target="mira", condition="exhaustion", level="6").of("Mira").dead


def test_exhaustion_follows_a_character_into_the_fight_and_out_of_it(facts: Facts) -> None:
    tired = hero(conditions=[Condition("exhaustion", 4)])
    old = Board(facts, "5.1").do("join", "mira", tired)
    assert old.of("Mira").most == 12
    assert old.events(ev.Joined)[0].rolled.dice.startswith("2d20kl1")  # type: ignore[attr-defined]
    new = Board(facts, "5.2").do("join", "mira", tired)
    assert new.of("Mira").most == 24
    assert new.events(ev.Joined)[0].rolled.dice == "1d20-5"  # type: ignore[attr-defined]
    with pytest.raises(UserMistake, match="which is death"):
        Board(facts, "5.1").do("join", "mira", hero(conditions=[Condition("exhaustion", 6)]))


def test_the_surprised_do_nothing_in_their_first_turn_in_51_and_roll_with_disadvantage_in_52(facts: Facts) -> None:
    old = Board(facts, "5.1").do("join", "mira", hero(), initiative="20", surprised="true")
    old.do("add", creature="Straw Man", hp="40", ac="15", initiative="5").do("next")
    with pytest.raises(UserMistake, match="cannot act: surprised"):
        old.do("attack", "mira", target="straw")
    with pytest.raises(UserMistake, match="cannot act"):
        old.do("use", what="reaction", by="mira")
    old.do("next").do("next").do("attack", "mira", target="straw")
    new = Board(facts, "5.2").do("join", "mira", hero(), surprised="true")
    assert new.events(ev.Joined)[0].rolled.dice == "2d20kl1+3"  # type: ignore[attr-defined]
    assert not new.of("Mira").conditions


@BOTH
def test_whoever_leaves_has_no_turn_and_is_no_target_until_back(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("leave", target="straw man")
    with pytest.raises(UserMistake, match="has left the fight"):
        board.do("attack", "mira", target="straw")
    assert board.do("next").fight.current == "Mira"
    with pytest.raises(UserMistake, match="has left already"):
        board.do("leave", target="straw man")
    board.do("leave", target="straw man", back="true").do("attack", "mira", target="straw")
    with pytest.raises(NotAllowed):
        board.do("leave", "torv", target="mira")
    board.do("leave", "mira")
    assert board.of("Mira").gone


@BOTH
def test_a_readied_action_waits_for_a_reaction_until_the_next_turn(facts: Facts, edition: str) -> None:
    board = duel(facts, edition).do("ready", "mira", what="attack whoever comes near").do("next")
    assert board.of("Mira").readied == "attack whoever comes near"
    board.do("attack", "mira", target="straw", by="mira", reaction="true")
    assert (board.of("Mira").readied, board.of("Mira").reaction) == ("", False)
    with pytest.raises(UserMistake, match="Say what for"):
        board.do("next").do("ready", "mira", what="  ")


@pytest.mark.parametrize(
    ("condition", "on", "why"),
    [("poisoned", "mira", "disadvantage"), ("restrained", "straw man", "advantage"), ("prone", "mira", "disadvantage")],
)
def test_conditions_give_advantage_and_disadvantage(facts: Facts, condition: str, on: str, why: str) -> None:
    board = duel(facts).do("condition", target=on, condition=condition).do("attack", "mira", target="straw man")
    attacked = board.events(ev.Attacked)[0]
    assert isinstance(attacked, ev.Attacked)
    assert attacked.rolled.dice.startswith("2d20kh1" if why == "advantage" else "2d20kl1")
    assert attacked.why


def test_one_advantage_and_one_disadvantage_cancel(facts: Facts) -> None:
    board = duel(facts).do("condition", target="straw", condition="restrained")
    attacked = board.do("attack", "mira", target="straw man", mode="disadvantage").events(ev.Attacked)[0]
    assert isinstance(attacked, ev.Attacked)
    assert attacked.rolled.dice == "1d20+5"


def test_exhaustion_is_minus_two_a_level_in_52_and_disadvantage_at_three_in_51(facts: Facts) -> None:
    new = (
        duel(facts, "5.2")
        .do("condition", target="mira", condition="exhaustion", level="2")
        .do("attack", "mira", target="straw")
    )
    old = (
        duel(facts, "5.1")
        .do("condition", target="mira", condition="exhaustion", level="3")
        .do("attack", "mira", target="straw")
    )
    assert new.events(ev.Attacked)[0].rolled.dice == "1d20+1"  # type: ignore[attr-defined]
    assert old.events(ev.Attacked)[0].rolled.dice == "2d20kl1+5"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "gone_after"),
    [({"until": "end of this turn"}, 1), ({"until": "start of next turn"}, 1), ({"until": "end of next turn"}, 2),
     ({"rounds": "1"}, 2), ({"rounds": "2"}, 4), ({}, None)],
)  # fmt: skip
def test_conditions_end_when_they_were_said_to(facts: Facts, options: dict[str, str], gone_after: int | None) -> None:
    board = duel(facts).do("condition", target="straw man", condition="poisoned", **options)
    turns = 0
    while turns < 8 and board.of("Straw Man").conditions:
        board.do("next")
        turns += 1
    assert (turns if turns < 8 else None) == gone_after


def test_what_recharges_and_legendary_actions_are_held(facts: Facts) -> None:
    board = Board(facts, "5.1", 3).do(
        "add", creature="adult red dragon", legendary="3", recharge="Fire Breath 5-6", initiative="20"
    )
    board.do("join", "mira", hero(), initiative="10").do("next").do("use", what="fire breath")
    with pytest.raises(UserMistake, match="has not recharged"):
        board.do("use", what="fire breath")
    with pytest.raises(UserMistake, match="another creature's turn"):
        board.do("use", what="legendary")
    board.do("next")
    for _ in range(3):
        board.do("use", what="legendary", by="dragon")
    with pytest.raises(UserMistake, match="no legendary action left"):
        board.do("use", what="legendary", by="dragon")
    assert board.do("next").of("Adult Red Dragon").legendary_left == 3
    assert board.events(ev.Recharged)


def test_the_lair_acts_at_20_and_loses_ties(facts: Facts) -> None:
    board = Board(facts).do("add", creature="lair").do("join", "mira", hero(), initiative="20")
    assert [each.name for each in board.fight.order] == ["Mira", "Lair"]
    assert board.do("next").do("next").fight.current == "Lair"


def test_ties_go_to_the_higher_dexterity_then_to_who_joined_first(facts: Facts) -> None:
    board = Board(facts).do("join", "a", hero("Ann", dexterity=10), initiative="12")
    board.do("join", "b", hero("Bea", dexterity=18), initiative="12").do(
        "join", "c", hero("Cy", dexterity=10), initiative="12"
    )
    assert [each.name for each in board.fight.order] == ["Bea", "Ann", "Cy"]


def test_a_group_shares_its_initiative_unless_apart(facts: Facts) -> None:
    board = Board(facts).do("add", creature="goblin warrior", count="4")
    assert len({each.initiative for each in board.fight.order}) == 1
    assert len([event for event in board.events(ev.Joined) if event.rolled]) == 4  # type: ignore[attr-defined]
    apart = Board(facts).do("add", creature="goblin warrior", count="8", apart="true")
    assert len({each.initiative for each in apart.fight.order}) > 1


@BOTH
def test_xp_of_the_dead_is_shared_among_the_players(facts: Facts, edition: str) -> None:
    board = Board(facts, edition).do("join", "mira", hero()).do("join", "torv", hero("Torv"))
    board.do("add", creature="ogre").do("add", creature="orc" if edition == "5.1" else "wolf")
    board.do("damage", target="ogre", amount="500").do("end")
    ended = board.events(ev.Ended)[0]
    assert isinstance(ended, ev.Ended)
    assert (ended.xp, ended.each, ended.counted) == (450, 225, ("Ogre",))
    with pytest.raises(UserMistake, match="is over"):
        board.do("next")


def refusals() -> list[tuple[str, str, dict[str, str], str]]:
    return [
        ("attack", "mira", {"target": "nobody"}, "not in this fight"),
        ("attack", "mira", {"target": "straw man", "by": "straw man"}, "Only the player of Straw Man"),
        ("attack", "torv", {"target": "straw man"}, "Only the player of Mira"),
        ("attack", "dm", {"target": "mira", "by": "straw man"}, "It is Mira's turn"),
        ("attack", "mira", {"target": "straw man", "attack": "halberd"}, "no attack"),
        ("attack", "mira", {"target": "straw man", "bonus": "5", "damage": "999d99"}, "could pass"),
        ("attack", "mira", {"target": "straw man", "bonus": "5", "damage": "1d8!!"}, "Nothing was rolled"),
        ("attack", "mira", {"target": "straw man", "bonus": "5", "damage": "d20 adv"}, "single die"),
        ("attack", "mira", {"target": "mira"}, "cannot attack Mira"),
        ("cast", "mira", {"spell": "zzfireball"}, "Closest"),
        ("cast", "mira", {"spell": "fireball", "slot": "2"}, "needs a slot of level 3"),
        ("cast", "mira", {"spell": "fireball", "slot": "9", "target": "straw"}, "no slot of level 9"),
        ("damage", "mira", {"target": "straw man", "amount": "5"}, "Only the DM"),
        ("damage", "dm", {"target": "straw man", "amount": "5", "type": "sonic"}, "no damage type"),
        ("save", "dm", {"target": "mira", "ability": "luck", "dc": "10"}, "Say an ability"),
        ("condition", "dm", {"target": "mira", "condition": "sad"}, "no condition"),
        ("condition", "dm", {"target": "mira", "condition": "prone", "off": "true"}, "is not prone"),
        ("add", "dm", {"creature": "goblin warrior", "count": "99"}, "from 1 to 20"),
        ("add", "mira", {"creature": "goblin warrior"}, "Only the DM"),
        ("next", "torv", {}, "Only the player of Mira"),
        ("end", "mira", {}, "Only the DM"),
    ]


@pytest.mark.parametrize(("do", "user", "options", "said"), refusals(), ids=lambda value: str(value)[:30])
def test_bad_input_gets_a_plain_sentence_and_changes_nothing(
    facts: Facts, do: str, user: str, options: dict[str, str], said: str
) -> None:
    board = duel(facts)
    before = board.log
    with pytest.raises((UserMistake, NotAllowed), match=said):
        board.do(do, user, **options)
    assert board.log is before


def test_the_dead_and_the_incapacitated_cannot_act_or_be_struck(facts: Facts) -> None:
    board = duel(facts).do("condition", target="mira", condition="stunned")
    with pytest.raises(UserMistake, match="cannot act: stunned"):
        board.do("attack", "mira", target="straw")
    board.do("damage", target="straw", amount="40")
    with pytest.raises(UserMistake, match="is dead"):
        board.do("damage", target="straw", amount="1")


def test_a_condition_names_its_end_in_the_state() -> None:
    assert Condition("prone").left is None
