"""What a narration says became of it: hits, saves, deaths, healing, concentration, types and conditions."""

import re
from collections.abc import Iterator

from truth_blocks.dnd5e.combat import wording as w
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.conditions import CONDITIONS
from truth_blocks.dnd5e.combat.harm import DAMAGE_TYPES
from truth_blocks.dnd5e.combat.told_names import Cast

Finding = tuple[str, str]
_HEALING = re.compile(r"(?i)cur|heal|restor|prayer|regener|aid|goodberry")
"""Names of spells that may heal when they are cast."""
_HEALED = w.words(r"regain\w*", "heals?", "healed", "healing", r"wounds? (?:closes?|heals?|knits?|mends?|seals?)")
_SUBJECT = re.compile(r"\b(?:he|she|it|they)\b")


def outcomes(beat: Beat, text: str, cast: Cast) -> Iterator[Finding]:
    """Attacks and saves, criticals, healing and its reverse."""
    missed, not_missed = w.asserted(w.MISS, _without_evasion(beat, text, cast) if beat.success else text)
    hit, not_hit = w.asserted(w.HIT, text)
    missed, hit = missed or not_hit, hit or not_missed
    if w.CRIT.search(text) and not beat.crit:
        yield "outcome", f"Event {beat.number} is no critical hit."
    if beat.kind == "attack":
        if beat.success and missed:
            yield "outcome", f"The attack of event {beat.number} hits."
        if not beat.success and (hit or not (missed or w.MISS_TOO.search(text))):
            yield "outcome", f"The attack of event {beat.number} misses and wounds nobody: say that it misses."
    if beat.unhurt and w.asserted(w.HURTS, text)[0]:
        yield "outcome", f"Nothing is lost in event {beat.number}."
    if beat.kind == "save" and beat.shares and not beat.unhurt and w.UNHARMED.search(text):
        yield "outcome", f"Event {beat.number} does harm."
    if beat.kind == "damage" and not beat.unhurt and w.asserted(w.NO_HARM, text)[0]:
        yield "outcome", f"Event {beat.number} does harm."
    yield from _saves(beat, text)
    yield from _gains(beat, text)
    yield from _comes_about(beat, text, cast)


def _without_evasion(beat: Beat, text: str, cast: Cast) -> str:
    """The text without what whoever attacks does to get there (*Mira ducks under the shield and …*)."""
    actor = cast.letters([beat.actor])
    if not re.search(r"\b(?:not|cannot|never|unable|fails?)\b|n['’]t\b", text):
        text = w.GETS_PAST.sub(" ", text)
    return re.sub(rf"{actor},? (?:\w+ )?(?:{w.EVADES})\b[^.;,]*?(?= and |[.;,]|$)", " ", text)


def _saves(beat: Beat, text: str) -> Iterator[Finding]:
    if beat.kind not in ("save", "death-save"):
        return
    made, not_made = w.asserted(w.MADE, text)
    failed, not_failed = w.asserted(w.FAILED, text)
    made, failed = made or not_failed, failed or not_made
    if failed if beat.success else made:
        yield "outcome", f"The save of event {beat.number} is {'made' if beat.success else 'failed'}."
    if beat.kind == "death-save" and not beat.numbers and w.asserted(w.WAKES, text)[0]:
        yield "outcome", f"Nobody wakes in event {beat.number}."
    if "stable" in text and not beat.stable:
        yield "outcome", f"Nobody becomes stable in event {beat.number}."


def _gains(beat: Beat, text: str) -> Iterator[Finding]:
    """Healing is no loss, a loss no healing."""
    if beat.kind in ("heal", "temp"):
        yield from _healed(beat, text)
    elif beat.kind == "relief" or (beat.kind == "death-save" and beat.numbers):
        if w.FULLY.search(text) or w.MADE_WHOLE.search(text):
            yield "outcome", f"Event {beat.number} heals no wounds."
        if beat.numbers and w.LIES_STILL.search(text):
            yield "outcome", f"{', '.join(beat.targets)} wakes in event {beat.number}."
    elif beat.kind in ("death-save", "again") or (beat.kind == "cast" and _HEALING.search(beat.what)):
        return
    elif w.asserted(w.HEALS, text)[0]:
        yield "outcome", f"Nobody is healed in event {beat.number}."


