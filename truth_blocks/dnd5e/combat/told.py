"""One text of a narration held against its event, by every rule."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.told_happenings import happenings
from truth_blocks.dnd5e.combat.told_names import SPELL, Cast, aims, people, roles, strangers
from truth_blocks.dnd5e.combat.told_numbers import in_digits, numbers
from truth_blocks.dnd5e.combat.told_outcomes import concentration, fates, outcomes, types
from truth_blocks.dnd5e.mentions import Mentions

Finding = tuple[str, str]


def wrong(
    beat: Beat, names: Sequence[str], players: frozenset[str], text: str, mentions: Mentions
) -> Iterator[Finding]:
    """Rule and sentence of everything that is not as the log has it."""
    cast = Cast(_seen(text), names)
    yield from people(beat, cast)
    yield from roles(beat, cast)
    yield from aims(beat, cast)
    yield from strangers(beat, cast, mentions)
    words = _without_spells(beat, cast.text).lower()
    digits = in_digits(words)
    yield from numbers(beat, digits)
    yield from outcomes(beat, digits, cast)
    yield from fates(beat, digits, cast, players)
    yield from concentration(beat, digits, cast)
    yield from types(beat, digits)
    yield from happenings(beat, digits, cast)


def _seen(text: str) -> str:
    """The text as a reader sees it: no invisible characters, one form of each letter, none of the signs used here."""
    plain = unicodedata.normalize("NFKC", text).replace(SPELL, " ")
    return "".join(" " if category == "Co" else c for c in plain if (category := unicodedata.category(c)) != "Cf")


def _without_spells(beat: Beat, text: str) -> str:
    """The text with the event's own spells, weapons and conditions as one sign, so that their words say nothing."""
    for name in sorted(
        filter(None, {beat.what, *beat.gained, *beat.freed, *beat.lost, *beat.kept}), key=len, reverse=True
    ):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SPELL, text, flags=re.IGNORECASE)
    return text
