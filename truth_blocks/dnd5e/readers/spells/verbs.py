"""Spells that people use as verbs: *counterspelling the lich*, *under bless*, *we hasted the rogue*."""

from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.matching import sub
from truth_blocks.dnd5e.readers.things import names_in

_NO_OTHER_WORD = frozenset(
    ["counterspell", "polymorph", "stoneskin", "simulacrum", "shapechange", "feeblemind", "sunbeam"]
)
"""Spells whose names mean nothing else, in small letters as well."""

_FORMS = (
    (r"\b((?i:by|for|of|cast|casting|casts|to)) (identify)\b(?= (?:spell|has|have|is|must|needs?|requires?|costs?|takes?)\b)", r"\1 #\2"),
    (r"\b[Cc]ounterspell(?:ing|ed|s)\b", "Counterspell"),
    (r"\b[Pp]olymorph(?:ing|ed|s)\b", "Polymorph"),
    (r"\b[Ff]ireball(?:ing|ed)\b", "Fireball"),
    (r"\bbless(?:es|ed|ing)?(?= (?:all |up to |only |just |at most |as many as )*(?:\d+|two|three|four|five|six|seven|eight) )", "Bless"),
    (r"\b((?i:under|via|thanks to|upcast|upcasting|cast|casts|casting|spell|with)) (bless|bane|haste|slow|sleep|web|shield|aid|fly|guidance|light|heroism|banishment|invisibility|fear)\b(?! (?:and|of) )", r"\1 #\2"),
)  # fmt: skip


def named_plainly(text: str) -> str:
    """The text with such words as the spells' names, so that they are found."""
    for pattern, name in _FORMS:
        text = sub(pattern, (lambda m: f"{m[1]} {m[2].capitalize()}") if name.startswith("\\") else name, text)
    return text


def spells_named(text: str, known: Mentions) -> list[Mention]:
    """The spells of such a text."""
    found = {m.start: m for m in names_in(text, known) if m.kind == "spell"}
    found |= {m.start: m for m in known.find(text, ("spell",), any_case=True) if m.key in _NO_OTHER_WORD}
    return [found[start] for start in sorted(found)]
