"""What a source file defines and which names it uses, read with tree-sitter. A grammar is loaded when needed."""

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from syntax import language_of, parse

if TYPE_CHECKING:
    from tree_sitter import Language, QueryCursor

SHORTEST = 3
"""Characters: shorter names (``i``, ``x``) tie everything to everything."""

_JS = """
(function_declaration name: (identifier) @def) (generator_function_declaration name: (identifier) @def)
(class_declaration name: (_) @def) (method_definition name: (property_identifier) @def)
(variable_declarator name: (identifier) @def value: [(arrow_function) (function_expression)])
"""
_QUERIES = {
    "python": "(function_definition name: (identifier) @def) (class_definition name: (identifier) @def) "
    "(module (expression_statement (assignment left: (identifier) @def))) (identifier) @ref",
    "javascript": _JS + "[(identifier) (property_identifier)] @ref",
    "tsx": _JS + "(interface_declaration name: (type_identifier) @def) (enum_declaration name: (identifier) @def) "
    "(type_alias_declaration name: (type_identifier) @def) "
    "[(identifier) (property_identifier) (type_identifier)] @ref",
    "go": "(function_declaration name: (identifier) @def) (method_declaration name: (field_identifier) @def) "
    "(type_spec name: (type_identifier) @def) [(identifier) (field_identifier) (type_identifier)] @ref",
    "rust": "(function_item name: (identifier) @def) (struct_item name: (type_identifier) @def) "
    "(enum_item name: (type_identifier) @def) (trait_item name: (type_identifier) @def) "
    "(const_item name: (identifier) @def) (mod_item name: (identifier) @def) "
    "[(identifier) (field_identifier) (type_identifier)] @ref",
}
_QUERIES["typescript"] = _QUERIES["tsx"]


class Definition(msgspec.Struct, frozen=True):
    """A name that a file defines: its line (from 1) and what stands there."""

    name: str
    line: int
    text: str


class Tags(msgspec.Struct, frozen=True):
    """A file's definitions in their order, and how often it uses which name."""

    definitions: tuple[Definition, ...]
    uses: dict[str, int]


NO_TAGS = Tags((), {})


def tags_of(path: str, source: bytes) -> Tags:
    """The tags of a file; none for a language without a grammar, or where the grammar is not installed."""
    language = language_of(path)
    tree = parse(language, source) if language in _QUERIES else None
    if tree is None:
        return NO_TAGS
    captures = _query(language, tree.language).captures(tree.root_node)
    lines = source.split(b"\n")
    definitions = []
    for node in sorted(captures.get("def", ()), key=lambda node: node.start_byte):
        row = node.start_point[0]
        name = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        definitions.append(Definition(name, row + 1, lines[row].decode("utf-8", "replace").rstrip()[:160]))
    own = {node.start_byte for node in captures.get("def", ())}
    uses = Counter(
        source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        for node in captures.get("ref", ())
        if node.start_byte not in own and node.end_byte - node.start_byte >= SHORTEST
    )
    return Tags(tuple(definitions), dict(uses))


@cache
def _query(language: str, grammar: "Language") -> "QueryCursor":
    from tree_sitter import Query, QueryCursor

    return QueryCursor(Query(grammar, _QUERIES[language]))
