"""Where a question looks: the rows of one embedder on their tiers, hot above project above historical.

New rows are added to hot until it is full; what does not fit waits in SQLite, where a question still finds it, exactly
and slowly, until the next generation takes it in.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from pyroaring import BitMap

from errors import IndexDamaged
from memory.contracts import Tier as TierName
from memory.store import Published
from memory.tiers.contracts import Builder, Generation, GrowingTier, Mapper, Tier
from memory.truth import Truth

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOT = 2_048
"""Rows hot takes before a generation is built of them."""
HOT_KEPT = 1_024
"""The newest rows stay hot when the others move down."""
PROJECT = 200_000
"""Rows of the project tier before its older half moves to the historical one."""
OLD_S = 90 * 86_400
"""What is older moves to the historical tier, whatever the size."""
OLD_ROWS = 5_000
"""So many old rows are worth a new historical generation."""
POINT_READS = 2_000
"""Waiting rows read one by one when they lie apart; of more, all are read in order."""
DENSE = 4
"""Rows lie apart when on average more others than this lie between two of them."""
TIERS: tuple[TierName, ...] = ("hot", "project", "historical")


class Model(NamedTuple):
    """An embedder as the store knows it."""

    id: int
    name: str
    dimension: int

    @property
    def key(self) -> str:
        """What names its index files' rows."""
        return f"{self.name}/{self.dimension}"


class Structures(NamedTuple):
    """What the tiers are made of."""

    hot: Callable[[int], GrowingTier]
    """Given a dimension."""
    build: Mapping[str, Builder]
    map: Mapping[str, Mapper]
    verify: Callable[[Path, Generation], None]
    """Reads every byte of an index file; raises IndexDamaged."""


class Found(NamedTuple):
    """A row found by its vector."""

    id: int
    cosine: float
    tier: TierName


