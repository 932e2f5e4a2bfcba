"""Cycles: things of a module that need each other before any of them can be made."""

from collections.abc import Iterator

import msgspec

from truth_blocks.terraform.survey import Placed, Survey

_SHOWN = 8
"""Longest cycle spelled out; a longer one is named by its first members."""


class Use(msgspec.Struct, frozen=True):
    """One thing needs another: where it says so."""

    file: str
    at: Placed


Uses = dict[str, dict[str, Use]]
"""Address → addresses it needs → the first place that says so."""


def report_cycles(survey: Survey, uses: Uses) -> None:
    """One finding on each reference of a shortest cycle through each group of things that need each other."""
    for group in _groups(uses):
        ring = _ring(uses, group)
        names = " → ".join([*ring[:_SHOWN], *(["…"] if len(ring) > _SHOWN else []), ring[0]])
        for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
            use = uses[here][there]
            survey.file = use.file
            message = f"{here} needs itself: use `self` or a literal" if here == there else f"a cycle: {names}"
            survey.error("cycle", use.at, message, "no reference back")


def _groups(uses: Uses) -> Iterator[frozenset[str]]:
    """The groups of addresses that reach each other (Tarjan's algorithm, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in uses:
        if root in order:
            continue
        work = [(root, iter(uses.get(root, {})))]
        order[root] = low[root] = len(order)
        path.append(root)
        on_path.add(root)
        while work:
            node, following = work[-1]
            step = next(following, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    group = frozenset(_taken_off(path, node))
                    on_path -= group
                    if len(group) > 1 or node in uses.get(node, {}):
                        yield group
            elif step not in order:
                order[step] = low[step] = len(order)
                path.append(step)
                on_path.add(step)
                work.append((step, iter(uses.get(step, {}))))
            elif step in on_path:
                low[node] = min(low[node], order[step])


def _taken_off(path: list[str], node: str) -> Iterator[str]:
    """The end of the path, from ``node`` on."""
    while True:
        last = path.pop()
        yield last
        if last == node:
            return


def _ring(uses: Uses, group: frozenset[str]) -> list[str]:
    """A shortest way from the first member of a group back to itself."""
    start = min(group)
    came_from: dict[str, str] = {}
    waiting = [start]
    for node in waiting:
        for step in uses.get(node, {}):
            if step == start:
                ring = [node]
                while ring[-1] != start:
                    ring.append(came_from[ring[-1]])
                return ring[::-1]
            if step in group and step not in came_from:
                came_from[step] = node
                waiting.append(step)
    return [start]