def _healed(beat: Beat, text: str) -> Iterator[Finding]:
    """Hit points come back, or temporary ones are given, and nothing else."""
    if w.asserted(w.LOSES, text)[0]:
        yield "outcome", f"Nothing is lost in event {beat.number}."
    if beat.kind == "heal" and w.OTHER_HEALING.search(text):
        yield "outcome", f"Event {beat.number} gives hit points back and nothing else."
    if beat.kind == "heal" and w.FULLY.search(text):
        yield "outcome", f"Event {beat.number} does not say how much is still missing."
    if beat.kind == "temp" and w.asserted(_HEALED, text)[0]:
        yield "outcome", f"Event {beat.number} gives temporary hit points and heals nothing."


def _comes_about(beat: Beat, text: str, cast: Cast) -> Iterator[Finding]:
    """A spell that was cast, a condition that ended, somebody who waits or leaves: the text does not take it back."""
    if beat.kind in ("cast", "again") and w.asserted(w.FIZZLES, text)[0]:
        yield "outcome", f"{beat.what} is cast in event {beat.number}."
    if beat.kind in ("cast", "again") and w.asserted(w.ESCAPES, text)[0]:
        yield "outcome", f"Event {beat.number} does not say who escapes {beat.what}."
    if beat.kind in ("cast", "again") and len(beat.targets) > 1 and re.search(r"\b(?:alone|only)\b", text):
        yield "roles", f"{beat.what} is cast on {', '.join(beat.targets)}."
    if beat.kind == "relief" and w.asserted(w.GOES_ON, text)[0]:
        yield "condition", f"It ends in event {beat.number}."
    strikes = re.search(rf"[{''.join(cast.names)}] (?:\w+ly )?(?:{w.STRIKES})\b", text)
    if beat.kind in ("ready", "use", "leave") and (strikes or w.asserted(w.HIT, text)[0]):
        yield "outcome", f"Nothing is struck in event {beat.number}."
    if beat.kind == "leave" and w.asserted(w.RETURNS, text)[0]:
        yield "outcome", f"{', '.join(beat.targets)} leaves in event {beat.number}."


def fates(beat: Beat, text: str, cast: Cast, players: frozenset[str]) -> Iterator[Finding]:
    """Deaths and falls: none left out, none made up, and of the right one."""
    text = w.IDIOMS.sub(" ", text)
    died, not_died = w.asserted(w.DEATH, text)
    died = (
        died
        or (bool(w.FINAL.search(text)) and not beat.fell)
        or bool(re.search(rf"\b(?:{w.KILLS}) (?:the )?[{''.join(cast.names)}]", text))
    )
    fell, _ = w.asserted(w.FALL, text)
    alive = w.asserted(w.ALIVE, text)[0] or not_died
    if died and not beat.died:
        yield "death", f"Nobody dies in event {beat.number}." if not beat.fell else _fallen(beat)
    prone = "prone" in (beat.what, *beat.gained)
    if fell and not (beat.fell or beat.died or prone or beat.kind == "death-save"):
        yield "death", f"Nobody falls in event {beat.number}."
    if beat.died:
        if not (died or fell or w.asserted(w.DEATH_TOO, text)[0]):
            yield "death", f"Say that {', '.join(beat.died)} dies."
        if alive or w.DOWN.search(text):
            yield "death", f"{', '.join(beat.died)} dies; nothing of it is left open."
    if beat.fell:
        if not fell:
            yield "death", f"Say that {', '.join(beat.fell)} falls."
        if w.asserted(w.words(r"(?:stays?|remains?) (?:up|standing|on \w+ feet)", "fights? on", "unhurt"), text)[0]:
            yield "death", f"{', '.join(beat.fell)} falls."
    if re.search(r"\bboth (?:die|fall)", text) and len((*beat.died, *beat.fell)) < 2:
        yield "death", f"Not both of them fall in event {beat.number}."
    if beat.died or beat.fell:
        yield from _whose(beat, text, cast, players)


def _fallen(beat: Beat) -> str:
    return f"{', '.join(beat.fell)} falls but is not dead."


