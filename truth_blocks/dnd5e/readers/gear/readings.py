"""All readings of weapons, armour and other things."""

from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.gear.cast_by import spells_cast
from truth_blocks.dnd5e.readers.gear.effects import said_of_effects
from truth_blocks.dnd5e.readers.gear.magic import magic_things
from truth_blocks.dnd5e.readers.gear.sold import sold_things
from truth_blocks.dnd5e.readers.gear.training import gear_training
from truth_blocks.dnd5e.readers.gear.traits import gear_traits
from truth_blocks.dnd5e.readers.gear.words import armor_dexterity, price_and_weight, weapon_dice, worn_armor


def said_of_gear(text: str, facts: Facts, edition: str, known: Mentions) -> Iterator[Checked]:
    """Verdicts on what a statement says of gear."""
    yield from weapon_dice(text, facts, edition, known)
    yield from armor_dexterity(text, facts, edition, known)
    yield from worn_armor(text, facts, edition, known)
    yield from price_and_weight(text, facts, edition, known)
    yield from gear_traits(text, facts, edition)
    yield from gear_training(text, edition)
    yield from sold_things(text, facts, edition)
    yield from magic_things(text, facts, edition)
    yield from spells_cast(text, facts, edition, known)
    yield from said_of_effects(text, edition)
