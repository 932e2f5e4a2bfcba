"""Reading plain sentences: clauses, content words, and the words that carry a value (numbers, dice, advantage)."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import msgspec

NUMBER_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "thousand": 1000, "dozen": 12, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9,
    "tenth": 10, "once": 1, "thrice": 3,
}  # fmt: skip
VALUE_WORDS = {
    "half": "half", "halve": "half", "halved": "half", "halves": "half", "halving": "half", "double": "double",
    "doubled": "double", "doubles": "double", "twice": "double", "triple": "triple", "triples": "triple",
    "tripled": "triple", "quadruple": "quadruple", "quarter": "quarter",
    "advantage": "advantage", "disadvantage": "disadvantage", "resistance": "resistance", "resistant": "resistance",
    "immunity": "immunity", "immune": "immunity", "vulnerability": "vulnerability", "vulnerable": "vulnerability",
}  # fmt: skip
FAMILIES = {
    "half": "share", "double": "share", "triple": "share",
    "quadruple": "share", "quarter": "share",
    "advantage": "edge", "disadvantage": "edge",
    "resistance": "defence", "immunity": "defence", "vulnerability": "defence",
}  # fmt: skip
_STOP = """
a an and or the of to in on at by for from with as is are be been it that this these those its' they them
their which who whom whose have has had do does you your if when while also than then so such other each any
all there here not no can cannot may will would must one two three more most less up off into out only just
still even both between creature target creatures targets
"""
STOP = frozenset(_STOP.split())
SOFT = {
    "all": ("share", "all"), "fail": ("outcome", "fail"), "fails": ("outcome", "fail"),
    "succeed": ("outcome", "success"),
    "succeeds": ("outcome", "success"), "action": ("cost", "action"), "reaction": ("cost", "reaction"),
    "bonus action": ("cost", "bonus action"),
    "strength": ("ability", "strength"), "dexterity": ("ability", "dexterity"),
    "constitution": ("ability", "constitution"), "intelligence": ("ability", "intelligence"),
    "wisdom": ("ability", "wisdom"), "charisma": ("ability", "charisma"),
}  # fmt: skip
"""Words so common that they count only where the best match says the like: all or half, fail or succeed."""
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
_CLAUSE = re.compile(r",\s*|\s+(?:and|but|while|whereas|although|though)\s+|\s*[–—]\s*", re.IGNORECASE)
_STATES = re.compile(r"\d|advantage|\bhalf\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:[-'’][a-z]+)*")
_VALUE = re.compile(
    r"(?P<dice>\b\d*d\d+(?:\s*[+−-]\s*\d+)?\b)|(?P<number>[+−-]?\b\d[\d,]*(?:\.\d+)?(?:/\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"|(?P<word>bonus action|[a-z]+)",
)
_EDITION = re.compile(
    r"\b(?:srd|edition|rules|d&d|dnd)\s*(5\.[12])\b|\b(5\.[12])\s+(?:srd|rules|edition)\b|\b5e\b", re.I
)
_COMPOUND = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](one|two|three|four|five|six|seven|eight|nine)\b"
)
_NOT_A_NUMBER = re.compile(
    r"\bno one\b|\bone another\b|\bany ?one\b|\bevery ?one\b|\bat once\b|\bone of\b|\bthree-quarters?\b|\bother one\b"
    r"|\b(?:an?|the|each|another|this|that) (?:[a-z]+ )?one\b"
)
_SAME = {
    "maximum": "max", "minimum": "min", "hitpoint": "hp", "armour": "armor", "foot": "feet", "ft": "feet",
    "class": "ac",
    "throw": "save", "saving": "save", "saves": "save", "walking": "walk", "dex": "dexterity", "str": "strength",
    "increased": "increase", "increasing": "increase", "moving": "move", "movement": "move", "moves": "move",
    "regained": "regain", "restores": "restore", "farther": "far", "further": "far", "away": "far", "ends": "end",
    "heavily": "heavy", "succeed": "success",
    "succeeds": "success", "failure": "fail", "failures": "fail", "higher": "high", "least": "more", "lightly": "light",
}  # fmt: skip

UNITS = {
    "feet": "feet", "foot": "feet", "ft": "feet", "mile": "mile", "miles": "mile", "hour": "hour", "hours": "hour",
    "h": "hour", "minute": "minute", "minutes": "minute", "min": "minute", "round": "round", "rounds": "round",
    "day": "day", "days": "day", "second": "second", "seconds": "second", "s": "second", "pound": "pound",
    "pounds": "pound", "lb": "pound", "level": "level", "levels": "level",
    "size": "size", "sizes": "size", "success": "success", "successes": "success", "failure": "failure",
    "failures": "failure", "attack": "attack", "attacks": "attack", "item": "item", "items": "item",
}  # fmt: skip
AT_LEVEL = "at level"
"""Unit of a number that names a level (level 2, 2nd level); it is never an amount."""
_AT_LEVEL = re.compile(r"\blevels? $")
_AFTER = re.compile(r"[\s-]*(?:(?:extra|more|or more|additional|other|melee|magic|different) )*([a-z]+)")
_DENIED = re.compile(r"\b(?:no|not|never|neither|nor|cannot|without)\b[^,;]*$|n't\b[^,;]*$")


class Value(msgspec.Struct, frozen=True):
    """A word of a clause that states something checkable: its family and its value."""

    family: str
    """``number``, ``dice``, ``share`` (half, double), ``edge`` (advantage, disadvantage) or ``defence``."""
    value: float | str
    text: str
    soft: bool = False
    """True for a word that is only held against a statement that says the like; it needs no carrier."""
    place: int = 0
    """Where in the clause it stands, in characters."""
    unit: str = ""
    """The unit after a number, ``feet`` or ``hour``; empty when there is none."""


def normalised(text: str) -> str:
    """Compatibility forms folded (１０ → 10) and invisible characters dropped, so that no figure hides in either."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def sentences(text: str) -> list[str]:
    """Sentences without their layout; list marks and emphasis are dropped."""
    plain = re.sub(r"[*_`#>|]+", " ", text)
    return [" ".join(part.split()) for part in _SENTENCE.split(plain) if part.strip()]


