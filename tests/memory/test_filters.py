"""Every filter expression against a naive reading of the same records."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from memory.bitmaps import Bitmaps
from memory.contracts import AllOf, AnyOf, Between, Filter, Is, NewRecord, Not
from memory.filters import allowed, matches
from memory.rows import to_rows
from memory.snapshot import Snapshot, write
from tests.memory.samples import TENANT

DAY = 86_400
WORDS = ("", "a", "b", "ä\0", "1")
TIMES = st.sampled_from([0.5, 1.0, DAY - 1e-3, float(DAY), DAY + 0.25, 2.0 * DAY, 5.5 * DAY, 40.0 * DAY])
FIELDS: tuple[Any, ...] = get_args(Is.__annotations__["field"])

records = st.builds(
    NewRecord,
    tenant=st.sampled_from([TENANT, "guild:2"]),
    kind=st.sampled_from(["note", "answer"]),
    text=st.just("x"),
    project_id=st.sampled_from(WORDS),
    agent_id=st.sampled_from(WORDS),
    role=st.sampled_from(WORDS),
    task_id=st.sampled_from(WORDS),
    status=st.sampled_from(WORDS),
    depends_on=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    requires_reply=st.booleans(),
    priority=st.integers(-2, 2),
    created_at=TIMES,
    tags=st.lists(st.sampled_from(WORDS[1:]), max_size=3).map(tuple),
    user=st.sampled_from(WORDS),
    trusted=st.booleans(),
)


def values(field: Any) -> st.SearchStrategy[Any]:
    match field:
        case "kind":
            return st.sampled_from(["note", "answer", "message"])
        case "priority" | "depends_on":
            return st.integers(-2, 5)
        case "trusted" | "requires_reply":
            return st.sampled_from([0, 1, True, False])
        case _:
            return st.sampled_from((*WORDS, "nowhere"))


leaves: st.SearchStrategy[Filter] = st.one_of(
    st.sampled_from(FIELDS).flatmap(
        lambda field: st.lists(values(field), max_size=3).map(lambda v: Is(field, tuple(v)))
    ),
    st.builds(Between, TIMES, st.one_of(TIMES, st.just(float("inf")))),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)


def naive(record: NewRecord, where: Filter) -> bool:
    if isinstance(where, AllOf):
        return all(naive(record, part) for part in where.parts)
    if isinstance(where, AnyOf):
        return any(naive(record, part) for part in where.parts)
    if isinstance(where, Not):
        return not naive(record, where.part)
    if isinstance(where, Between):
        return where.start <= record.created_at < where.end
    carried = getattr(record, where.field)
    carried = set(carried) if isinstance(carried, tuple) else {carried}
    return bool(carried & set(where.values))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(records, max_size=12), min_size=1, max_size=4),
    gone=st.sets(st.integers(1, 40), max_size=6),
    filed=st.integers(0, 4),
    asked=st.lists(filters, min_size=1, max_size=6),
)
def test_every_expression_selects_what_a_naive_reading_selects(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[NewRecord]],
    gone: set[int],
    filed: int,
    asked: list[Filter],
) -> None:
    bitmaps, kept = Bitmaps(), dict[int, NewRecord]()
    for place, batch in enumerate(batches):
        ids = range(len(kept) + 1, len(kept) + 1 + len(batch))
        bitmaps.add([(one, row.fields) for one, row in zip(ids, to_rows(batch, 1.0), strict=True)])
        kept |= dict(zip(ids, batch, strict=True))
        if place < filed:
            bitmaps.remove(BitMap(list(gone)[: place + 1]))
            file_them(bitmaps, tmp_path_factory.mktemp("filters") / "file")
    bitmaps.remove(BitMap(gone))
    for where in asked:
        for tenant in (TENANT, "guild:2", "guild:3"):
            mine = {one: record for one, record in kept.items() if record.tenant == tenant and one not in gone}
            assert set(allowed(bitmaps, tenant, where)) == {one for one, record in mine.items() if naive(record, where)}
            assert set(allowed(bitmaps, tenant, None)) == mine.keys()
        assert all(matches(record, where) == naive(record, where) for record in kept.values())
    bitmaps.close()


def file_them(bitmaps: Bitmaps, path: Path) -> None:
    bitmaps.freeze()
    write(path, bitmaps.entries(), 7, 9, lambda: None)
    bitmaps.rebase(Snapshot(path))
