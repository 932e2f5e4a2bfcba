"""What happened to a job, as messages of its thread: one for each sprint, with its diff; decisions of people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from discord import ui

from agents.relay.jobs import JobView, LedgerRow
from agents.relay.shown import Event, Look
from cogs import rendering
from cogs.relay import render
from cogs.relay.render import by_people, code, one_line, short
from cogs.rendering import Rendered, Sign
from cogs.wording import BODY_LIMIT
from neutralise import file_name, for_discord

SPRINTS = 5
"""Sprints one message holds when many are waiting to be told."""
FEW = 3
"""Sprints that are still told one by one."""
TRAIL = 5
DIFF_BYTES = 256 * 1024
NEXT_INPUT = 600
"""Characters of a next input in the thread; a longer one is a file."""
MARK = 1_000_000
"""Added to an event's number to make the mark of its message."""
CALLS_FOR_A_PERSON = frozenset({"escalated", "failed"})


@dataclass(slots=True)
class Told:
    """Some events as one message; without a message there is nothing to say of them."""

    last: int
    """The last of the events."""
    rows: int = 0
    """Sprints that ended among them."""
    message: Rendered | None = None
    mention: int = 0
    """The person to be pinged; 0 for nobody."""
    inputs: list[tuple[int, str]] = field(default_factory=list)
    """Next inputs of these sprints, by event."""


def told(look: Look, sign: Sign, begun: int = 0) -> Told | None:
    """What is to be told next: what happened first, several sprints at once when many wait. None: nothing happened.

    ``begun``: last event of a message that a bot began to send before it died; it is the same message again.
    """
    items: list[ui.Item[Any]] = []
    files: list[tuple[str, bytes]] = []
    result, before, room = Told(0), "", BODY_LIMIT
    waiting = sum(event.row is not None for event in look.events)
    at_once = SPRINTS if waiting > FEW else 1
    asking = _asking_now(look)
    for event in look.events:
        asks = event.seq == asking
        if begun and event.seq > begun:
            break
        text, attached = _event(look.view, event, before)
        room -= len(text)
        full = room < 0 or (event.row is not None and result.rows >= at_once)
        if not begun and items and (asks or full):
            break
        before = event.kind
        result.last = event.seq
        result.rows += event.row is not None
        if said := str(event.detail.get("next_input") or ""):
            result.inputs.append((event.seq, said))
        if text:
            items.append(ui.TextDisplay(text))
            files += attached
        if asks:
            return _question(look, items, files, result, sign)
    if items:
        items += _shown(files)
        result.message = Rendered(rendering.blocks(items, _accent(look, result.last), mark=MARK + result.last), files)
    return result if result.last else None


def _shown(files: Sequence[tuple[str, bytes]]) -> list[ui.Item[Any]]:
    """Files come after all text: a phone shows each as large as the text."""
    return [ui.File(f"attachment://{name}") for name, _ in files]


def _asking_now(look: Look) -> int:
    """The event that asks a person who still has to decide: the last of its kind while the job waits. 0: none does."""
    if look.view.state.status not in CALLS_FOR_A_PERSON:
        return 0
    found, before = 0, ""
    for event in look.events:
        if event.kind in CALLS_FOR_A_PERSON or event.detail.get("decision") == "escalate":
            found = 0 if before == "rolled_back" else event.seq  # who rolled it back knows
        before = event.kind
    return found


def _question(look: Look, items: list[ui.Item[Any]], files: list[tuple[str, bytes]], told: Told, sign: Sign) -> Told:
    """The escalation: the person is mentioned, the trail in five lines, and what can be done."""
    view = look.view
    who = f"<@{view.user}> " if view.user.isdigit() else ""
    trail = [f"> {one_line(line, 140)}" for line in view.state.trail[-TRAIL:]]
    head = f"▲ {who}**{view.name} waits for you**: {by_people(one_line(view.state.reason, 300))}"
    items += [ui.Separator(), ui.TextDisplay("\n".join([head, *trail])), *_shown(files)]
    row = render.buttons(view, look.checkpoints, sign, hint="Retry with a hint")
    told.message = Rendered(rendering.blocks(items, render.ACCENTS["escalated"], row, MARK + told.last), files)
    told.mention = int(view.user) if view.user.isdigit() else 0
    return told


def _accent(look: Look, last: int) -> int:
    rows = [event.row for event in look.events if event.seq <= last and event.row is not None]
    return rendering.ACCENTS["verified" if rows[-1].verdict == "pass" else "failed"] if rows else rendering.QUIET


