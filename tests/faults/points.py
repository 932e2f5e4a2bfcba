"""Every fault point that the source declares, so that none can be forgotten."""

import ast
from collections.abc import Iterator

from settings import HOME

OUTSIDE = {"tests", "benchmarks", "tools", "data", "build"}
COMMITS = ("commit.before", "commit.after")


def declared() -> set[str]:
    """Names of all points: literal ones, and two for each transaction that is given to a writer by a literal name."""
    found: set[str] = set()
    for path in HOME.rglob("*.py"):
        parts = path.relative_to(HOME).parts
        if not parts[0].startswith(".") and parts[0] not in OUTSIDE:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    found.update(_points(node, str(path.relative_to(HOME))))
    return found


def _points(call: ast.Call, where: str) -> Iterator[str]:
    match call.func:
        case ast.Attribute(value=ast.Name(id="faults"), attr="point"):
            name = _literal(call)
            if name is not None:
                yield name
            else:
                assert where == "blackboard/writer.py", f"{where} computes the name of a fault point"
        case ast.Attribute(value=ast.Attribute(attr="_writer"), attr="run") | ast.Attribute(attr="_write"):
            if (name := _literal(call)) is not None:
                yield from (f"{name}.{commit}" for commit in COMMITS)


def _literal(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
