"""A job as Discord messages: its board, its progress, lists. Short lines, for a phone."""

import re
import time
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from agents.relay.contracts import Capsule
from agents.relay.jobs import OPEN, Checkpoint, JobView, LedgerRow
from agents.relay.shown import Shown
from cogs import rendering
from cogs.rendering import Rendered, Sign
from neutralise import for_discord, in_code

ACCENTS = {
    "queued": 0x8A8F98, "running": 0x4A7FC1, "escalated": 0xD9822B, "stopped": 0x8A8F98, "done": 0x3BA55D,
    "failed": 0xB3423A,
}  # fmt: skip
WORDS = {
    "queued": "· waits for its turn", "running": "▸ at work", "escalated": "▲ waits for a person",
    "stopped": "■ stopped", "done": "✓ done", "failed": "✗ could not go on",
}  # fmt: skip
MARKS = {"queued": "·", "running": "▸", "escalated": "▲", "stopped": "■", "done": "✓", "failed": "✗"}
DOING = {"idle": "beginning", "building": "building", "proposed": "verifying", "judged": "deciding"}
ITEMS = 12
"""Items of a roadmap on the board: those around the one at work."""
SMALL_ITEM = 90
_OPENING = re.compile(r"^(#|-#|>|[-*] )")
"""What would make a line a heading, small print, a quote or a list."""
_BY = re.compile(r"\bby (\d{15,21})\b")


def board(view: JobView, checkpoints: Sequence[Checkpoint], sign: Sign) -> Rendered:
    """The first message of a job: all that matters, and the buttons that may be pressed now."""
    return status(view, checkpoints, None, sign)


def buttons(view: JobView, checkpoints: Sequence[Checkpoint], sign: Sign, *, hint: str = "Hint") -> ui.ActionRow[Any]:
    """Approve, Stop, Hint, Roll back; grey where there is nothing to press."""
    state = view.state
    subject = f"{view.id}.{state.sprint}"
    kept = [each for each in checkpoints if not each.undone]
    waits = state.status in ("escalated", "stopped", "failed")
    refuted = state.verdict is not None and state.verdict.capsule is not None and bool(state.verdict.tree)
    may_approve = (state.status == "escalated" and refuted) or (state.status == "done" and bool(kept))
    row: ui.ActionRow[Any] = ui.ActionRow()
    for label, action, style, enabled in (
        ("Approve", "relay-approve", discord.ButtonStyle.success, may_approve),
        ("Stop", "relay-stop", discord.ButtonStyle.danger, state.status not in ("done", "stopped")),
        (hint, "relay-hint", discord.ButtonStyle.primary, waits),
        ("Roll back", "relay-back", discord.ButtonStyle.secondary, bool(kept)),
    ):
        row.add_item(ui.Button(label=label, style=style, custom_id=sign(action, subject), disabled=not enabled))
    return row


def progress(view: JobView, *, away: bool) -> Rendered:
    """What it is doing now: one line."""
    state, spec = view.state, view.spec
    if state.status not in OPEN:
        return _line(f"**{view.name}** {WORDS[state.status]}", view)
    if away:
        return _line(f"**{view.name}** The relay is not running; the job goes on when it is back.", view)
    if state.status == "queued":
        return _line(f"**{view.name}** waits for its turn …", view)
    where = f"item {state.item + 1} of {len(spec.roadmap)}, " if state.item < len(spec.roadmap) else ""
    return _line(
        f"**{view.name}** {where}try {max(1, state.iteration)} of {spec.budget.iterations}: {DOING[state.phase]} …",
        view,
    )


def status(view: JobView, checkpoints: Sequence[Checkpoint], shown: Shown | None, sign: Sign) -> Rendered:
    """`/relay status job:`: the board, where its thread is, and what Discord did not take."""
    parts = [part for part in (_head(view), _roadmap(view), _figures(view, checkpoints)) if part]
    items: list[ui.Item[Any]] = [ui.TextDisplay(parts[0])]
    for part in parts[1:]:
        items += [ui.Separator(spacing=discord.SeparatorSpacing.small), ui.TextDisplay(part)]
    if shown is not None and shown.thread:
        items.append(ui.TextDisplay(f"Its thread is <#{shown.thread}>"))
    if shown is not None and shown.lost:
        items.append(ui.TextDisplay(f"▲ {shown.lost[:300]}"))
    items.append(ui.TextDisplay(f"-# {_foot(view)}"))
    return Rendered(rendering.blocks(items, ACCENTS[view.state.status], buttons(view, checkpoints, sign)))


def listed(views: Sequence[JobView]) -> Rendered:
    """`/relay status`: a line for each job, newest first."""
    if not views:
        return rendering.sentence("No coding job was started here yet: /relay start repo: goal:")
    lines = [
        f"{MARKS[view.state.status]} **{view.name}** {view.state.status} · {view.state.checkpoints} ✓ · "
        f"{one_line(view.spec.goal, 70)}"
        for view in views
    ]
    return Rendered(rendering.blocks([ui.TextDisplay("\n".join(lines))]))


def ledger(view: JobView, rows: Sequence[LedgerRow], digest: str, content: bytes | None) -> Rendered:
    """`/relay ledger`: the last sprints in a line each, all of it as a file."""
    lines = [f"{'✓' if row.verdict == 'pass' else '✗'} sprint {row.number}: {_of_row(row)}" for row in rows[-10:]]
    more = [f"-# {len(rows) - 10} earlier sprints are in the file"] if len(rows) > 10 else []
    text = "\n".join([f"**{view.name}** {_many(len(rows), 'sprint')}", *more, *lines])
    items: list[ui.Item[Any]] = [ui.TextDisplay(text)]
    files: list[tuple[str, bytes]] = []
    if content is not None:
        files = [(f"{view.name}-ledger.json", content)]
        items.append(ui.File(f"attachment://{files[0][0]}"))
    else:
        items.append(ui.TextDisplay(f"Too long to attach. On the machine: `./vespera relay ledger {view.name} --json`"))
    items.append(ui.TextDisplay(f"-# ledger {digest or '(no sprint yet)'}"))
    return Rendered(rendering.blocks(items), files)


