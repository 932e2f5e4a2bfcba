"""Added lines in the file's own blanks: when a model wrote other ones, what it did to the lines we know tells what to
undo on those we do not.
"""

import re
from collections.abc import Callable, Sequence

from agents.relay.patches.diffs import Hunk
from agents.relay.patches.source import Source

_WIDTHS = (4, 2, 8, 3, 1)
_MARGIN = re.compile(r"[ \t]*")


Rule = Callable[[str], str]


def adapt(source: Source, hunk: Hunk, rows: Sequence[int | None]) -> Callable[[str], str | None]:
    """How to rewrite an added line. The function gives None where the known lines do not settle its blanks.

    Removed lines are believed before context: a context line loses its first blank as its prefix is forgotten, which
    says nothing about the added ones.
    """
    pairs = [
        (line.mark, line.text.rstrip("\r"), source.texts[row])
        for line, row in zip(hunk.old, rows, strict=True)
        if row is not None and line.text.strip() and line.text.split() == source.texts[row].split()
    ]
    stripped = bool(pairs) and all(text != text.rstrip() and real == real.rstrip() for _, text, real in pairs)
    removed = [(text, real) for mark, text, real in pairs if mark == "-"]
    margins = [(_margin(text), _margin(real)) for text, real in removed or [pair[1:] for pair in pairs]]
    known, rules = dict(margins), _rules(margins)

    def rewrite(text: str) -> str | None:
        text = text.rstrip("\r")
        if not text.strip():
            return "" if stripped else text
        text = text.rstrip() if stripped else text
        old = _margin(text)
        options = {known[old]} if old in known and rules else {rule(old) for rule in rules}
        return options.pop() + text[len(old) :] if len(options) == 1 else None

    return rewrite


def _margin(text: str) -> str:
    found = _MARGIN.match(text)
    assert found is not None
    return found[0]


def _rules(pairs: list[tuple[str, str]]) -> list[Rule]:
    """Every rule that turns each known margin into the real one; the plainest alone where it does."""
    if all(mine == real for mine, real in pairs) or all(_lost_prefix(mine, real) for mine, real in pairs):
        return [lambda margin: margin]
    rules: list[Rule] = [_shift(*pairs[0]), lambda margin: margin * 2, lambda margin: margin[: len(margin) // 2]]
    rules.extend(_to_tabs(width) for width in _WIDTHS)
    rules.extend(_to_blanks(width) for width in _WIDTHS)
    return [rule for rule in rules if all(rule(mine) == real for mine, real in pairs)]


def _lost_prefix(mine: str, real: str) -> bool:
    """A context line whose first blank was taken for its prefix; an unindented one has nothing to lose."""
    return mine == real[1:] if real else not mine


def _shift(mine: str, real: str) -> Rule:
    """The whole hunk stands further left or right."""
    if real.endswith(mine):
        more = real.removesuffix(mine)
        return lambda margin: more + margin
    less = mine.removesuffix(real)
    return lambda margin: margin.removeprefix(less)


def _to_tabs(width: int) -> Rule:
    def rule(margin: str) -> str:
        columns = margin.expandtabs(width)
        return "\t" * (len(columns) // width) + " " * (len(columns) % width)

    return rule


def _to_blanks(width: int) -> Rule:
    return lambda margin: margin.replace("\t", " " * width)
