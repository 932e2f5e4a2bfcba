"""How the memory is: figures, and a thorough look at every row and every index file."""

from functools import partial
from pathlib import Path

from pyroaring import BitMap

from errors import IndexDamaged, StoreError
from memory.contracts import MemoryStats
from memory.engine import Engine
from memory.filters import allowed
from memory.parts import Parts

PORTION = 500


async def stats(parts: Parts, tenant: str, subscriptions: int) -> MemoryStats:
    """Figures, of one tenant or of all."""
    return await parts.thread.call(partial(_stats, parts, tenant, subscriptions))


def _stats(parts: Parts, tenant: str, subscriptions: int) -> MemoryStats:
    engine = parts.engine
    engine.drop_expired()
    planner, words = engine.tiers, engine.words
    log = Path(f"{parts.path}-wal")
    everything = allowed(engine.bitmaps, tenant, None) if tenant else engine.bitmaps.everything
    return MemoryStats(
        records=len(everything),
        tiers={str(name): count for name, count in planner.counts().items()},
        model=parts.serving.name,
        dimension=parts.serving.dimension,
        coming_model=parts.coming.name if parts.coming else "",
        unembedded=parts.unembedded,
        text_lag=max(engine.mark.last_id - words.followed, 0),
        waiting=len(planner.waiting),
        quarantined=len(engine.truth.quarantined()),
        forgotten=engine.bitmaps.base_dead,
        file_bytes=parts.path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
        index_bytes=sum(path.stat().st_size for path in engine.folder.iterdir()),
        resident_bytes=planner.memory_bytes(),
        subscriptions=subscriptions,
        notes=tuple(engine.notes),
    )


async def check(parts: Parts) -> list[str]:
    """Everything that is wrong, a sentence each."""
    try:
        return await parts.thread.call(partial(_check, parts.engine), long=True)
    except StoreError as error:
        return [str(error)]


def _check(engine: Engine) -> list[str]:
    found = [f"The database file is damaged: {line}." for line in engine.reader.integrity()]
    engine.breathe()
    found += _records(engine)
    found += _vectors(engine)
    found += _files(engine)
    if lost := engine.reader.state("lost_commits"):
        found.append(
            f"{lost} acknowledged commits were missing when the memory was opened: it is older than its mark (a "
            "deleted -wal file, or an older copy)."
        )
    return found


def _records(engine: Engine) -> list[str]:
    reader, after, last = engine.reader, 0, engine.mark.last_id
    there = BitMap()
    while True:
        after, records = reader.records_after(after, last, PORTION)
        if not after:
            break
        there.update(record.id for record in records)
        engine.breathe()
    damaged, reader.damaged = sorted(reader.damaged), set()
    engine.truth.damaged.update(damaged)
    found = [f"Record {one} fails its check and is not used." for one in damaged]
    known = BitMap(engine.bitmaps.everything)
    known.remove_range(last + 1, 2**32)
    if lost := known - there - BitMap(damaged):
        found.append(f"{len(lost):,} records of the bitmaps are not in the database. Run a reindex.")
    if unknown := there - known - engine.expired - BitMap(damaged):
        gone = BitMap(engine.truth.quarantined())
        if unknown := unknown - gone:
            found.append(f"{len(unknown):,} records are missing in the bitmaps. Run a reindex.")
    return found


def _vectors(engine: Engine) -> list[str]:
    reader, model, after = engine.reader, engine.tiers.model, 0
    while True:
        after, _ = reader.vectors_after(model.id, model.dimension, after)
        if not after:
            break
        engine.breathe()
    return [
        f"The vector of record {one} fails its check and is made anew." for _, one in sorted(reader.damaged_vectors)
    ]


def _files(engine: Engine) -> list[str]:
    found = []
    for what, look in (("filter bitmaps", _bitmaps), ("text index", lambda one: one.words.check())):
        try:
            look(engine)
        except IndexDamaged as error:
            found.append(f"The {what} are damaged and will be rebuilt: {error}.")
    return [*found, *engine.tiers.verify(), *engine.notes]


def _bitmaps(engine: Engine) -> None:
    if engine.bitmaps.base is not None:
        engine.bitmaps.base.check()
