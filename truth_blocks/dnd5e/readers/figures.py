"""The figures of a sentence with what each is a figure of: ``AC 17``, ``+5``, ``3rd-level slot``, ``120 feet``, ``8d6``.

Every reading works on the same list, so that a figure nobody accounts for can be seen: a sentence with such a figure is
never contradicted.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from truth_blocks.dnd5e.prose import NUMBER_WORDS
from truth_blocks.dnd5e.vocabulary import SHORT_ABILITY

_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th",
    "thirteenth": "13th", "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th",
    "eighteenth": "18th", "nineteenth": "19th", "twentieth": "20th",
}  # fmt: skip
_SPELLED = {word: str(n) for word, n in NUMBER_WORDS.items() if word not in {"once", "thrice", "dozen", *_ORDINALS}}
_TENS = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](one|two|three|four|five|six|seven|eight|nine)\b"
)
_HUNDREDS = re.compile(r"\b(?:(\d+|an?) )?(hundred|thousand)\b(?: and (\d+))?")
_RANKED = re.compile(
    rf"\b({'|'.join(_ORDINALS)})(?=[- ](?:level|lvl|circle|rank|tier|exhaustion)\b)|\b(fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth)\b"
)
_NOT_COUNTS = re.compile(
    r"\b(?:no one|one another|any ?one|every ?one|at once|one of|this one|that one|successful one|failed one|two-headed|the (?:second|first|third) (?=one\b)|another one"
    r"|one (?=may|might|can|goes|must|has|gives|nets|yields|does|should|would|is\b)|which one|either one|one (?:single |big )?(?:hit|source|turn|go|attack action|shot|blow|swing)\b|second wind|second-story|one-handed|two-handed|two weapon"
    r"|two-weapon|three-quarters?|three quarters)"
)
_HIDDEN = {
    "one": "o_e", "two": "t_o", "three": "thr_e", "second": "sec_nd", "first": "f_rst", "third": "th_rd",
}  # fmt: skip
"""Words that count nothing where they stand (*no one*), hidden while number words become digits."""
_NUMBERS = re.compile(rf"\b(?:{'|'.join(w for w in _SPELLED if w not in ('hundred', 'thousand'))})\b")
_SIDES = re.compile(
    r"\b(?:(\d+) )?(?:dice|die) (?:with|of) (\d+) (?:sides|faces)|\b(\d+)-sided (?:die|dice)|(?<=die )has (\d+) (?:sides|faces)"
)
NUM = r"\d+(?:,\d{3})*(?:\.\d+)?"
_IS = r"(?:'s| printed| listed| given| shown| for it| for them| is| are| was| were| be| of| at| to| as|:|=| =|,| equals| total| score| value| exactly| only| just| a| an| up| out| base)*"
_PATTERNS = [
    ("dice", r"\b\d*d\d+(?:\s?[+-]\s?\d+\b(?!d))?"),
    ("edition", r"\b(?:srd ?)?5\.[12](?:\.1)?\b|\b(?:2014|2024)\b|\b5(?:\.5)?e\b"),
    ("xp", rf"({NUM}) ?-?(?:xp|exp|experience(?: points?)?)\b|\b(?:xp|experience(?: points?)?)\b{_IS} ({NUM})"),
    ("hp", rf"({NUM})[- ](?:of |for )?(?:real |temporary |temp |remaining |maximum |max )?(?:hp|hps|hit points?|health)\b(?! (?:die|dice|maximum|max\b))"
           rf"|\b(?:hp|hit points?|hit point maximum|max hp)\b{_IS} ({NUM})(?![\d/]*(?: ?(?:temp|xp|ft|feet)))"),
    ("ac", rf"\b(?:ac|armou?r class)\b(?: without cover| before cover)?{_IS} ({NUM})|({NUM}) (?:for |in |of )?(?:ac|armou?r class)\b"),
    ("dc", rf"\b(?:dc|difficulty class)\b{_IS} ({NUM})|({NUM}) dc\b"),
    ("cr", r"\b(?:cr|challenge(?: rating)?)\b(?:'s| is| of| at|:|=| =|-|,)* ?(\d+(?:/\d+)?)\b|\b(\d+(?:/\d+)?) (?:for (?:its )?)?(?:cr|challenge(?: rating)?)\b(?! ?\d)"),
    ("share", r"\b(\d+) ?/ ?(\d+)(?= ?(?:hp|hit points)?\b)(?<=\d)"),
    ("slot", r"\b(\d)(?:st|nd|rd|th)[- ](?:level|lvl) (?:[a-z]+ )?(?:spell )?slots?(?:\(s\))?\b|\blevel[- ](\d) (?:[a-z]+ )?(?:spell )?slots?\b"
             r"|\bslots?(?:\(s\))? of (?:the )?(?:spell )?(?:level )?(\d)(?:st|nd|rd|th)?(?:[- ]level)?\b|\bslot level (?:of )?(\d)\b|\bl(\d) slots?\b"),
    ("level", r"\b(\d+)(?:st|nd|rd|th)?[- ](?:[a-z]+ )?(?:level|lvl|lv)s?\b(?! ?\d)|\b(?:level|lvl|lv|levels)\.?(?:[- ]| is | of |: ?| = )?(\d+)(?:st|nd|rd|th)?\b"),
    ("mile", rf"({NUM})[- ]?miles?\b"),
    ("feet", rf"({NUM})[- ]?(?:(?:feet|foot|ft)(?:\.|\b)|'(?!\w))"),
    ("pound", rf"({NUM})[- ]?(?:pounds?|lbs?)\b"),
    ("gp", rf"({NUM})[- ]?(?:gp|gold(?: pieces?)?)\b"),
    ("time", rf"({NUM})[- ]?(?:minute|hour|round|day|second|turn)s?(?:\(s\))?\b(?! (?:in)?to\b)(?! (?:down|up)\b)"),
    ("percent", rf"({NUM}) ?(?:%|percent\b)"),
    ("score", rf"\b(?:{SHORT_ABILITY})\b(?: score)?(?:'s| is| of| at|:|=| =| as a)* (\d+)\b(?!d)|(?<![+\d-])\b(\d+) (?:{SHORT_ABILITY})\b(?! (?:sav|mod|check))"),
    ("mod", r"(?<![\dd])[+-] ?(\d+)\b(?!d)|(?<=\d)[+](\d+)\b(?!d)"),
    ("ordinal", r"\b(\d+)(?:st|nd|rd|th)\b"),
    ("number", rf"(?<![\d.]){NUM}"),
]  # fmt: skip
_A_SPAN = re.compile(
    r"\b(for|lasts?|lasting|takes?|taking|up to|within|in) (?:(?:only|just|about|exactly) )?(?:an?|a full|a whole|an entire) (?=(?:hour|minute|day)\b(?!,? or \w))"
)
"""*for an hour*: one hour."""
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS]


_KEPT = 256
"""Texts whose plain form and figures are kept: every reading of a sentence asks for them."""


class Figure(msgspec.Struct, frozen=True):
    """A figure where it stands in a plain sentence."""

    kind: str
    value: float | str
    start: int
    end: int
    text: str

    @property
    def whole(self) -> int:
        """The value as a whole number; 0 for dice."""
        return int(self.value) if isinstance(self.value, int | float) else 0


@lru_cache(maxsize=_KEPT)
def plain(text: str) -> str:
    """Lower case, number words as digits, one kind of quote and minus; names may already be masked by ``#``."""
    lowered = text.lower().replace("’", "'").replace("−", "-").replace("–", "-").replace("w/ ", "with ")
    lowered = lowered.replace("->", " to ").replace("→", " to ").replace("≥", " at least ")
    lowered = _TENS.sub(lambda m: str(NUMBER_WORDS[m[1]] + NUMBER_WORDS[m[2]]), lowered)
    lowered = _NOT_COUNTS.sub(lambda m: "".join(_HIDDEN.get(word, word) for word in re.split(r"\b", m[0])), lowered)
    lowered = _NUMBERS.sub(lambda m: _SPELLED[m[0]], lowered)
    lowered = _HUNDREDS.sub(_hundreds, lowered)
    lowered = _RANKED.sub(lambda m: _ORDINALS.get(m[0], m[0]), lowered)
    for shown, hidden in _HIDDEN.items():
        lowered = lowered.replace(hidden, shown)
    lowered = _SIDES.sub(lambda m: f"{m[1] or ''}d{m[2] or m[3] or m[4]}", lowered)
    lowered = re.sub(r"\b(\d+) d(4|6|8|10|12)(?:s\b|(?= (?:of |and |plus |\w+ damage)|[,.;]))", r"\1d\2", lowered)
    lowered = re.sub(r"\b(with|hitting|bonus of) plus (?=\d)", r"\1 +", lowered)
    lowered = _A_SPAN.sub(r"\1 1 ", lowered)
    return re.sub(r"[ \t\n]+", " ", lowered)


