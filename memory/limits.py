"""How big anything given to the memory may be, and the sentence that says so."""

import math
from collections.abc import Iterator, Sequence
from typing import get_args

from errors import UserMistake
from memory.contracts import AllOf, AnyOf, Between, Filter, Is, Kind, NewRecord, Not, Query, Tier

TEXT_BYTES = 32_768
WORD_CHARS = 200
"""Length of tenant, project, agent, role, task, status, user, once and of one tag."""
TAGS = 32
DEPENDS_ON = 64
BATCH = 5_000
"""Records in one call of `remember`."""
BATCH_BYTES = 32 * 1024 * 1024
HITS = 100
"""Most hits of one recall."""
FILTER_PARTS = 512
"""Parts and values of one filter, nested ones included."""
FILTER_DEPTH = 32
LARGEST_ID = 2**32 - 1
_LARGEST_INT = 2**31
_FIELDS: tuple[str, ...] = get_args(Is.__annotations__["field"])
_NUMBERS = {"priority", "depends_on", "trusted", "requires_reply"}
_WORDS = ("project_id", "agent_id", "role", "task_id", "status", "user", "once")


def check_tenant(tenant: str) -> None:
    """Raises UserMistake unless `tenant` names one."""
    if not tenant:
        raise UserMistake("The memory is asked for nobody: a tenant is needed. Nothing was changed.")
    _word("tenant", tenant)


def check_records(records: Sequence[NewRecord]) -> None:
    """Raises UserMistake when one of the records cannot be kept; then none of them is."""
    if len(records) > BATCH:
        raise UserMistake(f"{len(records):,} records at once are too many; {BATCH:,} are the most. None was kept.")
    kept = 0
    for record in records:
        kept += _record(record)
    if kept > BATCH_BYTES:
        raise UserMistake(
            f"These records have {kept:,} bytes of text; at most {BATCH_BYTES:,} go at once. None was kept."
        )


def check_query(query: Query) -> None:
    """Raises UserMistake when a question is out of bounds."""
    check_tenant(query.tenant)
    if _utf8(query.text, "question") > TEXT_BYTES:
        raise UserMistake(f"A question to the memory has at most {TEXT_BYTES:,} bytes. Ask a shorter one.")
    if not 1 <= query.k <= HITS:
        raise UserMistake(f"Between 1 and {HITS} hits can be asked for, not {query.k}.")
    if unknown := set(query.tiers) - set(get_args(Tier)):
        raise UserMistake(f"The memory has no tier {sorted(unknown)[0]!r}: there are {', '.join(get_args(Tier))}.")
    check_filter(query.where)


def check_filter(where: Filter | None) -> None:
    """Raises UserMistake when a filter is too big or asks what no record has."""
    if where is None:
        return
    parts = 0
    for part, depth in _walk(where):
        parts += 1 + (len(part.values) if isinstance(part, Is) else 0)
        if parts > FILTER_PARTS or depth > FILTER_DEPTH:
            raise UserMistake(
                f"This filter has too many parts ({FILTER_PARTS} parts and values, nested {FILTER_DEPTH} deep, are "
                "the most). Ask with a simpler one."
            )
        if isinstance(part, Is):
            _values(part)
        elif isinstance(part, Between) and (math.isnan(part.start) or math.isnan(part.end)):
            raise UserMistake("A filter by time needs times that are numbers.")


def check_ids(ids: Sequence[int]) -> None:
    """Raises UserMistake when there are too many ids or one cannot be an id."""
    if len(ids) > BATCH:
        raise UserMistake(f"{len(ids):,} records at once are too many; {BATCH:,} are the most. Nothing was changed.")
    for one in ids:
        if not 0 < one <= LARGEST_ID:
            raise UserMistake(f"{one} is no record's number. Nothing was changed.")


def _walk(where: Filter) -> Iterator[tuple[Filter, int]]:
    waiting = [(where, 1)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        if isinstance(part, AllOf | AnyOf):
            waiting.extend((one, depth + 1) for one in part.parts)
        elif isinstance(part, Not):
            waiting.append((part.part, depth + 1))


def _values(part: Is) -> None:
    if part.field not in _FIELDS:
        raise UserMistake(f"Records have no field {part.field!r} to filter by: there are {', '.join(_FIELDS)}.")
    wanted = int if part.field in _NUMBERS else str
    for value in part.values:
        if not isinstance(value, wanted):
            raise UserMistake(f"{part.field} is {'a number' if wanted is int else 'a word'}, not {value!r}.")
        if isinstance(value, str):
            _utf8(value, part.field)


def _record(record: NewRecord) -> int:
    check_tenant(record.tenant)
    size = _utf8(record.text, "text")
    if not record.text.strip():
        raise UserMistake("There is nothing to remember: the text is empty. Nothing was kept.")
    if size > TEXT_BYTES:
        raise UserMistake(f"A memory has at most {TEXT_BYTES:,} bytes of text, this one {size:,}. Nothing was kept.")
    if record.kind not in get_args(Kind):
        raise UserMistake(f"There is no kind of memory {record.kind!r}. Nothing was kept.")
    for name in _WORDS:
        value = getattr(record, name)
        if value:
            _word(name, value)
    _lists(record)
    _figures(record)
    return size


def _lists(record: NewRecord) -> None:
    if len(record.tags) > TAGS:
        raise UserMistake(f"A memory has at most {TAGS} tags, this one {len(record.tags)}. Nothing was kept.")
    for tag in record.tags:
        if not tag:
            raise UserMistake("A tag of a memory is empty. Nothing was kept.")
        _word("tag", tag)
    if len(record.depends_on) > DEPENDS_ON:
        raise UserMistake(f"A memory rests on at most {DEPENDS_ON} others. Nothing was kept.")
    for one in record.depends_on:
        if not 0 < one <= LARGEST_ID:
            raise UserMistake(f"{one} is no record's number, so a memory cannot rest on it. Nothing was kept.")


def _figures(record: NewRecord) -> None:
    if not -_LARGEST_INT <= record.priority < _LARGEST_INT:
        raise UserMistake(f"A priority of {record.priority} is out of bounds. Nothing was kept.")
    for moment in (record.created_at, record.expires_at):
        if moment is not None and not 0 <= moment < 1e11:
            raise UserMistake(f"{moment} is no time in Unix seconds. Nothing was kept.")


def _word(name: str, value: str) -> None:
    _utf8(value, name)
    if len(value) > WORD_CHARS:
        raise UserMistake(
            f"The {name} of a memory has at most {WORD_CHARS} characters, this one {len(value)}. Nothing was kept."
        )


def _utf8(value: str, name: str) -> int:
    if value.isascii():
        return len(value)
    try:
        return len(value.encode())
    except UnicodeEncodeError:
        raise UserMistake(f"The {name} holds half a character that cannot be stored. Nothing was changed.") from None
