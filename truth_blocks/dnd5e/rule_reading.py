"""Sentences about conditions and rules, held against every fact of the topic they name."""

from typing import Any

from truth_blocks.dnd5e.checking import included
from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.coverage import statement_of, uncovered
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.prose import clauses, values


def rule_readings(text: str, edition: str, facts: Facts, mentions: Mentions) -> list[tuple[Any, Checked]]:
    """One result per topic named; unverifiable when nothing in the text can be held against the topic."""
    topics = [mention.name for mention in mentions.find(text, ("condition",))] or _rules_in(
        _without_names(text, mentions), edition, facts
    )
    found: list[tuple[Any, Checked]] = []
    for name in list(dict.fromkeys(topics))[:1]:
        rule = facts.rule(edition, name)
        if rule is None:
            continue
        statements = [statement_of(rule, effect) for effect in rule.effects]
        statements += included(facts, rule)
        findings = uncovered(text, statements, edition)
        loose = [v for v in findings if v.rule == "uncovered"]
        wrong = [v for v in findings if v.rule != "uncovered"]
        numbers = {value.text for value in values(text, edition) if value.family == "number"}
        if len(numbers) > 1 and len(findings) > 1:
            # Several figures that are not the table's: an example worked out, which is not judged here.
            loose, wrong = findings, []
        stated = any(_states(clause, edition) for clause in clauses(text))
        verdict: Any = "contradicted" if wrong else ("ok" if stated and not loose else "unverifiable")
        message = (wrong or loose)[0].message if wrong or loose else ""
        expected = message.partition("disagrees with: ")[2] or None
        found.append(
            (
                None,
                Checked(verdict, wrong[0].rule if wrong else f"{rule.kind}.{rule.key}", expected, rule.source, message),
            )
        )
    return found


def _without_names(text: str, mentions: Mentions) -> str:
    """The text without the names of spells and creatures: a flying sword is not the rule on flying."""
    for mention in reversed(mentions.find(text, ("spell", "creature"))):
        text = text[: mention.start] + text[mention.end :]
    return text


def _states(clause: str, edition: str) -> bool:
    """True for a clause with a value to hold against the table: that somebody can or cannot makes nothing true."""
    return any(not value.soft for value in values(clause, edition))


def _rules_in(text: str, edition: str, facts: Facts) -> list[str]:
    """Rule topics a text names, longest spelling first."""
    padded = f" {key_of(text)} "
    aliases = sorted(facts.aliases("rule", edition), key=lambda pair: (-len(pair[0]), pair[0]))
    return [name for alias, name in aliases if f" {alias} " in padded]