def _whose(beat: Beat, text: str, cast: Cast, players: frozenset[str]) -> Iterator[Finding]:
    """Who dies or falls in a sentence is its last name before the word, or a pronoun that fits."""
    down = {*beat.died, *beat.fell}
    letters = "".join(cast.names)
    for match in re.finditer(rf"\b(?:{w.KILLS}|turns?|turning) (?:the )?([{letters}])", text):
        if cast.names[match[1]] not in down:
            yield "roles", f"It is {', '.join(sorted(down))} who falls in event {beat.number}."
    for match in w.GOES_DOWN.finditer(text):
        before = re.split(r"[.!?]", text[: match.start()])[-1]
        names = [place for place, letter in enumerate(before) if letter in letters]
        free = [place for place in names if before[place + 1 : place + 3] not in ("'s", "’s")]
        meant = {cast.names[before[places[-1]]] for places in (names, free) if places}
        pronoun = max((found.start() for found in _SUBJECT.finditer(before)), default=-1)
        if pronoun > max(names, default=-1):
            word = _SUBJECT.match(before, pronoun)
            if word is not None and not _fits(word[0], down, players, beat):
                yield "roles", f'"{word[0]}" may be somebody else: say that {", ".join(sorted(down))} falls.'
        elif meant and not meant & down:
            yield "roles", f"It is {', '.join(sorted(down))} who falls in event {beat.number}."


def _fits(pronoun: str, down: set[str], players: frozenset[str], beat: Beat) -> bool:
    """*It* is no player, *he* and *she* no monster where a player acts on it."""
    if pronoun == "it":
        return not down <= players
    return pronoun == "they" or bool(down & players) or beat.actor not in players


def concentration(beat: Beat, text: str, cast: Cast) -> Iterator[Finding]:
    """Whether a spell was kept or lost."""
    lost, not_lost = w.asserted(w.LOST_IT, text)
    kept, _ = w.asserted(w.KEPT_IT, text)
    if beat.lost and beat.kind not in ("cast", "spell-end") and (kept or not_lost):
        yield "outcome", f"Concentration on {', '.join(beat.lost)} ends in event {beat.number}."
    other = re.search(rf"([{''.join(cast.names)}]),? (?:\w+ly )?{w.LETS_GO}", text)
    if other and beat.lost and beat.targets and cast.names[other[1]] != beat.targets[0]:
        yield "roles", f"It is {beat.targets[0]} who loses concentration in event {beat.number}."
    if lost and not beat.lost and (beat.kept or "concentration" in text):
        yield "outcome", f"No concentration ends in event {beat.number}."


def types(beat: Beat, text: str) -> Iterator[Finding]:
    """Damage types, named or painted, and conditions."""
    kinds = {kind for kind, _ in beat.shares}
    for kind in DAMAGE_TYPES:
        if kind not in kinds and re.search(rf"\b{kind} damage\b|\d (?:points? of )?(?:\w+ (?:and|or) )?{kind}\b", text):
            yield "damage-type", f"There is no {kind} damage in event {beat.number}."
    for kind, painted in w.IMAGES.items():
        seen = {found[0] for found in painted.finditer(text)}
        if kind == "fire" and kinds & {"radiant", "acid", "lightning", "necrotic", "cold"}:
            seen = {word for word in seen if not word.startswith("burn")}
        if kinds and kind not in kinds and seen and not (kind == "poison" and "poisoned" in beat.gained):
            yield "damage-type", f"There is nothing of {kind} in event {beat.number}."
    mine = {beat.what, *beat.gained, *beat.freed}
    for condition in CONDITIONS:
        fallen = condition in ("unconscious", "prone") and (beat.fell or beat.died or beat.kind == "death-save")
        image = (
            r"(?! (?:chains?|hands?|force|threads?|bonds?|grip|fingers|strings?|walls?))"
            if condition == "invisible"
            else ""
        )
        if condition not in mine and not fallen and re.search(rf"\b{condition}\b{image}", text):
            yield "condition", f"Nobody becomes {condition} in event {beat.number}."
    still = re.search(r"\b(?:still|remains?|stays|becomes?)\b.{0,20}σ|σ again|\bis σ(?! no)", text)
    if beat.freed and still:
        yield "condition", f"It ends in event {beat.number}."
    if beat.kind == "condition" and w.ENDED.search(text):
        yield "condition", f"It begins in event {beat.number}."
