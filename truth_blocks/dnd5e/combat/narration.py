"""``/combat narrate`` behind the `TruthBlock` protocol: the engine's log is the truth, the draft tells it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from errors import UserMistake
from truth_blocks.contracts import Brief, Command, LookUp, Presented, Question, Report, Topic, Violation
from truth_blocks.dnd5e.combat import holding
from truth_blocks.dnd5e.combat.beats import Beat
from truth_blocks.dnd5e.combat.commands import NARRATE
from truth_blocks.dnd5e.combat.conditions import CONDITIONS
from truth_blocks.dnd5e.combat.engine import ENGINE_VERSION
from truth_blocks.dnd5e.facts import DATA, EDITIONS, Facts
from truth_blocks.dnd5e.mentions import Mentions


class Excerpt(msgspec.Struct, frozen=True):
    """What is to be told: the beats since the last narration, and who is in the fight."""

    combat: int
    edition: str
    first: int
    """Entries of the log told before."""
    last: int
    """Entries of the log told after this."""
    round: int
    names: tuple[str, ...]
    beats: tuple[Beat, ...]
    players: tuple[str, ...] = ()


class CombatBlock:
    """Narrations of fights; its only source is the excerpt that comes with the question."""

    name = "combat"
    version = f"engine {ENGINE_VERSION}, checks 3"
    commands: Sequence[Command] = (NARRATE,)

    def __init__(self, path: Path = DATA) -> None:
        self._facts = Facts(path)
        self._mentions = {edition: Mentions(self._facts, edition) for edition in EDITIONS}

    def recognise(self, text: str) -> Question | None:
        """Never: a fight is narrated by its own command."""
        return None

    def resolve(self, question: Question) -> Topic:
        """The excerpt as a topic; its key is unlike any other, so that no narration is served twice.

        Raises:
            UserMistake: nothing happened since the last narration.
        """
        try:
            excerpt = msgspec.json.decode(question.options.get("excerpt", ""), type=Excerpt)
        except msgspec.MsgspecError:
            raise UserMistake("There is no fight here to narrate. Start one with /combat start.") from None
        if not excerpt.beats:
            raise UserMistake("Nothing happened since the last narration.")
        key = f"combat.narrate:{excerpt.combat}:{excerpt.first}:{excerpt.last}"
        title = f"Round {excerpt.round} · SRD {excerpt.edition}"
        subject: Mapping[str, Any] = msgspec.to_builtins(excerpt)
        return Topic("combat.narrate", key, excerpt.edition, title, subject, cacheable=False)

    def look_up(self, topic: Topic) -> LookUp | None:
        """Never: it is drafted."""
        return None

    def brief(self, topic: Topic, token_bound: int) -> Brief:
        """The beats, each with what it may name and number."""
        excerpt = _excerpt(topic)
        variables = {"edition": excerpt.edition, "beats": excerpt.beats, "names": excerpt.names}
        return Brief("combat_narrate", variables, (_source(excerpt),))

    def draft_schema(self, task_type: str) -> Mapping[str, Any]:
        """One text for each event."""
        return holding.SCHEMA

    def check(self, topic: Topic, draft: str) -> Report:
        """Hold every beat against the log. Raises DraftMalformed."""
        excerpt = _excerpt(topic)
        found, held = holding.hold(
            excerpt.beats, excerpt.names, excerpt.players, holding.read(draft), self._mentions[excerpt.edition]
        )
        return Report(len(excerpt.beats), held, tuple(found), citations=(_source(excerpt),))

    def present(self, topic: Topic, draft: str) -> Presented:
        """The texts as one paragraph."""
        text = " ".join(" ".join(told.text.split()) for told in holding.read(draft).narration)
        return Presented(f"**{topic.title}**\n{text}")

    def draft_offline(self, topic: Topic, findings: Sequence[Violation]) -> str:
        """Plain sentences by rule."""
        told = [{"event": beat.number, "text": sentence(beat)} for beat in _excerpt(topic).beats]
        return msgspec.json.encode({"narration": told}).decode()

    def fallback(self, topic: Topic) -> LookUp:
        """The engine's own lines."""
        excerpt = _excerpt(topic)
        return LookUp(f"**{topic.title}**\n" + "\n".join(beat.line for beat in excerpt.beats), (_source(excerpt),))

    def suggest(self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str]) -> list[str]:
        """Nothing to complete."""
        return []


def _excerpt(topic: Topic) -> Excerpt:
    return msgspec.convert(topic.subject, Excerpt)


def _source(excerpt: Excerpt) -> str:
    return f"log of fight {excerpt.combat}, commands {excerpt.first + 1} to {excerpt.last}"


_HITS = ("{actor} strikes {target} with {what}", "{actor} finds an opening, and {what} reaches {target}")
_MISSES = (
    "{actor} goes for {target} with {what} and misses",
    "{actor} attacks {target} with {what}, and the attack goes wide",
)


_TOLD = {
    "again": "the {what} of {actor} reaches {target}", "heal": "{target} gathers new strength",
    "temp": "{target} is warded", "condition": "{target} is now {state}", "relief": "{target} is no longer {state}",
    "death-save": "{target} fights for life", "use": "{actor} uses {what}", "ready": "{actor} watches and waits",
    "leave": "{target} leaves the fight", "back": "{target} is back in the fight",
    "spell-end": "{actor} lets go of {what}", "unaffected": "{target} is not affected",
    "fate": "{target} is not what they were",
}  # fmt: skip


def sentence(beat: Beat) -> str:
    """One beat told plainly; varied by its number, always true to it."""
    targets = " and ".join(beat.targets)
    if beat.kind == "attack":
        form = (_HITS if beat.success else _MISSES)[beat.number % 2]
    elif beat.kind == "cast":
        form = "{actor} casts {what}" + (" on {target}" if beat.targets else "")
    elif beat.kind == "save":
        form = "{target} " + ("withstands" if beat.success else "succumbs to") + (" {what}" if beat.what else " it")
    elif beat.kind == "damage":
        form = "{target} " + ("shows no sign of it" if beat.unhurt else "is hurt")
    else:
        form = _TOLD[beat.kind]
    text = form.format(actor=beat.actor, target=targets, what=_what(beat), state=_state(beat))
    fates = [f"{who} dies" for who in beat.died] + [f"{who} falls" for who in beat.fell]
    return " and ".join([text, *fates]) + "."


def _what(beat: Beat) -> str:
    if beat.kind == "attack":
        return beat.what.lower() if beat.what else "an attack"
    return beat.what


def _state(beat: Beat) -> str:
    """A condition, or the spell somebody is under."""
    if beat.what in CONDITIONS:
        return "exhausted" if beat.what == "exhaustion" else beat.what
    return f"under {beat.what}"
