"""The trace of a task: steps in a digest chain, and a compact copy on the task's own row.

``hash_n = H(hash_n-1, task, n, agent, event, H(detail), at)``, keyed with the data directory's secret. The detail's own
digest is stored beside its text, so that the text can be erased and the chain still verified; being keyed, it lets
nobody guess a short text back. The task's row holds the last digest: a chain cut short is noticed too.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from blackboard import sealed
from blackboard.contracts import Step, StoredStep
from blackboard.keyfile import subkey
from blackboard.rows import WIDTH, TaskRow, read_row

SHORT = 80
"""Longest text (characters) of a detail that the compact trace keeps."""

_ROW = "?1 || ':' || ?2"
_json = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_parse = msgspec.json.Decoder(dict[str, Any]).decode
_INSERT = (
    f"INSERT INTO logic_trace VALUES (?1, ?2, ?3, ?4, {sealed.seal('logic_trace', 'detail', '?5', _ROW)}, "  # noqa: S608
    "?6, ?7, ?8, ?9)"
)
SELECT = (
    f"SELECT seq, agent, event, {sealed.unseal('logic_trace', 'detail')}, at, duration_ms, detail_hash, hash "  # noqa: S608
    "FROM logic_trace "
    "WHERE task_id = ?1 AND EXISTS (SELECT 1 FROM agent_tasks WHERE id = ?1 AND tenant = ?2) ORDER BY seq"
)


class Chain:
    """Appends steps to traces and verifies them, with the key of one data directory."""

    def __init__(self, key: bytes) -> None:
        self._key = subkey(key, "trace")

    def append(self, row: TaskRow, steps: Iterable[Step], now: float) -> list[tuple[Any, ...]]:
        """Extend the row's chain and compact trace; returns the rows for `write_steps`."""
        written: list[tuple[Any, ...]] = []
        compact: list[dict[str, Any]] = []
        for step in steps:
            at = float(step.at or now)
            detail = _json(step.detail)
            detail_hash = self._digest(detail)
            row.tip = self._link(row.tip, row.id, row.steps, step.agent, step.event, detail_hash, at)
            written.append(
                (
                    row.id,
                    row.steps,
                    step.agent,
                    step.event,
                    detail.decode(),
                    at,
                    float(step.duration_ms),
                    detail_hash,
                    row.tip,
                )
            )
            compact.append(_compact(step, at))
            row.steps += 1
        row.logic_trace = _joined(row.logic_trace, compact)
        return written

    def holds(self, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Whether the steps of a task (as `rows.WITH_STEPS` gives them) are whole, in order and unaltered.

        Raises:
            StoreCorrupt: the task's row fails its check.
        """
        row = read_row(rows[0][:WIDTH])
        return self._fits(row, [values[WIDTH:] for values in rows if values[WIDTH] is not None])

    def _fits(self, row: TaskRow, steps: Sequence[tuple[Any, ...]]) -> bool:
        if row.pruned:
            return not steps
        tip = b""
        for place, (seq, agent, event, detail, at, _duration, detail_hash, digest) in enumerate(steps):
            tip = self._link(tip, row.id, place, agent, event, detail_hash, at)
            text_fits = detail is None or self._digest(detail.encode()) == detail_hash
            if seq != place or tip != digest or not text_fits:
                return False
        return len(steps) == row.steps and tip == row.tip

    def _link(self, tip: bytes, task: int, seq: int, agent: str, event: str, detail_hash: bytes, at: float) -> bytes:
        return self._digest(_pack((tip, task, seq, agent, event, detail_hash, at)))

    def _digest(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=16).digest()


def write_steps(connection: sqlite3.Connection, steps: list[tuple[Any, ...]]) -> None:
    """Insert the rows that `Chain.append` made."""
    if steps:
        connection.executemany(_INSERT, steps)


def stored_step(values: tuple[Any, ...]) -> StoredStep:
    """A step as `SELECT` gives it. A detail whose bytes no longer parse reads as erased; the chain tells why."""
    seq, agent, event, detail, at, duration, _detail_hash, digest = values
    return StoredStep(seq, agent, event, _detail(detail), at, duration, digest.hex())


def without_details(logic_trace: str) -> str:
    """The compact trace with everything taken out that may quote a person."""
    bare = [{k: v for k, v in step.items() if k != "detail"} for step in msgspec.json.decode(logic_trace)]
    return _json(bare).decode()


def _detail(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        return _parse(text)
    except msgspec.DecodeError:
        return None


def _compact(step: Step, at: float) -> dict[str, Any]:
    short = {
        name: value
        for name, value in step.detail.items()
        if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= SHORT)
    }
    line: dict[str, Any] = {"agent": step.agent, "event": step.event, "at": at, "duration_ms": step.duration_ms}
    return {**line, "detail": short} if short else line


def _joined(logic_trace: str, compact: list[dict[str, Any]]) -> str:
    if not compact:
        return logic_trace
    more = _json(compact).decode()
    return more if logic_trace == "[]" else f"{logic_trace[:-1]},{more[1:]}"