class Planner:
    """The tiers of one embedder; everything runs in the memory's thread."""

    def __init__(self, truth: Truth, folder: Path, model: Model, structures: Structures) -> None:
        self.model = model
        self._truth, self._folder, self._structures = truth, folder, structures
        self.hot = structures.hot(model.dimension)
        self._hot_ids = BitMap()
        self.below: dict[TierName, Tier] = {}
        self.rows: dict[TierName, Published] = {}
        self._ids: dict[TierName, BitMap] = {}
        self.waiting = BitMap()
        """Rows with a vector in SQLite that no tier has yet."""
        self._dead: set[TierName] = set()
        self.notes: list[str] = []
        """What was found damaged, a sentence each, for whoever asks next."""

    def open(self, published: Sequence[Published], everything: BitMap) -> None:
        """Map the generations that count and replay what came after them."""
        mine = {row.what: row for row in published if row.model == self.model.key}
        for what in ("project", "historical"):
            self._map(mine.get(what), everything)
        self._part("project", "historical")
        self._replay(everything, whole=bool(self.notes) or "project" not in self.rows)

    def _map(self, row: Published | None, everything: BitMap) -> None:
        if row is None or row.what not in self._structures.map:
            return
        try:
            tier = self._mapped(row)
        except IndexDamaged as error:
            self.notes.append(f"The {row.what} index was damaged and is being rebuilt from the records: {error}.")
        else:
            self._take(row, tier, everything)

    def _part(self, above: TierName, below: TierName) -> None:
        """A row is on one tier only: what two generations hold belongs to the lower one."""
        if above in self._ids and below in self._ids and (both := self._ids[above] & self._ids[below]):
            self.below[above].remove(both)
            self._ids[above] -= both

    def _mapped(self, row: Published) -> Tier:
        return self._structures.map[row.what](self._folder, _generation(row))

    def _take(self, row: Published, tier: Tier, everything: BitMap) -> None:
        name: TierName = "project" if row.what == "project" else "historical"
        if (old := self.below.pop(name, None)) is not None:
            old.close()
        if gone := tier.ids() - everything:
            tier.remove(gone)
        (self._dead.add if gone else self._dead.discard)(name)
        self.below[name], self.rows[name], self._ids[name] = tier, row, tier.ids()

    def _replay(self, everything: BitMap, whole: bool) -> None:
        """Rows that are in no generation: to hot while it has room, else they wait."""
        after = 0 if whole else max(row.last_id for row in self.rows.values())
        missing: list[int] = []
        while ids := self._truth.embedded(self.model.id, after, 10_000):
            missing += ids
            after = ids[-1]
        since = min((row.lsn for row in self.rows.values()), default=0)
        if self.rows:
            missing += self._truth.having_vectors(self.model.id, self._truth.changes_after(since)["embedded"])
        self.waiting = (BitMap(missing) & everything) - BitMap().union(*self._ids.values())
        self._let_in()

    def _let_in(self) -> None:
        """What waits goes to hot where it has room for all of it."""
        if self.waiting and len(self.waiting) <= HOT - len(self._hot_ids):
            wanted = self.waiting.copy()
            self.waiting.clear()
            for ids, vectors in self._read(wanted):
                self.add(ids, vectors)

    def __len__(self) -> int:
        return len(self._hot_ids) + len(self.waiting) + sum(map(len, self._ids.values()))

    @property
    def above(self) -> int:
        """Rows in no generation yet."""
        return len(self._hot_ids) + len(self.waiting)

    def counts(self) -> dict[TierName, int]:
        """Rows of each tier; what waits counts as hot."""
        counts: dict[TierName, int] = {"hot": self.above, "project": 0, "historical": 0}
        counts.update({name: len(ids) for name, ids in self._ids.items()})
        return counts

    def memory_bytes(self) -> int:
        """Anonymous memory of all tiers."""
        return self.hot.memory_bytes() + sum(tier.memory_bytes() for tier in self.below.values())

    def add(self, ids: Sequence[int], vectors: "NDArray[np.float32]") -> None:
        """Take in new rows."""
        import numpy as np

        room = max(HOT - len(self._hot_ids), 0)
        if room and ids:
            self.hot.add(np.array(ids[:room], np.uint32), vectors[:room])
            self._hot_ids.update(ids[:room])
        self.waiting.update(ids[room:])

    def remove(self, ids: BitMap) -> None:
        """Make rows unfindable."""
        if self._hot_ids.intersection_cardinality(ids):
            self.hot.remove(ids)
            self._hot_ids -= ids
        for name, held in self._ids.items():
            if held.intersection_cardinality(ids):
                self.below[name].remove(ids)
                held -= ids
                self._dead.add(name)
        self.waiting -= ids

    def retain(self, everything: BitMap) -> None:
        """Make every row unfindable that does not exist any more."""
        self.remove(BitMap().union(self._hot_ids, self.waiting, *self._ids.values()) - everything)

    def search(
        self, query: "NDArray[np.float32]", allowed: BitMap | None, k: int, tiers: Sequence[TierName]
    ) -> tuple[list[Found], str]:
        """The `k` nearest rows, nearest first, and how they were looked for.

        A tier whose file fails a check is dropped: its rows wait, are searched in SQLite, and are built anew.
        """
        found: list[Found] = []
        plans: list[str] = []
        for name, tier, ids in list(self._searched(tiers)):
            count = len(ids) if allowed is None else ids.intersection_cardinality(allowed)
            if not count:
                continue
            try:
                found += _named(name, *tier.search(query, None if count == len(ids) else allowed, k))
            except IndexDamaged as error:
                self._drop(name, error)
                continue
            plans.append(f"{name}: {'all' if count == len(ids) else f'{count:,}'} of {len(ids):,}")
        if "hot" in tiers and self.waiting:
            wanted = self.waiting if allowed is None else self.waiting & allowed
            found += self._search_waiting(query, wanted, k)
            plans.append(f"not yet indexed: exact over {len(wanted):,}")
        found.sort(key=lambda one: (-one.cosine, one.id))
        return found[:k], "; ".join(plans) or "nothing to search"

    def _drop(self, name: TierName, error: IndexDamaged) -> None:
        self.notes.append(f"The {name} index was damaged and is being rebuilt from the records: {error}.")
        self.below.pop(name).close()
        self.rows.pop(name)
        self.waiting |= self._ids.pop(name)

    def _searched(self, tiers: Sequence[TierName]) -> Iterator[tuple[TierName, Tier, BitMap]]:
        if "hot" in tiers:
            yield "hot", self.hot, self._hot_ids
        for name, tier in self.below.items():
            if name in tiers:
                yield name, tier, self._ids[name]

    def _search_waiting(self, query: "NDArray[np.float32]", wanted: BitMap, k: int) -> list[Found]:
        import numpy as np

        from memory.tiers.bf16 import cosines_of

        best: list[Found] = []
        for ids, vectors in self._read(wanted):
            cosines = cosines_of(vectors, query)
            top = np.argsort(-cosines, kind="stable")[:k]
            best += _named("hot", np.array(ids, np.uint32)[top], cosines[top])
            best = sorted(best, key=lambda one: (-one.cosine, one.id))[:k]
        return best

    def _read(self, wanted: BitMap) -> "Iterator[tuple[list[int], NDArray[np.float32]]]":
        model, size = self.model.id, self.model.dimension
        if len(wanted) <= POINT_READS and (not wanted or wanted[-1] - wanted[0] > DENSE * len(wanted)):
            if wanted:
                yield self._truth.vectors(model, size, list(wanted))
            return
        after, last = wanted[0] - 1, wanted[-1]
        while after < last:
            after, (ids, vectors) = self._truth.vectors_after(model, size, after)
            if not after:
                return
            places = [place for place, one in enumerate(ids) if one in wanted]
            if places:
                yield [ids[place] for place in places], vectors[places]

    def exact(self, query: "NDArray[np.float32]", ids: Sequence[int]) -> dict[int, float]:
        """The exact cosines of some rows."""
        from memory.tiers.bf16 import cosines_of

        found, vectors = self._truth.vectors(self.model.id, self.model.dimension, ids)
        return dict(zip(found, cosines_of(vectors, query).tolist(), strict=True))

    def verify(self) -> list[str]:
        """Read every byte of the index files; returns what is wrong, a sentence each."""
        found = []
        for name, row in self.rows.items():
            try:
                self._structures.verify(self._folder, _generation(row))
            except IndexDamaged as error:
                found.append(f"The {name} index is damaged and will be rebuilt: {error}.")
        return found

    def holds(self, record_id: int) -> bool:
        """Whether a row has a vector that can be searched."""
        return (
            record_id in self._hot_ids
            or record_id in self.waiting
            or any(record_id in ids for ids in self._ids.values())
        )

    def tier_of(self, record_id: int) -> TierName:
        """Where a row lies; hot for one without a vector."""
        for name, ids in self._ids.items():
            if record_id in ids:
                return name
        return "hot"

    def within(self, reach: BitMap, tiers: Sequence[TierName]) -> BitMap:
        """Those of the records that lie on some tiers; one without a vector counts as hot."""
        left_out = BitMap().union(*(ids for name, ids in self._ids.items() if name not in tiers))
        lower = BitMap().union(*(ids for name, ids in self._ids.items() if name in tiers))
        return reach - left_out if "hot" in tiers else reach & lower

    def wants(self, old: BitMap) -> "dict[TierName, BitMap]":
        """The generations that should be built now, and of which rows; `old`: all rows past their time in project."""
        above, project = self._hot_ids | self.waiting, self._ids.get("project", BitMap())
        historical = self._ids.get("historical", BitMap())
        down = project & old
        if len(project) > PROJECT:
            down |= BitMap(project[: len(project) - PROJECT // 2])
        if len(down) >= OLD_ROWS and "historical" in self._structures.build:
            return {"historical": historical | down, "project": (project - down) | self._leaving(above)}
        if len(above) >= HOT or ("project" not in self.rows and len(project) + len(above) > HOT):
            return {"project": project | self._leaving(above)}
        return {}

    def stale(self) -> "dict[TierName, BitMap]":
        """The generations whose files hold forgotten rows, and what still exists of them."""
        return {name: self._ids[name].copy() for name in self._dead if name in self._ids}

    def everything_down(self) -> "dict[TierName, BitMap]":
        """All generations anew, of what still exists: forgotten rows leave the files."""
        project = self._ids.get("project", BitMap()) | self._leaving(self._hot_ids | self.waiting)
        return {"historical": self._ids.get("historical", BitMap()).copy(), "project": project}

    @staticmethod
    def _leaving(above: BitMap) -> BitMap:
        return above if len(above) <= HOT_KEPT else BitMap(above[: len(above) - HOT_KEPT])

    def build(
        self, name: TierName, ids: BitMap, lsn: int, number: int, reader: Truth, breathe: Callable[[], None], now: float
    ) -> Published:
        """Make a generation of these rows; `reader`: a connection of its own, so that others may read meanwhile.

        Rows whose vector fails its check are left out and named in ``reader.damaged_vectors``.
        """
        import numpy as np

        while True:
            sound: Any = np.array(ids, np.uint32)
            try:
                generation = self._structures.build[name](
                    self._folder,
                    number=number,
                    model=self.model.name,
                    dimension=self.model.dimension,
                    ids=sound,
                    vectors=self._chunks(ids, reader, breathe),
                )
            except _Missing as missing:
                ids = ids - missing.ids
                continue
            last = int(sound[-1]) if len(sound) else 0
            form = msgspec.json.encode(generation)
            return Published(name, self.model.key, number, lsn, last, generation.name, form, now)

    def _chunks(self, ids: BitMap, reader: Truth, breathe: Callable[[], None]) -> "Iterator[NDArray[np.float32]]":
        rest = ids.copy()
        after = ids[0] - 1 if ids else 0
        while rest:
            after, (found, vectors) = reader.vectors_after(self.model.id, self.model.dimension, after)
            passed = BitMap(array("I", found)) & rest
            if len(passed) < len(found):
                vectors = vectors[[place for place, one in enumerate(found) if one in passed]]
            due = rest.rank(after) if after else len(rest)
            if due > len(passed):
                raise _Missing(BitMap(rest[:due]) - passed)
            rest -= passed
            yield vectors
            breathe()

    def swap(self, row: Published, everything: BitMap) -> None:
        """Search a generation that was published from now on; its rows leave the tiers above it.

        Raises:
            IndexDamaged: it cannot be mapped.
        """
        self._take(row, self._mapped(row), everything)
        self._part("project", "historical")
        held = self._ids[_tier(row.what)]
        self.hot.remove(self._hot_ids & held)
        self._hot_ids -= held
        self.waiting -= held
        self._let_in()

    def let_go(self, names: Sequence[TierName]) -> None:
        """Tiers that have no rows any more, and no file."""
        for name in names:
            if (tier := self.below.pop(name, None)) is not None:
                tier.close()
            self.rows.pop(name, None)
            self._ids.pop(name, None)
            self._dead.discard(name)

    def close(self) -> None:
        """Let go of all files."""
        self.hot.close()
        for tier in self.below.values():
            tier.close()


class _Missing(Exception):
    """Rows without a usable vector came up while a generation was being written."""

    def __init__(self, ids: BitMap) -> None:
        super().__init__(f"{len(ids)} vectors are missing or damaged")
        self.ids = ids


def _generation(row: Published) -> Generation:
    try:
        return msgspec.json.decode(row.form, type=Generation)
    except msgspec.MsgspecError as error:
        raise IndexDamaged(f"its row cannot be read ({error})") from error


def _tier(what: str) -> TierName:
    return "project" if what == "project" else "historical"


def _named(name: TierName, ids: "NDArray[np.uint32]", cosines: "NDArray[np.float32]") -> list[Found]:
    return [Found(one, cosine, name) for one, cosine in zip(ids.tolist(), cosines.tolist(), strict=True)]
