"""Filters: as a bitmap over everything a tenant has, and against one record alone (for `watch`)."""

from typing import TYPE_CHECKING

from pyroaring import BitMap

from memory.bitmaps import DAY_S, Bitmaps, from_numbers
from memory.contracts import AllOf, AnyOf, Between, Filter, Is, NewRecord, Not

if TYPE_CHECKING:
    pass


def allowed(bitmaps: Bitmaps, tenant: str, where: Filter | None) -> BitMap:
    """The records of a tenant that a filter lets through; a copy.

    Raises:
        IndexDamaged: a bitmap this rests on fails its check.
    """
    members = bitmaps.members(tenant)
    return members if where is None else _within(bitmaps, tenant, where, members)


def _within(bitmaps: Bitmaps, tenant: str, where: Filter, members: BitMap) -> BitMap:
    """Those of `members` for which the filter holds."""
    match where:
        case AllOf(parts):
            for part in sorted(parts, key=_cost):
                if not members:
                    break
                members = _within(bitmaps, tenant, part, members)
            return members
        case AnyOf(parts):
            return BitMap().union(*(_within(bitmaps, tenant, part, members) for part in parts))
        case Not(part):
            return members - _within(bitmaps, tenant, part, members)
        case Is(field, values):
            return BitMap().union(*(bitmaps.having(tenant, field, _value(value)) for value in values)) & members
        case Between():
            return between(bitmaps, where, members)


def _cost(where: Filter) -> int:
    """Cheap parts first: they leave less for the others."""
    return 0 if isinstance(where, Is) else 2 if isinstance(where, Between) else 1


def _value(value: str | int) -> str | int:
    return int(value) if isinstance(value, bool) else value


def between(bitmaps: Bitmaps, when: Between, members: BitMap) -> BitMap:
    """Those of `members` made within a time. Raises IndexDamaged."""
    whole, found = [], []
    for day in bitmaps.days():
        first, after = day * DAY_S, (day + 1) * DAY_S
        if when.start <= first and after <= when.end:
            whole.append(bitmaps.of_day(day))
        elif first < when.end and when.start < after:
            found.append(_within_day(bitmaps, day, when.start, when.end))
    return BitMap().union(*whole, *found) & members


def _within_day(bitmaps: Bitmaps, day: int, start: float, end: float) -> BitMap:
    found = BitMap()
    for ids, times in bitmaps.times_of_day(day):
        found |= from_numbers(ids[(times >= start) & (times < end)])
    return found


def matches(record: NewRecord, where: Filter | None) -> bool:
    """Whether a filter holds for one record; its ``created_at`` must be set."""
    match where:
        case None:
            return True
        case AllOf(parts):
            return all(matches(record, part) for part in parts)
        case AnyOf(parts):
            return any(matches(record, part) for part in parts)
        case Not(part):
            return not matches(record, part)
        case Between(start, end):
            return start <= record.created_at < end
        case Is(field, values):
            carried = getattr(record, field)
            return any(value in carried if isinstance(carried, tuple) else value == carried for value in values)
