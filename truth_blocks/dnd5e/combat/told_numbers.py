"""The numbers of a narration, in digits and in words, held against the event's own."""

import re
from collections.abc import Iterator

from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.harm import DAMAGE_TYPES
from truth_blocks.dnd5e.combat.wording import COLOUR, NUMBERS, ORDINALS

Finding = tuple[str, str]
_TENS = "|".join(word for word, value in NUMBERS.items() if value >= 20)
_UNITS = "|".join(word for word, value in NUMBERS.items() if value < 10)
_ANY = "|".join(NUMBERS)
_HUNDREDS = re.compile(rf"\b(a|{_UNITS}) hundred(?:(?: and)? ((?:{_TENS})[- ](?:{_UNITS})|{_ANY}))?\b")
_COMPOUND = re.compile(rf"\b({_TENS})[- ]({_UNITS})\b")
_SINGLE = re.compile(rf"\b({_ANY})\b")
_COUNTED = r"(?= (?:temporary |hit |more )?(?:points?|damage|success|failures?)\b)"
_TYPES = "|".join(DAMAGE_TYPES)
_LEFT = re.compile(
    r"\d+ (?:hit points?|hp) (?:left|remain)|\b(?:leav|left|down to|reduc|drop)\w*[^.!?]{0,20} \d+ (?:hit points?|hp)"
)


def in_digits(text: str) -> str:
    """A lower-case text with its number words as digits; *one* only where it counts points or saves."""

    def hundreds(match: re.Match[str]) -> str:
        rest = _value(match[2]) if match[2] else 0
        return str(100 * (1 if match[1] == "a" else NUMBERS[match[1]]) + rest)

    text = re.sub(rf"\b(?:{_ANY})-handed\b|\bin two\b", " ", text)
    text = _HUNDREDS.sub(hundreds, text)
    text = _COMPOUND.sub(lambda match: str(NUMBERS[match[1]] + NUMBERS[match[2]]), text)
    text = re.sub(rf"\b(?:one|a single){_COUNTED}", "1", text)
    text = re.sub(r"\b(?:a |half a )?dozen\b", "12", text)
    return _SINGLE.sub(lambda match: str(NUMBERS[match[1]]) if match[1] != "one" else match[0], text)


def _value(text: str) -> int:
    return sum(NUMBERS[part] for part in re.split(r"[- ]", text))


def numbers(beat: Beat, digits: str) -> Iterator[Finding]:
    """Every number that is not one of the event's. ``digits`` is the text as `in_digits` gives it."""
    slot = re.compile(r"\blevel[- ](\d+)|(\d+)(?:st|nd|rd|th)?[- ]level")
    for match in slot.finditer(digits):
        if beat.slot != int(match[1] or match[2]):
            yield "number", f"{match[0]} is not the slot of event {beat.number}."
    rest = COLOUR.sub(" ", slot.sub(" ", digits))
    darts = re.compile(r"\b(\d+) (?:\w+ ){0,2}?(darts?|missiles?|bolts?|rays?|beams?|motes?)\b")
    for match in darts.finditer(rest):
        if int(match[1]) != beat.darts:
            yield "number", f"{match[0]} is not said of event {beat.number}."
    rest = re.sub(r"\bnatural 20\b", " ", rest) if beat.kind == "death-save" and beat.numbers else rest
    allowed = {*beat.numbers, *beat.counts, *({len(beat.targets)} if beat.kind in ("cast", "again") else ())}
    for match in re.finditer(r"\d{1,9}", darts.sub(" ", rest)):
        if int(match[0]) not in allowed:
            known = ", ".join(map(str, beat.numbers)) or "none"
            yield "number", f'"{match[0]}" is not a number of event {beat.number} (its numbers: {known}).'
    if _LEFT.search(rest):
        yield "number", f"Event {beat.number} does not say how many hit points are left."
    for match in re.finditer(r"(\d+) (?:temporary )?(?:hit points?|points?|damage)\b", rest):
        if int(match[1]) not in beat.numbers:
            yield "number", f"{match[0]} is not said of event {beat.number}."
    for said, kind in re.findall(r"(\d+) (?:\w+ )?(success|failure)", rest):
        if beat.counts and int(said) != beat.counts[kind == "failure"]:
            yield "number", f"{said} is not the count of event {beat.number}."
    yield from _ordinals(beat, digits)
    yield from _shares(beat, digits)


def _ordinals(beat: Beat, text: str) -> Iterator[Finding]:
    for match in re.finditer(rf"\b({'|'.join(ORDINALS)})(?:[- ](\w+))?", text):
        number, what = ORDINALS[match[1]], match[2] or ""
        if what == "level" and number != beat.slot:
            yield "number", f"{match[0]} is not the slot of event {beat.number}."
        if what in ("failure", "success", "save") and number not in beat.counts:
            yield "number", f"{match[0]} is not the count of event {beat.number}."
        if what in ("attack", "strike", "blow", "hit") and number > 1:
            yield "number", f"Event {beat.number} is one attack."


def _shares(beat: Beat, text: str) -> Iterator[Finding]:
    """Parts and multiples, and a number that stands before another's damage type."""
    if not beat.halved and re.search(r"(?<!by )\bhalf\b(?!-)(?! an? )", text):
        yield "number", f"Nothing is halved in event {beat.number}."
    if re.search(r"\b(?:thrice|(?:\d+|several|many) times|a (?:third|quarter) of)\b", text):
        yield "number", f"Event {beat.number} is told once, with its own numbers."
    if not beat.crit and re.search(r"\b(?:double|twice|doubled)\b", text):
        yield "number", f"Nothing is doubled in event {beat.number}."
    two = len({beat.actor, *beat.targets} - {""}) == 2 or (beat.kind == "cast" and len(beat.targets) > 1)
    if re.search(r"\bboth\b", text) and not two:
        yield "number", f'"both" is not said of event {beat.number}.'
    kinds = {kind for kind, _ in beat.shares}
    for said, kind in re.findall(rf"(\d{{1,9}}) (?:points? of )?({_TYPES})\b", text):
        if kind in kinds and (kind, int(said)) not in beat.shares:
            yield "number", f"{said} is not the {kind} damage of event {beat.number}."
