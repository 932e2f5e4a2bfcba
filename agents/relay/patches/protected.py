"""What a repository protects, by its own `relay.toml` or `relay.json`."""

import json
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.relay.patches.contracts import DEFAULT_PROTECTED, Policy
from errors import UserMistake

_MAX_BYTES = 256_000


def policy_of(root: Path, allow: Sequence[str] = ()) -> Policy:
    """The policy for a bundle: `protected` of `relay.toml`, else of `relay.json`, else `tests/**`.

    Args:
        root: the repository's top folder.
        allow: globs that this job may change in spite of it.

    Raises:
        UserMistake: the file is there but cannot be read, or `protected` is no list of globs.
    """
    for name in ("relay.toml", "relay.json"):
        document = _document(root / name)
        if document is not None:
            return Policy(_globs(document.get("protected"), name), tuple(allow))
    return Policy(DEFAULT_PROTECTED, tuple(allow))


def _document(path: Path) -> dict[str, Any] | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise UserMistake(f"{path.name} of the repository cannot be read: {error}. Nothing was changed.") from None
    if not isinstance(document, dict):
        raise UserMistake(f"{path.name} of the repository must hold a table of settings. Nothing was changed.")
    return document


def _globs(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return DEFAULT_PROTECTED
    globs = [value] if isinstance(value, str) else value
    if not isinstance(globs, list) or not all(isinstance(glob, str) and glob.strip() for glob in globs):
        raise UserMistake(f'"protected" in {name} must be a list of globs such as "tests/**". Nothing was changed.')
    return tuple(globs)
