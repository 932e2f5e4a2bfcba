"""What a text says in values: the same reading for an entry of the SRD when the facts are built, and for a statement about it.

A value is a kind with what it is: ``("dice", "8d6")``, ``("save", "dex")``, ``("time", "60")``. Since both sides are read alike,
a value that a statement has and the entry has not is not in the entry.
"""

import re
from collections.abc import Iterator, Mapping

from truth_blocks.dnd5e.readers.figures import Figure, figures
from truth_blocks.dnd5e.vocabulary import CONDITION, DAMAGE, SHORT_ABILITY, SIZE, SKILL, TYPE

Values = dict[str, set[str]]
_FIGURES = {
    "dice": "dice", "feet": "feet", "mile": "feet", "dc": "dc", "percent": "percent", "gp": "gp", "pound": "pound",
    "number": "number", "mod": "number", "hp": "number", "ac": "number", "max": "number", "score": "number",
    "level": "level", "slot": "level", "ordinal": "level",
}  # fmt: skip
LANGUAGE = (
    "common|dwarvish|elvish|giant|gnomish|goblin|halfling|orc|abyssal|celestial|draconic|deep speech|infernal|primordial"
    "|sylvan|undercommon|druidic|thieves' cant|auran|aquan|ignan|terran"
)
_SECONDS = {"second": 1, "round": 6, "turn": 6, "minute": 60, "hour": 3_600, "day": 86_400}
_WORDS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    kind: tuple((re.compile(pattern), value) for pattern, value in pairs)
    for kind, pairs in {
        "shape": (
            (r"\bcones?\b", "cone"), (r"\bcubes?\b", "cube"), (r"\bcylinders?\b", "cylinder"),
            (r"\b(?:\d+-foot(?:-long)?|ft\.?|feet|foot) (?:long )?line\b|\bline (?:that is )?\d|\bin a line\b|\blong\b.{0,30}\bwide\b", "line"),
            (r"\bspheres?\b|\bradius\b|\bemanation\b", "sphere"),
        ),
        "rest": ((r"\bshort (?:or (?:a )?long )?rests?\b", "short"), (r"\blong rests?\b", "long"), (r"\bdawn\b", "dawn"), (r"\bdusk\b", "dusk")),
        "cost": (
            (r"\bbonus actions?\b", "bonus action"), (r"\breactions?\b", "reaction"),
            (r"\b(?:an|your|its|as|the|magic|utilize|1) (?:magic |utilize )?action\b(?! surge)", "action"),
        ),
        "attunement": ((r"\brequires attunement", "yes"),),
        "success": ((r"\bhalf (?:as much|the|that|of the)?\s?(?:damage)?\b|\bhalves\b|\bhalved\b", "half"),),
        "rarity": ((r"\bvery rare\b", "very rare"), (r"(?<!very )\brare\b", "rare"), (r"\buncommon\b", "uncommon"), (r"\b(?<!un)common (?:magic|wondrous|item|potion)", "common"), (r"\blegendary\b(?! (?:action|resist))", "legendary")),
    }.items()
}  # fmt: skip
_SAVE = re.compile(
    rf"\b({SHORT_ABILITY})(?:,? (?:or|and) ({SHORT_ABILITY}))?(?: \(?dc \d+\)?)? (?:sav(?:e|es|ing)\b|throw)|\bsav(?:e|es|ing throws?) (?:against|with|using|on|of) ({SHORT_ABILITY})\b"
)
_TYPE = re.compile(
    rf"\b({DAMAGE})\b(?=(?:,? (?:or|and|and/or) (?:{DAMAGE})|, (?:{DAMAGE}))* ?(?:damage|resist|immun)|\b)"
)
_FORCE = re.compile(r"\bforce (?:damage|resist)")
_LISTS = tuple(
    (kind, re.compile(rf"\b({words})\b"))
    for kind, words in (
        ("condition", CONDITION), ("size", SIZE), ("creature", TYPE), ("skill", SKILL), ("edge", "advantage|disadvantage"),
        ("language", LANGUAGE), ("sense", "darkvision|blindsight|truesight|tremorsense|telepathy"),
    )
)  # fmt: skip
_USES = re.compile(
    r"\b(\d+|once|twice|thrice)(?: times)?(?:/| (?:per|a|each|every) )day\b|\b(\d+) times (?:per|between|before)|\b(\d+) uses\b"
)
_USED = re.compile(r"\buse (?:this|it|the) (?:\w+ )?(twice|thrice|\d+ times)\b")
_POOLS = (
    ("points", re.compile(r"\b(\d+) (ki|focus|sorcery) points?\b")),
    ("charges", re.compile(r"\b(\d+) charges?\b()")),
    ("bonus", re.compile(r"(?<![\dd] )(?<!\d)\+ ?(\d+)\b(?!d)(?! to hit)()")),
)
_RECHARGE = re.compile(r"\brecharges?\b[^.;]{0,24}?\b(\d)(?: ?(?:-|to|or|and) ?6)?\b")
_SPAN = re.compile(r"([\d,.]+)[- ]?(second|round|turn|minute|hour|day)")
_TIMES = {"once": "1", "twice": "2", "thrice": "3"}


def values_of(text: str) -> Values:
    """The values of a plain lower-case text (see `figures.plain`), by kind; times in seconds, distances in feet."""
    found: Values = {}
    for kind, value in _values(text):
        found.setdefault(kind, set()).add(value)
    return found


def span(seconds: str) -> str:
    """A time as it is said, ``1 minute``."""
    size, unit = next(
        (size, unit) for unit, size in reversed(_SECONDS.items()) if unit != "turn" and float(seconds) >= size
    )
    count = float(seconds) / size
    return f"{count:g} {unit}{'s' if count != 1 else ''}"


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{abs(value):.10g}"


def _values(text: str) -> Iterator[tuple[str, str]]:
    for figure in figures(text):
        yield from _of_figure(figure)
    for match in _SAVE.finditer(text):
        yield from (("save", word[:3]) for word in match.groups() if word)
    for match in _TYPE.finditer(text):
        if match[1] != "force" or _FORCE.match(text, match.start()):
            yield "type", match[1]
    for kind, pattern in _LISTS:
        yield from ((kind, match[1]) for match in pattern.finditer(text))
    for match in _USES.finditer(text):
        times = next(group for group in match.groups() if group)
        yield "uses", _TIMES.get(times, times)
    for match in _USED.finditer(text):
        yield "uses", _TIMES.get(match[1]) or match[1].partition(" ")[0]
    for kind, pattern in _POOLS:
        yield from ((kind, f"{match[1]} {match[2]}".strip()) for match in pattern.finditer(text))
    yield from (("recharge", match[1]) for match in _RECHARGE.finditer(text))
    for kind, words in _WORDS.items():
        yield from ((kind, value) for pattern, value in words if pattern.search(text))


def _of_figure(figure: Figure) -> Iterator[tuple[str, str]]:
    if figure.kind == "time":
        match = _SPAN.match(str(figure.value))
        if match:
            yield "time", _number(float(match[1].replace(",", "")) * _SECONDS[match[2]])
    elif figure.kind == "mile":
        yield "feet", _number(float(figure.value) * 5_280)
    elif figure.kind in _FIGURES:
        yield _FIGURES[figure.kind], _number(figure.value)
