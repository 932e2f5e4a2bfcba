"""A long sentence about one thing, taken apart into statements of one fact each, every one with its subject."""

from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, split
from truth_blocks.dnd5e.readers.things import names_in
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

LEAST_TEXT, MOST_TEXT, MOST_PARTS = 50, 320, 8
_BREAKS = r"[,;()]\s+|\)|\s+[\u2013\u2014]\s+|(?<!hundred)(?<!thousand),?\s+(?:and|but|while|whereas)\s+|\s+(?:that|which|who|with|because)\s+"
_TURNS = (
    r"\bunless\b|\bout of (?:reach|range)\b|\bquicken\w*|\bsurviv|\bsince (?:its|the) range|\bexcept|\binstead|\brather\b|\bif\b|\bwhen\b|\bwould\b|\bcould\b|\bcompared?\b|\bthan\b|\bboth\b|\bneither\b|\bnor\b|\bor\b"
    r"|\btotal|\btogether|\beach of\b|\badvantage of|\bupcast|\bcrit|\bso\b|\bwear|\badds? up|\bleft\b|\bleaves?\b|\bdrops?\b|\bcharacters?\b|\bfor a caster|\bother edition|\blevels \d|\bno\b|\b[vsm](?:,| and) ?[vsm]\b|\bplus\b|\bcomes? to\b|\bat \d+(?:st|nd|rd|th)\b|\bhis\b|\bher\b|\bhe\b|\bshe\b|\bmy\b|\bi\b|\bnot\b|n't\b|\bnever\b|\bhomebrew|\bhouse rule|\btwo[- ]hand|\bboth hands"
)
_ANY = f"(?:{ANY_CLASS})"
_VERB = r"(?:is|are|has|have|had|deals?|does|lasts?|reaches|needs?|requires?|calls?|can|cannot|may|gets?|gains?|takes?|makes?|forces?|fills?|restores?|heals?|costs?|weighs?|targets?|affects?|uses?|imposes?|provides?|grants?|gives?|adds?|exhales?|\w+s)\b"


def clauses_about(text: str, known: Mentions) -> list[str]:
    """The parts of a sentence that is about one thing alone, each made a sentence about it; [] where that is not plain."""
    lowered = plain(text)
    if not LEAST_TEXT <= len(text) <= MOST_TEXT or search(_TURNS, lowered):
        return []
    subject = _subject(text, known)
    if subject is not None and search(r"\bslots?\b", lowered) and not search(_ANY, subject):
        return []  # what a spell does with a higher slot
    parts = (match(r"\s*(?:(?:and|but|while)\s+)?(.*)", part or "") for part in split(_BREAKS, text))
    pieces = [part[1].strip() for part in parts if part and len(part[1].strip()) > 5]
    if subject is None or not 2 <= len(pieces) <= MOST_PARTS:
        return []
    return [_with_subject(piece, subject) for piece in pieces]


def _subject(text: str, known: Mentions) -> str | None:
    """The one thing or the one class that a text names."""
    named = {(m.kind, m.key): m.name for m in names_in(text, known)}
    if len(named) == 1:
        return next(iter(named.values()))
    classes = set(findall(rf"\b({ANY_CLASS})s?\b", text.lower()))
    if named or len(classes) != 1:
        return None
    ranked = search(rf"\b(?:level[- ]\d+ {_ANY}|\d+(?:st|nd|rd|th)[- ]level {_ANY})", text.lower())
    return ranked[0].strip() if ranked else classes.pop()


def _with_subject(piece: str, subject: str) -> str:
    if search(rf"\b{subject.lower()}", piece.lower()):
        return piece
    if match(_VERB, piece):
        return f"The {subject} {piece}"
    if match(r"(?:\d+|one|two|three|four) [a-z]", piece.lower()):
        return f"The {subject} has {piece}"
    return f"The {subject} is {piece}" if match(r"(?:an?|the) ", piece.lower()) else f"{subject}: {piece}"
