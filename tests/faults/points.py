"""Every fault point that the source declares, so that none can be forgotten.

Points are literal, except those of transactions: ``writer.run("note", …)`` declares ``note.commit.before`` and
``note.commit.after``. A name may be handed down (``self._write("sheet", …)``, ``board.move(…, name="relay-judged")``,
also as part of a formula); it is followed to every caller that says it. A name that cannot be followed to its literals
fails the suite.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from settings import HOME

OUTSIDE = {"tests", "benchmarks", "tools", "data", "build"}
COMMITS = ("commit.before", "commit.after")
COMMITTER = "blackboard/writer.py"
"""The one file that computes names of points, from its transactions' names."""
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Call(NamedTuple):
    """A call and where it stands."""

    node: ast.Call
    function: Function | None
    cls: str
    where: str


class Carrier(NamedTuple):
    """A method whose callers name a transaction: the name is `formula`, over the method's parameters."""

    cls: str
    function: Function
    formula: ast.expr


def declared(home: Path = HOME, under: str = "") -> set[str]:
    """Names of all points; `under`: of those that are said in this folder, for two rooms may use one name."""
    calls = list(_calls(home))
    said = [(name, call.where) for call in calls if (name := _point(call)) is not None]
    said += [(f"{name}.{commit}", where) for name, where in _transactions(calls) for commit in COMMITS]
    return {name for name, where in said if where.startswith(under)}


def _calls(home: Path) -> Iterator[Call]:
    for path in home.rglob("*.py"):
        parts = path.relative_to(home).parts
        if not parts[0].startswith(".") and parts[0] not in OUTSIDE:
            yield from _within(ast.parse(path.read_text("utf-8")), None, "", "/".join(parts))


def _within(node: ast.AST, function: Function | None, cls: str, where: str) -> Iterator[Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield Call(child, function, cls, where)
        match child:
            case ast.ClassDef():
                yield from _within(child, None, child.name, where)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _within(child, child, cls, where)
            case _:
                yield from _within(child, function, cls, where)


def _point(call: Call) -> str | None:
    match call.node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="faults"), attr="point"), args=[ast.Constant(value=str(name))]
        ):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id="faults"), attr="point")):
            assert call.where == COMMITTER, f"{_place(call)} computes the name of a fault point"
    return None


def _transactions(calls: list[Call]) -> Iterator[tuple[str, str]]:
    """Their names, and where these are said."""
    waiting = [(call, call.node.args[0]) for call in calls if _runs(call)]
    while waiting:
        call, formula = waiting.pop()
        if not _names(formula):
            yield _value(formula), call.where
            continue
        carrier = _carrier(call, formula)
        found = [(caller, _filled_in(carrier, caller)) for caller in calls if _is_to(caller, carrier)]
        assert found, f"{_place(call)}: nobody is seen to call {carrier.cls}.{carrier.function.name}"
        waiting += found


def _runs(call: Call) -> bool:
    """Whether a call gives a transaction to a writer: ``….writer.run(…)``, or ``run(…)`` where that was given a name."""
    if not call.node.args or call.where == COMMITTER:
        return False
    match call.node.func:
        case ast.Name(id=alias) if call.function is not None:
            return any(alias in _bound(node) for node in ast.walk(call.function))
        case function:
            return _is_run(function)


def _is_run(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "run" and _last(node.value).strip("_") == "writer"


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement gives to a writer's `run`."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs: Iterable[tuple[ast.expr, ast.expr]] = zip(names, values, strict=True)
        case ast.Assign(targets=names, value=value):
            pairs = ((name, value) for name in names)
        case _:
            return set()
    return {name.id for name, value in pairs if isinstance(name, ast.Name) and _is_run(value)}


def _carrier(call: Call, formula: ast.expr) -> Carrier:
    function = call.function
    assert function is not None and call.cls, f"{_place(call)} computes the name of a transaction"
    unknown = _names(formula) - set(_parameters(function))
    assert not unknown, f"{_place(call)} computes the name of a transaction from {unknown}"
    return Carrier(call.cls, function, formula)


def _is_to(call: Call, carrier: Carrier) -> bool:
    """Whether a call is to this method: on ``self`` in its class, or on something named like the class."""
    match call.node.func:
        case ast.Attribute(value=owner, attr=name) if name == carrier.function.name:
            owned = _last(owner).strip("_").casefold().rstrip("s")
            return call.cls == carrier.cls if owned == "self" else owned == carrier.cls.casefold().rstrip("s")
    return False


def _filled_in(carrier: Carrier, caller: Call) -> ast.expr:
    """The formula as a caller's arguments make it."""
    positions = [*carrier.function.args.posonlyargs, *carrier.function.args.args][1:]
    given = {position.arg: argument for position, argument in zip(positions, caller.node.args, strict=False)}
    given |= {keyword.arg: keyword.value for keyword in caller.node.keywords if keyword.arg}
    missing = _names(carrier.formula) - given.keys()
    assert not missing, f"{_place(caller)} does not say {missing}, which names a transaction"

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return given[node.id]

    copied = ast.parse(ast.unparse(carrier.formula), mode="eval").body
    filled: ast.expr = Fill().visit(copied)
    return filled


def _value(formula: ast.expr) -> str:
    """A formula without names: a literal, or one put together from literals by an f-string or a choice."""
    match formula:
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=parts):
            return "".join(_value(part.value if isinstance(part, ast.FormattedValue) else part) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left) + _value(right)
        case ast.Call(func=ast.Attribute(value=text, attr="replace"), args=[old, new]):
            return _value(text).replace(_value(old), _value(new))
    raise AssertionError(f"the name of a transaction is put together in another way: {ast.unparse(formula)}")


def _names(formula: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(formula) if isinstance(node, ast.Name)}


def _parameters(function: Function) -> list[str]:
    arguments = function.args
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _last(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _place(call: Call) -> str:
    return f"{call.where}:{call.node.lineno}"
