"""Experience for what a party defeated: shared out, and for creatures of several kinds together."""

from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.entries.parts import masked
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import findall, search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

_PARTY = r"\b(\d+) (?:player|character|adventurer|hero|pc|party member|friend|of (?:us|you|them))\w*|\bparty of (\d+)"
_ONE_OF = r"\beach\b|\bapiece\b|\bper\b|\bmore than|\bless than|\bthan\b|\bor\b|\bnot\b|n't\b|\bplayers?\b|\bheroes\b|\bcharacters?\b|\bwhile\b|\bbut\b|\badjust|\bdifficult|\bencounter"
"""Words by which a sum is none of both kinds together."""
_TURNS = r"\bnot\b|n't\b|\bno\b|\bbefore\b|\bleft\b|\bhalf\b|\bmore than|\bless than|\babout\b|\btotal|\bsplit|\baward|\bbetween|\baltogether|\bin all\b"


def shared_experience(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict on what each of a party gets for monsters of one kind: *four players who beat two trolls get 900 XP each*."""
    named = [mention for mention in names_in(text, known) if mention.kind == "creature"]
    if len({mention.key for mention in named}) == 2:
        return _of_two_kinds(text, named, facts, edition)
    if len({mention.key for mention in named}) != 1:
        return []
    lowered = plain(prepared(masked(text, named)))
    party = search(_PARTY, lowered)
    each = search(r"\beach\b|\bapiece\b|\bper (?:player|head|person|character)", lowered)
    gains = [figure.whole for figure in figures(lowered) if figure.kind == "xp"]
    row = facts.row("creature", edition, named[0].key)
    if party is None or each is None or len(gains) != 1 or row is None or row["xp"] is None or search(_TURNS, lowered):
        return []
    beaten = search(r"\b(\d+) (?:\w+ )?###", lowered)
    shares = max(1, int(party[1] or party[2]))
    expected = row["xp"] * int(beaten[1] if beaten else 1) // shares
    total = row["xp"] * int(beaten[1] if beaten else 1)
    return [verdict(gains[0] in (expected, total), "xp.share", f"{expected:,} XP each", edition, named[0].name)]


def _of_two_kinds(text: str, named: Sequence[Mention], facts: Facts, edition: str) -> list[Checked]:
    """A verdict on the sum for two kinds of creatures: *an ogre and two orcs are worth 650 XP*."""
    lowered = plain(prepared(masked(text, named)))
    gains = [figure.whole for figure in figures(lowered) if figure.kind == "xp"]
    counts = findall(r"\b(\d+|an?|the|1) (?:\w+ )?###", lowered)
    if len(named) != 2 or len(counts) != 2 or len(gains) != 1 or search(_ONE_OF, lowered):
        return []
    unit = [row["xp"] if (row := facts.row("creature", edition, each.key)) else None for each in named]
    if None in unit:
        return []
    total = sum(int(xp or 0) * (int(each) if each.isdigit() else 1) for xp, each in zip(unit, counts, strict=True))
    return [verdict(gains[0] == total, "xp.total", f"{total:,} XP", edition, named[0].name)]
