"""What a source file defines and which names it uses, read with tree-sitter. A grammar is loaded when needed."""

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tree_sitter import Parser, QueryCursor

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
_OF_SUFFIX = {
    "py": "python", "pyi": "python", "js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx", "go": "go", "rs": "rust",
}  # fmt: skip
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


def language_of(path: str) -> str | None:
    """The grammar for a path, None when there is none."""
    return _OF_SUFFIX.get(path.rpartition(".")[2].lower()) if "." in path else None


def tags_of(path: str, source: bytes) -> Tags:
    """The tags of a file; none for a language without a grammar, or where the grammar is not installed."""
    language = language_of(path)
    loaded = _load(language) if language else None
    if loaded is None:
        return NO_TAGS
    parser, cursor = loaded
    captures = cursor.captures(parser.parse(source).root_node)
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
def _load(language: str) -> "tuple[Parser, QueryCursor] | None":
    """Parser and query of a language; None where its wheel is missing. Each takes 0.2 to 2.8 MB, once."""
    try:
        from tree_sitter import Language, Parser, Query, QueryCursor

        grammar = Language(_pointer(language))
    except ImportError:
        return None
    return Parser(grammar), QueryCursor(Query(grammar, _QUERIES[language]))


def _pointer(language: str) -> object:
    match language:
        case "python":
            import tree_sitter_python

            return tree_sitter_python.language()
        case "javascript":
            import tree_sitter_javascript

            return tree_sitter_javascript.language()
        case "typescript":
            import tree_sitter_typescript

            return tree_sitter_typescript.language_typescript()
        case "tsx":
            import tree_sitter_typescript

            return tree_sitter_typescript.language_tsx()
        case "go":
            import tree_sitter_go

            return tree_sitter_go.language()
        case _:
            import tree_sitter_rust

            return tree_sitter_rust.language()
