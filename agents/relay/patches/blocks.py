"""Search/replace blocks: `<<<<<<< SEARCH`, the text to find, `=======`, what comes instead, `>>>>>>> REPLACE`."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec

from agents.relay.patches.contracts import refuse
from agents.relay.patches.diffs import Hunk, Line

_HEAD = re.compile(r"\s{0,8}<{5,9} ?(?:SEARCH|ORIGINAL|HEAD|OLD|FIND)?:?\s*$", re.IGNORECASE)
_MIDDLE = re.compile(r"\s{0,8}={5,9}\s*$")
_TAIL = re.compile(r"\s{0,8}>{5,9} ?(?:REPLACE|UPDATED|NEW|END)?:?\s*$", re.IGNORECASE)
_MAX_LINES_COMPARED = 2_000


class Block(msgspec.Struct, frozen=True):
    """One block."""

    file: str
    """Name on the line before it, empty when none stood there."""
    search: tuple[str, ...]
    replace: tuple[str, ...]


def holds_blocks(text: str) -> bool:
    """Whether a text has the marks of at least one block."""
    lines = text.split("\n")
    return any(_HEAD.match(line) for line in lines) and any(_TAIL.match(line) for line in lines)


def block_names(text: str) -> Iterator[str]:
    """The name that stands before each block, empty where none does."""
    lines = text.split("\n")
    yield from (_name_before(lines, at) for at, line in enumerate(lines) if _HEAD.match(line))


def read_blocks(text: str) -> list[Block]:
    """Every block of a text, in order.

    Raises:
        Unpatchable: a block that is not closed, or whose dividing line cannot be told from its content.
    """
    lines = text.split("\n")
    found: list[Block] = []
    at = 0
    while at < len(lines):
        if not _HEAD.match(lines[at]):
            at += 1
            continue
        end = next((index for index in range(at + 1, len(lines)) if _TAIL.match(lines[index])), None)
        middles = [index for index in range(at + 1, end or at) if _MIDDLE.match(lines[index])]
        if end is None or len(middles) != 1 or any(_HEAD.match(line) for line in lines[at + 1 : end]):
            raise refuse("malformed", "", f"The search/replace block at line {at + 1} of the patch is not whole.")
        search, replace = lines[at + 1 : middles[0]], lines[middles[0] + 1 : end]
        found.append(Block(_name_before(lines, at), tuple(search), tuple(replace)))
        at = end + 1
    return found


def _name_before(lines: list[str], at: int) -> str:
    for line in reversed(lines[max(0, at - 3) : at]):
        text = line.strip()
        if _TAIL.match(line):
            return ""
        if text and not text.startswith(("```", "~~~")):
            return named(text)
    return ""


_LABEL = re.compile(
    r"^(?:#+\s*|//\s*|[-*]\s+|\d+\.\s+)?(?:(?:in\s+)?(?:the\s+)?(?:file|filename|path)\s*:?\s*)?", re.IGNORECASE
)
_PATH = re.compile(r"[\w.@+~\\/-][\w.@+ ~\\/:()\[\]-]*")


def named(line: str) -> str:
    """The path that a line consists of, without the marks around it; empty when it is prose."""
    text = line.strip().strip("*").strip()
    text = _LABEL.sub("", text).strip().strip("*").rstrip(":").strip()
    text = text.strip("`\"'").rstrip(":").strip("`\"'")
    looks = "/" in text or re.search(r"\.\w{1,10}$", text) or text in ("Makefile", "Dockerfile", "LICENSE")
    return text if looks and " " not in text and _PATH.fullmatch(text) else ""


def as_hunk(block: Block) -> Hunk:
    """A block as a hunk: lines that both halves share are context, so that the file's own spelling of them stays."""
    search, replace = block.search, block.replace
    if max(len(search), len(replace)) > _MAX_LINES_COMPARED:
        return Hunk((*(Line("-", text) for text in search), *(Line("+", text) for text in replace)))
    lines: list[Line] = []
    for what, a, b, c, d in SequenceMatcher(None, search, replace, autojunk=False).get_opcodes():
        if what == "equal":
            lines.extend(Line(" ", text) for text in search[a:b])
        else:
            lines.extend(Line("-", text) for text in search[a:b])
            lines.extend(Line("+", text) for text in replace[c:d])
    return Hunk(tuple(lines))
