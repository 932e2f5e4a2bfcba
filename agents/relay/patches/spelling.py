"""Other readings of a hunk's text, for replies whose characters were escaped on their way: HTML entities, JSON."""

import html
import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from agents.relay.patches.diffs import Hunk, Line

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#0?39|#x27|#34);")
_RAW_HTML = re.compile(r"[<>]|&(?!(?:lt|gt|amp|quot|apos|#0?39|#x27|#34);)")
_QUOTE = re.compile(r"\\+[\"']")
_RAW_QUOTE = re.compile(r"(?<!\\)\"")
_UNICODE = re.compile(r"\\u00(?:3[cCeE]|2[267])")
_RAW_UNICODE = re.compile(r"[<>&]")
_JSON = re.compile(r"\\([\"'\\/])")

_RARE = 10
Hunks = tuple[Hunk, ...]


def readings(hunks: Sequence[Hunk], before: str) -> Iterator[Hunks]:
    """A hunk sequence as written and as it may have been meant, likeliest first.

    Args:
        hunks: as written.
        before: the file's text, which tells whether escapes are at home in it.
    """
    plain = tuple(hunks)
    others: list[Hunks] = []
    text = "\n".join(line.text for hunk in plain for line in hunk.lines)
    first = False
    if _ENTITY.search(text) and not _RAW_HTML.search(text):
        others.append(_mapped(plain, html.unescape))
        first = _is_rare(before, _ENTITY, _RAW_HTML) and not _in_old(plain, _ENTITY)
    if _QUOTE.search(text) and not _RAW_QUOTE.search(text):
        others.append(_mapped(plain, lambda line: _JSON.sub(r"\1", line)))
        first = first or (_is_rare(before, _QUOTE, _RAW_QUOTE) and not _in_old(plain, _QUOTE))
    if _UNICODE.search(text) and not _RAW_UNICODE.search(text):
        others.append(_mapped(plain, lambda line: _UNICODE.sub(lambda found: chr(int(found[0][2:], 16)), line)))
        first = first or (_is_rare(before, _UNICODE, _RAW_UNICODE) and not _in_old(plain, _UNICODE))
    if any(_trailing_prose(hunk) for hunk in plain):
        others.append(tuple(_without_prose(hunk) for hunk in plain))
    yield from (*others, plain) if first else (plain, *others)


def _is_rare(before: str, escaped: re.Pattern[str], raw: re.Pattern[str]) -> bool:
    """Whether a file has next to none of these escapes where it has the plain characters."""
    return len(escaped.findall(before)) * _RARE <= len(raw.findall(before))


def _in_old(hunks: Hunks, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(line.text) for hunk in hunks for line in hunk.old)


def _mapped(hunks: Hunks, change: Callable[[str], str]) -> Hunks:
    return tuple(
        msgspec.structs.replace(hunk, lines=tuple(Line(line.mark, change(line.text)) for line in hunk.lines))
        for hunk in hunks
    )


def _trailing_prose(hunk: Hunk) -> bool:
    return bool(hunk.lines) and hunk.lines[-1].mark == "?"


def _without_prose(hunk: Hunk) -> Hunk:
    """A hunk without the lines behind it that have no prefix: an explanation that followed."""
    lines = list(hunk.lines)
    while lines and (lines[-1].mark == "?" or (lines[-1].mark == " " and not lines[-1].text.strip())):
        lines.pop()
    return msgspec.structs.replace(hunk, lines=tuple(lines))
