"""What a narration adds to its event: throws, wounds, weapons, blows and flights that the log would hold."""

import re
from collections.abc import Iterator

from truth_blocks.dnd5e.combat import wording as w
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.told_names import SPELL, Cast

Finding = tuple[str, str]
_PEACEFUL = ("save", "relief", "condition", "heal", "temp", "death-save", "ready", "leave", "back", "spell-end")
"""Kinds of events in which nobody strikes anybody."""
_WITH = re.compile(rf"(?:['’]s|\bhis|\bher|\bits|\btheir|\bwith an?|\ban?) (?:(?!{SPELL})\w+ )?(?={w.ARMS.pattern})")
"""Before a weapon or limb that somebody has or uses."""
_ELSEWHERE = re.compile(
    r"\b(?:like|as|on|against|off|past|over|under|from|with|into|at|across|to|behind|of) \S*(?: \S+)?$"
)
"""Before a weapon or limb that is struck, or only an image."""


def happenings(beat: Beat, text: str, cast: Cast) -> Iterator[Finding]:
    """Everything told that would be an event of its own; ``text`` is lower case, with digits and masked names."""
    known = {beat.kind, beat.what.lower(), *(each.lower() for each in (*beat.gained, *beat.freed))}
    known |= {"fell"} if beat.fell else set()
    known |= {"died"} if beat.died else set()
    for said, unless, pattern in w.HAPPENS:
        if not known & unless and w.asserted(pattern, text)[0]:
            yield "outcome", f"Nobody is {said} in event {beat.number}."
    if beat.kind == "save" and not beat.shares and not beat.numbers and w.asserted(w.BURNS, text)[0]:
        yield "outcome", f"Nobody is hurt in event {beat.number}."
    if beat.crit and w.FAINT.search(text):
        yield "outcome", f"Event {beat.number} is a critical hit."
    yield from _blows(beat, text, cast)
    yield from _arms(beat, text)


def _blows(beat: Beat, text: str, cast: Cast) -> Iterator[Finding]:
    """A blow in an event that has none, or one of whoever is acted on."""
    letters = "".join(cast.names)
    whom = rf"(?:(?:at|for|towards?|into) )?(?:(?:the )?[{letters}]|him\b|her\b|it\b|them\b)"
    if beat.kind in _PEACEFUL and re.search(
        rf"(?:[{letters}]|\band|,) (?:\w+ly )?(?:{w.AIMS_AT}) (?:out )?{whom}", text
    ):
        yield "outcome", f"Nobody strikes in event {beat.number}."
    struck = [name for name in beat.targets if name != beat.actor]
    if (
        beat.kind == "attack"
        and beat.success
        and struck
        and re.search(
            rf"{cast.letters(struck)}(?:,? \w+ly)? (?:{w.EVADES})(?: \w+)? "
            r"(?:under|beneath|past|away|clear|out|from)\b",
            text,
        )
    ):
        yield "outcome", f"The attack of event {beat.number} hits."
    if beat.kind == "attack" and struck and _in_return(text, cast, struck):
        yield "roles", f"In event {beat.number} only {beat.actor} acts."


def _in_return(text: str, cast: Cast, struck: list[str]) -> bool:
    """Whether whoever is struck at strikes, in return or once the blow is avoided."""
    target = cast.letters(struck)
    avoids = rf"{target},? (?:\w+ly )?(?:{w.EVADES}|avoids?|evades?)\b[^.;]*? and (?:\w+ly )?(?:{w.AIMS_AT})\b"
    if re.search(avoids, text):
        return True
    for match in w.STRIKES_BACK.finditer(text):
        before = [cast.names[letter] for letter in text[: match.start()] if letter in cast.names]
        if before and (before[0] in struck or before[-1] in struck):
            return True
    return False


def _arms(beat: Beat, text: str) -> Iterator[Finding]:
    """An attack is made with what the log says, not with another weapon or limb."""
    if beat.kind != "attack" or not beat.what:
        return
    own = beat.what.lower()
    for match in _WITH.finditer(text):
        found = w.ARMS.match(text, match.end())
        other = found is not None and found[0].rstrip("s") not in own and not w.LIMBS.match(text, match.end())
        if found and other and not _ELSEWHERE.search(text[: match.start()]):
            yield "name", f"The attack of event {beat.number} is made with {own}, not with {found[0]}."
            return
