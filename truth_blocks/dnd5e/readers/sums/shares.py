"""Experience that a party shares for what it defeated."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.entries.parts import masked
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.sums.solving import prepared
from truth_blocks.dnd5e.readers.things import names_in

_PARTY = r"\b(\d+) (?:player|character|adventurer|hero|pc|party member|friend|of (?:us|you|them))\w*|\bparty of (\d+)"
_TURNS = r"\bnot\b|n't\b|\bno\b|\bbefore\b|\bleft\b|\bhalf\b|\bmore than|\bless than|\babout\b|\btotal|\bsplit|\baward|\bbetween|\baltogether|\bin all\b"


def shared_experience(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict on what each of a party gets for monsters of one kind: *four players who beat two trolls get 900 XP each*."""
    named = [mention for mention in names_in(text, known) if mention.kind == "creature"]
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
