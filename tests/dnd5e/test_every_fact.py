"""Every figure of the data as a claim: the true one holds, a changed one is contradicted."""

from collections.abc import Iterator
from typing import Any

import pytest

from truth_blocks.dnd5e.claims import check_claim
from truth_blocks.dnd5e.facts import EDITIONS, Facts
from truth_blocks.dnd5e.values import ABILITIES

FIELDS = {
    "spell": ("level", "school", "casting_time", "range_ft", "components", "concentration", "ritual", "save", "damage"),
    "creature": ("ac", "hp", "cr", "xp", "hit_dice", *ABILITIES),
    "weapon": ("damage", "damage_type"),
    "armor": ("base_ac",),
}


def claims(facts: Facts, kind: str, edition: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for name in facts.names(kind, edition):
        row = facts.row(kind, edition, name)
        assert row is not None
        base = {"type": "fact", kind: name.upper()}
        for field in FIELDS[kind]:
            value = row[field]
            if value is None or "MOD" in str(value):
                continue
            key = {"ability": field} if field in ABILITIES else {}
            column = "score" if key else field
            true = bool(value) if field in ("concentration", "ritual") else value
            yield {**base, **key, column: true}, {**base, **key, column: changed(field, true)}


def changed(field: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    other = {"school": "evocation", "save": "wisdom", "components": "M", "damage_type": "acid"}.get(field, "99d9")
    return other if other != value else {"school": "illusion", "save": "dexterity", "components": "V, S, M"}[field]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("kind", FIELDS)
def test_true_figures_hold_and_changed_ones_are_contradicted(facts: Facts, kind: str, edition: str) -> None:
    wrong = []
    for true, false in claims(facts, kind, edition):
        verdicts = (check_claim(facts, true, edition).verdict, check_claim(facts, false, edition).verdict)
        if verdicts != ("ok", "contradicted"):
            wrong.append((true, verdicts))
    assert not wrong


@pytest.mark.parametrize("edition", EDITIONS)
def test_slots_of_every_class_and_level(facts: Facts, edition: str) -> None:
    for name in facts.names("class", edition):
        row = facts.row("class", edition, name)
        if row is None or row["slot_level"] is not None:
            continue
        for level, having in enumerate(row["slots"], 1):
            for rank in range(1, 10):
                count = having[rank - 1] if rank <= len(having) else 0
                claim = {"type": "fact", "class": name, "level": level, "slot_level": rank}
                assert check_claim(facts, {**claim, "count": count}, edition).verdict == "ok"
                assert check_claim(facts, {**claim, "count": count + 1}, edition).verdict == "contradicted"
