"""Where a broken text breaks: the first quote, bracket or heredoc that does not close.

The grammar says that a text is wrong; after the break it recovers as it can, often far from the cause. This scan knows
only pairs, and points to where a person would look.
"""

import re

from truth_blocks.terraform.model import SyntaxProblem

_CODE = re.compile(r"\"|#[^\n]*|//[^\n]*|/\*|<<-?[ \t]*([A-Za-z_][\w-]*)[ \t]*\n|[{}()\[\]'`;]")
_STRING = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n')
SURPLUS = "nothing is open here"
_CLOSERS = {"}": ("{", "${"), "]": ("[",), ")": ("(",)}
_PLAIN = r"(?:\"[^\"]*\"|[\w.]+)[ \t]*"
_REFERENCE = r"(?:var|local|data|module|each|count)\.[^={]*(?:[=!<>]=[^={]*)*"
_NO_EQUALS = re.compile(rf"^(\s*)(?!if\b|for\b|in\b)([A-Za-z_][\w-]*)[ \t]+(?:{_PLAIN}|{_REFERENCE})$")
_LONGEST_LINE = 500
"""A longer line is not looked through for a missing ``=`` (characters)."""
_OPENS_BLOCK = re.compile(r"^\s*[A-Za-z_][\w-]*(?:\s+\"[^\"]*\")*\s*\{")
_ASSIGNS_OBJECT = re.compile(r"^(\s*)([A-Za-z_][\w-]*)\s*=\s*\{\s*$")
_DIRECTIVE = re.compile(r"(?<!%)%\{~?\s*(if|for|endif|endfor)\b")
_FOREIGN = {
    "'": "a string needs double quotes, found `'`",
    "`": "unexpected backtick: leave out Markdown fences and quotes",
    ";": "unexpected `;`: arguments stand on lines of their own",
}


class _Scan:
    """One pass over a text; ``open`` holds what is open, outermost first."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[tuple[str, int]] = []

    def fault(self) -> tuple[int, str] | None:
        """Offset and sentence of the first break."""
        at = 0
        while at < len(self._text):
            in_string = bool(self._open) and self._open[-1][0] == '"'
            match = (_STRING if in_string else _CODE).search(self._text, at)
            if match is None:
                break
            at = match.end()
            found = self._in_string(match) if in_string else self._in_code(match)
            if isinstance(found, tuple):
                return found
            at = found if found is not None else at
        if self._open:
            opener, start = self._open[0]
            return start, f"`{opener}` is never closed"
        return None

    def innermost(self) -> int | None:
        """Offset of the innermost bracket that the text leaves open, after `fault` has run."""
        return self._open[-1][1] if self._open else None

    def _in_string(self, match: "re.Match[str]") -> tuple[int, str] | None:
        mark = match[0]
        if mark == "\n":
            return self._open[-1][1], "this string is not closed on its line"
        if mark == '"':
            self._open.pop()
        elif mark in ("${", "%{"):
            self._open.append(("${", match.start()))
        return None

    def _in_code(self, match: "re.Match[str]") -> tuple[int, str] | int | None:
        """A fault, an offset to go on from, or None."""
        mark, start = match[0], match.start()
        if match[1]:
            end = re.compile(rf"^[ \t]*{re.escape(match[1])}[ \t]*$", re.M).search(self._text, match.end())
            return end.end() if end else (start, f"the heredoc `{match[1]}` is never closed")
        if mark == "/*":
            end_of_comment = self._text.find("*/", match.end())
            return end_of_comment + 2 if end_of_comment >= 0 else (start, "this comment is never closed")
        if mark in _FOREIGN:
            return start, _FOREIGN[mark]
        if mark in '"{[(':
            self._open.append((mark, start))
        elif mark in _CLOSERS:
            return self._close(mark, start)
        return None

    def _close(self, mark: str, start: int) -> tuple[int, str] | None:
        if not self._open:
            return start, f"unexpected `{mark}`: {SURPLUS}"
        opener, opened = self._open.pop()
        if opener not in _CLOSERS[mark]:
            return opened, f"`{opener}` is never closed"
        return None


def first_fault(text: str) -> SyntaxProblem | None:
    """The first break of a text in pairs, or None when all pairs close."""
    found = _Scan(text).fault()
    if found is None:
        return None
    offset, message = found
    return _at(text, offset, message)


def open_directive(text: str) -> SyntaxProblem | None:
    """The first template directive that is never closed (``%{ if }`` without ``%{ endif }``), or closes nothing."""
    opened: list[tuple[str, int]] = []
    for match in _DIRECTIVE.finditer(text):
        word = match[1]
        if word in ("if", "for"):
            opened.append((word, match.start()))
        elif not opened or opened[-1][0] != word.removeprefix("end"):
            return _at(text, match.start(), f"`%{{ {word} }}` closes nothing")
        else:
            opened.pop()
    if not opened:
        return None
    word, start = opened[0]
    return _at(text, start, f"`%{{ {word} }}` is never closed: `%{{ end{word} }}` is missing")


def _at(text: str, offset: int, message: str) -> SyntaxProblem:
    line = text.count("\n", 0, offset) + 1
    return SyntaxProblem("syntax", message, line, offset - text.rfind("\n", 0, offset))


def likely_cause(text: str, stumble: SyntaxProblem) -> SyntaxProblem | None:
    """What made the grammar stumble at a place, where the cause stands before it: a missing ``=`` or one too many."""
    lines = text.split("\n")
    number = min(stumble.line, len(lines))
    before = next((row for row in range(number - 1, 0, -1) if lines[row - 1].strip()), 0)
    for row in (before, number, number + 1 if number < len(lines) else 0):
        match = _NO_EQUALS.match(lines[row - 1]) if row and len(lines[row - 1]) <= _LONGEST_LINE else None
        if match:
            return SyntaxProblem("syntax", f"expected `=` after `{match[2]}`", row, len(match[1]) + 1)
    if not _OPENS_BLOCK.match(lines[number - 1]):
        return None
    scan = _Scan("\n".join(lines[: number - 1]) + "\n")
    scan.fault()
    opened = scan.innermost()
    if opened is None:
        return None
    row = text.count("\n", 0, opened) + 1
    match = _ASSIGNS_OBJECT.match(lines[row - 1])
    if match is None:
        return None
    message = f"`{match[2]}` holds blocks, so it is a block itself: write `{match[2]} {{`, without `=`"
    return SyntaxProblem("block-as-argument", message, row, len(match[1]) + 1)
