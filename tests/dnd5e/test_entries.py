"""Statements about traits, actions, features and items, held against the parts of their entries."""

from collections.abc import Iterator

import pytest

from truth_blocks.dnd5e import Dnd5eBlock, render
from truth_blocks.dnd5e.facts import EDITIONS, Entry, Facts
from truth_blocks.dnd5e.readers.entries.words import values_of
from truth_blocks.dnd5e.readers.figures import plain

BLOCK = Dnd5eBlock()


def verdicts(texts: list[tuple[str, str]]) -> list[str]:
    items = [{"id": place, "edition": edition, "text": text} for place, (edition, text) in enumerate(texts)]
    return [str(result["verdict"]) for result in BLOCK.check_items({"items": items})]


def parts(facts: Facts, edition: str, owner_kind: str, kind: str) -> Iterator[Entry]:
    """Every part of a kind whose owner the facts know, with one value of the kind and nothing left open."""
    known = dict(facts.aliases(owner_kind, edition))
    owners = dict.fromkeys(owner for _, owner in facts.entry_names(edition, owner_kind, "trait", "action", "effect"))
    for owner in owners:
        for entry in facts.entries(edition, owner_kind, owner) if owner in known else ():
            if len(entry.values.get(kind, ())) == 1 and "open" not in entry.values and entry.name.isascii():
                yield entry


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_part_is_held_to_its_save(facts: Facts, edition: str) -> None:
    found = [e for e in parts(facts, edition, "creature", "dc") if len(e.values.get("save", ())) == 1]
    assert len(found) > 60
    told = "The {}'s {} calls for a DC {} {} saving throw."
    rows = [(e, next(iter(e.values["dc"])), next(iter(e.values["save"]))) for e in found]
    true = verdicts([(edition, told.format(e.owner, e.name, dc, save)) for e, dc, save in rows])
    assert "contradicted" not in true
    false = verdicts([(edition, told.format(e.owner, e.name, int(dc) + 7, save)) for e, dc, save in rows])
    other = [(e, dc, "cha" if save != "cha" else "dex") for e, dc, save in rows]
    false += verdicts([(edition, told.format(e.owner, e.name, dc, save)) for e, dc, save in other])
    assert false.count("contradicted") >= 0.95 * len(false)


@pytest.mark.parametrize(
    ("edition", "text", "wrong"),
    [
        ("5.1", "A medusa's gaze calls for a DC 14 Con save.", False),
        ("5.1", "A medusa's gaze calls for a DC 16 Con save.", True),
        ("5.2", "Meet the medusa's petrifying gaze and you roll a Charisma save.", True),
        ("5.1", "A young white dragon's breath is fire.", True),
        ("5.1", "The breath of an adult red dragon fills a 60-foot cone with fire.", False),
        ("5.1", "The breath of an adult red dragon fills a 90-foot cone with fire.", True),
        ("5.1", "A troll regenerates 10 hit points at the start of its turn.", False),
        ("5.1", "A troll regenerates 15 hit points at the start of its turn.", True),
        ("5.1", "A lich has 3 legendary actions per round.", False),
        ("5.1", "A lich has 4 legendary actions per round.", True),
        ("5.1", "Goblins see in the dark to 120 feet with darkvision.", True),
        ("5.1", "Goblins have Pack Tactics.", True),
        ("5.1", "Kobolds have Pack Tactics.", False),
        ("5.1", "Wolves knock targets prone on a failed DC 11 Strength save.", False),
        ("5.1", "Wolves knock targets prone on a failed DC 13 Strength save.", True),
        ("5.1", "Wolves have Pack Tactics and knock targets prone on a failed DC 11 Strength save.", False),
        ("5.1", "A ghoul's claws paralyze on a failed DC 12 Con save.", True),
        ("5.1", "A monk's Stunning Strike calls for a Wisdom save.", True),
        ("5.1", "A monk's Stunning Strike calls for a Constitution save.", False),
        ("5.1", "Legendary Resistance lets an adult red dragon succeed on a failed save three times per day.", False),
        ("5.1", "An adult red dragon can use Legendary Resistance once per day.", True),
        ("5.2", "The Cloak of Protection doesn't require attunement.", True),
        ("5.2", "With Words of Creation a bard reaches a second creature within 10 feet of the first.", False),
        ("5.2", "Conjure Elemental deals 1d8 more damage for each slot level above 5.", False),
        ("5.2", "Conjure Elemental deals 3d8 more damage for each slot level above 5.", True),
    ],
)
def test_a_statement_about_a_part_is_contradicted_only_where_it_is_wrong(edition: str, text: str, wrong: bool) -> None:
    assert (verdicts([(edition, text)]) == ["contradicted"]) == wrong