def clauses(sentence: str) -> list[str]:
    """Parts of a sentence that state one thing each."""
    found: list[str] = []
    for part in _CLAUSE.split(sentence):
        choices = re.split(r"\s+or\s+", part)
        # "plus 5 with advantage or minus 5 with disadvantage" states two things, "two or more" one.
        found += choices if all(_STATES.search(choice) for choice in choices) else [part]
    return [part for part in found if part.strip()]


def stem(word: str) -> str:
    """A crude stem, enough to bring ``saves``/``save`` and ``rolls``/``roll`` together."""
    word = _SAME.get(word, word)
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            cut = word.removesuffix(ending)
            return _SAME.get(cut, cut + ("y" if ending == "ies" else "")).rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


@lru_cache(maxsize=64)
def content(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; numbers are left out."""
    found: set[str] = set()
    for word in _WORD.findall(text.lower().replace("’", "'")):
        if word in STOP or word in NUMBER_WORDS:
            continue
        found.update(stem(part) for part in word.split("-"))
    return frozenset(found)


def values(clause: str, edition: str) -> Iterator[Value]:
    """Every number, die expression and value word of a clause; the edition's own name is not a number."""
    lowered = clause.lower().replace("−", "-")
    lowered = _EDITION.sub(lambda m: " " if (m[1] or m[2] or edition) == edition else m[0], lowered)
    lowered = _COMPOUND.sub(lambda m: str(NUMBER_WORDS[m[1]] + NUMBER_WORDS[m[2]]), lowered)
    lowered = _NOT_A_NUMBER.sub(lambda m: " " * len(m[0]), lowered)
    for match in _VALUE.finditer(lowered):
        text = match[0].strip()
        after = _AFTER.match(lowered, match.end())
        unit = UNITS.get(after[1], "") if after else ""
        if _AT_LEVEL.search(lowered[: match.start()]) or (unit == "level" and match["ordinal"]):
            unit = AT_LEVEL
        if match["dice"]:
            dice = re.sub(r"\s", "", text)
            if dice not in ("d20", "1d20"):
                yield Value("dice", "1" + dice if dice.startswith("d") else dice, text, place=match.start())
        elif match["number"]:
            for figure in _figures(match["number"]):
                yield Value("number", figure, text, place=match.start(), unit=unit)
        elif text in NUMBER_WORDS:
            number = float(NUMBER_WORDS[text])
            yield Value("number", number, text, place=match.start(), unit=unit)
        elif text in SOFT:
            yield Value(*SOFT[text], text, True, match.start())
        elif text in VALUE_WORDS:
            value = VALUE_WORDS[text]
            family = FAMILIES[value]
            # "does not have advantage" states neither; it must be said as the table says it.
            negated = (
                family == "edge" and _DENIED.search(lowered[max(match.start() - 24, 0) : match.start()]) is not None
            )
            yield Value(family, f"no {value}" if negated else value, text, place=match.start())


def _figures(text: str) -> list[float]:
    """A number with thousands separators, a fraction (1/4) or two ranges (20/60); signs are dropped."""
    plain = text.replace(",", "").lstrip("+-")
    above, _, below = plain.partition("/")
    if not below:
        return [float(above)]
    return [float(above) / float(below)] if float(above) < float(below) <= 8 else [float(above), float(below)]


_MODAL = re.compile(
    r"\b(?P<deny>cannot|can ?not|can't|can never|can no longer|may not|(?:is |are )?unable to|(?:does|do|is|are) not"
    r"|doesn't|don't|isn't|aren't|never|no longer|not able to|forbidden to)\b"
    r"|\b(?P<allow>can|may|(?:is |are )?able to|free to|allowed to|could)\b"
)
_BETWEEN = "still also always willingly normally then only even usually again directly clearly both be"
_SKIP = frozenset(_BETWEEN.split())
_HEADS = frozenset(["bonus", "free", "spell", "hit"])
_LIGHT = frozenset(["take", "make", "use", "have", "get", "expend", "spend", "see"])


class Permission(msgspec.Struct, frozen=True):
    """Something a clause says is possible or not: ``move``, ``take reaction``."""

    allowed: bool
    act: str
    actor: str
    """The word before the modal when it names someone else (``grappler``), else empty."""


def permissions(clause: str) -> list[Permission]:
    """What a clause allows or denies with can, cannot, may, unable to, does not …"""
    lowered = clause.lower().replace("’", "'")
    found = []
    for match in _MODAL.finditer(lowered):
        after = [
            w for w in _WORD.findall(lowered[match.end() :]) if w not in _SKIP and w not in ("a", "an", "any", "the")
        ]
        if not after:
            continue
        act = stem(after[0])
        if act in {stem(light) for light in _LIGHT} and len(after) > 1:
            act = " ".join(stem(word) for word in after[1 : 3 if after[1] in _HEADS else 2])
        before = _WORD.findall(lowered[: match.start()])
        actor = before[-1] if before else ""
        allowed = match["allow"] is not None and not re.match(r"\s*(?:not|no longer|never)\b", lowered[match.end() :])
        found.append(Permission(allowed, act, actor if actor.endswith(("er", "ers")) else ""))
    return found
