"""Every reading that speaks of a statement as it stands, in the order in which they are asked."""

from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.classes.asides import asides_of_classes
from truth_blocks.dnd5e.readers.conditions.effects import condition_effects
from truth_blocks.dnd5e.readers.conditions.exhaustion import exhaustion_effects
from truth_blocks.dnd5e.readers.creatures.defences import said_of_defences
from truth_blocks.dnd5e.readers.creatures.does import said_of_doings
from truth_blocks.dnd5e.readers.creatures.parts import said_of_parts
from truth_blocks.dnd5e.readers.entries.statements import said_of_entries
from truth_blocks.dnd5e.readers.gear.readings import said_of_gear
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.rules.known import known_things
from truth_blocks.dnd5e.readers.rules.plain import plain_rules
from truth_blocks.dnd5e.readers.rules.skills import said_of_counts, said_of_skills
from truth_blocks.dnd5e.readers.rules.statements import rule_statements
from truth_blocks.dnd5e.readers.rules.tables import table_statements
from truth_blocks.dnd5e.readers.sayings.sayings import said_of_rules, said_of_spells
from truth_blocks.dnd5e.readers.spells.asides import asides_of_spells
from truth_blocks.dnd5e.readers.spells.slots import said_of_slots
from truth_blocks.dnd5e.readers.sums.abilities import score_modifiers
from truth_blocks.dnd5e.readers.sums.bounds import said_in_bounds, weapon_bounds
from truth_blocks.dnd5e.readers.sums.casters import said_of_casters
from truth_blocks.dnd5e.readers.sums.experience import shared_experience
from truth_blocks.dnd5e.readers.sums.plain import said_in_sums
from truth_blocks.dnd5e.readers.sums.small import said_in_small_sums
from truth_blocks.dnd5e.readers.things import names_in
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

_CONCENTRATION_CHECK = (
    r"\b(?:holding|maintaining|keeping|concentrat\w+|sustaining)\b[^.;]*\b(?:con|constitution) (?:sav|check)"
    r"|\bconcentration (?:sav|check|dc)"
    r"|\b(?:con|constitution) sav\w*[^.;]*\b(?:to (?:hold|keep|maintain)|holding|concentrat\w+)"
)
_SOMEBODY = (
    rf"\b(?:the|my|our|your|a|his|her|this) (?:{ANY_CLASS}|party|archer|captain|hero|player|character|mage|halfling|elf|dwarf|gnome)s?(?:'s)?\b(?! (?:spell|list|level|feature))"
    r"|\b(?:i|we|i've|we've) (?:\w+ ){0,2}?(?:have|had|need|roll|rolled|hit|swing|swung|attack|take|took|got|move|deal|dealt|did|cast|saved?|failed)\b"
)
_OWNS = r"^s?(?:'s?)? ?(?:\w+ly )?(?:has|have|had|is|are|was|with|comes?|sits?|boasts?|hits?|deals?|does|attacks?|bites?|swings?|speaks?|sees?|flies|moves?|walks?|breathes?|can|gets?|takes?|resists?|ac\b|armou?r class|hp\b|hit points)\b"
"""Words behind a creature's name that make what follows its own."""
_SOURCE = r"(?:ed|of|by) (?:by|of)? ?(?:an?|the|that|your) $"
"""Before what put somebody into a condition: *charmed by the vampire*."""


def said_beside(text: str, edition: str, facts: Facts, known: Mentions) -> Iterator[Checked]:
    """Verdicts of the readings that need no claim; the first contradiction decides."""
    yield from known_things(text, edition)
    yield from plain_rules(text, edition)
    yield from said_of_rules(text, edition)
    if concentration_save(text):
        return  # not one that the spell asks for
    yield from said_of_spells(text, edition, known)
    yield from asides_of_spells(text, facts, edition, known)
    yield from said_of_slots(text, facts, edition, known)
    yield from asides_of_classes(text, facts, edition)
    yield from score_modifiers(text, edition)
    yield from said_of_parts(text, facts, edition, known)
    yield from said_of_gear(text, facts, edition, known)
    yield from said_of_defences(text, facts, edition, known)
    yield from said_of_doings(text, facts, edition, known)
    yield from said_of_entries(text, edition, facts, known)
    yield from said_in_sums(text, facts, edition)
    yield from said_in_small_sums(text, facts, edition)
    yield from said_of_casters(text, edition)
    yield from said_in_bounds(text, edition)
    yield from weapon_bounds(text, facts, edition, known)
    yield from said_of_skills(text, edition)
    yield from said_of_counts(text, edition, known)
    yield from shared_experience(text, facts, edition, known)


def concentration_save(text: str) -> bool:
    """Whether somebody hurt rolls to keep a spell."""
    lowered = text.lower()
    return bool(search(_CONCENTRATION_CHECK, lowered) and search(r"\bdamage|\bpoints\b|\bhit\b", lowered))


def among_others(text: str, known: Mentions) -> bool:
    """Whether a creature is named beside somebody else, whose figures a sentence may tell: *the wizard has 6, so the wolf could …*."""
    named = [each for each in names_in(text, known) if each.kind == "creature"]
    if not named or not search(_SOMEBODY, text.lower()) or len(text[: named[0].start].split()) <= 1:
        return False
    return not any(search(_OWNS, text[each.end :].lower()) for each in named)


def said_of_any_rule(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """Verdicts on conditions and rules, where nothing else was read."""
    alone = not any(
        each.kind in ("spell", "creature", "item", "class")
        and not (each.kind != "spell" and search(_SOURCE, text[: each.start].lower()))
        for each in names_in(text, known)
    )
    return (
        exhaustion_effects(text, edition)
        or condition_effects(text, edition, alone=alone)
        or rule_statements(text, edition)
        or table_statements(text, facts, edition)
    )
