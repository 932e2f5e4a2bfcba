"""From what a person asks to a topic: rules questions, and free text that plainly names something."""

import re
from collections.abc import Callable, Mapping, Sequence

from errors import UserMistake
from truth_blocks.contracts import Question, Topic
from truth_blocks.dnd5e.facts import EDITIONS, Facts, Rule, key_of
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.values import shown

NamesOf = Callable[[str, str], Names]
MOST_RULES = 3
_GAME = re.compile(
    r"\b(?:d&d|dnd|dungeons|5e|5\.[12]|srd|spells?|cantrips?|monster|creature|saving throws?|cast|casting|hit points"
    r"|stat ?block|grappl\w*|armou?r class|initiative|opportunity attacks?)\b"
)
_EDITION = re.compile(r"\b(5\.[12])\b|\b(2014|2024)\b")
_EVERYDAY = """
action actions attack light vision speed rest rests search study help hide ready magic save saves cover
movement moving travel pace object mount riding climb swim jump fall objects reactions reaction potion potions
components proficiency dc ritual rituals torch candle lamp initiative inspiration influence charmed invisible
resistance immunity advantage disadvantage falling surprise surprised dash dodge mastery crawl
"""
_AMBIGUOUS = frozenset(_EVERYDAY.split())
"""Everyday words: alone they do not make a question one about the game."""


def rules_named(names: Names, text: str) -> list[tuple[str, str]]:
    """Topics that a text names with the spelling it uses, the longest at each place, in the order they stand."""
    words = key_of(text[:300]).split()
    found: dict[str, str] = {}
    place = 0
    while place < len(words):
        for size in range(min(6, len(words) - place), 0, -1):
            spelling = " ".join(words[place : place + size])
            if (name := names.by_alias.get(spelling)) is not None:
                found.setdefault(name, spelling)
                place += size - 1
                break
        place += 1
    return list(found.items())


def rule_topic(facts: Facts, names: Names, asked: str, edition: str) -> Topic:
    """The topic of a rules question: one or more entries of the table.

    Raises:
        UserMistake: nothing in the table is named; the text says what is closest.
    """
    whole = names.by_alias.get(key_of(asked))
    titles = [whole] if whole else [name for name, _ in rules_named(names, asked)]
    if not titles:
        titles = [_closest(facts, names, asked, edition)]
    keys = [key for title in titles[:MOST_RULES] if (key := _rule_key(facts, edition, title))]
    free = "" if whole or key_of(asked) == key_of(titles[0]) else " ".join(asked.split())
    identity = f"dnd.rule:{'+'.join(keys)}" + (f":{key_of(free)}" if free else "")
    subject = {"rules": keys, "asked": free}
    return Topic("dnd.rule", identity, edition, f"{titles[0]} · SRD {edition}", subject)


def _rule_key(facts: Facts, edition: str, title: str) -> str | None:
    rule = facts.rule(edition, title)
    return rule.key if rule else None


def _closest(facts: Facts, names: Names, asked: str, edition: str) -> str:
    """A near spelling; otherwise a mistake that says where else the topic stands.

    Raises:
        UserMistake: no topic is close.
    """
    other = next(each for each in EDITIONS if each != edition)
    elsewhere = facts.rule(other, asked[:100])
    if elsewhere is not None:
        raise UserMistake(
            f"{elsewhere.title} is not among the rules of SRD {edition}; it is in SRD {other}. "
            f"Ask with edition: {other}."
        )
    return names.resolve(asked)[0]


def fact_lines(rules: Sequence[Rule], token_bound: int) -> list[dict[str, str]]:
    """Facts as short lines with ids, cut at about ``token_bound`` tokens (characters ÷ 3.5)."""
    lines: list[dict[str, str]] = []
    left = int(token_bound * 3.5)
    for rule in rules:
        for effect in rule.effects:
            line = {"id": f"f{len(lines) + 1}", "subject": rule.kind, "name": rule.key, "field": effect.field}
            line |= {"value": shown(effect.value), "text": effect.sentence}
            left -= sum(len(text) for text in line.values()) + 30
            if left < 0 and lines:
                return lines
            lines.append(line)
    return lines


def recognise(text: str, names_of: NamesOf, mentions: Mapping[str, Mentions], default: str) -> Question | None:
    """The question a free text plainly asks; None when it could be about something else."""
    if len(text) > 300:
        return None
    edition = _edition(text)
    options = {"edition": edition} if edition else {}
    chosen = edition or default
    lowered = text.lower()
    about_game = _GAME.search(lowered) is not None
    plain = re.sub(
        r"^(?:what (?:is|are|does)|how (?:does|do)|tell me about|explain|show me)\s+(?:an?|the)?\s*", "", lowered
    )
    bare = key_of(plain)
    for task, kind, option in (("dnd.spell", "spell", "name"), ("dnd.monster", "creature", "name")):
        named = _named(
            mentions[chosen].find(text, (kind,), any_case=about_game), bare, names_of(kind, chosen), about_game
        )
        if named is not None and not _is_rule(names_of("rule", chosen), bare):
            return Question(task, {option: named, **options})
    rules = rules_named(names_of("rule", chosen), text)
    if rules and (about_game or any(spelling not in _AMBIGUOUS for _, spelling in rules)):
        return Question("dnd.rule", {"topic": " ".join(text.split()), **options})
    return None


def _edition(text: str) -> str | None:
    found = _EDITION.search(text)
    if found is None:
        return None
    return found[1] or {"2014": "5.1", "2024": "5.2"}[found[2]]


def _is_rule(names: Names, bare: str) -> bool:
    return bare in names.by_alias


def _named(found: Sequence[Mention], bare: str, names: Names, about_game: bool) -> str | None:
    """A single name that is the whole question, or stands in a sentence about the game."""
    whole = names.by_alias.get(bare)
    if whole is not None and (" " in bare or about_game):
        return whole
    distinct = list(dict.fromkeys(mention.name for mention in found))
    return distinct[0] if len(distinct) == 1 and (about_game or " " in distinct[0]) else None
