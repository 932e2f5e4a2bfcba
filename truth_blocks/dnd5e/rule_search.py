"""A question in plain words to the topic of the rules it is most likely about."""

import tomllib
from collections import Counter
from functools import lru_cache
from math import log
from pathlib import Path

from truth_blocks.dnd5e.facts import Facts, key_of

_OWN = 3.0
"""Weight of a word of a topic's own names or of those people ask with, beside one of its sentences."""
_ENOUGH = 4.2
"""The score of one rare word of a topic's own."""
_NEAR = 0.8
"""Topics with so much of the best one's score are meant as well."""
_MOST = 3


def ranked(facts: Facts, edition: str, question: str) -> list[tuple[float, str]]:
    """Topics by how well their words fit a question, best first; only those with a word of it."""
    own, said, rarity = _index(facts, edition)
    small, _ = _words()
    asked = {word for word in key_of(question[:300]).split() if word not in small and (len(word) > 1 or word.isdigit())}
    scores: dict[str, float] = {}
    for word in asked:
        for title, stems in own.items():
            if any(word.startswith(stem) for stem in stems):
                scores[title] = scores.get(title, 0) + _OWN * rarity.get(word[:5], 1.5)
            elif word[:5] in said[title]:
                scores[title] = scores.get(title, 0) + rarity.get(word[:5], 1.0)
    return sorted(((score, title) for title, score in scores.items()), key=lambda pair: (-pair[0], pair[1]))


def likeliest(found: list[tuple[float, str]]) -> list[str]:
    """The topics that stand out among ranked ones: one to three, or none."""
    if not found or found[0][0] < _ENOUGH:
        return []
    near = [title for score, title in found if score >= _NEAR * found[0][0]]
    return near if len(near) <= _MOST else []


@lru_cache(maxsize=1)
def _words() -> tuple[frozenset[str], dict[str, list[str]]]:
    """Words that say nothing, and those in which people ask about a topic."""
    table = tomllib.loads(Path(__file__).with_name("rule_words.toml").read_text("utf-8"))
    return frozenset(table["small"]), table["topics"]


@lru_cache(maxsize=2)
def _index(facts: Facts, edition: str) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], dict[str, float]]:
    """Stems of each topic's names, beginnings of the words of its sentences, and how rare each beginning is."""
    small, asked = _words()
    own: dict[str, set[str]] = {}
    for kind in ("condition", "rule"):
        for alias, title in facts.aliases(kind, edition):
            own.setdefault(title, set()).update(word for word in alias.split() if word not in small)
    said = {}
    for title in own:
        own[title] |= set(asked.get(title, ()))
        rule = facts.rule(edition, title)
        words = key_of(" ".join(effect.sentence for effect in rule.effects)).split() if rule else []
        said[title] = frozenset(word[:5] for word in words if word not in small)
    seen = Counter(word for words in said.values() for word in words)
    rarity = {word: log((len(said) + 1) / count) / 2 for word, count in seen.items()}
    return {title: frozenset(words) for title, words in own.items()}, said, rarity
