"""The refusals that need the file's text: what was looked for, where it nearly is, and what stands there."""

import re
from collections.abc import Iterable

from agents.relay.patches.compose import Unclear
from agents.relay.patches.contracts import Unpatchable, refuse
from agents.relay.patches.locate import Lost
from agents.relay.patches.nearest import excerpt, nearest_row
from agents.relay.patches.source import Source, decoded
from agents.relay.patches.syntax import fault, is_sure

_COMMENT = r"(?:#|//|/\*|--|<!--|;|\{/\*)"
_LEFT_OUT = r"(?:the )?(?:rest|remaining|existing|unchanged"
_ELIDED = re.compile(
    rf"^\s*{_COMMENT}?\s*(?:\.{{3}}|…)\s*\(?{_LEFT_OUT}|other|same|previous|keep)\b"
    rf"|^\s*{_COMMENT}\s*\(?{_LEFT_OUT})\b.{{0,60}}(?:unchanged|same|here|as before|remains?|\.{{3}}|…).{{0,20}}$",
    re.IGNORECASE,
)
"""A line that stands for code which its author left out."""


def check_elided(path: str, lines: Iterable[str]) -> None:
    """Refuse new lines that stand for code left out: written to a file they would take its place."""
    for line in lines:
        if _ELIDED.search(line):
            shown = line.strip()[:60]
            raise refuse("elided", path, f'The new line "{shown}" stands for code that was left out.')


def breaks(path: str, before: bytes | None, after: bytes) -> tuple[int, str] | None:
    """The fault of a result that does not parse, unless what was there did not either."""
    if before is None and not is_sure(path):
        return None
    broken = fault(path, after)
    return broken if broken and (before is None or fault(path, before) is None) else None


def broken(path: str, found: tuple[int, str], after: bytes) -> Unpatchable:
    """The result does not parse; its own lines are shown, since the file's are fine."""
    line, why = found
    shown = excerpt(Source(decoded(after, path)), [max(0, line - 1)], 1) if line else ""
    return refuse("syntax", path, f"With this patch {path} would no longer parse: {why}.", line, shown)


def unclear(path: str, source: Source, error: Unclear) -> Unpatchable:
    """The hunks have places but no single meaning."""
    shown = excerpt(source, [error.row], 12)
    return refuse("ambiguous", path, f"The patch of {path} can be read in two ways: {error}.", error.row + 1, shown)


def lost(path: str, source: Source, miss: Lost) -> Unpatchable:
    """A hunk has no place, or too many."""
    height = len(miss.hunk.old)
    if len(miss.places) == 1:
        row = miss.places[0]
        message = f"Lines are missing around an addition to {path}, so that its place is not certain. Copy the context."
        return refuse("ambiguous", path, message, row + 1, excerpt(source, [row], height))
    if miss.places:
        where = ", ".join(str(row + 1) for row in miss.places[:8]) + (" …" if len(miss.places) > 8 else "")
        message = f"A hunk of {path} fits in more than one place (lines {where}). Give it more context."
        return refuse("ambiguous", path, message, miss.places[0] + 1, excerpt(source, list(miss.places[:3]), height))
    if not miss.hunk.old:
        return refuse("not-found", path, f"A hunk of {path} has no context lines, so it has no place.", miss.hunk.start)
    row = nearest_row(source, miss.hunk)
    message = f"The lines that a hunk of {path} removes or stands between are not in the file like this."
    return refuse("not-found", path, message, row + 1, excerpt(source, [row], height))
