"""Which records have which value: roaring bitmaps over record numbers, by tenant, field and value, and by day.

A checksummed file holds them up to one commit (`Snapshot`), layers in memory what came after. Numbers stay in the
bitmaps of their values after a record is forgotten: `everything` knows which still exist, and every answer is
intersected with it.
"""

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from pyroaring import BitMap

import at_rest
from memory.rows import FIELDS, read_ids, read_tags
from memory.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = tuple[NDArray[np.uint32], NDArray[np.float64]]

DAY_S = 86_400
HELD = 256
"""Bitmaps of the file that are kept ready."""
SMALL = 6
"""Up to so many numbers are written as they are; a bitmap takes at least eighteen bytes."""
_SINGLE = tuple(
    (FIELDS.index(name), name)
    for name in (
        "kind", "project_id", "agent_id", "role", "task_id", "status", "requires_reply", "priority", "user", "trusted",
    )
)  # fmt: skip
_TENANT, _CREATED = FIELDS.index("tenant"), FIELDS.index("created_at")
_LISTS = ((FIELDS.index("depends_on"), "depends_on", read_ids), (FIELDS.index("tags"), "tags", read_tags))
_TIMES, _DAYS, _EVERYTHING = ("", "times"), ("", "days"), ("", "everything")
"""Kept for no tenant: a tenant's name is never empty."""
_MEMBERS = ""
"""The field under which a tenant's own records stand."""
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[str, str, str | int]).decode
Numbers = defaultdict[str | int, "array[int]"]


def _numbers() -> "array[int]":
    return array("I")


