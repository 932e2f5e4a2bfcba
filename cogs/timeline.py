"""`/why` as a message: a timeline, details behind a select, the whole trace as a file."""

from typing import TYPE_CHECKING, Any

import msgspec
from discord import ui

from cogs import rendering
from cogs.rendering import Rendered, Sign
from cogs.wording import BODY_LIMIT, span
from neutralise import for_discord, in_code, one_line

if TYPE_CHECKING:
    from agents.why import Why, WhyLine
    from blackboard.contracts import Feedback

REMARKS = 5
LINES_ROOM = 2_000
"""Characters the timeline may take; head, remarks and foot need up to 1,900 of Discord's 4,000."""
DETAILS = 25
"""Entries a select may have."""


def message(why: "Why", sign: Sign) -> Rendered:
    """The story of one answer; the newest steps are kept when not all fit."""
    head = (
        f"**Why: task {why.task_id}** `{in_code(why.command)[:200]}` · asked by {_person(why.user)}, "
        f"<t:{int(why.asked_at)}:t>"
    )
    texts: list[ui.Item[Any]] = [ui.TextDisplay(f"{head}\n{_lines(why.lines)}")]
    if why.corrections or why.feedback:
        texts.append(ui.TextDisplay(_remarks(why)))
    name = f"why-{why.task_id}.json"
    texts.append(ui.File(f"attachment://{name}"))
    texts.append(ui.TextDisplay(f"-# {_foot(why)}"))
    row = _details(why, sign) if why.lines else None
    trace = msgspec.json.format(msgspec.json.encode(why), indent=2)
    return Rendered(rendering.blocks(texts, 0x7A5FA8, row), [(name, trace)])


def detail(line: "WhyLine") -> Rendered:
    """One step in full."""
    text = msgspec.json.format(msgspec.json.encode(line.detail), indent=2).decode()
    shown = in_code(text)[: BODY_LIMIT - 200]
    head = f"`{line.at_s:.3f} s` **{line.agent}** {for_discord(line.text)[:150]}"
    return Rendered(rendering.blocks([ui.TextDisplay(f"{head}\n```json\n{shown}\n```")]))


def _lines(lines: "tuple[WhyLine, ...]") -> str:
    shown = [f"`{line.at_s:.3f} s` **{line.agent}** {for_discord(line.text)[:400]}" for line in lines]
    kept, room = [], LINES_ROOM
    for text in reversed(shown):
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    left_out = len(shown) - len(kept)
    first = [f"-# {left_out} earlier steps are in the file"] if left_out else []
    return "\n".join([*first, *reversed(kept)]) or "No steps are recorded yet."


def _remarks(why: "Why") -> str:
    lines = [
        f"✗ `{in_code(one_line(item.rule_violated))[:60]}` {for_discord(one_line(item.critic_feedback))[:120]}"
        for item in why.corrections
    ]
    lines += [f"{_person(item.user)} says {_said(item)}" for item in why.feedback]
    return "\n".join(lines[-REMARKS:])


def _said(feedback: "Feedback") -> str:
    if feedback.right:
        return "right"
    better = f"; would be right: {for_discord(one_line(feedback.should_be))[:80]}" if feedback.should_be else ""
    return f"wrong: {for_discord(one_line(feedback.wrong))[:120]}{better}"


def _foot(why: "Why") -> str:
    used = f"{why.tokens.sent} → {why.tokens.received} tokens" if why.tokens.sent else ""
    cost = f"{why.cost_usd * 100:.3f} ¢" if why.cost_usd else ""
    drafts = (
        f"{why.attempts} draft{'s' if why.attempts != 1 else ''}, {why.retry_count} rejected" if why.attempts else ""
    )
    chain = "" if why.chain_ok else "▲ a recorded step was altered"
    parts = [why.footer[:300], why.status, drafts, used, cost, span(why.elapsed_ms), chain]
    return for_discord(" · ".join(part for part in parts if part)).replace("\n", " ")[:500]


def _details(why: "Why", sign: Sign) -> ui.ActionRow[Any]:
    first = max(0, len(why.lines) - DETAILS)
    select: ui.Select[Any] = ui.Select(custom_id=sign("detail", str(why.task_id)), placeholder="Details of a step")
    for index, line in list(enumerate(why.lines))[first:]:
        label = f"{line.at_s:.3f} s  {line.agent}"[:100]
        select.add_option(label=label, value=str(index), description=in_code(line.text)[:100] or None)
    row: ui.ActionRow[Any] = ui.ActionRow()
    row.add_item(select)
    return row


def _person(user: str) -> str:
    return f"<@{user}>" if user.isdigit() else in_code(user)
