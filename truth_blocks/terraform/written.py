"""How a setting is written: its text without comments and line breaks, with secrets masked.

Two texts of each setting: ``same`` is equal whatever the formatting, ``shown`` is for people.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

HIDDEN = "(hidden)"
MAX_SHOWN = 100
"""Characters of a value shown."""
_SECRET_NAME = re.compile(
    r"(?:^|[_\W])(?:pass|passwd|password|passphrase|secret|token|credentials?|api_?key|private_key|access_key|secret_key"
    r"|shared_key|auth_key|connection_string|secret_string|secret_value|secret_binary|key_material)(?:_wo|_base64)?$",
    re.I,
)
_SECRET_STORE = re.compile(r"_secrets?(?:_v1|_version|_data)?$|_ssm_parameter$|_password$")
"""Resource types that hold a secret, and the settings in which it stands."""
_SECRET_CONTENT = frozenset({"value", "value_wo", "secret_data", "secret_data_wo", "data", "data_wo", "binary_data"})
_SECRET_SHAPE = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN|\bgh[pousr]_\w{20,}|\bxox[abpr]-|\beyJ[\w-]{10,}\.|\bsk-[\w-]{16,}"
    r"|://[^/\s:@\"]+:[^/\s@\"$]+@"
)
_WHOLE = frozenset({"string_lit", "quoted_template", "heredoc_template"})
"""Nodes whose text counts as it stands."""
_VALUES = _WHOLE | {"numeric_lit"}
_CLOSERS = ("]", "}", ")")


class Written(NamedTuple):
    """The value of one setting; ``secret`` when something in it is masked."""

    shown: str
    same: str
    secret: bool = False


class _Token(NamedTuple):
    text: str
    spaced: bool
    secret: bool


class WrittenSettings:
    """The value of every argument and object entry of a text, by its position as in the parsed file."""

    def __init__(self, content: str) -> None:
        source = content.removeprefix("\ufeff").replace("\r\n", "\n").encode("utf-8", "surrogatepass")
        self._source = source
        self._nodes: dict[tuple[int, int], tuple[Node, bool]] = {}
        self._tree = syntax.parse("hcl", source)
        waiting: list[tuple[Node, bool, bool]] = [(self._tree.root_node, False, False)] if self._tree else []
        while waiting:
            node, masked, store = waiting.pop()
            if node.type == "block":
                words = _words(node, source)
                store = store or (words[:1] == ["resource"] and bool(_SECRET_STORE.search("".join(words[1:2]))))
                masked = masked or _is_sensitive(node, words, source)
            elif node.type in ("attribute", "object_elem"):
                name = _name(node, source)
                masked = masked or is_secret_name(name) or (store and name in _SECRET_CONTENT)
                self._nodes[_position(node, source)] = (node, masked)
            waiting.extend((child, masked, store) for child in node.named_children)

    def at(self, line: int, column: int) -> Written:
        """The value of the setting that begins there (1-based, in characters)."""
        node, masked = self._nodes.get((line, column), (None, False))
        values = reversed(node.named_children) if node else ()
        value = next((child for child in values if child.type == "expression"), None)
        return _written(value, masked, self._source) if value else Written("…", "")


def is_secret_name(name: str) -> bool:
    """Does a setting or variable of this name hold a secret?"""
    return _SECRET_NAME.search(name) is not None


def _words(block: "Node", source: bytes) -> list[str]:
    """The type of a block and its labels."""
    return [
        _text(child, source).strip('"') for child in block.named_children if child.type in ("identifier", "string_lit")
    ]


def _is_sensitive(block: "Node", words: list[str], source: bytes) -> bool:
    """A variable or output that says so, or a variable whose name does."""
    if words[:1] not in (["variable"], ["output"]):
        return False
    if len(words) > 1 and is_secret_name(words[1]):
        return True
    body = next((child for child in block.named_children if child.type == "body"), None)
    return body is not None and any(
        child.type == "attribute" and re.fullmatch(r"sensitive\s*=\s*true", _text(child, source))
        for child in body.named_children
    )


def _name(node: "Node", source: bytes) -> str:
    return _text(node.named_children[0], source).strip('"')


def _text(node: "Node", source: bytes) -> str:
    # Not node.text: for a large file it asks the parser's reader for a whole chunk each time.
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _position(node: "Node", source: bytes) -> tuple[int, int]:
    start, point = node.start_byte, node.start_point
    return point.row + 1, len(source[start - point.column : start].decode("utf-8", "replace")) + 1


def _written(value: "Node", masked: bool, source: bytes) -> Written:
    tokens = list(_tokens(value, masked, source))
    kept = [
        token
        for index, token in enumerate(tokens)
        if not (token.text == "," and index + 1 < len(tokens) and tokens[index + 1].text in _CLOSERS)
    ]
    same = "\x1f".join(token.text for token in kept)
    shown = "".join(
        (" " if token.spaced and index else "") + (HIDDEN if token.secret else token.text)
        for index, token in enumerate(kept)
    )
    return Written(_short(shown), same, any(token.secret for token in kept))


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def _tokens(value: "Node", masked: bool, source: bytes) -> Iterator[_Token]:
    """The leaves of an expression in order; a comma between the entries of an object says no more than a new line."""
    end = value.start_byte
    waiting: list[tuple[Node | None, bool, bool]] = [(value, masked, False)]
    while waiting:
        node, hidden, entry = waiting.pop()
        if node is None:
            yield _Token(",", False, False)
        elif node.child_count and node.type not in _WHOLE:
            if node.type == "object_elem":
                hidden = hidden or is_secret_name(_name(node, source))
            inside = _entries(node) if node.type == "object" else node.children
            within = node.type == "object_elem"
            waiting.extend((child, hidden, within) for child in reversed(inside))
        elif node.type != "comment":
            text = _text(node, source)
            kept = "=" if entry and text == ":" else text
            literal = node.type in _VALUES and hidden and text not in ('""', "0")
            yield _Token(kept, node.start_byte > end, literal or _SECRET_SHAPE.search(text) is not None)
            end = node.end_byte


def _entries(node: "Node") -> "list[Node | None]":
    """The children of an object, with None for the comma that parts two entries, however it is written."""
    children: list[Node | None] = []
    for child in node.children:
        if child.type == "object_elem" and any(each and each.type == "object_elem" for each in children[-1:]):
            children.append(None)
        if child.type not in (",", "comment"):
            children.append(child)
    return children
