"""Writes docs/settings.md and .env.example from settings.py: names, defaults, ranges and the sentence under each field.

python -m tools.settings_page
"""

import ast
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from settings import HOME, Settings

PAGE_HEAD = """\
# Settings

Read at start; the first source that has a value wins: systemd credentials, the environment, `.env` beside the program.
`./vespera setup` writes the secrets into `.env`; `./vespera doctor` says which setting is wrong. A wrong value stops the
start with exit code 78 and names the variable.

This page is written by `tools/settings_page.py` from `settings.py`.

| variable | default | what it does |
|---|---|---|
"""
EXAMPLE_HEAD = """\
# Copy to .env (mode 600) and uncomment what you need, or run ./vespera setup.
# Written by tools/settings_page.py from settings.py.
"""


def sentences() -> dict[str, str]:
    """The sentence under each field, by the field's name."""
    tree = ast.parse((HOME / "settings.py").read_text("utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            told = text.value.value if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) else None
            if isinstance(told, str):
                found[field.target.id] = " ".join(told.split())
    return found


def page() -> str:
    """docs/settings.md."""
    told = sentences()
    return PAGE_HEAD + "".join(
        f"| `{item.metadata['env']}` | {_default(item.default)} | {told[item.name]}{_range(item)} |\n"
        for item in fields(Settings)
    )


def example() -> str:
    """.env.example."""
    told = sentences()
    return EXAMPLE_HEAD + "".join(
        f"\n# {told[item.name]}{_range(item)}\n#{item.metadata['env']}={_shown(item.default)}\n"
        for item in fields(Settings)
    )


def _default(value: Any) -> str:
    return f"`{_shown(value)}`" if _shown(value) else "none"


def _shown(value: Any) -> str:
    return f"./{value.relative_to(HOME)}" if isinstance(value, Path) else str(value)


def _range(item: Any) -> str:
    low, high = item.metadata["low"], item.metadata["high"]
    if not isinstance(item.default, int | float) or (low, high) == (0, 1e12):
        return ""
    return f" From {low:g} to {high:g}." if high != 1e12 else f" At least {low:g}."


if __name__ == "__main__":
    (HOME / "docs" / "settings.md").write_text(page(), "utf-8")
    (HOME / ".env.example").write_text(example(), "utf-8")
