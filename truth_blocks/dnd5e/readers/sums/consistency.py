"""Calculations in a statement held for consistency, the statement whole and sentence by sentence."""

from collections.abc import Mapping

from truth_blocks.dnd5e.claims import Checked, Verdict
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.records.words import Held
from truth_blocks.dnd5e.readers.stating import edition_of, said
from truth_blocks.dnd5e.readers.sums.harm import HARM_SUMS
from truth_blocks.dnd5e.readers.sums.rolls import ROLL_SUMS
from truth_blocks.dnd5e.readers.sums.sheets import SHEET_SUMS
from truth_blocks.dnd5e.readers.sums.solving import Judged, judged, prepared, scene
from truth_blocks.dnd5e.readers.sums.ways import WAY_SUMS

_ALL = (*ROLL_SUMS, *HARM_SUMS, *SHEET_SUMS, *WAY_SUMS)
MOST_TEXT = 400


def consistency(text: str, facts: Facts, mentions: Mapping[str, Mentions], default: str) -> Judged | None:
    """What the figures of a statement say together; None when it is about no rule known here."""
    edition = edition_of(text, default)
    if edition is None or len(text) > MOST_TEXT:
        return None
    written = prepared(text)
    told = said(written, facts, mentions[edition], edition)
    return judged(_ALL, scene(told.text, told.names, edition, facts, written))


def as_checked(found: Judged, edition: str) -> Checked:
    """The verdict as the critic reports it."""
    message = "" if found.holds else f"The figures do not fit: {found.family.expected}."
    verdict: Verdict = "ok" if found.holds else "contradicted"
    return Checked(verdict, f"calc.{found.family.name}", found.family.expected, f"arithmetic of SRD {edition}", message)


def record_checked(held: Held, edition: str) -> Checked:
    """The verdict on what a named thing has, as the critic reports it."""
    message = "" if held.holds else f"{held.name} has {held.expected or 'none of this'} (SRD {edition})."
    verdict: Verdict = "ok" if held.holds else "contradicted"
    return Checked(verdict, f"fact.{held.field}", held.expected, f"SRD {edition}", message, held.name)
