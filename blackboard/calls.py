"""Calls to language models as they happened: the trace's ground truth and the budget's ledger."""

import sqlite3
from collections.abc import Iterable

from blackboard import sealed
from blackboard.contracts import CallRecord
from blackboard.rows import TaskRow

_ROW = "?1 || ':' || ?2"
_INSERT = (
    "INSERT INTO model_calls (task_id, n, tenant, user, provider, model, purpose, outcome, tokens_in, tokens_out, "  # noqa: S608
    "cost_usd, duration_ms, note, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
    f"{sealed.given('model_calls', 'note', 13, _ROW)}, ?14)"
)
OF_TASK = (
    "SELECT provider, model, purpose, outcome, tokens_in, tokens_out, cost_usd, duration_ms, "  # noqa: S608
    f"{sealed.unseal('model_calls', 'note')} FROM model_calls "
    "WHERE tenant = ? AND task_id = ? ORDER BY n"
)
SPENT = (
    "SELECT total(tokens_in + tokens_out), total((tokens_in + tokens_out) * (user = ?1)), total(cost_usd), "
    "total(cost_usd * (user = ?1)) FROM model_calls WHERE tenant = ?2 AND at >= ?3"
)


def write_calls(connection: sqlite3.Connection, row: TaskRow, calls: Iterable[CallRecord], now: float) -> None:
    """Note the calls made for a task, and count them in its row."""
    rows = [
        (
            row.id,
            number,
            row.tenant,
            row.user,
            call.provider,
            call.model,
            call.purpose,
            call.outcome,
            call.tokens_in,
            call.tokens_out,
            call.cost_usd,
            call.duration_ms,
            call.note,
            now,
        )
        for number, call in enumerate(calls, row.calls)
    ]
    row.calls += len(rows)
    if rows:
        connection.executemany(_INSERT, rows)