def stopped(view: JobView) -> str:
    """What a stop came to."""
    return f"{view.name} was stopped; what was proved stays on {view.state.branch}. /relay resume goes on."


def rolled_back(view: JobView) -> str:
    """What a rollback came to."""
    return f"{view.state.branch} is at {view.state.tip[:12]} again. {view.name} waits; /relay resume goes on."


def said(text: str) -> Rendered:
    """What a person's command came to, in a sentence."""
    return Rendered(rendering.blocks([ui.TextDisplay(by_people(for_discord(text)))]))


def by_people(text: str) -> str:
    """Our own sentence with the people in it as mentions, which ping nobody."""
    return _BY.sub(r"by <@\1>", text)


def one_line(text: str, room: int) -> str:
    """Somebody's words on one line, harmless, cut with an ellipsis."""
    plain = _OPENING.sub(r"\\\1", for_discord(" ".join(text.split()).replace("```", "ˋˋˋ")))
    return plain if len(plain) <= room else plain[: room - 1].rstrip() + "…"


def code(text: str, room: int) -> str:
    """Somebody's words as code on one line: nothing in it is read as markup, nobody is mentioned."""
    return f"`{in_code(' '.join(text.split()))[:room] or ' '}`"


def _line(text: str, view: JobView) -> Rendered:
    return Rendered(rendering.blocks([ui.TextDisplay(text)], ACCENTS[view.state.status]))


def _head(view: JobView) -> str:
    state = view.state
    lines = [f"**{view.name}** {WORDS[state.status]}", one_line(view.spec.goal, 500)]
    if state.reason and state.status not in OPEN:
        lines.append(f"-# {by_people(one_line(state.reason, 300))}")
    return "\n".join(lines)


def _roadmap(view: JobView) -> str:
    """The items around the one at work, each with its mark."""
    state, items = view.state, view.spec.roadmap
    lines = []
    first = max(0, min(state.item - ITEMS // 3, len(items) - ITEMS))
    for number, item in list(enumerate(items))[first : first + ITEMS]:
        mark = "✓" if number < state.item else "▸" if number == state.item and state.status != "done" else "·"
        lines.append(f"{mark} {number + 1}. {one_line(item, SMALL_ITEM)}")
    if first:
        lines.insert(0, f"-# ✓ {first} before")
    if (left := len(items) - first - ITEMS) > 0:
        lines.append(f"-# {left} more")
    if state.item >= len(items) and state.goal != view.spec.goal and state.status != "done":
        lines.append(f"▸ {one_line(state.goal, SMALL_ITEM)}")
    return "\n".join(lines)


def _figures(view: JobView, checkpoints: Sequence[Checkpoint]) -> str:
    state = view.state
    kept = [each for each in checkpoints if not each.undone]
    lines = []
    if state.capsule is not None:
        lines.append(f"**Last verdict** ✗ {deciding(state.capsule)}")
    elif kept:
        lines.append(f"**Last verdict** ✓ {one_line(kept[-1].goal, 120)}")
    if kept:
        lines.append(f"**Checkpoints** {len(kept)}, the last `{kept[-1].commit[:10]}`")
    lines.append(f"**Left** {_left(view)}")
    return "\n".join(lines)


def _left(view: JobView) -> str:
    """The budget that is left: what has no limit is told as used."""
    budget, used, times = view.spec.budget, view.state.totals, 1 + view.state.grants
    tokens = used.tokens_in + used.tokens_out
    calls = (
        f"{max(0, budget.calls * times - used.llm_calls):,} calls" if budget.calls else f"{used.llm_calls:,} calls used"
    )
    words = (
        f"{short(max(0, budget.tokens * times - tokens))} tokens" if budget.tokens else f"{short(tokens)} tokens used"
    )
    money = (
        f"${max(0.0, budget.cost_usd * times - used.cost_usd):.2f}" if budget.cost_usd else f"${used.cost_usd:.2f} used"
    )
    return f"{calls} · {words} · {money}"


def _foot(view: JobView) -> str:
    repo = one_line(view.spec.repo.rstrip("/").rsplit("/", 1)[-1], 60)
    branch = f" · {one_line(view.state.branch, 60)}" if view.state.checkpoints else ""
    began = time.strftime("%Y-%m-%d", time.gmtime(view.created_at))
    asked = f" · asked by <@{view.user}>" if view.user.isdigit() else ""
    return f"{repo}{branch} · begun {began}{asked}"


def _of_row(row: LedgerRow) -> str:
    if row.capsule is not None:
        return one_line(row.capsule.title, 120)
    if row.verdict == "pass":
        return f"{one_line(row.goal, 80)} · `{row.commit[:10]}`"
    return one_line(f"{row.verdict}: {row.summary}", 120)


def deciding(capsule: Capsule) -> str:
    """The check that refuted, and the line of its output that decided; else the defect's title."""
    check = code(capsule.failing_check, 60)
    said = [line.strip() for line in capsule.error.splitlines()]
    line = next((each for each in said if each and each in capsule.title), "")
    return f"{check}: {code(line, 200)}" if line else f"{check}: {one_line(capsule.title, 200)}"


def short(count: int) -> str:
    """A count in the unit that says something: 940, 12.3 k, 2.9 M."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} M"
    return f"{count / 1_000:.1f} k" if count >= 10_000 else f"{count:,}"


def _many(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"
