"""Added lines in the file's own blanks: when a model wrote other ones, what it did to the lines we know tells what to
undo on those we do not.
"""

import re
from collections.abc import Callable, Sequence

from agents.relay.patches.diffs import Hunk
from agents.relay.patches.source import Source

_WIDTHS = (4, 2, 8, 3, 1)
_HABIT = 3
"""So many indented lines make a habit."""
_MARGIN = re.compile(r"[ \t]*")


Rule = Callable[[str], str]
Pair = tuple[str, str, str]
"""Mark of a line, its text in the patch, its text in the file."""


def adapt(
    source: Source, hunk: Hunk, rows: Sequence[int | None], elsewhere: Sequence[Pair] = ()
) -> Callable[[str], str | None]:
    """How to rewrite an added line. The function gives None where the known lines do not settle its blanks.

    Args:
        source: the file.
        hunk: the hunk whose additions are to be rewritten.
        rows: where its old lines stand.
        elsewhere: pairs of the file's other hunks, for a hunk whose own lines have no indentation to learn from.
    """
    pairs = pairs_of(source, hunk, rows)
    stripped = bool(pairs) and all(text != text.rstrip() and real == real.rstrip() for _, text, real in pairs)
    known, rules = _learned(pairs, elsewhere) or ({}, [_house_rule(source, hunk)])

    def rewrite(text: str) -> str | None:
        text = text.rstrip("\r")
        if not text.strip():
            return "" if stripped else text
        text = text.rstrip() if stripped else text
        old = _margin(text)
        options = {known[old]} if old in known and rules else {rule(old) for rule in rules}
        return options.pop() + text[len(old) :] if len(options) == 1 else None

    return rewrite


def pairs_of(source: Source, hunk: Hunk, rows: Sequence[int | None]) -> list[Pair]:
    """The old lines of a hunk beside the file's own, where they differ by blanks at most."""
    return [
        (line.mark, line.text.rstrip("\r"), source.texts[row])
        for line, row in zip(hunk.old, rows, strict=True)
        if row is not None and line.text.strip() and line.text.split() == source.texts[row].split()
    ]


def foreign(source: Source, hunks: Sequence[Hunk]) -> bool:
    """Whether added lines are indented with tabs in a file that has none, or the other way round."""
    return any(_house_rule(source, hunk) is not _same for hunk in hunks)


def _learned(pairs: Sequence[Pair], elsewhere: Sequence[Pair]) -> tuple[dict[str, str], list["Rule"]] | None:
    """Known margins and the rules that explain them; None where there is no indentation to learn from.

    Where removed lines and context disagree the removed ones are believed: a context line loses its first blank as
    its prefix is forgotten, which says nothing about the added ones.
    """
    every = [(_margin(text), _margin(real)) for _, text, real in pairs]
    removed = [(_margin(text), _margin(real)) for mark, text, real in pairs if mark == "-"]
    if any(mine or real for mine, real in every):
        for margins in (every, removed):
            if margins and (rules := _rules(margins)):
                return dict(margins), rules
        return {}, []
    others = [*every, *((_margin(text), _margin(real)) for _, text, real in elsewhere)]
    rules = _rules(others) if any(mine or real for mine, real in others) else []
    return (dict(others), rules) if rules else None


def _house_rule(source: Source, hunk: Hunk) -> Rule:
    """For additions of which nothing is known: the file's own kind of indentation where theirs is the other kind."""
    added = [_margin(line.text) for line in hunk.lines if line.mark == "+" and line.text.strip()]
    tabbed, blank = source.margins
    if tabbed == 0 and blank >= _HABIT and any("\t" in margin for margin in added):
        return _to_blanks(source.step)
    if blank == 0 and tabbed >= _HABIT and any(" " in margin for margin in added):
        return _to_tabs(min(len(margin) for margin in added if " " in margin))
    return _same


def _same(margin: str) -> str:
    return margin


def _margin(text: str) -> str:
    found = _MARGIN.match(text)
    assert found is not None
    return found[0]


def _rules(pairs: list[tuple[str, str]]) -> list[Rule]:
    """Every rule that turns each known margin into the real one; the plainest alone where it does."""
    if all(mine == real for mine, real in pairs) or all(_lost_prefix(mine, real) for mine, real in pairs):
        return [_same]
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
