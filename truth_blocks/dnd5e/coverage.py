"""Coverage of prose: every number, value word and known name must be carried by something that was checked.

A clause is matched to the statements (table facts and checked claims) it shares most words with. Only the best match
may carry a value, so that a true figure cannot lend itself to another fact: "half cover adds 5" is not carried by the
5 of three-quarters cover.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from truth_blocks.contracts import Violation
from truth_blocks.dnd5e.facts import Effect, Rule, key_of
from truth_blocks.dnd5e.prose import (
    AT_LEVEL,
    UNITS,
    Permission,
    Value,
    clauses,
    content,
    permissions,
    sentences,
    values,
)
from truth_blocks.dnd5e.values import shown

_DENIED_NEXT = re.compile(r"(?:\bnot|\bnever|n't)\s+(?:(?:at|be|have|really|just)\s+)?$", re.I)


class Statement(msgspec.Struct, frozen=True):
    """Something checked, as prose is held against it."""

    rule: str
    words: frozenset[str]
    values: tuple[Value, ...]
    permissions: tuple[Permission, ...] = ()
    expected: str = ""
    claimed: bool = True
    """False for a fact of the topic that no claim of the draft names: it competes for a clause but carries nothing."""


def statement_of(rule: Rule, effect: Effect, claimed: bool = True) -> Statement:
    """A fact of the rules table."""
    text = f"{effect.field.replace('_', ' ')}. {shown(effect.value)}. {effect.sentence}"
    permitted = list(permissions(effect.sentence))
    if effect.field == "speed_ft" and effect.value == 0:
        permitted.append(Permission(False, "mov", ""))
    if effect.field == "uses":
        permitted += permissions(f"It can take {effect.value}")
    identifier = f"{rule.kind}.{rule.key.replace(' ', '_')}.{effect.field}"
    found = list(values(effect.sentence, rule.edition))
    # The bare value is added only when the sentence does not say it: in the sentence it has its unit.
    found += [v for v in values(_with_unit(effect), rule.edition) if v.value not in {known.value for known in found}]
    return Statement(identifier, content(text), tuple(found), tuple(permitted), effect.sentence, claimed)


def _with_unit(effect: Effect) -> str:
    """The value with the unit that ends its field: ``speed_ft`` 0 → ``0 ft``."""
    ending = effect.field.rpartition("_")[2]
    return f"{shown(effect.value)} {ending if ending in UNITS else ''}"


def uncovered(prose: str, statements: Sequence[Statement], edition: str) -> list[Violation]:
    """What the prose states that no statement carries, and what it states against one."""
    found: list[Violation] = []
    for sentence in sentences(prose):
        for clause in clauses(sentence):
            found += _values(clause, sentence, statements, edition)
            found += _permissions(clause, sentence, statements)
    return list(dict.fromkeys(found))[:20]


def unsupported(prose: str, statements: Sequence[Statement]) -> list[Violation]:
    """Sentences unlike every claimed statement: nothing here can hold them, so they are labelled, not rejected."""
    found = []
    topics = {statement.rule.split(".")[1].replace("_", " ") for statement in statements if "." in statement.rule}
    for sentence in sentences(prose):
        if sentence.rstrip().endswith(":") and key_of(sentence) in topics:
            continue  # A topic's title before what is said of it.
        words = content(sentence)
        if words and not any(s.claimed and _shares_enough(s, words) for s in statements):
            found.append(
                Violation(
                    "unsupported", "prose", f'"{sentence[:120]}" is said by no checked claim, so it is unchecked.'
                )
            )
    return found[:20]


def _values(clause: str, sentence: str, statements: Sequence[Statement], edition: str) -> Iterator[Violation]:
    stated = list(values(clause, edition))
    edges = {value.value for value in stated if value.family == "edge"}
    labelled = _with_labels(stated, statements)
    for value in stated:
        own = content(value.text)
        words, all_words = content(clause) - own, content(sentence) - own
        near_words = content(_around(clause, value.place)) - own
        able = [s for s in labelled if any(_comparable(v, value) for v in s.values)]
        best = _best(words, able, near_words)
        near = best or [s for s in able if _shares_enough(s, all_words, len(words))]
        carriers = [s for s in near if any(_equal(v, value) for v in s.values)]
        if value.soft and (not best or carriers):
            continue
        if carriers and _denied(clause, value.place) and not any(_says_denied(s, value) for s in carriers):
            yield Violation(
                carriers[0].rule, "prose", f'"{clause.strip()[:80]}" disagrees with: {carriers[0].expected}'
            )
            continue
        if any(s.claimed for s in carriers) and not (len(edges) == 1 and _undecided(value, best)):
            continue
        yield _violation(value, clause, carriers, best)


def _with_labels(stated: Sequence[Value], statements: Sequence[Statement]) -> Sequence[Statement]:
    """In a clause that says *at level 5*, only statements about that level can carry the rest of it."""
    labels = [value for value in stated if value.unit == AT_LEVEL]
    found = [s for s in statements if any(_equal(v, label) for v in s.values for label in labels)]
    return found if labels and found else statements


def _violation(value: Value, clause: str, carriers: Sequence[Statement], best: Sequence[Statement]) -> Violation:
    """Unclaimed, contradicted or simply not known."""
    said = f'"{value.text}" in "{clause.strip()[:80]}"'
    if carriers:
        return Violation("uncovered", "prose", f"{said} is not claimed; add the claim {carriers[0].rule}.")
    if len(best) == 1 and best[0].expected:
        return Violation(best[0].rule, "prose", f"{said} disagrees with: {best[0].expected}")
    return Violation("uncovered", "prose", f"{said} is carried by no checked claim; claim it or leave it out.")


def _denied(clause: str, place: int) -> bool:
    """Whether a value stands right behind a *not*: ``its speed is not 0``."""
    return _DENIED_NEXT.search(clause[:place]) is not None


def _says_denied(statement: Statement, value: Value) -> bool:
    return any(_equal(v, value) and _denied(statement.expected, v.place) for v in statement.values)


def _around(clause: str, place: int) -> str:
    """Three words before and after a value."""
    before, after = clause[:place].split()[-3:], clause[place:].split()[:5]
    return " ".join(before + after)


def _undecided(value: Value, best: Sequence[Statement]) -> bool:
    """Several statements match alike and one gives advantage where another gives disadvantage."""
    return value.family == "edge" and len({v.value for s in best for v in s.values if v.family == "edge"}) > 1 < len(
        best
    )


def _best(
    words: frozenset[str], statements: Iterable[Statement], near: frozenset[str] = frozenset()
) -> list[Statement]:
    """The statements that share the most words with the clause, those ``near`` the value counting twice."""
    scored = [(len(words & s.words) + len(near & s.words) - _opposed(words, s.words), s) for s in statements]
    top = max((score for score, s in scored if _shares_enough(s, words)), default=0)
    return [s for score, s in scored if score == top and _shares_enough(s, words)]


def _opposed(words: frozenset[str], others: frozenset[str]) -> int:
    """Attacks *against* a creature and its own attacks are opposite things said in the same words."""
    return 2 if ("against" in words) != ("against" in others) else 0


def _shares_enough(statement: Statement, words: frozenset[str], own_words: int = 9) -> bool:
    """A third of the words in common: a single word like *level* is not the same thing said.

    A clause of one or two words (*and disadvantage otherwise*) leans on its sentence: two words in common are enough.
    """
    shared = len(statement.words & words)
    return shared >= 2 if own_words <= 2 and len(words) > 2 else 3 * shared >= max(len(words), 1)


def _equal(known: Value, said: Value) -> bool:
    return _comparable(known, said) and known.value == said.value


def _comparable(known: Value, said: Value) -> bool:
    """Same family, and the same unit where both have one."""
    if known.family != said.family or AT_LEVEL in (known.unit, said.unit):
        return known.family == said.family and known.unit == said.unit
    if said.value == "all":
        return known.value in ("all", "half")
    return known.unit == said.unit or not known.unit or not said.unit


def _permissions(clause: str, sentence: str, statements: Sequence[Statement]) -> Iterator[Violation]:
    """A clause that allows what the table denies, or the other way round."""
    said = permissions(clause)
    words = content(clause)
    for each in said:
        matching = [s for s in statements if any(p.act == each.act and p.actor == each.actor for p in s.permissions)]
        best = _best(words | {each.act}, matching) or matching
        agree = [s for s in best if any(p.act == each.act and p.allowed == each.allowed for p in s.permissions)]
        if best and not agree:
            yield Violation(best[0].rule, "prose", f'"{clause.strip()[:80]}" disagrees with: {best[0].expected}')
    if not said:
        yield from _plain_verbs(clause, sentence, words, statements)


def _plain_verbs(
    clause: str, sentence: str, words: frozenset[str], statements: Sequence[Statement]
) -> Iterator[Violation]:
    """A denied verb said without its *not*: ``degrees of cover stack``."""
    if any(
        word in f" {sentence.lower()} "
        for word in ("cannot ", " no ", " not ", "n't ", " nor ", " without ", " unless ", " never ")
    ):
        return
    for statement in statements:
        for denied in statement.permissions:
            parts = frozenset(denied.act.split())
            elsewhere = any(parts <= other.words for other in statements if other.rule != statement.rule)
            if not denied.allowed and parts <= words and not elsewhere and "mov" not in parts:
                yield Violation(
                    statement.rule, "prose", f'"{clause.strip()[:80]}" disagrees with: {statement.expected}'
                )
