"""Syntax trees of source code: one grammar for each language, loaded when a file of it is first read."""

import time
from functools import lru_cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Tree

MAX_BYTES = 400_000
"""Largest file parsed (bytes); generated code is larger, and nobody asks about it."""
MAX_SECONDS = 1.0
"""Longest time one file may take; only garbage comes near."""
_CHUNK = 65_536
"""Up to here even garbage parses within half a second; beyond, a deadline watches at twice the cost."""
_GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "hcl": ("tree_sitter_hcl", "language"),
}
_LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".tf": "hcl",
    ".hcl": "hcl",
}


def language_of(path: str) -> str:
    """The language of a file by its ending, ``python``; empty when no grammar reads it."""
    return _LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")


def parse(language: str, source: bytes) -> "Tree | None":
    """The tree of a file; None when it is too large, takes too long, or no grammar reads its language.

    A tree may hold errors (``tree.root_node.has_error``): tree-sitter recovers from what it cannot read.
    """
    grammar = _grammar(language)
    if grammar is None or len(source) > MAX_BYTES:
        return None
    from tree_sitter import Parser

    parser = Parser(grammar)
    if len(source) <= _CHUNK:
        return parser.parse(source)
    end = time.monotonic() + MAX_SECONDS
    try:
        return parser.parse(
            lambda offset, _point: source[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _failed: time.monotonic() > end,
        )
    except ValueError:  # how the binding reports a cancelled parse
        return None


@lru_cache
def _grammar(language: str) -> "Language | None":
    if language not in _GRAMMARS:
        return None
    from tree_sitter import Language

    module, maker = _GRAMMARS[language]
    try:
        return Language(getattr(import_module(module), maker)())
    except ImportError:
        return None
