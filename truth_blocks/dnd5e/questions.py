"""From what a person asks to the topic of a rules question, and its facts as short lines."""

from collections.abc import Sequence

from errors import UserMistake
from truth_blocks.contracts import Topic
from truth_blocks.dnd5e.facts import EDITIONS, Facts, Rule, key_of
from truth_blocks.dnd5e.names import Names
from truth_blocks.dnd5e.rule_search import likeliest, ranked
from truth_blocks.dnd5e.values import shown

MOST_RULES = 3
_FEW_WORDS = 2
"""A topic's name with a slip of the finger has no more words; more are a question."""


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
        titles = _closest(facts, names, asked, edition)
    elif not whole and len(asked.split()) > _FEW_WORDS:
        titles += [each for each in likeliest(ranked(facts, edition, asked))[:1] if each not in titles]
    keys = [key for title in titles[:MOST_RULES] if (key := _rule_key(facts, edition, title))]
    free = "" if whole or key_of(asked) == key_of(titles[0]) else " ".join(asked.split())
    identity = f"dnd.rule:{'+'.join(keys)}" + (f":{key_of(free)}" if free else "")
    subject = {"rules": keys, "asked": free}
    return Topic("dnd.rule", identity, edition, f"{titles[0]} · SRD {edition}", subject)


def _rule_key(facts: Facts, edition: str, title: str) -> str | None:
    rule = facts.rule(edition, title)
    return rule.key if rule else None


def _closest(facts: Facts, names: Names, asked: str, edition: str) -> list[str]:
    """A near spelling, or the topics a question is about; otherwise a mistake that says where else the topic stands.

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
    if len(asked.split()) <= _FEW_WORDS:
        return [names.resolve(asked)[0]]
    found = ranked(facts, edition, asked)
    if best := likeliest(found):
        return best
    shown = ", ".join(title for _, title in found[:3])
    said = " ".join(asked.split())[:60]
    hint = f"Closest: {shown}." if shown else "Try other words: topics are suggested as you type."
    raise UserMistake(f'"{said}" names no topic of the rules of SRD {edition}. {hint}')


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
