"""Which files matter for a goal: personalised PageRank over who uses whose names."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from agents.relay.tags import Tags

DAMPING = 0.85
ROUNDS = 25
NAMED = 50.0
"""Weight of a file whose path the goal names, against 1 for any file."""
DEFINES = 10.0
"""Weight of a file that defines a name of the goal."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_PATH = re.compile(r"[\w@./-]+")
LONGEST_TEXT = 20_000
"""Characters of a text that are looked at for names."""


def terms_of(*texts: str) -> frozenset[str]:
    """The words of texts that may be names in code."""
    return frozenset(word for text in texts for word in _WORD.findall(text[:LONGEST_TEXT]))


def paths_in(text: str) -> frozenset[str]:
    """What looks like a path in a text."""
    found = (token.removeprefix("./").rstrip(".") for token in _PATH.findall(text[:LONGEST_TEXT]))
    return frozenset(token for token in found if "." in token[1:] and len(token) < 300)


def ranked(tags: Mapping[str, Tags], terms: frozenset[str], named: frozenset[str]) -> list[tuple[str, float]]:
    """Paths by weight, the heaviest first; equal ones by name, so that the order is always the same."""
    if not tags:
        return []
    start = _start(tags, terms, named)
    edges = _edges(tags, terms)
    rank = dict(start)
    for _ in range(ROUNDS):
        fresh = {path: (1 - DAMPING) * share for path, share in start.items()}
        lost = 0.0
        for path, weight in rank.items():
            out = edges.get(path)
            if not out:
                lost += weight
                continue
            for target, share in out.items():
                fresh[target] += DAMPING * weight * share
        for path, share in start.items():
            fresh[path] += DAMPING * lost * share
        rank = fresh
    return sorted(rank.items(), key=lambda item: (-item[1], item[0]))


def _start(tags: Mapping[str, Tags], terms: frozenset[str], named: frozenset[str]) -> dict[str, float]:
    weights = {}
    for path, found in tags.items():
        weight = 1.0
        if is_named(path, named):
            weight += NAMED
        weight += DEFINES * min(5, sum(definition.name in terms for definition in found.definitions))
        weights[path] = weight
    whole = sum(weights.values())
    return {path: weight / whole for path, weight in weights.items()}


def is_named(path: str, named: frozenset[str]) -> bool:
    """Whether a text named this path, whole or by its last parts."""
    return any(path == name or path.endswith("/" + name) for name in named)


def _edges(tags: Mapping[str, Tags], terms: frozenset[str]) -> dict[str, dict[str, float]]:
    """From each file to those whose names it uses; a name that many define says little."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path, found in tags.items():
        for name in dict.fromkeys(definition.name for definition in found.definitions):
            homes[name].append(path)
    edges: dict[str, dict[str, float]] = {}
    for path, found in tags.items():
        out: Counter[str] = Counter()
        for name, count in found.uses.items():
            places: Sequence[str] = homes.get(name, ())
            for target in places:
                if target != path:
                    out[target] += math.sqrt(count) / len(places) * (3.0 if name in terms else 1.0)  # type: ignore[assignment]
        whole = sum(out.values())
        if whole:
            edges[path] = {target: weight / whole for target, weight in out.items()}
    return edges
