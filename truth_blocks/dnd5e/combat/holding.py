"""A narration held against the log, beat by beat: names, numbers, targets, outcomes, deaths, order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from errors import DraftMalformed
from truth_blocks.contracts import Violation
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.conditions import CONDITIONS
from truth_blocks.dnd5e.combat.harm import DAMAGE_TYPES
from truth_blocks.dnd5e.facts import key_of
from truth_blocks.dnd5e.mentions import Mentions

MOST_BYTES = 32_000
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["narration"],
    "properties": {
        "narration": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["event", "text"],
                "properties": {
                    "event": {"type": "integer", "description": "Number of the event, in the order given."},
                    "text": {"type": "string", "description": "One or two sentences that tell this event alone."},
                },
            },
        },
    },
}


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One beat as it was told."""

    event: int
    text: str


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole narration."""

    narration: tuple[Told, ...]


def read(text: str) -> Draft:
    """Read a model's reply.

    Raises:
        DraftMalformed: not JSON of the agreed shape, or too long.
    """
    if len(text) > MOST_BYTES:
        raise DraftMalformed(f"The draft has {len(text):,} characters; at most {MOST_BYTES:,} are read.")
    try:
        draft = msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=Draft)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DraftMalformed(f"The draft is not a narration: {str(error)[:200]}") from error
    if any(not told.text.strip() or len(told.text) > 600 for told in draft.narration):
        raise DraftMalformed("Each text must have 1 to 600 characters.")
    return draft


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS: dict[str, int] = {
    **{word: number for number, word in enumerate(_SMALL.split(), 2)},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), 2)},
    "dozen": 12, "hundred": 100, "thousand": 1_000, "twice": 2, "thrice": 3, "both": 2,
}  # fmt: skip


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_DEATH = _words(
    "dies", "died", "dead", "death", "dying breath", "slain", "slays?", "slew", r"kill\w*", "lifeless", "corpse",
    r"perish\w*", r"fatal\w*", r"murder\w*", "last breath",
)  # fmt: skip
_FALL = _words(
    "falls?", "fell", "falling", "drops?", "dropped", r"collaps\w*", r"crumpl\w*", r"toppl\w*", "unconscious",
    "goes down", "went down", "dying",
)  # fmt: skip
_MISS = _words(
    r"miss\w*", "wide", r"dodg\w*", r"deflect\w*", r"glanc\w*", "parry", "parries", "parried", r"evad\w*",
    "fails? to (?:hit|land|connect)", r"harmless\w*",
)  # fmt: skip
_WOUND = _words(
    "hits?", r"wound\w*", "bloods?", r"bleed\w*", r"pierc\w*", "strikes? true", "struck", "cuts?", "slices?",
    "tears? into", "bites? (?:deep|into)", "lands?", "connects?", "burns?", "sears?",
)  # fmt: skip
_MADE = _words(
    r"resist\w*", r"withst\w*", "shrugs?", r"succeed\w*", r"endur\w*", "holds? (?:firm|on|out)", "makes? the save",
    "saved?",
)  # fmt: skip
_FAILED = _words(r"fail\w*", r"succumb\w*", "too slow", "cannot (?:resist|withstand)")
_CRIT = _words(r"critical\w*")
_STARTERS = frozenset(
    re.findall(
        r"\w+",
        "the a an with as but and then its his her their it he she they in on at from for no not once now still yet "
        "again before after under over through across against steel blood pain magic light darkness dust blade one "
        "another this that there here",
    )
)


def hold(beats: Sequence[Beat], names: Sequence[str], draft: Draft, mentions: Mentions) -> tuple[list[Violation], int]:
    """What is wrong with a narration, and how many beats hold."""
    told = [entry.event for entry in draft.narration]
    if told != [beat.number for beat in beats]:
        wanted = ", ".join(str(beat.number) for beat in beats)
        found = ", ".join(map(str, told[:40]))
        return [
            Violation("order", "narration", f"Tell the events {wanted}, each once and in this order; found {found}.")
        ], 0
    violations: list[Violation] = []
    held = 0
    for place, (beat, entry) in enumerate(zip(beats, draft.narration, strict=True)):
        found_here = [
            Violation(rule, f"narration[{place}]", said) for rule, said in _wrong(beat, names, entry.text, mentions)
        ]
        violations += found_here
        held += not found_here
    return violations[:20], held


Finding = tuple[str, str]


def _wrong(beat: Beat, names: Sequence[str], text: str, mentions: Mentions) -> Iterator[Finding]:
    people = {*beat.targets, beat.actor} - {""}
    plain, here = _without_names(text, names)
    for name in sorted(here - people):
        yield "name", f"{name} has no part in event {beat.number}; it is about {', '.join(sorted(people))}."
    for name in sorted(({beat.actor} if beat.actor else set(beat.targets)) - here):
        yield "name", f"Name {name}, whom event {beat.number} is about."
    yield from _roles(beat, text)
    yield from _unknown(beat, plain, mentions)
    words = _without_names(plain, [beat.what])[0].lower()
    yield from _numbers(beat, words)
    yield from _outcome(beat, words)
    yield from _kinds(beat, words)


def _without_names(text: str, names: Sequence[str]) -> tuple[str, set[str]]:
    """The text with known names blanked, the longest first, and which there were."""
    found: set[str] = set()
    for name in sorted((name for name in names if name), key=len, reverse=True):
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", re.IGNORECASE)
        text, count = pattern.subn("·", text)
        if count:
            found.add(name)
    return text, found


def _roles(beat: Beat, text: str) -> Iterator[Finding]:
    """Who does it to whom: the actor comes first, or stands behind *by*, *from*, *to* or *of*."""
    if not beat.actor:
        return
    lowered = text.lower()
    actor = lowered.find(beat.actor.lower())
    firsts = [lowered.find(target.lower()) for target in beat.targets if target != beat.actor]
    if actor < 0 or not any(0 <= place < actor for place in firsts):
        return
    before = lowered[:actor].split()
    if not before or before[-1] not in ("by", "from", "to", "of", "before"):
        yield (
            "roles",
            f"In event {beat.number} it is {beat.actor} who acts on {', '.join(beat.targets)}, not the other way.",
        )


def _unknown(beat: Beat, plain: str, mentions: Mentions) -> Iterator[Finding]:
    """Names that the log does not hold: spells, creatures, weapons, and anything written as a name."""
    what = key_of(beat.what)
    for mention in (*mentions.find(plain, ("spell", "creature")), *mentions.find(plain, ("weapon",), any_case=True)):
        if mention.key not in what and what not in mention.key:
            yield "name", f"{mention.name} has no part in event {beat.number}."
    for match in _WORD.finditer(plain):
        word = match[0]
        if not word[0].isupper() or key_of(word) in what.split():
            continue
        before = plain[: match.start()].rstrip(" \"'“‘(")
        starts = not before or before[-1] in ".!?:;—\n"
        if not starts and word != "I":
            yield "name", f'"{word}" is no name of this fight.'
        elif starts and key_of(word) not in _STARTERS and not word.lower().endswith(("ing", "ly", "ed")):
            yield (
                "name",
                f'Begin no sentence with "{word}": begin with a name of this fight, or with the, a, with, then.',
            )


def _numbers(beat: Beat, words: str) -> Iterator[Finding]:
    stated = [(text, int(text)) for text in re.findall(r"\d{1,9}", words)]
    stated += [(word, _NUMBER_WORDS[word]) for word in _WORD.findall(words) if word in _NUMBER_WORDS]
    for said, number in stated:
        if number not in beat.numbers:
            known = ", ".join(map(str, beat.numbers)) or "none"
            yield "number", f'"{said}" is not a number of event {beat.number} (its numbers: {known}).'


def _outcome(beat: Beat, words: str) -> Iterator[Finding]:
    died, fell = bool(_DEATH.search(words)), bool(_FALL.search(words))
    if died and not beat.died:
        yield "death", f"Nobody dies in event {beat.number}."
    if fell and not (beat.fell or beat.died) and "prone" not in beat.what:
        yield "death", f"Nobody falls in event {beat.number}."
    if beat.died and not (died or fell):
        yield "death", f"Say that {', '.join(beat.died)} dies."
    if beat.fell and not fell:
        yield "death", f"Say that {', '.join(beat.fell)} falls."
    if beat.fell and died:
        yield "death", f"{', '.join(beat.fell)} falls but is not dead."
    if _CRIT.search(words) and not beat.crit:
        yield "outcome", f"Event {beat.number} is no critical hit."
    if beat.kind == "attack":
        missed = bool(_MISS.search(words))
        if beat.success and missed:
            yield "outcome", f"The attack of event {beat.number} hits."
        if not beat.success and (not missed or _WOUND.search(words)):
            yield "outcome", f"The attack of event {beat.number} misses and wounds nobody: say that it misses."
    if beat.kind == "save" and (_FAILED if beat.success else _MADE).search(words):
        yield "outcome", f"The save of event {beat.number} is {'made' if beat.success else 'failed'}."


def _kinds(beat: Beat, words: str) -> Iterator[Finding]:
    """Damage types and conditions; a number right before a type is that type's own."""
    kinds = {kind for kind, _ in beat.shares}
    for kind in DAMAGE_TYPES:
        if re.search(rf"\b{kind}\b", words) and kind not in kinds:
            yield "damage-type", f"There is no {kind} damage in event {beat.number}."
    for said, kind in re.findall(rf"(\d{{1,9}}) (?:points? of )?({'|'.join(DAMAGE_TYPES)})\b", words):
        if (kind, int(said)) not in beat.shares and kind in kinds:
            yield "number", f"{said} is not the {kind} damage of event {beat.number}."
    for condition in CONDITIONS:
        is_fallen = condition in ("unconscious", "prone") and (beat.fell or beat.died)
        if re.search(rf"\b{condition}\b", words) and condition != beat.what and not is_fallen:
            yield "condition", f"Nobody becomes {condition} in event {beat.number}."
