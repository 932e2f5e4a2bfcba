"""`/why` as lines of text."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from neutralise import one_line

if TYPE_CHECKING:
    from agents.why import Why


def why_lines(why: "Why") -> Iterator[str]:
    """A timeline a person can read, newest attempt last."""
    asked = time.strftime("%Y-%m-%d %H:%M", time.localtime(why.asked_at))
    yield f"Why: task {why.name or why.task_id}  {why.command} · asked by {why.user}, {asked}"
    for line in why.lines:
        yield f"{line.at_s:8.3f} s  {line.agent:<9} {line.text}"
    for correction in why.corrections:
        yield f"            noted     {one_line(f'{correction.rule_violated}: {correction.critic_feedback}')}"
    for said in why.feedback:
        yield f"            feedback  {'right' if said.right else f'wrong: {one_line(said.wrong)}'}"
    yield " · ".join(_totals(why))
    if why.footer:
        yield why.footer
    if not why.chain_ok:
        yield "This trace was altered after it was written: its chain of digests does not hold."


def _totals(why: "Why") -> Iterator[str]:
    yield why.status
    if why.attempts:
        yield f"{why.attempts} draft{'s' if why.attempts > 1 else ''}, {why.retry_count} rejected"
    if why.provider:
        yield f"{why.provider} {why.model or ''}".strip()
    if why.tokens.sent or why.tokens.received:
        yield f"{why.tokens.sent} → {why.tokens.received} tokens"
    if why.cost_usd:
        yield f"{why.cost_usd * 100:.2f} ¢"
    yield f"{why.elapsed_ms / 1000:.3f} s"
