"""Structured claims: one verdict each, with the expected value and its source.

The format is documented in docs/truth-dnd5e.md. A claim that cannot be read is *unverifiable* with the rule
``claim.malformed``; the draft checker rejects such a claim, the command line reports it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from truth_blocks.dnd5e import fields, operations
from truth_blocks.dnd5e.facts import EDITIONS, Facts
from truth_blocks.dnd5e.operands import NotComputable
from truth_blocks.dnd5e.values import same, shown

Verdict = Literal["ok", "contradicted", "unverifiable"]
SUBJECTS = ("spell", "creature", "weapon", "armor", "condition", "rule", "item", "class", "feat", "skill")
TABLED = ("condition", "rule", "feat", "skill")
"""Subjects whose fields stand in the rules table."""
NAMES_ONLY = ("trait", "species", "class_feature", "subclass", "damage_type", "weapon_property")
"""Names that exist but have no fields in the data: only `exists` claims are about them."""


OTHER_SUBJECTS = {"monster": "creature", "armour": "armor", "magic_item": "item"}


class Checked(msgspec.Struct, frozen=True):
    """The verdict on one claim."""

    verdict: Verdict
    rule: str
    """Stable identifier: ``spell.range_ft``, ``condition.grappled.speed_ft``, ``calc.cover``, ``claim.malformed``."""
    expected: Any = None
    source: str = ""
    message: str = ""
    subject: str = ""
    """The name the claim is about, as the data writes it; empty for a calculation."""


def check_claim(facts: Facts, claim: Any, edition: str) -> Checked:
    """Decide one claim; never raises for any JSON value."""
    if not isinstance(claim, Mapping):
        return _malformed("A claim is an object with a type.")
    own = claim.get("edition", edition)
    if own not in EDITIONS:
        return _malformed(f"Edition {shown(own)[:20]} is not known; it is 5.2 or 5.1.")
    kinds: dict[Any, Callable[[Facts, Mapping[str, Any], str], Checked]] = {
        "fact": _fact,
        "calc": _calc,
        "exists": _exists,
    }
    kind = claim.get("type")
    decide = kinds.get(kind) if isinstance(kind, str) else None
    if decide is None:
        return _malformed("A claim's type is fact, calc or exists.")
    return decide(facts, claim, own)


def _malformed(message: str) -> Checked:
    return Checked("unverifiable", "claim.malformed", message=message)


def subject_of(claim: Mapping[str, Any]) -> tuple[str, str] | None:
    """Kind and name of what a claim is about; a spell's or a creature's ``class`` is a field, not the subject."""
    for kind in SUBJECTS + NAMES_ONLY:
        name = claim.get(kind)
        if isinstance(name, str) and 0 < len(name) <= 100:
            return kind, name
    for spelling, kind in OTHER_SUBJECTS.items():
        name = claim.get(spelling)
        if isinstance(name, str) and 0 < len(name) <= 100:
            return kind, name
    return None


def _fact(facts: Facts, claim: Mapping[str, Any], edition: str) -> Checked:
    """All fields of a fact claim: contradicted beats unverifiable beats ok."""
    subject = subject_of(claim)
    if subject is None:
        return _malformed(f"A fact names one of {', '.join(SUBJECTS)}.")
    kind, name = subject
    claim = {OTHER_SUBJECTS.get(key, key): value for key, value in claim.items()}
    if kind in TABLED:
        return _rule_fact(facts, claim, kind, name, edition)
    if kind not in SUBJECTS:
        return _malformed(f"The data has names of this kind but no fields: {kind}.")
    row = facts.row(kind, edition, name)
    if row is None:
        return _unknown(kind, name, edition)
    source = f'SRD {edition}, "{row["name"]}"'
    results = [
        _decided(f"{kind}.{field}", expected, verdict, claimed, source, row["name"])
        for field, claimed, expected, verdict in fields.compare(facts, kind, row, claim)
    ]
    return _worst(results) if results else _malformed("The claim names no field.")


def _rule_fact(facts: Facts, claim: Mapping[str, Any], kind: str, name: str, edition: str) -> Checked:
    rule = facts.rule(edition, name, (kind,) if kind in ("feat", "skill") else ("condition", "rule"))
    if rule is None:
        return _unknown(kind, name, edition)
    results = []
    for field, claimed in claim.items():
        if field in ("type", "edition", kind):
            continue
        effect = rule.effect(field)
        identifier = f"{rule.kind}.{rule.key.replace(' ', '_')}.{field[:40]}"
        if effect is None:
            message = f"The rules table has no field {field[:40]} for {rule.title}."
            results.append(Checked("unverifiable", "claim.unknown-field", message=message, subject=rule.title))
            continue
        verdict = same(effect.value, claimed)
        results.append(_decided(identifier, effect.value, verdict, claimed, rule.source, rule.title))
    return _worst(results) if results else _malformed("The claim names no field.")


def _unknown(kind: str, name: str, edition: str) -> Checked:
    message = f'"{name[:60]}" is not a {kind} of SRD {edition}.'
    return Checked("unverifiable", f"unknown-{kind}", message=message)


def _decided(rule: str, expected: Any, verdict: bool | None, claimed: Any, source: str, subject: str) -> Checked:
    if rule.endswith("?"):
        return Checked(
            "unverifiable", "claim.unknown-field", None, source, f"{rule[:-1]} is not a known field.", subject
        )
    if verdict is None:
        message = f"{subject}: {rule.rpartition('.')[2]} is not in the data."
        return Checked("unverifiable", rule, None, source, message, subject)
    if verdict:
        return Checked("ok", rule, expected, source, "", subject)
    field = rule.rpartition(".")[2]
    message = f"{subject}: {field} is {shown(expected)}, not {shown(claimed)[:60]} ({source})."
    return Checked("contradicted", rule, expected, source, message, subject)


def _worst(results: list[Checked]) -> Checked:
    order = {"contradicted": 0, "unverifiable": 1, "ok": 2}
    return min(results, key=lambda each: order[each.verdict])


def _calc(facts: Facts, claim: Mapping[str, Any], edition: str) -> Checked:
    operation = claim.get("op")
    source = f"arithmetic of SRD {edition}"
    try:
        result = operations.calculated(facts, operation, claim, edition) if isinstance(operation, str) else None
    except NotComputable as error:
        return Checked("unverifiable", "claim.malformed", source=source, message=f"{operation}: {error}")
    if result is None:
        return _malformed(f"The operation is one of {', '.join(operations.NAMES)}.")
    rule = f"calc.{operation}"
    if result.holds is None:
        message = f"{operation}: the rules allow {shown(result.expected)}."
        return Checked("unverifiable", rule, result.expected, source, message)
    if result.holds:
        return Checked("ok", rule, result.expected, source)
    message = f"{operation}: expected {shown(result.expected)}, found {shown(result.found)[:60]}."
    return Checked("contradicted", rule, result.expected, source, message)


def _exists(facts: Facts, claim: Mapping[str, Any], edition: str) -> Checked:
    subject = subject_of(claim)
    if subject is None:
        return _malformed("An exists claim names one subject.")
    kind, name = subject
    key = facts.key(kind, edition, name) or _related_kind(facts, kind, name, edition)
    stated = claim.get("exists", True) is not False
    holds = (key is not None) == stated
    message = "" if holds else f'"{name[:60]}" is {"not " if stated else ""}a {kind} of SRD {edition}.'
    source = f"names of SRD {edition}"
    return Checked("ok" if holds else "contradicted", f"exists.{kind}", key is not None, source, message, name)


def _related_kind(facts: Facts, kind: str, name: str, edition: str) -> str | None:
    """A subclass counts as a class, weapons and armour as items, a condition as a rule."""
    others = {"class": ("subclass",), "item": ("weapon", "armor"), "rule": ("condition", "section")}.get(kind, ())
    return next((key for other in others if (key := facts.key(other, edition, name))), None)
