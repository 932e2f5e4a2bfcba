"""Everything the memory knows besides the truth, in the memory's thread: bitmaps, tiers, the text index."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from pyroaring import BitMap

from errors import IndexDamaged, StoreError
from memory import fusion
from memory.bitmaps import Bitmaps
from memory.contracts import Filter, Hit, Query, Record, Subscription
from memory.contracts import Tier as TierName
from memory.files import make_folder, remove_others
from memory.filters import allowed
from memory.planner import Found, Model, Planner, Structures
from memory.rows import FIELDS, Row
from memory.snapshot import open_snapshot
from memory.store import Published, Written
from memory.truth import Truth
from memory.words import CATCH_UP, Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POOL = 30
"""Hits of each kind that are fused into one order."""
SPARE = 5
"""Hits beyond those asked for that are looked at, for equal scores."""
_EXPIRES = FIELDS.index("expires_at")
log = logging.getLogger(__name__)


class Watermark:
    """The last commit up to which everything was taken in; commits may arrive in any order."""

    def __init__(self, lsn: int, last_id: int) -> None:
        self.lsn, self.last_id = lsn, last_id
        self._early: dict[int, int] = {}

    def reached(self, lsn: int, last_id: int) -> None:
        """Commit `lsn`, whose highest new record is `last_id` (0: none), was taken in."""
        self._early[lsn] = last_id
        while self.lsn + 1 in self._early:
            self.lsn += 1
            self.last_id = max(self.last_id, self._early.pop(self.lsn))


class Looked(msgspec.Struct):
    """What a look-up found."""

    hits: tuple[Hit, ...]
    plan: str
    notes: list[str]


class Engine:
    """Made and used in the memory's thread alone."""

    def __init__(
        self, path: Path, structures: Structures, breathe: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        """Raises StoreError."""
        self.folder = path.with_suffix(".index")
        make_folder(self.folder)
        self.truth, self.reader = Truth(path), Truth(path)
        self._structures, self.breathe, self.clock = structures, breathe, clock
        self.notes: list[str] = []
        self.words = Words(self.truth, self.folder)
        self.bitmaps = Bitmaps()
        self.filters_row: Published | None = None
        self.planner: Planner | None = None
        self.mark = Watermark(0, 0)
        self.next_expiry = 0.0
        self.expired = BitMap()
        """Past their time and out of every answer, but not yet erased."""

    def open(self, model: Model) -> None:
        """Load what counts, replay what came after it, delete what a crash left. Raises StoreError."""
        last_id, lsn = self.truth.counters()
        published = self.truth.published()
        remove_others(self.folder, [row.name for row in published])
        self._open_bitmaps(published)
        self.mark = Watermark(lsn, last_id)
        self.use_planner(self.prepare_planner(model))
        if note := self.words.open(published, lambda since: self.truth.changes_after(since)["forgotten"]):
            self._note(note)

    def _note(self, note: str) -> None:
        log.warning("%s", note)
        self.notes = [*self.notes[-19:], note]

    def prepare_planner(self, model: Model) -> Planner:
        """The tiers of a model, not yet in use."""
        planner = Planner(self.truth, self.folder, model, self._structures)
        planner.open(self.truth.published(), self.bitmaps.everything)
        return planner

    def use_planner(self, planner: Planner) -> Planner:
        """Search these tiers from now on."""
        planner.retain(self.bitmaps.everything)
        if self.planner is not None:
            self.planner.close()
        self.planner = planner
        self._take_notes()
        return planner

    def _take_notes(self) -> list[str]:
        taken = self.planner.notes if self.planner else []
        for note in taken:
            self._note(note)
        if self.planner:
            self.planner.notes = []
        return taken

    def _open_bitmaps(self, published: Sequence[Published]) -> None:
        row = next((one for one in published if one.what == "filters"), None)
        try:
            self.bitmaps = Bitmaps(open_snapshot(self.folder, row) if row else None)
            self.filters_row = row
        except IndexDamaged as error:
            self._note(f"The filter bitmaps were damaged and were rebuilt from the records: {error}.")
            self.bitmaps, self.filters_row = Bitmaps(), None
        self._replay_bitmaps()

    def _replay_bitmaps(self) -> None:
        row = self.filters_row
        after = row.last_id if row else 0
        while rows := self.truth.fields_after(after):
            self.bitmaps.add([row for row in rows if row[0] not in self.truth.damaged])
            after = rows[-1][0]
        self.bitmaps.remove(BitMap(self.truth.changes_after(row.lsn if row else 0)["forgotten"]))
        self.bitmaps.remove(BitMap(self.truth.quarantined()))

    def rebuild_bitmaps(self, why: IndexDamaged) -> None:
        """Throw the bitmaps away and read them out of the records."""
        self._note(f"The filter bitmaps were damaged and were rebuilt from the records: {why}.")
        self.bitmaps.close()
        self.bitmaps, self.filters_row = Bitmaps(), None
        self._replay_bitmaps()

    def start_over(self) -> None:
        """Forget every index and read the records anew; the files follow."""
        self.bitmaps.close()
        self.bitmaps, self.filters_row = Bitmaps(), None
        self._replay_bitmaps()
        planner = Planner(self.truth, self.folder, self.tiers.model, self._structures)
        planner.open((), self.bitmaps.everything)
        self.use_planner(planner)
        self.words.base_dead = True

    @property
    def tiers(self) -> Planner:
        """The planner that serves."""
        if self.planner is None:
            raise StoreError("The memory is not open.")
        return self.planner

    def apply(self, written: Written, rows: Sequence[Row], model: int, vectors: "NDArray[np.float32] | None") -> None:
        """Take in a committed batch; vectors of another model than the one that serves now stay in the truth."""
        ids = [written.ids[place] for place in written.new]
        self.bitmaps.add([(one, rows[place].fields) for one, place in zip(ids, written.new, strict=True)])
        for place in written.new:
            if (expires := rows[place].fields[_EXPIRES]) is not None:
                self.next_expiry = min(self.next_expiry, expires)
        if vectors is not None and model == self.tiers.model.id:
            self.tiers.add(ids, vectors if len(ids) == len(vectors) else vectors[list(written.new)])
        self.mark.reached(written.lsn, ids[-1])

    def apply_vectors(self, lsn: int, ids: Sequence[int], vectors: "NDArray[np.float32]", serving: bool) -> None:
        """Take in vectors of records that lacked one."""
        if serving:
            self.tiers.remove(BitMap(ids))
            self.tiers.add(ids, vectors)
        self.mark.reached(lsn, 0)

    def apply_forgotten(self, lsn: int, ids: Iterable[int]) -> None:
        """Take in that records were erased."""
        gone = BitMap(ids)
        self._out(gone)
        self.expired -= gone
        self.mark.reached(lsn, 0)

    def _out(self, gone: BitMap) -> None:
        self.bitmaps.remove(gone)
        self.tiers.remove(gone)
        if self.words.row is not None and gone and gone[0] <= self.words.row.last_id:
            self.words.base_dead = True

    def drop_expired(self) -> None:
        """Take records whose time is over out of every answer."""
        now = self.clock()
        if now < self.next_expiry:
            return
        due = BitMap(self.truth.due(now, 10_000)) - self.expired
        self._out(due)
        self.expired |= due
        self.next_expiry = now if len(due) == 10_000 else self.truth.next_expiry(now)

    def allowed(self, tenant: str, where: Filter | None) -> BitMap:
        """The records of a tenant that a filter lets through."""
        self.drop_expired()
        try:
            return allowed(self.bitmaps, tenant, where)
        except IndexDamaged as error:
            self.rebuild_bitmaps(error)
            return allowed(self.bitmaps, tenant, where)

    def look_up(self, query: Query, vector: "NDArray[np.float32] | None") -> Looked:
        """Records nearest to a question, by vector (where there is one) and by words."""
        reach = self.allowed(query.tenant, query.where)
        by_words, lag = self.by_words(query, reach)
        # Where no word speaks, the order of the vectors is the answer: deeper places change nothing.
        found, plan = self._by_vector(query, vector, reach, max(query.k, POOL) if by_words else query.k)
        scores = self._fused([one.id for one in found], by_words)
        cosines = {one.id: one.cosine for one in found}
        tier = {one.id: one.tier for one in found}
        if vector is not None:
            # Only of those that can come among the best: each costs a read.
            near = sorted(scores, key=scores.__getitem__, reverse=True)[: query.k + SPARE]
            cosines |= self.tiers.exact(vector, [one for one in near if one not in cosines])
        for one in by_words:
            tier.setdefault(one, self.tiers.tier_of(one))
        looked = self.hits(query, scores, cosines, tier, BitMap(by_words))
        return Looked(looked, f"{plan}; words: {len(by_words)}", [*self._take_notes(), *lag])

    def _fused(self, by_vector: list[int], by_words: list[int]) -> dict[int, float]:
        """Both orders as one. A record that only one index has yet counts there for both, else newer ones came last."""
        scores = fusion.fused(by_vector, by_words)
        for one in scores:
            if one > self.words.followed or not self.tiers.holds(one):
                scores[one] *= 2
        return scores

    def _by_vector(
        self, query: Query, vector: "NDArray[np.float32] | None", reach: BitMap, depth: int
    ) -> tuple[list[Found], str]:
        if vector is None or not reach:
            return [], "nothing to search" if vector is not None else "nothing to compare: the question has no content"
        whole = len(reach) == len(self.bitmaps.everything)
        found, plan = self.tiers.search(vector, None if whole else reach, depth, query.tiers)
        return [one for one in found if one.id in reach], plan

    def by_words(self, query: Query, reach: BitMap) -> tuple[list[int], list[str]]:
        """Numbers of records that carry the question's words, best first, and what is to be said of it."""
        missing = self.words.follow(self.mark.last_id, CATCH_UP)
        dominant = 2 * len(self.bitmaps.members(query.tenant)) >= len(self.bitmaps.everything)
        found = self.words.search(query.text, query.tenant, dominant, reach, max(query.k, POOL))
        if len(query.tiers) < 3:
            found = [one for one in found if self.tiers.tier_of(one) in query.tiers]
        return found, [f"The text index does not have the newest {missing:,} records yet."] if missing else []

    def hits(
        self,
        query: Query,
        scores: dict[int, float],
        cosines: dict[int, float],
        tier: dict[int, TierName],
        words: BitMap,
    ) -> tuple[Hit, ...]:
        """The best `query.k` as records; one whose row fails its check is passed over."""
        order = fusion.best(scores, cosines, len(scores))
        hits: list[Hit] = []
        while order and len(hits) < query.k:
            some, order = order[: query.k - len(hits)], order[query.k - len(hits) :]
            records = self.sound(some, query.tenant)
            for one in some:
                if one in records:
                    cosine = cosines.get(one, 0.0)
                    hits.append(Hit(records[one], scores[one], cosine, tier.get(one, "hot"), one in words))
        return tuple(hits)

    def sound(self, ids: Sequence[int], tenant: str) -> dict[int, Record]:
        """Those of the records that pass their check and belong to the tenant."""
        model = self.tiers.model
        records = self.truth.records(ids, model.id, model.name)
        if self.truth.damaged:
            self._out(BitMap(self.truth.damaged))
        return {one: record for one, record in records.items() if record.new.tenant == tenant}

    def existing(self, tenant: str, ids: Sequence[int]) -> dict[int, Record]:
        """Those records of a tenant that exist."""
        return self.sound(self.chosen(tenant, ids, None), tenant)

    def chosen(self, tenant: str, ids: Sequence[int] | None, where: Filter | None) -> list[int]:
        """Numbers of a tenant's records among `ids` (None: all) that a filter lets through."""
        reach = self.allowed(tenant, where)
        return list(reach if ids is None else reach & BitMap(ids))

    def within(self, reach: BitMap, tiers: Sequence[TierName]) -> BitMap:
        """Those that lie on some tiers."""
        return reach if len(tiers) == 3 else self.tiers.within(reach, tiers)

    def after(self, subscription: Subscription, after: int, limit: int) -> list[Record]:
        """The next records for a watcher."""
        reach = self.allowed(subscription.tenant, subscription.where)
        ids = reach[reach.rank(after) : reach.rank(after) + limit]
        return list(self.sound(list(ids), subscription.tenant).values())

    def newest(self, reach: BitMap, count: int) -> list[int]:
        """The highest numbers of a set."""
        return list(reach[max(len(reach) - count, 0) :])

    def lacking(self, model: int, after: int, limit: int) -> tuple[int, list[Record]]:
        """Of the next records those without a vector of a model, and the number to go on after; 0: no more."""
        cursor, records = self.truth.records_after(after, self.mark.last_id, limit)
        if not cursor:
            return 0, []
        has = set(self.truth.embedded(model, after, limit * 2))
        while has and max(has) < cursor and (more := self.truth.embedded(model, max(has), limit)):
            has.update(more)
        return cursor, [one for one in records if one.id not in has and one.id in self.bitmaps.everything]

    def take_damaged_vectors(self) -> list[int]:
        """Records whose vector of the serving model was found damaged since this was last asked."""
        taken = self.truth.damaged_vectors | self.reader.damaged_vectors
        self.truth.damaged_vectors, self.reader.damaged_vectors = set(), set()
        return sorted(one for model, one in taken if model == self.tiers.model.id)

    def take_damaged(self) -> list[int]:
        """Records found damaged since this was last asked, to be noted."""
        taken, self.truth.damaged = sorted(self.truth.damaged), set()
        return taken

    def close(self) -> None:
        """Let go of all files."""
        self.words.close()
        self.bitmaps.close()
        if self.planner is not None:
            self.planner.close()
        self.truth.close()
        self.reader.close()
