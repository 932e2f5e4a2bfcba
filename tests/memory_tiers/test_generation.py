"""Index files: any damaged byte is noticed before it changes an answer, and a kill leaves no half file behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from pyroaring import BitMap

from errors import IndexDamaged
from memory.tiers.contracts import Generation, Tier
from memory.tiers.generation import ALIGN, GenerationFile, sweep
from tests.memory_tiers.samples import BUILDERS, MODEL, build, chunks, exactly, spread_ids, unit_rows

ROOT = Path(__file__).parents[2]
KIND = pytest.mark.parametrize("kind", list(BUILDERS))
COUNT = 3_000
FLIPS = 5


def answers(tier: Tier, ids: NDArray[np.uint32]) -> Iterator[list[int]]:
    """One after the other, so that a damaged part may spoil some and not others."""
    filters = [None, BitMap(ids[:90]), BitMap(ids[::2]), BitMap(ids[1_000:])]
    for number, query in enumerate(unit_rows(8, 64, 40)):
        yield tier.search(query, filters[number % len(filters)], 5)[0].tolist()


def places(path: Path, generation: Generation) -> dict[str, range]:
    file = GenerationFile(path.parent, generation)
    found = {each.name: range(each.offset, each.offset + each.length) for each in file.header.sections}
    found["preamble"] = range(ALIGN)
    found["header"] = range(max(span.stop for span in found.values()), generation.size)
    file.close()
    return found


@KIND
def test_a_flipped_byte_anywhere_is_noticed_and_never_changes_an_answer(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(COUNT), unit_rows(COUNT, 64)
    generation = build(kind, tmp_path, ids, rows)
    path = tmp_path / generation.name
    whole = path.read_bytes()
    true = list(answers(BUILDERS[kind][1](tmp_path, generation), ids))
    random = np.random.default_rng(4)
    spans = places(path, generation)
    spans["anywhere"] = range(generation.size)
    for name, span in spans.items():
        for at in random.choice(len(span), FLIPS if name != "anywhere" else 60, replace=False).tolist():
            damaged = bytearray(whole)
            damaged[span[at]] ^= 1 << int(random.integers(8))
            path.write_bytes(damaged)
            with pytest.raises(IndexDamaged):
                GenerationFile(tmp_path, generation).verify()
            try:
                tier = BUILDERS[kind][1](tmp_path, generation)
            except IndexDamaged:
                continue
            given = answers(tier, ids)
            for expected in true:
                try:
                    assert next(given) == expected, f"byte {span[at]} in {name}"
                except IndexDamaged:
                    break


@KIND
def test_a_damaged_row_or_code_that_is_needed_is_refused(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(COUNT), unit_rows(COUNT, 64)
    generation = build(kind, tmp_path, ids, rows)
    path = tmp_path / generation.name
    whole = path.read_bytes()
    for name in ("rows", "nibbles"):
        damaged = bytearray(whole)
        for at in places(path, generation)[name]:
            damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            BUILDERS[kind][1](tmp_path, generation).search(rows[0], None, 5)
        path.write_bytes(whole)


@KIND
def test_rows_that_changed_places_are_noticed(kind: str, tmp_path: Path) -> None:
    rows = unit_rows(50, 64)
    generation = build(kind, tmp_path, spread_ids(50), rows)
    path = tmp_path / generation.name
    content = bytearray(path.read_bytes())
    start, stride = places(path, generation)["rows"].start, 2 * 64 + 4
    first, second = (content[start + n * stride : start + (n + 1) * stride] for n in (3, 4))
    content[start + 3 * stride : start + 5 * stride] = second + first
    path.write_bytes(content)
    with pytest.raises(IndexDamaged, match="checksum"):
        BUILDERS[kind][1](tmp_path, generation).search(rows[0], None, 5)


@KIND
def test_another_file_a_cut_one_and_none_are_refused(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(500), unit_rows(500, 64)
    first, second = (build(kind, tmp_path, ids, rows + number, number=number) for number in (1, 2))
    one, two = tmp_path / first.name, tmp_path / second.name
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    for wrong in (two.read_bytes(), content[:-1], content + b"\0", content[:40], b"", b"\0" * len(content)):
        one.write_bytes(wrong)
        with pytest.raises(IndexDamaged, match="not the one that was published"):
            BUILDERS[kind][1](tmp_path, first)
    one.write_bytes(content)
    for change in ({"model": "other"}, {"dimension": 32}, {"count": 499}, {"number": 9}, {"crc": 1}):
        with pytest.raises(IndexDamaged):
            BUILDERS[kind][1](tmp_path, msgspec.structs.replace(first, **change))
    one.unlink()
    with pytest.raises(IndexDamaged, match="cannot be opened"):
        BUILDERS[kind][1](tmp_path, first)


@KIND
def test_a_file_that_is_replaced_or_removed_goes_on_serving_those_who_have_it_open(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(500), unit_rows(500, 64)
    generation = build(kind, tmp_path, ids, rows)
    tier = BUILDERS[kind][1](tmp_path, generation)
    assert sweep(tmp_path, set()) == [generation.name]
    allowed = BitMap(ids[:100])
    assert tier.search(rows[0], allowed, 5)[0].tolist() == exactly(ids, rows, rows[0], allowed, 5)
    tier.close()


@KIND
def test_rows_that_stop_coming_leave_no_file(kind: str, tmp_path: Path) -> None:
    def broken() -> Iterator[NDArray[np.float32]]:
        yield from chunks(unit_rows(700, 64))
        raise OSError("the source went away")

    with pytest.raises(OSError, match="went away"):
        BUILDERS[kind][0](tmp_path, number=1, model=MODEL, dimension=64, ids=spread_ids(1_400), vectors=broken())
    assert list(tmp_path.iterdir()) == []


@KIND
def test_fewer_or_more_rows_than_ids_are_refused(kind: str, tmp_path: Path) -> None:
    for count in (99, 101):
        with pytest.raises(ValueError, match="100 ids"):
            BUILDERS[kind][0](
                tmp_path, number=1, model=MODEL, dimension=64, ids=spread_ids(100), vectors=chunks(unit_rows(count, 64))
            )
    assert list(tmp_path.iterdir()) == []


@KIND
def test_a_kill_at_any_point_leaves_the_old_file_good_and_no_half_new_one(kind: str, tmp_path: Path) -> None:
    ids, rows = spread_ids(600), unit_rows(600, 64)
    old = build(kind, tmp_path, ids, rows, number=1)
    content = (tmp_path / old.name).read_bytes()
    new = build(kind, tmp_path / "elsewhere", ids, rows, number=2)
    for fault in ("index.begun", "index.written", "index.synced", "index.renamed"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.memory_tiers.victim", kind, str(tmp_path), "2"],
            cwd=ROOT, env=os.environ | {"VESPERA_FAULT": fault}, check=False,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        assert (tmp_path / old.name).read_bytes() == content
        assert (tmp_path / new.name).exists() == (fault == "index.renamed")
        if fault == "index.renamed":
            BUILDERS[kind][1](tmp_path, new).close()
        removed = sweep(tmp_path, {old.name})
        assert [name.removesuffix(".part") for name in removed] == [new.name]
    assert [path.name for path in tmp_path.glob("*.*")] == [old.name]
