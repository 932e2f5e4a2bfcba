"""Writes settings into a ``.env`` file: whole or not at all, readable by its owner only, other lines kept."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from errors import UserMistake

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def write(path: Path, values: Mapping[str, str]) -> None:
    """Set the names in `values`; every other line stays as it is.

    Raises:
        UserMistake: a value that cannot stand in such a file, or a folder that cannot be written.
    """
    try:
        before = path.read_text("utf-8").splitlines() if path.exists() else []
        _replace(path, "\n".join(_merged(before, values)) + "\n")
    except OSError as error:
        raise UserMistake(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from None


def _merged(lines: list[str], values: Mapping[str, str]) -> list[str]:
    left = dict(values)
    merged = []
    for line in lines:
        name = re.sub(r"^\s*(?:export\s+)?", "", line).partition("=")[0].strip()
        if name not in values:
            merged.append(line)
        elif name in left:
            merged.append(f"{name}={_quoted(left.pop(name))}")
    return merged + [f"{name}={_quoted(value)}" for name, value in left.items()]


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if "\n" in value or "'" in value or "\\" in value:
        raise UserMistake("A value with a line break, quote or backslash cannot stand in .env. Nothing was changed.")
    return f"'{value}'"


def _replace(path: Path, text: str) -> None:
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".env-")  # mkstemp gives mode 600
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