def _hundreds(match: re.Match[str]) -> str:
    count = 1 if match[1] in (None, "a", "an") else int(match[1])
    return str(count * (100 if match[2] == "hundred" else 1_000) + int(match[3] or 0))


def figures(text: str) -> list[Figure]:
    """All figures of a plain sentence in the order they stand; each character belongs to one at most."""
    return list(_figures(text))


@lru_cache(maxsize=_KEPT)
def _figures(text: str) -> tuple[Figure, ...]:
    taken = bytearray(len(text))
    found: list[Figure] = []
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(text):
            start, end = _value_span(match)
            if start == end or any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            found += _made(kind, match, start, end)
    return tuple(sorted(found, key=lambda figure: figure.start))


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the number itself stands, with the ordinal ending or the sign in front of it."""
    if not match.re.groups or match.re.pattern.startswith(r"\b(\d+) ?/"):
        return match.span()
    group = next(place for place in range(1, match.re.groups + 1) if match[place] is not None)
    return match.span(group)


def _made(kind: str, match: re.Match[str], start: int, end: int) -> Iterator[Figure]:
    text = match.string[start:end]
    if kind == "edition":
        return
    if kind == "dice":
        dice = re.sub(r"\s", "", text)
        if dice not in ("d20", "1d20"):
            yield Figure(kind, "1" + dice if dice.startswith("d") else dice, start, end, text)
    elif kind == "share":
        above, _, below = text.replace(" ", "").partition("/")
        yield Figure("number", float(above), start, start + len(above), above)
        yield Figure("number", float(below), end - len(below), end, below)
    elif kind == "cr":
        above, _, below = text.partition("/")
        yield Figure(kind, float(above) / float(below or 1), start, end, text)
    elif kind == "time":
        yield Figure(kind, match[0], start, end, text)
    else:
        number = float(text.replace(",", "").replace(" ", "").rstrip("."))
        yield Figure(kind, -number if kind == "mod" and match[0].startswith("-") else number, start, end, text)
