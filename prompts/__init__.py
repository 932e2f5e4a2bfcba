"""Versioned prompt files and their loader.

Each ``NAME.j2`` begins with ``{# name: NAME version: N #}``; the version is part of the cache key and of the trace.
Rendering fails on a variable the caller did not give (StrictUndefined), so a prompt never silently loses a part.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_FOLDER = Path(__file__).parent
_FRONT = re.compile(r"\{#\s*name:\s*(\w+)\s+version:\s*(\d+)\s*#\}")


@cache
def version(name: str) -> str:
    """``dnd_rule v3``, as the trace shows it."""
    with (_FOLDER / f"{name}.j2").open(encoding="utf-8") as lines:
        front = _FRONT.match(lines.readline())
    if front is None or front[1] != name:
        raise ValueError(f"prompts/{name}.j2 must begin with its name and version")
    return f"{name} v{front[2]}"


def render(name: str, variables: Mapping[str, Any]) -> str:
    """The prompt with its variables filled in.

    Raises:
        jinja2.UndefinedError: a variable of the prompt was not given.
    """
    template = _template(name)
    # Shared: the prompt sees its variables alone. Copying Jinja's globals for each render cost more than the render.
    context = template.new_context(dict(variables), shared=True)
    return "".join(template.root_render_func(context)).strip()


@cache
def _template(name: str) -> "Template":
    return _environment().get_template(f"{name}.j2")


@cache
def _environment() -> "Environment":
    # 4 MB resident: loaded with the first draft. Prompts are plain text, so nothing is escaped as HTML.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
