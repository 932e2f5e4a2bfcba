"""Who is named in a narration, and who does what to whom."""

import re
from collections.abc import Iterator, Sequence

from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.wording import CLAUSE, ORDINARY, STRIKES
from truth_blocks.dnd5e.facts import key_of
from truth_blocks.dnd5e.mentions import Mentions

Finding = tuple[str, str]
SPELL = "σ"
_FIRST = 0xE000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_VERB = re.compile(r"\s+(?:is|was|has|had|who|and \w+s\b|[a-z]+(?:[^s\W]s|ed|es))\b|['’]s\b")
_ABILITIES = frozenset(["strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma"])
_AS_VERB = re.compile(r" (?:out|forward|in|into|past|aside|back|under|through|down|away|at|her|him|it|the)\b")


class Cast:
    """The people of a fight in one text: every name stands as a letter of its own."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self.names = {chr(_FIRST + place): name for place, name in enumerate(names)}
        letters = {name: letter for letter, name in self.names.items()}
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", letters[name], text, flags=re.IGNORECASE)
        self.text = text

    def here(self) -> set[str]:
        """Everybody the text names."""
        return {name for letter, name in self.names.items() if letter in self.text}

    def letters(self, names: Sequence[str]) -> str:
        """A character class of some names, for a pattern."""
        found = "".join(letter for letter, name in self.names.items() if name in names)
        return f"[{found}]" if found else "(?!)"


def people(beat: Beat, cast: Cast) -> Iterator[Finding]:
    """Nobody without a part in the event; who acts, and whoever falls or dies, by name."""
    part = {beat.actor, *beat.targets, *beat.others, *beat.fell, *beat.died} - {""}
    here = cast.here()
    for name in sorted(here - part):
        yield "name", f"{name} has no part in event {beat.number}; it is about {', '.join(sorted(part))}."
    acts = beat.kind in ("attack", "cast", "use") and beat.actor
    told = here & ({*beat.targets} if beat.kind in ("heal", "temp", "damage") else {beat.actor, *beat.targets})
    needed = [beat.actor] if acts else [] if told else list(beat.targets[:1])
    for name in dict.fromkeys([*needed, *beat.fell, *beat.died]):
        if name not in here:
            yield "name", f"Name {name}, whom event {beat.number} is about."


def roles(beat: Beat, cast: Cast) -> Iterator[Finding]:
    """Who is acted on does not act: no blow of theirs, and not the subject of what is done to them."""
    struck = [name for name in beat.targets if name != beat.actor]
    if not beat.actor or not struck or beat.kind not in ("attack", "cast", "again", "damage", "heal"):
        return
    wrong = f"In event {beat.number} it is {beat.actor} who acts on {', '.join(struck)}, not the other way."
    target, actor = cast.letters(struck), cast.letters([beat.actor])
    text = cast.text
    acts = rf"{target}(?:,? (?:\w+ly|then|now|also|and {actor}))? (?:{STRIKES})\b"
    armed = rf"{target}['’]s (?:(?!and\b)\w+ ){{1,2}}(?:{STRIKES}|takes(?! the blow)|finds|catches)\b"
    if re.search(acts, text) or re.search(armed, text) or (beat.kind == "attack" and _by_the_wrong_one(text, target)):
        yield "roles", wrong
        return
    if beat.kind == "heal" and re.search(rf"{actor} (?:\w+ly )?(?:regains|recovers|gains|receives)\b", text):
        yield "roles", wrong
    if beat.kind == "heal" and re.search(
        rf"{target} (?:\w+ly )?(?:heals|cures|mends|tends|lays|presses|puts|places|casts|speaks|restores)\b", text
    ):
        yield "roles", wrong
    if beat.kind != "attack":
        return
    for match in re.finditer(rf"{target}([^.!?{''.join(cast.names)}]*){actor}", text):
        parted = CLAUSE.search(text, match.start(1))
        if (parted is None or parted.start() >= match.end(1)) and (match[1].strip() or "and"):
            yield "roles", wrong
            return


def _by_the_wrong_one(text: str, target: str) -> bool:
    """*Cut down by* whoever was cut down; what a target does itself is to avoid the blow."""
    found = re.search(rf"(\w+)(?: (?:down|aside|away|off))? by (?:the )?{target}(?!['’]s)", text)
    return found is not None and not found[1].endswith("s") and not _AVOIDED.match(found[1])


_AVOIDED = re.compile(
    r"(?:dodg|deflect|parri|block|evad|avoid|turn|swat|sidestepp|knock|batt|brush|caught|ignor|notic|seen)"
)


def aims(beat: Beat, cast: Cast) -> Iterator[Finding]:
    """A spell is cast on its own targets."""
    if beat.kind not in ("cast", "again") or not beat.targets:
        return
    for match in re.finditer(
        rf"(?i){re.escape(beat.what)} (?:\w+ )?(?:on|upon|at|onto|over|towards?|against) (?:the )?(\S)", cast.text
    ):
        if match[1] in cast.names and cast.names[match[1]] not in beat.targets:
            yield "roles", f"{beat.what} is not cast on {cast.names[match[1]]}."
    if beat.actor not in beat.targets and re.search(
        r"\b(?:on|upon|and|at) (?:him|her|it|them)sel(?:f|ves)\b", cast.text
    ):
        yield "roles", f"{beat.what} is not cast on {beat.actor}."


def strangers(beat: Beat, cast: Cast, mentions: Mentions) -> Iterator[Finding]:
    """Names the event does not hold: spells, creatures, weapons, and anything written as a name."""
    what = key_of(" ".join((beat.what, *beat.gained, *beat.freed, *beat.lost, *beat.kept)))
    plain = "".join("·" if letter in cast.names else letter for letter in cast.text)
    for mention in (*mentions.find(plain, ("spell", "creature")), *mentions.find(plain, ("weapon",), any_case=True)):
        acts = _AS_VERB.match(plain, mention.end) and plain[mention.end - 1] == "s"  # "the rapier darts out"
        if (
            mention.key not in what
            and what not in mention.key
            and not acts
            and not (mention.key == "dart" and beat.darts)
        ):
            yield "name", f"{mention.name} has no part in event {beat.number}."
    for match in _WORD.finditer(plain):
        word = match[0]
        own = key_of(re.sub(r"['’]s?$", "", word))
        tested = beat.kind in ("save", "death-save") and own in _ABILITIES
        if not word[0].isupper() or own in what.split() or key_of(word) in what.split() or word == "I" or tested:
            continue
        before = plain[: match.start()].rstrip(" \"'“‘(*_")
        starts = not before or before[-1] in ".!?:;—–\n"
        if not starts:
            yield "name", f'"{word}" is no name of this fight.'
        elif _like_a_name(word, plain[match.end() :]):
            yield "name", f'"{word}" is no name of this fight; begin with a name of it, or with the, a, with, then.'


def _like_a_name(word: str, rest: str) -> bool:
    """A word that begins a sentence, with a verb behind it, and is no ordinary word."""
    bare = re.sub(r"['’].*", "", word).lower()
    if bare in ORDINARY or bare.endswith(("ing", "ly", "ed", "al", "ic", "ous", "ful", "less", "ive", "ish")):
        return False
    return "'s" in word.lower() or "’s" in word.lower() or bool(_VERB.match(rest))
