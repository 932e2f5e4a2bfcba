"""A job's and a sprint's trace as sentences, for `/why`."""

from collections.abc import Callable, Mapping
from typing import Any


def _proposed(detail: Mapping[str, Any]) -> str:
    files = ", ".join(detail.get("files") or ()) or "no file"
    again = f" · {detail['note']}" if detail.get("note") else ""
    return (
        f"try {detail.get('iteration')}: proposed {files} · {detail.get('provider')} · {detail.get('model')} · "
        f"prompt of {detail.get('prompt_tokens')} tokens{again}"
    )


def _check(detail: Mapping[str, Any]) -> str:
    mark = "✓" if detail.get("passed") else "✗"
    note = f" · {detail['note']}" if detail.get("note") else ""
    code = f", exit code {detail['exit_code']}" if detail.get("exit_code") else ""
    return f"{mark} {detail.get('name')}{code}{note}"


TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "job": lambda detail: f"a job of {detail.get('items') or 1} goal(s) from {str(detail.get('base'))[:12]}",
    "sprint": lambda detail: f"sprint {detail.get('number')}: {detail.get('text')}",
    "proposed": _proposed,
    "no_proposal": lambda detail: f"try {detail.get('iteration')}: no proposal: {detail.get('note')}",
    "check": _check,
    "proved": lambda detail: f"✓ proved by {detail.get('checks')} checks: tree {str(detail.get('tree'))[:12]}",
    "refuted": lambda detail: f"✗ refuted ({detail.get('defect')}, {detail.get('severity')}): {detail.get('title')}",
    "advance": lambda detail: f"committed {str(detail.get('commit'))[:12]}; goes on: {detail.get('goal')}",
    "done": lambda detail: f"done: {detail.get('reason')}",
    "remediate": lambda detail: f"once more, with that defect: {detail.get('reason')}",
    "again": lambda detail: f"once more: {detail.get('reason')}",
    "escalate": lambda detail: f"a person is asked: {detail.get('reason')}",
    "escalated": lambda detail: f"waits for a person: {detail.get('reason')}",
    "stopped": lambda detail: f"stopped: {detail.get('reason')}",
    "resumed": lambda detail: f"resumed by {detail.get('by')}" + (f": {detail['hint']}" if detail.get("hint") else ""),
    "approved": lambda detail: f"{detail.get('by')} overruled {detail.get('defect')} and kept the proposal",
    "rolled_back": lambda detail: f"{detail.get('by')} rolled back to checkpoint {detail.get('to')}",
    "posted": lambda detail: (
        f"next input of checkpoint {detail.get('checkpoint')}: " + (str(detail.get("wrong")) or "posted")
    ),
    "merged": lambda detail: f"{detail.get('by')}: {detail.get('text')}",
}
"""By event. ``failed`` is told as any task's is."""
