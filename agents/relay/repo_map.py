"""What of a repository goes into a prompt: the files that matter whole, what others define, then bare names.

Read from a commit's objects, never from a working tree. Tags are kept by blob, so that the next sprint parses only
what changed.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec

from agents.relay.git_reader import LARGEST, Entry, contents, files
from agents.relay.ranking import is_named, paths_in, ranked, terms_of
from agents.relay.tags import NO_TAGS, Tags, tags_of
from llm.text import CHARACTERS_PER_TOKEN
from syntax import language_of

MOST_PARSED = 1_500
"""Source files parsed at most: the rest of a larger repository is listed by name."""
KEPT = 3_000
"""Blobs whose tags are kept."""
WHOLE_SHARE = 0.75
"""Of the bound, for files shown whole; the rest is for what others define and for names."""
AROUND = 25
"""Lines shown on either side of a place that matters in a file too long to be shown whole."""


class Shown(msgspec.Struct, frozen=True):
    """A file in a prompt: whole, or the parts that matter."""

    path: str
    text: str
    whole: bool


class RepoView(msgspec.Struct, frozen=True):
    """What a Builder sees of a repository."""

    files: tuple[Shown, ...]
    outline: str
    """What other files define, then the names of the rest."""


class RepoMap:
    """Chooses files within a token bound. Holds nothing but a cache."""

    def __init__(self) -> None:
        self._tags: OrderedDict[str, Tags] = OrderedDict()

    def view(self, repo: str, commit: str, wanted: Sequence[str], bound_tokens: int) -> RepoView:
        """The view of a commit for texts that say what it is for (goal, defect, hint). Raises GitFailed."""
        text = "\n".join(wanted)
        terms, named = terms_of(text), paths_in(text)
        entries = files(repo, commit)
        tags = self._all_tags(repo, entries, named)
        order = [path for path, _ in ranked(tags, terms, named)]
        others = [entry.path for entry in entries if entry.path not in tags]
        first = [entry.path for entry in entries if is_named(entry.path, named)]
        room = int(bound_tokens * CHARACTERS_PER_TOKEN)
        preferred = list(dict.fromkeys([*first, *order]))
        shown, used = self._files(repo, entries, preferred, terms, int(room * WHOLE_SHARE), named)
        outline = _outline([path for path in order if path not in shown], tags, others, room - used)
        return RepoView(tuple(shown.values()), outline)

    def _files(
        self,
        repo: str,
        entries: Sequence[Entry],
        order: Sequence[str],
        terms: frozenset[str],
        room: int,
        named: frozenset[str],
    ) -> tuple[dict[str, Shown], int]:
        by_path = {entry.path: entry for entry in entries if entry.size <= LARGEST}
        candidates = [path for path in order if path in by_path][:60]
        read = contents(repo, [by_path[path].blob for path in candidates])
        shown: dict[str, Shown] = {}
        used = 0
        for path in candidates:
            source = read.get(by_path[path].blob, b"")
            if b"\0" in source:
                continue
            share = 1 if is_named(path, named) else 3
            item = _fitted(path, source.decode("utf-8", "replace"), terms, room - used, share)
            if item is not None:
                shown[path] = item
                used += _cost(item.text) + len(path) + 20
        return shown, used

    def _all_tags(self, repo: str, entries: Sequence[Entry], named: frozenset[str]) -> dict[str, Tags]:
        sources = [entry for entry in entries if language_of(entry.path) and entry.size <= LARGEST]
        if len(sources) > MOST_PARSED:
            sources.sort(key=lambda entry: (not is_named(entry.path, named), entry.path.count("/"), entry.path))
            sources = sources[:MOST_PARSED]
        fresh = [entry for entry in sources if entry.blob not in self._tags]
        read: Mapping[str, bytes] = contents(repo, [entry.blob for entry in fresh])
        for entry in fresh:
            self._tags[entry.blob] = tags_of(entry.path, read.get(entry.blob, b""))
        found = {entry.path: self._tags.get(entry.blob, NO_TAGS) for entry in sources}
        while len(self._tags) > KEPT:
            self._tags.popitem(last=False)
        return found


def _cost(text: str) -> int:
    """Characters as the bound counts them: letters beyond ASCII take more tokens, so their bytes count."""
    return len(text.encode("utf-8", "replace"))


def _fitted(path: str, text: str, terms: frozenset[str], room: int, share: int) -> Shown | None:
    """The file whole when it takes at most 1/`share` of the room that is left, else its parts that matter."""
    if room < 200:
        return None
    if _cost(text) <= min(room, max(3_000, room // share)):
        return Shown(path, text, whole=True)
    lines = text.split("\n")
    parts = _excerpt(lines, terms, min(room, 9_000) - 100)
    if not parts and share == 1:
        parts = _excerpt(lines[: 2 * AROUND], terms_of(text), min(room, 9_000) - 100)
    return Shown(path, parts, whole=False) if parts else None


def _excerpt(lines: Sequence[str], terms: frozenset[str], room: int) -> str:
    """The stretches around lines that name what matters, in the order of the file, within `room` bytes."""
    hits = [number for number, line in enumerate(lines) if terms & terms_of(line)]
    weights = sorted(hits, key=lambda number: (-len(terms & terms_of(lines[number])), number))
    chosen: set[int] = set()
    used = 0
    for hit in weights:
        stretch = set(range(max(0, hit - AROUND), min(len(lines), hit + AROUND))) - chosen
        cost = sum(_cost(lines[number]) + 1 for number in stretch)
        if used + cost > room:
            continue
        chosen |= stretch
        used += cost
    parts, last = [], -2
    for number in sorted(chosen):
        if number != last + 1:
            parts.append(f"[… from line {number + 1} of {len(lines)} …]")
        parts.append(lines[number])
        last = number
    return "\n".join(parts)


def _outline(order: Sequence[str], tags: Mapping[str, Tags], others: Sequence[str], room: int) -> str:
    lines: list[str] = []
    for path in order:
        names = ", ".join(dict.fromkeys(definition.name for definition in tags[path].definitions))
        line = f"{path}: {names[:300]}" if names else path
        room -= _cost(line) + 1
        if room < 0:
            break
        lines.append(line)
    rest = [*order[len(lines) :], *others]
    for path in rest:
        room -= _cost(path) + 1
        if room < 40:
            lines.append("… and more files")
            break
        lines.append(path)
    return "\n".join(lines)
