"""Names of backups in a folder, and which are too old. A name holds the time: touching a file changes nothing."""

import contextlib
import re
import time
from calendar import timegm
from pathlib import Path

DAY_S = 86_400.0
_FORM = "vespera-%Y%m%dT%H%M%SZ.backup"
_DATED = re.compile(r"\.?vespera-\d{8}T\d{6}Z\.backup(\.part)?")


def dated(folder: Path, now: float) -> Path:
    """The name of a backup made now."""
    return folder / time.strftime(_FORM, time.gmtime(now))


def free(folder: Path, now: float) -> Path:
    """The same, or that of the next second that has no backup yet."""
    while (name := dated(folder, now)).exists():
        now += 1
    return name


def part_of(file: Path) -> Path:
    """Where a backup is written before it has its name."""
    return file.with_name(f".{file.name}.part")


def remove_old(folder: Path, keep_days: float, now: float, *, spare: Path) -> list[Path]:
    """Delete dated backups older than `keep_days`, and what killed ones left behind; returns what went.

    Other files stay, and so does `spare`. 0 keeps all.
    """
    removed = []
    for path in sorted(folder.iterdir()):
        unfinished = path.name.endswith(".part")
        made_at = _made_at(path.name)
        old = made_at is not None and keep_days and made_at < now - keep_days * DAY_S
        if path != spare and _DATED.fullmatch(path.name) and (unfinished or old):
            with contextlib.suppress(OSError):
                path.unlink()
                removed += [] if unfinished else [path]
    return removed


def _made_at(name: str) -> float | None:
    try:
        return float(timegm(time.strptime(name, _FORM)))
    except ValueError:
        return None
