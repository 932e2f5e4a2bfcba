"""What a request is about, by plain rule: kinds of resource people name, and what would satisfy each."""

import re
from functools import cache

import msgspec

from truth_blocks.terraform.model import Block, ParsedFile


class Kind(msgspec.Struct, frozen=True):
    """A kind of thing people ask for on one cloud. ``types`` satisfy it, the recipe of its name drafts it."""

    name: str
    words: str
    """A regular expression over lower-case text."""
    types: tuple[str, ...]


TYPE_NAME = re.compile(r"\b(?:aws|google|azurerm|kubernetes|helm)_[a-z0-9_]+\b")
"""A resource type of a provider that can be planned for."""


def kinds_of(provider: str) -> tuple[Kind, ...]:
    """The table of a provider; an earlier kind takes its words from the later ones."""
    from truth_blocks.terraform.kinds_table import KINDS

    return KINDS.get(provider, ())


@cache
def _pattern(words: str) -> "re.Pattern[str]":
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w])")


_NEGATED = re.compile(
    r"\b(?:without|no|not|existing|already have|instead of)\s+(?:an?\s+|any\s+|the\s+|my\s+|in\s+|our\s+)?$"
)


_CONTEXT = re.compile(
    r"(\w+)\s+(?:for|of|behind|from|by)\s+(?:(?:my|the|our|an?|its|this|that|all|two|some)\s+)?(?:[\w-]+\s+)?$"
)
_WRITTEN = frozenset(
    {"terraform", "code", "configuration", "config", "file", "files", "module", "setup", "hcl", "tf", "infrastructure"}
)
"""After these words *for* introduces what is wanted: ``terraform for a bucket``."""


def kinds_in(request: str, provider: str = "aws") -> list[Kind]:
    """The kinds a request asks for, in the order of the table.

    Negated and existing things are left out; so is what only explains another (``a bucket for the server's logs``).
    """
    text = TYPE_NAME.sub(" ", request.lower())
    asked, context = [], []
    for kind in kinds_of(provider):
        matches = list(_pattern(kind.words).finditer(text))
        before = [text[: match.start()] for match in matches]
        for match in matches:
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
        wanted = [head for head in before if not _NEGATED.search(head)]
        if any(not _only_explains(head) for head in wanted):
            asked.append(kind)
        elif wanted:
            context.append(kind)
    return asked or context


def _only_explains(head: str) -> bool:
    match = _CONTEXT.search(head)
    return match is not None and match[1] not in _WRITTEN


def types_in(request: str) -> list[str]:
    """Resource types a request names outright: ``aws_sfn_state_machine``."""
    return list(dict.fromkeys(TYPE_NAME.findall(request.lower())))


def missing_kinds(request: str, files: list[ParsedFile], provider: str = "aws") -> list[Kind]:
    """Kinds that a request names and the files neither make, look up, nor take as a variable."""
    blocks = [block for file in files for block in file.body.blocks]
    if any(block.type == "module" for block in blocks):
        return []
    made = {block.labels[0] for block in blocks if block.type in ("resource", "data") and block.labels}
    variables = " ".join(_words(block) for block in blocks if block.type == "variable")
    asked = kinds_in(request, provider)
    return [kind for kind in asked if made.isdisjoint(kind.types) and not _pattern(kind.words).search(variables)]


def _words(block: Block) -> str:
    return block.labels[0].replace("_", " ").lower() if block.labels else ""
