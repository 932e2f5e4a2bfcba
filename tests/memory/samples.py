"""Records and memories for the tests of this room."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memory import planner, upkeep, words
from memory.contracts import Filter, NewRecord, Query
from memory.embedders.embedded import EmbeddedEmbedder
from memory.facade import Memory

TENANT = "guild:1"
EMBEDDED = EmbeddedEmbedder()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Index files are due after some hundred records instead of some thousand."""
    for where, name, value in (
        (planner, "HOT", 400),
        (planner, "HOT_KEPT", 100),
        (words, "LATE", 300),
        (upkeep, "LATE_ROWS", 300),
    ):
        monkeypatch.setattr(where, name, value)


async def opened(folder: Path, **options: Any) -> Memory:
    """A memory whose upkeep runs only when a test asks for a round."""
    return await Memory.open(folder, options.pop("embedder", EMBEDDED), EMBEDDED, **{"upkeep": False} | options)


def note(text: str = "A goblin fears fire.", **fields: Any) -> NewRecord:
    whole: dict[str, Any] = {"tenant": TENANT, "kind": "note", "text": text, "user": "ann", "created_at": 1e9}
    return NewRecord(**whole | fields)


def many(count: int, first: int = 0, **fields: Any) -> list[NewRecord]:
    """Records that differ in text, project, task and day."""
    return [
        note(
            f"Entry {number}: the {('red', 'green', 'blue')[number % 3]} dragon number {number} sleeps in cave {number % 97}.",
            **{"project_id": f"p{number % 5}", "task_id": str(number // 3), "created_at": 1e9 + number * 1_000}
            | fields,
        )
        for number in range(first, first + count)
    ]


async def found(memory: Memory, text: str, tenant: str = TENANT, where: Filter | None = None, k: int = 10) -> list[int]:
    recalled = await memory.recall(Query(tenant=tenant, text=text, where=where, k=k))
    return [hit.record.id for hit in recalled.hits]


def change(folder: Path, sql: str, arguments: Sequence[Any] = ()) -> None:
    """Change the database behind the memory's back."""
    with closing(sqlite3.connect(folder / "memory.sqlite")) as file, file:
        assert file.execute(sql, arguments).rowcount, "nothing was changed"


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def keep(memory: Memory, records: Sequence[NewRecord]) -> None:
    """Remember any number of records, in batches."""
    for start in range(0, len(records), 2_048):
        await memory.remember(records[start : start + 2_048])
