"""A flipped bit in a file: never served as something else, and noticed wherever it changes what can be read."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from database import Blackboard
from errors import BadConfiguration, StoreError
from tests.promises import Promise
from tests.storage.histories import History, lived
from tests.storage.houses import back_up, flipped, furnished, in_thread, put_back, read_all

SAMPLE, ALL = {"database": 60, "log": 40, "backup": 40}, {"database": 600, "log": 200, "backup": 200}


def places(size: int, count: int, seed: str) -> list[tuple[int, int]]:
    """Where to flip which bit: random, but the same in every run."""
    draw = random.Random(seed)
    return [(draw.randrange(size), 1 << draw.randrange(8)) for _ in range(count)]


async def judge(folder: Path, written: dict[str, Any], history: History | None = None) -> str:
    """What became of a damaged directory: refused, noticed, or nothing that anybody could read was touched.

    `history`: what could be read at earlier times, where an older state may be served if the loss is told.
    """
    try:
        board = await Blackboard.open(folder, checkpoints=False)
    except StoreError:
        return "refused at opening"
    try:
        told = await board.check()
        try:
            seen = await read_all(board)
        except StoreError:
            return "refused at reading"
    finally:
        await board.close()
    for name in written.keys() | seen.keys():
        was, now = written.get(name), seen.get(name)
        fine = now in (was, None, "damaged") or (name.startswith("chain") and now is False)
        if not fine and history is not None:
            fine = bool(told) and history.had(name, now)
        assert fine, f"{name} was {was} and is served as {now}; told: {told}"
    if seen != written:
        assert told, f"{ {name: seen.get(name) for name in written if seen.get(name) != written[name]} } unnoticed"
        return "noticed, not served"
    return "noticed, nothing lost" if told else "no row touched"


async def flip_database(tmp_path: Path, count: int) -> Counter[str]:
    await furnished(tmp_path / "sound")
    board = await Blackboard.open(tmp_path / "sound")
    written = await read_all(board)
    await board.close()
    whole = {
        name: (tmp_path / "sound" / name).read_bytes() for name in ("vespera.sqlite", "vespera.mark", "secret.key")
    }
    found: Counter[str] = Counter()
    for place, bits in places(len(whole["vespera.sqlite"]), count, "database"):
        folder = lay_out(tmp_path / "flipped", whole)
        damage(folder / "vespera.sqlite", place, bits)
        found[await judge(folder, written)] += 1
    return found


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def damage(path: Path, place: int, bits: int) -> None:
    whole = bytearray(path.read_bytes())
    whole[place] ^= bits
    path.write_bytes(whole)


async def flip_log(tmp_path: Path, count: int) -> Counter[str]:
    history = await lived(tmp_path / "sound")
    used = history.log_bytes[-1]
    found: Counter[str] = Counter()
    for place, bits in places(used, count, "log"):
        folder = lay_out(tmp_path / "flipped", history.files)
        damage(folder / "vespera.sqlite-wal", place, bits)
        found[await judge(folder, history.states[-1], history)] += 1
    return found


async def flip_backup(tmp_path: Path, count: int) -> Counter[str]:
    await furnished(tmp_path / "data")
    file = tmp_path / "b"
    await in_thread(lambda: back_up(tmp_path / "data", file))
    for place, bits in places(file.stat().st_size, count, "backup"):
        with flipped(file, place, bits), pytest.raises((StoreError, BadConfiguration)):
            await in_thread(lambda: put_back(file, tmp_path / "new"))
    return Counter({"refused": count})


async def test_a_flip_in_the_database_is_never_served(tmp_path: Path, promise: Promise) -> None:
    found = await flip_database(tmp_path, SAMPLE["database"])
    assert found["noticed, not served"] and found["no row touched"], found
    promise("A flipped bit is noticed or harmless, never served.", count=SAMPLE["database"], of="flips of the database")


async def test_a_flip_in_the_log_gives_a_committed_prefix_and_the_loss_is_told(
    tmp_path: Path, promise: Promise
) -> None:
    found = await flip_log(tmp_path, SAMPLE["log"])
    assert found["noticed, not served"] > SAMPLE["log"] / 2, found
    promise("A flipped bit is noticed or harmless, never served.", count=SAMPLE["log"], of="flips of the log")


async def test_a_flip_in_a_backup_is_refused(tmp_path: Path, promise: Promise) -> None:
    await flip_backup(tmp_path, SAMPLE["backup"])
    promise("A flipped bit is noticed or harmless, never served.", count=SAMPLE["backup"], of="flips of the backup")


@pytest.mark.slow
@pytest.mark.timeout(1_200)
async def test_a_thousand_flips_are_all_noticed_or_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], promise: Promise
) -> None:
    for what, flip in (("database", flip_database), ("log", flip_log), ("backup", flip_backup)):
        (tmp_path / what).mkdir()
        found = await flip(tmp_path / what, ALL[what])
        assert found.total() == ALL[what]
        with capsys.disabled():
            print(f"\n{ALL[what]} flips in the {what}: " + ", ".join(f"{n} {how}" for how, n in found.most_common()))
    promise("A thousand flipped bits are noticed or harmless.", count=sum(ALL.values()), of="flips")
