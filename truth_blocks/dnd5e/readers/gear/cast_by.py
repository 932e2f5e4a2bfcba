"""The spells that magic items cast: an item that has a closed list of them casts no other."""

import tomllib
from functools import lru_cache
from pathlib import Path

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.gear.magic import things_named
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.things import names_in

_CASTS = r"\b(?:casts?|casting|lets? (?:you|the \w+|its \w+) cast|effects? of|spell of|as if by|use it for)\b"
_TURNS = r"\b(?:not|never|no|cannot|unless|except|if|would|against|counter\w*|immune|while you cast|when you cast|slots?|instead|rather|than|like|scroll)\b|n't\b"
MOST_TEXT = 220


@lru_cache(maxsize=1)
def _lists() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("cast_by.toml").read_text())


def spells_cast(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict on the one spell that the one item is said to cast."""
    lowered = text.lower()
    if len(text) > MOST_TEXT or not search(_CASTS, lowered) or search(_TURNS, lowered):
        return []
    named = things_named(text, facts, edition)
    own = _lists().get(str(next(iter(named))), []) if len(named) == 1 else []
    words = str(next(iter(named.values()))["name"]).lower() if named else ""
    spells = {m.key: m for m in names_in(text, known) if m.kind == "spell" and m.name.lower() not in words}
    if not own or len(spells) != 1:
        return []
    (key, mention) = next(iter(spells.items()))
    if key in own:
        return []
    told = ", ".join(own)
    return [verdict(False, "item.spells", told, edition, f"{words}, {mention.name}")]
