"""Holding a draft against the facts: its claims first, then the coverage of its prose."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.contracts import Report, Violation
from truth_blocks.dnd5e.claims import Checked, check_claim, subject_of
from truth_blocks.dnd5e.coverage import Statement, statement_of, uncovered, unsupported
from truth_blocks.dnd5e.drafts import Draft
from truth_blocks.dnd5e.facts import Facts, Rule, key_of
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.prose import Value, content, values
from truth_blocks.dnd5e.reading import claims_in
from truth_blocks.dnd5e.values import shown

_REJECTED = ("claim.malformed", "claim.unknown-field")


def check_draft(facts: Facts, mentions: Mentions, rules: Sequence[Rule], draft: Draft) -> Report:
    """The verdict on a rules draft; ``rules`` is the topic first, then what else the question names."""
    edition = rules[0].edition
    results = [check_claim(facts, claim, edition) for claim in draft.claims]
    violations: list[Violation] = []
    unverifiable: list[Violation] = []
    for place, (claim, result) in enumerate(zip(draft.claims, results, strict=True)):
        finding = _finding(claim, result, f"claims[{place}]", rules, draft.answer)
        if finding is not None and finding[0]:
            violations.append(finding[1])
        elif finding is not None:
            unverifiable.append(finding[1])
    carrying = [(c, r) for c, r in zip(draft.claims, results, strict=True) if r.verdict != "contradicted"]
    statements = list(_statements(facts, rules, carrying, edition))
    if not any(s.claimed and s.rule.startswith(f"{rules[0].kind}.{_slug(rules[0])}.") for s in statements):
        violations.append(Violation("no-claims", "claims", f"No checked claim is about {rules[0].title}."))
    violations += uncovered(draft.answer, statements, edition)
    violations += _names(facts, mentions, rules, carrying, statements, draft.answer)
    unverifiable += unsupported(draft.answer, statements)
    read, wrong = _read_from_prose(facts, mentions, draft.answer, edition)
    decided = [result for result in results if result.verdict != "unverifiable"]
    good = sum(result.verdict == "ok" for result in decided)
    sources = tuple(dict.fromkeys([rules[0].source, *(r.source for r in results if r.verdict == "ok")]))
    checkable = len(decided) + read
    return Report(checkable, good + read - len(wrong), tuple(violations + wrong), tuple(unverifiable), sources)


def _slug(rule: Rule) -> str:
    return rule.key.replace(" ", "_")


def _finding(
    claim: Mapping[str, Any], result: Checked, where: str, rules: Sequence[Rule], prose: str
) -> tuple[bool, Violation] | None:
    """What is wrong with a claim, and whether that rejects the draft."""
    if result.verdict == "contradicted":
        return True, Violation(result.rule, where, result.message)
    if result.rule in _REJECTED or result.rule.startswith("unknown-"):
        return True, Violation(result.rule, where, result.message)
    if claim.get("edition", rules[0].edition) != rules[0].edition:
        return True, Violation("edition", where, f"The question is about SRD {rules[0].edition}.")
    if not _on_topic(claim, rules, prose):
        return True, Violation("off-topic", where, f"This claim has nothing to do with {rules[0].title}.")
    if result.verdict == "unverifiable":
        return False, Violation(result.rule, where, result.message)
    return None


def _on_topic(claim: Mapping[str, Any], rules: Sequence[Rule], prose: str) -> bool:
    """About the topic, something related to it, a calculation that belongs to it, or something the prose names."""
    if claim.get("type") == "calc":
        return any(claim.get("op") in rule.operations for rule in rules)
    subject = subject_of(claim)
    if subject is None:
        return False
    near = {name for rule in rules for name in (rule.key, key_of(rule.title), *map(key_of, rule.related))}
    name = key_of(subject[1])
    return name in near or f" {name} " in f" {key_of(prose)} "


def _statements(
    facts: Facts, rules: Sequence[Rule], claims: Sequence[tuple[Mapping[str, Any], Checked]], edition: str
) -> Iterator[Statement]:
    """All facts of the topics, marked as claimed or not, and every other claim that held."""
    claimed: dict[tuple[str, str], Rule] = {}
    for claim, result in claims:
        if result.verdict != "ok":
            if result.rule not in _REJECTED and not result.rule.startswith("unknown-"):
                yield _statement(claim, result, edition)
            continue
        subject = subject_of(claim)
        rule = facts.rule(edition, subject[1]) if subject and subject[0] in ("condition", "rule") else None
        if rule is None:
            yield _statement(claim, result, edition)
            continue
        claimed |= {(rule.key, field): rule for field in claim if rule.effect(field)}
    topics = {rule.key: rule for rule in [*rules, *claimed.values()]}
    for rule in topics.values():
        for effect in rule.effects:
            yield statement_of(rule, effect, (rule.key, effect.field) in claimed)
        yield from included(facts, rule)


def included(facts: Facts, rule: Rule) -> Iterator[Statement]:
    """What the conditions that come with this one allow and deny: the unconscious are incapacitated."""
    effect = rule.effect("includes")
    names = effect.value if effect and isinstance(effect.value, list) else [effect.value] if effect else []
    for name in names:
        other = facts.rule(rule.edition, name)
        for each in other.effects if other else ():
            found = statement_of(other, each, claimed=False) if other else None
            if found is not None and found.permissions:
                yield Statement(found.rule, found.words, (), found.permissions, found.expected, claimed=False)


def _statement(claim: Mapping[str, Any], result: Checked, edition: str) -> Statement:
    """A calculation, or a fact about a spell, creature or thing, as prose is held against it."""
    parts = [f"{name.replace('_', ' ')} {shown(value)}" for name, value in claim.items() if name != "type"]
    text = ". ".join(parts)
    found = list(values(text, edition))
    found += [Value("number", 0.0, "cantrip")] if claim.get("level") == 0 else []
    return Statement(result.rule, content(text.replace(" ft", " feet").replace("_", " ")), tuple(found))


def _names(
    facts: Facts,
    mentions: Mentions,
    rules: Sequence[Rule],
    claims: Sequence[tuple[Mapping[str, Any], Checked]],
    statements: Sequence[Statement],
    prose: str,
) -> Iterator[Violation]:
    """Known names in the prose that neither the question, nor a claim, nor a claimed fact brings in."""
    carried = {key_of(name) for rule in rules for name in (rule.key, rule.title, *rule.related)}
    for claim, _ in claims:
        subject = subject_of(claim)
        carried |= {key_of(subject[1])} if subject else set()
        carried |= {key_of(str(v)) for value in claim.values() for v in (value if isinstance(value, list) else [value])}
    spoken = " ".join([statement.expected for statement in statements if statement.claimed])
    carried |= {mention.key for mention in mentions.find(spoken, any_case=True)}
    for mention in {m.key: m for m in mentions.find(prose)}.values():
        if mention.key not in carried:
            said = f'"{prose[mention.start : mention.end]}" ({mention.kind.replace("_", " ")})'
            yield Violation("uncovered", "prose", f"{said} is named by no checked claim; claim it or leave it out.")


def _read_from_prose(facts: Facts, mentions: Mentions, prose: str, edition: str) -> tuple[int, list[Violation]]:
    """Claims that can be read from the prose itself: how many were decided, and those that are wrong."""
    decided, wrong = 0, []
    for reading in claims_in(prose, facts, mentions, edition):
        result = reading.judged(facts, edition)
        decided += result.verdict != "unverifiable"
        if result.verdict == "contradicted":
            wrong.append(Violation(result.rule, "prose", result.message))
    return decided, wrong
