"""Putting restored files into a data directory: by a plan on disk, so that a kill in between is finished, not mixed.

The plan is written when everything it needs is on disk and checked. Each of its steps is one rename that a second run
finds done; whoever opens the directory next finishes a plan it finds.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

import faults
from blackboard.failures import corrupt, file_error

PLAN = "restore.plan"
STAGING = "restore.tmp"


class Plan(msgspec.Struct, frozen=True):
    """Names in the data directory: what goes into the folder `aside`, then what comes from the folder `STAGING`."""

    aside: str
    away: tuple[str, ...]
    place: tuple[str, ...]


def everything_of(data_dir: Path, names: Iterable[str]) -> list[str]:
    """All files that belong to databases: their logs, marks and indexes too, which fit no other state of them."""
    found = []
    for name in names:
        file = f"{name}.sqlite"
        parts = (file, f"{file}-wal", f"{file}-shm", f"{file}-journal", f"{name}.mark", f"{name}.index")
        found += [part for part in (*parts, f".{file}-litestream") if (data_dir / part).exists()]
    return found


def swap(data_dir: Path, plan: Plan) -> None:
    """Write the plan and carry it out. The caller holds every lock of the directory.

    Raises:
        OSError: nothing was changed, or the plan stands and the next opening finishes it.
    """
    draft = data_dir / f"{PLAN}.tmp"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(plan))
        file.flush()
        os.fsync(file.fileno())
    faults.point("restore.plan.before")
    draft.rename(data_dir / PLAN)
    _sync(data_dir)
    faults.point("restore.plan.after")
    _carry_out(data_dir, plan)


def finish_swap(data_dir: Path) -> None:
    """Finish what a killed restore began; free when there is nothing.

    Raises:
        StoreError: the plan cannot be read or carried out.
    """
    path = data_dir / PLAN
    if not path.exists():
        return
    try:
        with _alone(data_dir):
            if path.exists():
                _carry_out(data_dir, msgspec.json.decode(path.read_bytes(), type=Plan))
    except msgspec.MsgspecError as error:
        raise corrupt(path, str(error)) from error
    except OSError as error:
        raise file_error(error, path) from error


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Two processes may open two databases of one directory; one of them finishes the plan."""
    lock = os.open(data_dir / "restore.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _carry_out(data_dir: Path, plan: Plan) -> None:
    aside, staging = data_dir / plan.aside, data_dir / STAGING
    if plan.away:
        aside.mkdir(mode=0o700, exist_ok=True)
    for name in plan.away:
        if (data_dir / name).exists() and not (aside / name).exists():
            (data_dir / name).rename(aside / name)
            faults.point("restore.away")
    for name in plan.place:
        if (staging / name).exists():
            (staging / name).rename(data_dir / name)
            faults.point("restore.place")
    _sync(data_dir)
    (data_dir / PLAN).unlink()
    faults.point("restore.done")
    shutil.rmtree(staging, ignore_errors=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