@pytest.mark.parametrize(
    ("edition", "text"),
    [
        ("5.1", "The azer glows and sheds bright light in a 10-foot radius."),
        ("5.1", "A balor teleports up to 120 feet to a place it can see."),
        ("5.1", "Once it has been killed, a vampire in its resting place regains 1 hit point after 1 hour."),
        ("5.1", "A black pudding can move through a space as narrow as 1 inch."),
        ("5.1", "Swarms of beetles fit through any opening large enough for a Tiny insect."),
        ("5.1", "The ghost steps onto the Ethereal Plane from the Material Plane, or vice versa."),
        ("5.1", "Contagion can give disadvantage on Strength saving throws."),
        ("5.1", "What Heroes' Feast gives you lasts 24 hours."),
        ("5.2", "Create Undead keeps the creature under your control for 24 hours."),
        ("5.1", "Geas cast with a 7th-level slot lasts 1 year."),
        ("5.1", "The flesh golem may go berserk at 40 hit points or fewer."),
        ("5.1", "Guardian of Faith deals 20 radiant damage on a failed save, or half as much on a successful one."),
        ("5.1", "The mule counts as a Large animal for the purpose of its carrying capacity."),
        ("5.2", "Darkvision lets the creature you touch see in the dark to a distance of 150 feet."),
    ],
)
def test_what_an_entry_says_is_not_taken_for_another_field(edition: str, text: str) -> None:
    assert verdicts([(edition, text)]) != ["contradicted"]


def test_values_are_read_with_their_kinds() -> None:
    text = "Each creature in a 60-foot cone makes a DC 21 Dexterity saving throw, 18d6 fire damage, prone for 1 minute."
    found = values_of(plain(text))
    assert found["feet"] == {"60"} and found["shape"] == {"cone"} and found["dc"] == {"21"} and found["save"] == {"dex"}
    assert found["dice"] == {"18d6"} and found["type"] == {"fire"} and found["time"] == {"60"}
    assert found["condition"] == {"prone"}
    assert values_of("recharge 5-6, 3/day, as a bonus action, back after a long rest") == {
        "recharge": {"5"}, "uses": {"3"}, "cost": {"bonus action"}, "rest": {"long"}, "number": {"5", "6", "3"},
    }  # fmt: skip


def test_a_card_shows_traits_senses_and_what_they_call_for(facts: Facts) -> None:
    row = facts.row("creature", "5.1", "adult red dragon")
    assert row is not None
    card = render.creature(facts, row).splitlines()
    assert "**Senses** blindsight 60 ft, darkvision 120 ft · **Passive Perception** 23" in card
    assert "- **Legendary Resistance** (3 a day)" in card
    assert "- **Fire Breath** DC 21 Dex save, 60 ft cone, 18d6 fire, half on a success (recharge 5–6)" in card
    assert "**Legendary actions (3 a round)** Detect, Tail Attack" in card


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_creature_has_a_card_that_a_message_can_hold(facts: Facts, edition: str) -> None:
    rows = [row for name in facts.names("creature", edition) if (row := facts.row("creature", edition, name))]
    assert max(len(render.creature(facts, row)) for row in rows) < 2_000