def _event(view: JobView, event: Event, before: str) -> tuple[str, list[tuple[str, bytes]]]:
    detail = event.detail
    by = f"<@{detail['by']}>" if str(detail.get("by", "")).isdigit() else one_line(str(detail.get("by", "")), 60)
    match event.kind:
        case "sprint" if event.row is not None:
            return _sprint(view, event, event.row)
        case "resumed":
            hint = f": {one_line(str(detail['hint']), 500)}" if detail.get("hint") else ""
            return f"▸ {by} let it go on{hint}", []
        case "approved":
            return f"✓ {by} kept the refuted proposal, overruling {code(str(detail.get('defect')), 60)}", []
        case "rolled_back":
            return f"↶ {by} rolled back to checkpoint {detail.get('to')}", []
        case "merged":
            return f"✓ {by} merged it: {one_line(str(detail.get('text')), 200)}", []
        case "stopped":
            return f"■ {by_people(one_line(str(detail.get('reason')), 200))}; what was proved stays", []
        case "done" if before == "approved":
            return f"✓ {one_line(str(detail.get('reason')), 200)}", []
    return "", []


def _sprint(view: JobView, event: Event, row: LedgerRow) -> tuple[str, list[tuple[str, bytes]]]:
    """What was tried, the line that decided, what it cost; the diff as a file."""
    mark = "✓" if row.verdict == "pass" else "✗" if row.verdict == "fail" else "–"
    item = f"item {row.item + 1} of {len(view.spec.roadmap)}: " if row.item is not None else ""
    lines = [f"{mark} **sprint {row.number}** {item}{one_line(row.goal, 120)}"]
    if row.verdict in ("pass", "fail"):
        where = f" ({code(', '.join(row.files), 100)})" if row.files else ""
        lines.append(f"Tried: {one_line(row.summary, 240)}{where}")
    lines += _verdict(event, row)
    files = _diff(view, row)
    if said := str(event.detail.get("next_input") or ""):
        if view.spec.next_input_to == "thread":
            lines.append(f"Next input, unchecked: {one_line(said, NEXT_INPUT)}")
            if len(said) > NEXT_INPUT:
                files.append((f"next-input-{row.number}.md", for_discord(said).encode()))
        elif not view.spec.next_input_to and view.spec.resubmit and row.next_goal == said.strip():
            lines.append("Its next input is the next request.")
    if row.decision == "done":
        lines.append(f"✓ **{view.name} is done**: {one_line(row.reason, 160)}. Approve merges it.")
    lines.append(f"-# {_cost(row)}")
    return "\n".join(lines), files


def _verdict(event: Event, row: LedgerRow) -> list[str]:
    if row.capsule is not None:
        return [render.deciding(row.capsule)]
    if row.verdict != "pass":
        return [f"No proposal: {one_line(row.summary or row.verdict, 240)}"]
    tests = f", {event.checkpoint.tests} tests" if event.checkpoint and event.checkpoint.tests is not None else ""
    names = ", ".join(code(check.name, 30) for check in row.checks[:8])
    lines = [f"Proved by {names}{tests}"]
    if event.checkpoint is not None:
        proof = event.checkpoint
        undone = " (rolled back since)" if proof.undone else ""
        lines.append(f"Checkpoint {proof.number} `{row.commit[:10]}` · signed `{proof.proof[:12]}…`{undone}")
    return lines


def _diff(view: JobView, row: LedgerRow) -> list[tuple[str, bytes]]:
    text = "\n".join(patch.diff.rstrip("\n") + "\n" for patch in row.diffs)
    if not text.strip():
        return []
    content = text.encode("utf-8", "replace")
    if len(content) > DIFF_BYTES:
        content = content[:DIFF_BYTES] + b"\n... the whole of it is in /relay ledger\n"
    return [(file_name(f"{view.name}-{row.number}-{row.task}.diff"), content)]


def _cost(row: LedgerRow) -> str:
    parts = [f"{short(row.tokens_in)} → {short(row.tokens_out)} tokens"]
    parts += [f"${row.cost_usd:.4f}"] if row.cost_usd else []
    parts += [f"{max(0.0, row.ended - row.started):.1f} s", one_line(row.model.split(" ", 1)[-1], 40)]
    return " · ".join([*parts, f"/why r{row.task}"])
