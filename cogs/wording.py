"""The words around an answer: status line, progress, timeline. Text only, nothing of Discord's library."""

from agents.contracts import Answer, Stage, Status
from neutralise import for_discord, in_code

BODY_LIMIT = 3_600
"""Characters of a body shown in a message; a longer one becomes a short text and a file. Discord's own bound is 4,000
over all texts of a message."""

PARTS_SHOWN = 5
"""Unverifiable parts named in a message."""
SOURCES_ROOM = 60
"""Characters the sources may take of the quiet line."""

_MARKS: dict[Status, str] = {
    "verified": "✓ checked",
    "partly": "? partly checked",
    "unchecked": "◌ unchecked",
    "direct": "⌁ looked up",
    "fallback": "▲ fallback",
    "refused": "refused by policy",
    "failed": "not answered",
    "busy": "busy",
}
_AGAINST = {"dnd": " against the rules", "cloud": " against the provider's schema"}
_BEFORE: dict[Status, str] = {
    "unchecked": "◌ **Unchecked**: no rules data covers this question.",
    "fallback": "▲ **Fallback**: the drafts did not hold. What follows is what the data itself says.",
}


def body(answer: Answer) -> str:
    """The answer as it is shown, neutralised; what weakens it is said first."""
    parts = [_BEFORE.get(answer.status, ""), for_discord(answer.text), _unverifiable(answer)]
    return "\n".join(part for part in parts if part).strip() or "The answer is in the file."


def _unverifiable(answer: Answer) -> str:
    """What no fact decides, marked part by part."""
    if answer.status != "partly":
        return ""
    parts = [item for item in answer.violations if item.message not in answer.text]
    lines = [f"-# ? {in_code(item.location)}: {for_discord(item.message)[:200]}" for item in parts[:PARTS_SHOWN]]
    more = [f"-# ? and {len(parts) - PARTS_SHOWN} more; /why has them all"] if len(parts) > PARTS_SHOWN else []
    return "\n".join(lines + more)


def status_line(answer: Answer, task_type: str = "") -> str:
    """The quiet line under an answer: how far to trust it, from where, how long it took, which task."""
    parts = [mark(answer, task_type)]
    if answer.cached:
        parts.append(f"↺ from cache ({age(answer.cached_age_s)})")
    if answer.citations:
        parts.append(sources(answer.citations))
    if answer.attempts and not answer.cached:
        parts.append(f"{answer.attempts} draft{'s' if answer.attempts > 1 else ''}")
    if answer.provider:
        parts.append(answer.provider)
    if answer.status not in {"refused", "busy"}:
        parts.append(span(answer.elapsed_ms))
    if answer.task_id is not None:
        parts.append(f"task {answer.task_id}")
    return " · ".join(parts)


def mark(answer: Answer, task_type: str = "") -> str:
    """The status mark, always with its word."""
    if answer.status == "verified" and answer.rules_only:
        return "✓ rules only"
    if answer.status == "direct" and not answer.ok:
        return "⌁ looked up: does not hold"
    family = task_type.split(".")[0]
    return _MARKS[answer.status] + (_AGAINST.get(family, "") if answer.status == "verified" else "")


def sources(citations: tuple[str, ...]) -> str:
    """The first sources, as far as the line has room, and how many more there are."""
    shown: list[str] = []
    for citation in (for_discord(item).replace("\n", " ")[:SOURCES_ROOM] for item in citations):
        if shown and len(", ".join([*shown, citation])) > SOURCES_ROOM:
            break
        shown.append(citation)
    more = f" +{len(citations) - len(shown)}" if len(citations) > len(shown) else ""
    return f"from {', '.join(shown)}{more}"


def span(milliseconds: float) -> str:
    """A duration in the unit that says something."""
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 100 else f"{max(1, round(milliseconds))} ms"


def age(seconds: float | None) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = seconds or 0
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def progress(stage: Stage) -> str:
    """One line for the step that has begun: `Checking: attempt 2 of 3, the range was wrong …`."""
    if stage.name == "waiting":
        if stage.place <= 1:
            return "Waiting: next in the queue …"
        return f"Waiting: place {stage.place} in the queue …"
    detail = for_discord(stage.detail).replace("\n", " ")[:200]
    if stage.name == "resumed":
        return "Taken up again after a restart …"
    what = "Drafting" if stage.name == "drafting" else "Checking"
    attempt = f": attempt {stage.attempt} of {stage.of}" if stage.attempt > 1 else ""
    return f"{what}{attempt}" + (f", {detail} …" if detail else " …")
