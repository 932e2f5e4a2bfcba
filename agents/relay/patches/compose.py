"""A file's new text from its placed hunks."""

from collections.abc import Sequence

from agents.relay.patches.blanks import Pair, adapt, pairs_of
from agents.relay.patches.edits import edits_of
from agents.relay.patches.locate import Found
from agents.relay.patches.source import Source


class Unclear(Exception):
    """The hunks have places, but not one meaning; ``row`` is where."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(why)
        self.row = row


def compose(source: Source, found: Sequence[Found]) -> str:
    """The new text.

    Raises:
        Unclear: two hunks change the same line, an addition has no certain place, or its blanks cannot be settled.
    """
    gone: set[int] = set()
    coming: dict[int, list[tuple[str, str]]] = {}
    pairs = [pair for each in found for pair in pairs_of(source, each.hunk, each.rows)]
    for each in found:
        _collect(source, each, pairs, gone, coming)
    lines: list[tuple[str, str]] = []
    for row in range(len(source.texts) + 1):
        lines.extend(coming.get(row, ()))
        if row < len(source.texts) and row not in gone:
            lines.append((source.texts[row], source.ends[row]))
    return source.mark + _joined(source, lines, _last_end(source, found))


def _collect(
    source: Source,
    found: Found,
    pairs: Sequence[Pair],
    gone: set[int],
    coming: dict[int, list[tuple[str, str]]],
) -> None:
    edits = edits_of(found.hunk, found.rows, source.texts)
    near = next((row for row in found.rows if row is not None), 0)
    if edits is None:
        raise Unclear(near, "lines are missing around an addition, so that its place is not certain")
    if gone & set(edits.gone):
        raise Unclear(edits.gone[0], "two hunks remove the same line")
    gone.update(edits.gone)
    rewrite = adapt(source, found.hunk, found.rows, pairs)
    taken = set(coming)
    for insertion in edits.insertions:
        if insertion.row in taken:
            raise Unclear(near, "two hunks add lines at the same place")
        end = (source.ends[insertion.beside] if insertion.beside >= 0 else "") or source.usual_end
        texts = [rewrite(text) for text in insertion.texts]
        if any(text is None for text in texts):
            raise Unclear(
                near, "its indentation differs from the file's in a way that does not tell the added lines' own"
            )
        coming.setdefault(insertion.row, []).extend((text, end) for text in texts if text is not None)


def _last_end(source: Source, found: Sequence[Found]) -> bool:
    """Whether the new text's last line has an ending. A mark that contradicts the file is not believed."""
    if not source.texts:
        return not any(each.hunk.ends_bare_new for each in found)
    for each in found:
        reaches = bool(each.rows) and (each.rows[-1] == len(source.texts) - 1)
        if reaches and each.hunk.ends_bare_old == source.ends_bare:
            return not each.hunk.ends_bare_new
    return not source.ends_bare


def _joined(source: Source, lines: list[tuple[str, str]], ended: bool) -> str:
    if not lines:
        return ""
    parts = [text + (end or source.usual_end) for text, end in lines[:-1]]
    text, end = lines[-1]
    return "".join(parts) + text + ((end or source.usual_end) if ended else "")