class Layer:
    """What came after the file, or after the layer below."""

    def __init__(self) -> None:
        self.tenants: dict[str, dict[str, Numbers]] = {}
        self.days: dict[int, tuple[array[int], array[float]]] = {}
        self.rows = 0

    def add(self, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
        """Take in records: number, and values of `FIELDS`."""
        by_tenant: dict[str, list[tuple[int, Sequence[Any]]]] = defaultdict(list)
        for row in rows:
            by_tenant[row[1][_TENANT]].append(row)
        for tenant, members in by_tenant.items():
            self._add_tenant(tenant, [row[0] for row in members], [row[1] for row in members])
        for record_id, fields in rows:
            day = int(fields[_CREATED] // DAY_S)
            ids, times = self.days.get(day) or self.days.setdefault(day, (array("I"), array("d")))
            ids.append(record_id)
            times.append(fields[_CREATED])
        self.rows += len(rows)

    def _add_tenant(self, tenant: str, ids: list[int], rows: list[Sequence[Any]]) -> None:
        fields = self.tenants.setdefault(tenant, defaultdict(lambda: defaultdict(_numbers)))
        fields[_MEMBERS][""].extend(ids)
        for place, name in _SINGLE:
            column = [row[place] for row in rows]
            numbers = fields[name]
            if column.count(column[0]) == len(column):
                numbers[column[0]].extend(ids)
                continue
            for record_id, value in zip(ids, column, strict=True):
                numbers[value].append(record_id)
        for place, name, read in _LISTS:
            for record_id, row in zip(ids, rows, strict=True):
                if row[place]:
                    for value in read(row[place]):
                        fields[name][_named(name, value)].append(record_id)

    def get(self, tenant: str, field: str, value: str | int) -> "array[int] | None":
        """Numbers under a key."""
        numbers = self.tenants.get(tenant, {}).get(field)
        return None if numbers is None else numbers.get(value)

    def keys(self) -> Iterator[tuple[str, str, str | int]]:
        """Every key with numbers."""
        for tenant, fields in self.tenants.items():
            for field, numbers in fields.items():
                for value in numbers:
                    yield tenant, field, value


class Bitmaps:
    """All of them; everything runs in the memory's thread."""

    def __init__(self, base: Snapshot | None = None) -> None:
        """Raises IndexDamaged: the file's own list of records or days fails its check."""
        self.base = base
        self.layers = [Layer()]
        self._ready: OrderedDict[bytes, BitMap] = OrderedDict()
        self.everything: BitMap = self._of_base(*_EVERYTHING, 0).copy()
        """Every record that exists, in all tenants."""
        self.base_dead = 0
        """Forgotten records the file still holds."""
        self._base_days = list(self._of_base(*_DAYS, 0))

    @property
    def late_rows(self) -> int:
        """Records that are in no file yet."""
        return sum(layer.rows for layer in self.layers)

    def add(self, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
        """Take in committed records; one that is here already changes nothing."""
        self.layers[-1].add(rows)
        self.everything.update(row[0] for row in rows)

    def remove(self, ids: BitMap) -> None:
        """Forget records: they are in no answer any more."""
        self.base_dead += self.everything.intersection_cardinality(ids)
        self.everything -= ids

    def members(self, tenant: str) -> BitMap:
        """Every record of a tenant, never one of another; a copy."""
        return self.having(tenant, _MEMBERS, "") & self.everything

    def having(self, tenant: str, field: str, value: str | int) -> BitMap:
        """Records with a value, forgotten ones included. Raises IndexDamaged."""
        value = _named(field, value)
        found = self._of_base(tenant, field, value)
        late = [numbers for layer in self.layers if (numbers := layer.get(tenant, field, value)) is not None]
        return found.union(*map(BitMap, late)) if late else found

    def days(self) -> list[int]:
        """Days (since 1970, UTC) on which any record was made, in order."""
        return sorted({*self._base_days, *(day for layer in self.layers for day in layer.days)})

    def of_day(self, day: int) -> BitMap:
        """Records made on a day, in all tenants. Raises IndexDamaged."""
        return BitMap().union(
            self._of_base(*_DAYS, day + 1), *(BitMap(layer.days[day][0]) for layer in self._with(day))
        )

    def times_of_day(self, day: int) -> "list[Times]":
        """The same records with the exact second of each."""
        import numpy as np

        body = self.base.get(_key(*_TIMES, day)) if self.base else None
        found = [] if body is None else [_times(body)]
        late = [layer.days[day] for layer in self._with(day)]
        return found + [(np.array(ids, np.uint32), np.array(times, np.float64)) for ids, times in late]

    def _with(self, day: int) -> list[Layer]:
        return [layer for layer in self.layers if day in layer.days]

    def _of_base(self, tenant: str, field: str, value: str | int) -> BitMap:
        """Not to be changed: it may be asked for again."""
        key = _key(tenant, field, value)
        if (ready := self._ready.get(key)) is not None:
            self._ready.move_to_end(key)
            return ready
        body = self.base.get(key) if self.base else None
        found = _read(body) if body is not None else BitMap()
        self._ready[key] = found
        if len(self._ready) > HELD:
            self._ready.popitem(last=False)
        return found

    def freeze(self) -> None:
        """What is here now goes into the next file (`entries`); what comes from here on stands above it."""
        self.layers.append(Layer())

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything up to the last `freeze` as entries of a file. Raises IndexDamaged."""
        frozen, alive = self.layers[:-1], self.everything.copy()
        fresh = {_key(*key): key for layer in frozen for key in layer.keys()}  # noqa: SIM118
        for key, body in self.base.entries() if self.base else ():
            tenant, _field, _value = _unpack(key)
            if tenant:
                also = fresh.pop(key, None)
                yield from _entry(key, _merged(_read(body), frozen, also) & alive)
        for key, also in fresh.items():
            yield from _entry(key, _merged(BitMap(), frozen, also) & alive)
        yield from self._day_entries(frozen, alive)

    def _day_entries(self, frozen: list[Layer], alive: BitMap) -> Iterator[tuple[bytes, bytes]]:
        import numpy as np

        kept, days = BitMap(), []
        for day in sorted({*self._base_days, *(day for layer in frozen for day in layer.days)}):
            ids, times = self._times(day, frozen)
            still = np.fromiter((one in alive for one in ids.tolist()), bool, len(ids))
            if still.any():
                days.append(day)
                whole = from_numbers(ids[still])
                kept |= whole
                yield _key(*_TIMES, day), ids[still].astype("<u4").tobytes() + times[still].astype("<f8").tobytes()
                yield from _entry(_key(*_DAYS, day + 1), whole)
        yield from _entry(_key(*_DAYS, 0), BitMap(days))
        yield from _entry(_key(*_EVERYTHING, 0), kept)

    def _times(self, day: int, frozen: list[Layer]) -> "Times":
        import numpy as np

        body = self.base.get(_key(*_TIMES, day)) if self.base else None
        parts = [] if body is None else [_times(body)]
        parts += [
            (np.array(layer.days[day][0], np.uint32), np.array(layer.days[day][1], np.float64))
            for layer in frozen
            if day in layer.days
        ]
        ids = np.concatenate([part[0] for part in parts])
        times = np.concatenate([part[1] for part in parts])
        unique, first = np.unique(ids, return_index=True)
        return unique, times[first]

    def rebase(self, base: Snapshot) -> None:
        """The file of the frozen layers was published: it stands below what came since."""
        fresh = Bitmaps(base)
        gone = fresh.everything - self.everything
        if self.base is not None:
            self.base.close()
        self.base, self.layers, self._ready = base, self.layers[-1:], fresh._ready
        self.base_dead, self._base_days = len(gone), fresh._base_days

    def close(self) -> None:
        """Let go of the file."""
        if self.base is not None:
            self.base.close()


def _named(field: str, value: str | int) -> str | int:
    """A value as the file names it: tags are people's words, which encryption keeps out of it."""
    return at_rest.keyring().hidden(value) if field == "tags" and isinstance(value, str) else value


def from_numbers(ids: "NDArray[np.uint32]") -> BitMap:
    """A bitmap of an array; pyroaring takes one of the standard library seven times as fast as one of numpy."""
    return BitMap(array("I", ids.tobytes()))


def _merged(whole: BitMap, layers: Iterable[Layer], key: tuple[str, str, str | int] | None) -> BitMap:
    if key is not None:
        for layer in layers:
            if (numbers := layer.get(*key)) is not None:
                whole |= BitMap(numbers)
    return whole


def _key(tenant: str, field: str, value: str | int) -> bytes:
    return _pack((tenant, field, value))


def _entry(key: bytes, whole: BitMap) -> Iterator[tuple[bytes, bytes]]:
    if len(whole) > SMALL:
        whole.run_optimize()
        yield key, b"\1" + whole.serialize()
    elif whole:
        yield key, b"\0" + array("I", whole).tobytes()


def _read(body: bytes) -> BitMap:
    return BitMap.deserialize(body[1:]) if body[:1] == b"\1" else BitMap(array("I", body[1:]))


def _times(body: bytes) -> "Times":
    import numpy as np

    count = len(body) // 12
    return np.frombuffer(body, "<u4", count), np.frombuffer(body, "<f8", count, count * 4)
