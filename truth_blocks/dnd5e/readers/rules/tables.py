"""Statements that say a fact of the rules table in nearly its own words, with one figure that can be right or wrong."""

import re
from functools import lru_cache

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Effect, Facts, Rule
from truth_blocks.dnd5e.prose import content
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain

_UNITS = {"dc": "dc", "ft": "feet", "h": "hour", "min": "minute", "lb": "pound", "day": "mile", "ac": "ac"}
_MUST_SHARE = 0.8
"""Share of the fact's own words that a statement must have."""
_FREE = frozenset(
    [
        "typical",
        "table",
        "rule",
        "task",
        "srd",
        "edition",
        "per",
        "every",
        "take",
        "need",
        "simply",
        "usual",
        "day",
        "be",
        "get",
        "count",
        "in",
        "normally",
        "character",
    ]
)


def table_statements(text: str, facts: Facts, edition: str) -> list[Checked]:
    """The verdict on a statement that names a fact of the table with one figure; empty when there is no such fact."""
    lowered = re.sub(r"\b(?:srd ?)?5\.[12](?:\.1)?\b", " ", plain(text))
    figs = figures(lowered)
    if len(figs) != 1 or re.search(r"\bnot\b|n't\b|\bno\b|\bnever\b|#|\bunless\b|\bexcept\b", lowered):
        return []
    words = content(lowered)
    best = [(share, rule, effect) for rule, effect, own, unit in _known(facts, edition)
            if unit == _unit(figs[0]) and (share := len(own & words) / len(own)) >= _MUST_SHARE and len(words - own - _FREE) <= 2]  # fmt: skip
    if not best:
        return []
    top = max(share for share, _, _ in best)
    chosen = [(rule, effect) for share, rule, effect in best if share == top]
    if len({effect.value for _, effect in chosen}) > 1:
        return []
    rule, effect = chosen[0]
    if any((word in lowered) != (word in effect.sentence.lower()) for word in ("hour", "minute")):
        return []
    said = float(figs[0].text) if figs[0].kind == "time" else figs[0].value
    right = said == abs(effect.value)
    message = "" if right else f'"{text[:80]}" disagrees with: {effect.sentence}'
    identifier = f"{rule.kind}.{rule.key.replace(' ', '_')}.{effect.field}"
    return [Checked("ok" if right else "contradicted", identifier, effect.value, rule.source, message, rule.title)]


def _unit(figure: Figure) -> str:
    if figure.kind == "time":
        return next((unit for unit in ("hour", "minute") if unit in str(figure.value)), "")
    return figure.kind


@lru_cache(maxsize=4)
def _known(facts: Facts, edition: str) -> list[tuple[Rule, Effect, frozenset[str], str]]:
    """Every fact of the table that is one whole number with a unit, with the words of its sentence."""
    found = []
    for name in facts.names("rule", edition):
        rule = facts.rule(edition, name)
        for effect in rule.effects if rule else ():
            unit = _UNITS.get(effect.field.rpartition("_")[2])
            own = content(effect.sentence)
            sentence = figures(plain(effect.sentence))
            if rule and unit and isinstance(effect.value, int) and len(own) >= 3 and len(sentence) == 1:
                found.append((rule, effect, own, unit))
    return found
