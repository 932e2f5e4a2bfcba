"""Whether a text parses, for the languages that can be asked without running anything."""

import ast
import json
import tomllib
import warnings
from pathlib import PurePosixPath

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
    return _terraform(name, text) if name.endswith(".tf") else None


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


def _terraform(name: str, text: str) -> tuple[int, str] | None:
    from truth_blocks.terraform.parser import parse

    problem = parse(name, text).problem
    return (problem.line, problem.message) if problem else None
