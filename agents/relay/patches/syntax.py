"""Whether a text parses, for the languages that can be asked without running anything.

Python, JSON and TOML are read by their own parsers. For the others a grammar is asked; it may be older than the code,
so it has a say only about a file that it could read before.
"""

import ast
import json
import tomllib
import warnings
from pathlib import PurePosixPath

import syntax
from agents.relay.patches.source import decoded

_LENIENT = (
    "tsconfig",
    "jsconfig",
    "devcontainer",
    "settings",
    "launch",
    "tasks",
    "extensions",
    ".eslintrc",
    ".babelrc",
)
"""JSON files that by custom may hold comments."""


def fault(path: str, raw: bytes) -> tuple[int, str] | None:
    """Line (from 1, 0 where unknown) and reason for a text that does not parse; None when it does or nobody can say."""
    name = PurePosixPath(path).name.lower()
    text = decoded(raw, path).removeprefix("\ufeff")
    if name.endswith((".py", ".pyi")):
        return _python(text)
    if name.endswith(".json") and not name.startswith(_LENIENT):
        return _json(text)
    if name.endswith(".toml"):
        return _toml(text)
    return _by_grammar(syntax.language_of(path), raw)


def is_sure(path: str) -> bool:
    """Whether a fault in a new file is one for certain."""
    return path.lower().endswith((".py", ".pyi", ".json", ".toml"))


def _python(text: str) -> tuple[int, str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 0, error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return 0, str(error) or "too deeply nested"
    return None


def _json(text: str) -> tuple[int, str] | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except RecursionError:
        return 0, "too deeply nested"
    return None


def _toml(text: str) -> tuple[int, str] | None:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return 0, str(error)
    return None


def _by_grammar(language: str, raw: bytes) -> tuple[int, str] | None:
    tree = syntax.parse(language, raw) if language else None
    if tree is None or not tree.root_node.has_error:
        return None
    node = tree.root_node
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return node.start_point[0] + 1, f"expected `{node.type}`" if node.is_missing else "unexpected text"
