"""True narrations pass and false ones are rejected, over nine sets of texts on real scenes."""

import pytest

from tests.combat import tales
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.narration import CombatBlock
from truth_blocks.dnd5e.facts import Facts

SETS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
Scenes = dict[str, tuple[Beat, tuple[str, ...]]]


@pytest.fixture(scope="module")
def block() -> CombatBlock:
    return CombatBlock()


@pytest.fixture(scope="module")
def scenes(facts: Facts) -> Scenes:
    return {name: tales.played(facts, name) for name in tales.SCENES}


@pytest.mark.parametrize("name", SETS)
def test_at_most_one_in_twenty_true_narrations_is_rejected(block: CombatBlock, scenes: Scenes, name: str) -> None:
    true = tales.texts(name, "true")
    rejected = [(scene, text) for scene, text in true if not tales.held(block, scenes[scene], text).passed]
    assert len(true) >= 30
    assert len(rejected) <= 0.05 * len(true), rejected


@pytest.mark.parametrize("name", SETS)
def test_hardly_a_false_narration_passes(block: CombatBlock, scenes: Scenes, name: str) -> None:
    false = tales.texts(name, "false")
    passed = [(scene, text) for scene, text in false if tales.held(block, scenes[scene], text).passed]
    assert len(false) >= 40
    assert len(passed) <= 0.02 * len(false), passed


def test_no_text_stands_in_two_sets() -> None:
    found = [row for name in SETS for verdict in ("true", "false") for row in tales.texts(name, verdict)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "text",
    [
        "Mira stabs Goblin A for 9, and it is de\u200bad.",
        "Mira stabs Goblin A for \uff19\uff19 piercing damage.",
        "Mira stabs Goblin A for \u00bd of its life.",
        "Mira stabs Goblin\u00a0A for 9 as \ue001 watches, and she k\u00adills it.",
        "\ue000 stabs \ue002 for 9 piercing damage.",
        "Mira stabs Goblin A for 9 and σ dies.",
    ],
)
def test_signs_a_reader_does_not_see_hide_nothing(block: CombatBlock, scenes: Scenes, text: str) -> None:
    assert not tales.held(block, scenes["hit"], text).passed
