"""How people name weapons and armour, and the clauses of a sentence with the one that each is about."""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from truth_blocks.dnd5e.readers.matching import finditer, match, search, split
from truth_blocks.dnd5e.readers.rules.known import weapons

_SPELT = {
    "greatsword": r"great ?sword", "longsword": r"long ?sword", "shortsword": r"short ?sword", "greataxe": r"great ?axe", "battleaxe": r"battle ?axe",
    "handaxe": r"hand ?axe", "warhammer": r"war ?hammer", "morningstar": r"morning ?star", "greatclub": r"great ?club", "longbow": r"long ?bow",
    "shortbow": r"short ?bow", "quarterstaff": r"quarter ?sta(?:ff|ve)", "hand crossbow": r"hand[- ](?:cross|x-?)bow", "heavy crossbow": r"heavy (?:cross|x-?)bow",
    "light crossbow": r"light (?:cross|x-?)bow", "war pick": r"war ?pick",
}  # fmt: skip
_ARMOR = {
    "half plate": r"half[- ]?plate(?: armou?r| mail)?", "plate": r"(?:full )?(?<!half )(?<!half-)(?<!breast)plate(?: (?:armou?r|mail))?", "breastplate": r"breast ?plate",
    "studded leather": r"studded(?: leather)?(?: armou?r)?", "leather": r"(?<!studded )leather armou?r|(?<!studded )(?<!of )leather(?= (?:gives|is|costs|weighs|has|provides|counts))",
    "padded": r"padded armou?r|padded(?= (?:gives|is|costs|weighs|imposes|has))", "hide": r"hide armou?r", "chain shirt": r"chain ?shirt", "chain mail": r"chain ?mail(?: armou?r)?",
    "ring mail": r"ring ?mail(?: armou?r)?", "scale mail": r"scale ?mail(?: armou?r)?|scale armou?r", "splint": r"splint(?: (?:armou?r|mail))?",
}  # fmt: skip
_BREAK = (
    r"[.;:!?()]+(?:\s|$)|,\s|\s[-\u2014]+\s|\s(?:while|whereas|but|because|since|so|though|although|which|yet|plus|as|even though)\s"
    r"|\s(?:just |exactly |much )?like (?=(?:the|an?|its|your) )|\sand (?=(?:it|they|that|you|is|are|has|have|deals?|costs?|weighs?|needs?|requires?|can|cannot|can't|does|doesn't|gives?|wants?|the|an?|hits?|sets?|starts?|reach\w*)\b)"
)
_GOES_ON = r"\W*(?:(?:and|also|then|still|even|not to mention) )*(?:it|its|it's|they|they're|both|is|isn't|are|aren't|has|have|hasn't|lacks?|does|doesn't|do|don't|deals?|costs?|weighs?|needs?|requires?|can|can't|cannot|gives?|wants?|demands?|comes?|counts?|being|having|with|without|no|not|hits?|that|sets?|starts?|imposes?|you)\b"


class Clause(msgspec.Struct, frozen=True):
    """A clause about one weapon or armour, whose name stands in it as ``@`` where it is said again."""

    text: str
    kind: str
    key: str
    named: bool


@lru_cache(maxsize=2)
def _patterns(edition: str) -> list[tuple[str, str, str]]:
    made = [("armor", key, pattern) for key, pattern in _ARMOR.items()]
    made += [
        ("weapon", key, _SPELT.get(key, key)) for key in sorted(weapons(edition), key=len, reverse=True) if key != "net"
    ]
    return [(kind, key, rf"(?<![\w'@-])(?:{pattern})s?(?![\w-])(?:'s?)?") for kind, key, pattern in made]


def gear_named(text: str, edition: str) -> list[tuple[int, int, str, str]]:
    """Where weapons and armour are named in a plain text: start, end, kind, key; the longer name wins."""
    found: list[tuple[int, int, str, str]] = []
    for kind, key, pattern in _patterns(edition):
        for each in finditer(pattern, text):
            if not any(each.start() < end and start < each.end() for start, end, _, _ in found):
                found.append((each.start(), each.end(), kind, key))
    return sorted(found)


def clauses_of_gear(text: str, edition: str) -> Iterator[Clause]:
    """The clauses of a plain text that are about one weapon or armour, their own or that of the clause before."""
    names = gear_named(text, edition)
    masked = text
    for start, end, _, _ in reversed(names):
        masked = masked[:start] + f"@{names.index(next(n for n in names if n[0] == start))}@" + masked[end:]
    last: tuple[str, str] | None = None
    for piece in split(_BREAK, masked):
        here = [names[int(each[1])] for each in finditer(r"@(\d+)@", piece)]
        distinct = {(kind, key) for _, _, kind, key in here}
        listed = search(r"@\d+@ (?:and|or) @\d+@|\bboth\b", piece) is not None
        clean = "".join("@" if part.isdigit() and place % 2 else part for place, part in enumerate(piece.split("@")))
        if len(distinct) == 1:
            last = next(iter(distinct))
            yield Clause(clean, *last, True)
        elif distinct:
            if listed:
                for kind, key in sorted(distinct):
                    yield Clause(clean, kind, key, True)
            last = None
        elif last is not None and match(_GOES_ON, clean):
            yield Clause(clean, *last, False)
