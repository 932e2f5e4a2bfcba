"""A thousand random fights against what must always hold."""

from tests.combat.fights import random_fight
from tests.promises import Promise
from truth_blocks.dnd5e.combat import engine
from truth_blocks.dnd5e.combat.log import Log, fold, read, written
from truth_blocks.dnd5e.combat.state import Fight
from truth_blocks.dnd5e.facts import Facts

FIGHTS = 1_000


def within_bounds(fight: Fight) -> None:
    for each in fight.order:
        assert 0 <= each.hp <= each.most, each
        assert each.temp >= 0
        assert 0 <= each.successes <= 3
        assert 0 <= each.failures <= 3
        assert not (each.dead and each.hp)
        assert 0 <= each.legendary_left <= each.legendary
        assert not (each.concentration and (each.dead or each.down)), each
        assert all(0 <= slots.left <= slots.most for slots in each.slots.values())
        assert all(condition.left is None or condition.left > 0 for condition in each.conditions)
        plain = each.plain_most or each.most
        halved = fight.edition == "5.1" and each.exhaustion >= 4
        assert each.most == (max(plain // 2, 1) if halved else plain), each
    for spell in fight.lasting:
        assert spell.left is None or spell.left > 0, spell
        assert fight.of(spell.by).concentration == spell.spell or not spell.concentration, spell
    for each in fight.order:
        for bond in [condition.bond for condition in each.conditions if condition.bond is not None]:
            caster = fight.of(bond.by)
            going = fight.held(bond.by, bond.spell)
            assert going is None or not going.concentration or caster.concentration == bond.spell, bond
    ranks = [(-each.initiative, each.kind == "lair", -each.dexterity, each.seat) for each in fight.order]
    assert ranks == sorted(ranks)
    assert len({each.name for each in fight.order}) == len(fight.order)


def test_a_thousand_random_fights_keep_every_bound_and_replay_byte_for_byte(facts: Facts, promise: Promise) -> None:
    accepted = 0
    for seed in range(FIGHTS):
        states: list[Log] = []
        order: list[str] = []
        for log in random_fight(facts, seed):
            fight = fold(log)
            within_bounds(fight)
            now = [each.name for each in fight.order]
            assert [name for name in now if name in order] == order, "the order of those already here never changes"
            order = now
            states.append(log)
        accepted += len(states)
        last = states[-1]
        content = written(last)
        assert written(read(content)) == content
        assert written(engine.replay(last, facts)) == content
        for steps in range(1, len(states)):
            assert engine.undo(last, steps) == states[-1 - steps], "undo restores exactly what was before"
    assert accepted > 10 * FIGHTS
    promise("Random fights keep every bound, undo exactly and replay byte for byte.", count=FIGHTS, of="fights")


def test_the_same_command_after_an_undo_falls_the_same_way(facts: Facts) -> None:
    *_, before, last = random_fight(facts, 7)
    undone = engine.undo(last, 1)
    assert undone == before
    assert engine.act(undone, last.entries[-1].order, facts) == last
